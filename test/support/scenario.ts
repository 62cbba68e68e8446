/** Runs of the whole scenario for tests: the built-in manifests, quiet observers, a wall that makes nobody wait. */

import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Wall } from '../../src/clock/event-clock.ts';
import type { AnyObject } from '../../src/core/kube/object.ts';
import type { DecisionRecord } from '../../src/ports/recorder.ts';
import { runScenario, type ScenarioExtras } from '../../src/sim/scenario.ts';
import type { ScenarioOptions, ScenarioResult } from '../../src/sim/scenario-types.ts';

const GUIDE = new URL('../../examples/guide.yaml', import.meta.url);

export function guideObjects(): readonly AnyObject[] {
  return parseAllDocuments(readFileSync(GUIDE, 'utf8')).map((document) => document.toJS() as AnyObject); // our own file
}

export type Run = {
  readonly result: ScenarioResult;
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
};

export async function play(options: Partial<ScenarioOptions> = {}, extras: ScenarioExtras = {}): Promise<Run> {
  const steps: string[] = [];
  const warnings: string[] = [];
  const result = await runScenario(
    {
      input: { kind: 'guide', objects: guideObjects() },
      trace: undefined,
      rayLoad: undefined,
      seed: 1,
      speed: 'max',
      signal: new AbortController().signal,
      observer: {
        step: (at, text) => steps.push(`${at} ${text}`),
        decision: () => undefined,
        warning: (at, text) => warnings.push(`${at} ${text}`),
      },
      ...options,
    },
    extras,
  );
  return { result, steps, warnings };
}

/** `from -> to` of each object in the order it happened: what must not depend on speed. */
export function scalesByObject(decisions: readonly DecisionRecord[]): Readonly<Record<string, readonly string[]>> {
  const scales: Record<string, string[]> = {};
  for (const { layer, object, decision } of decisions) {
    if (decision.kind !== 'scale') continue;
    const key = `${layer} ${object.kind} ${object.namespace}/${object.name} ${object.part ?? ''}`;
    (scales[key] ??= []).push(`${decision.from} -> ${decision.to} ${decision.of}`);
  }
  return scales;
}

/** A wall that moves as far as somebody waits: a scaled run is paced, and takes no real time. */
export function instantWall(): Wall {
  let at = 0;
  return {
    elapsedMs: () => at,
    after: (ms, fire) => {
      let off = false;
      setImmediate(() => {
        if (off) return;
        at += ms;
        fire();
      });
      return () => {
        off = true;
      };
    },
  };
}
