/**
 * The run as one JSON document. The order of members is fixed here, times are seconds since the start, and nothing of this machine
 * or of wall time is in it: the same input gives the same bytes.
 */

import { compareText } from '../../lib/compare.ts';
import type { AnyObject } from '../../core/kube/object.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';
import type { LayerSummary, RayAskOutcome, ScenarioResult } from '../../sim/scenario-types.ts';
import { allHeld } from './summary.ts';

export type DocumentContext = {
  readonly input: 'guide' | 'manifests';
  readonly objects: readonly AnyObject[];
  /** Where the load came from. */
  readonly load: string;
  /** The file that the load for Ray came from; undefined for the built-in one. */
  readonly rayLoad: string | undefined;
  readonly seed: number;
};

/** Ends with a line end. List items are on a line each, so that two documents can be compared by eye. */
export function toJsonDocument(result: ScenarioResult, context: DocumentContext): string {
  const since = (at: number): number => (at - result.startedAt) / 1000;
  const scenario = {
    input: context.input,
    objects: context.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    load: context.load,
    rayLoad: context.rayLoad,
    seed: context.seed,
  };
  const parts: readonly (readonly [string, string])[] = [
    ['format', JSON.stringify('tandem-demo/1')],
    ['scenario', JSON.stringify(scenario)],
    ['held', JSON.stringify(allHeld(result))],
    ['virtualSeconds', JSON.stringify(since(result.endedAt))],
    ['layers', listText(result.layers.map(layerOf))],
    ['expectations', listText(result.expectations.map(({ name, held, detail }) => ({ name, held, detail })))],
    ['unserved', listText(result.unserved.map(({ object, problem, reason }) => ({ object, problem, reason })))],
    ...(context.rayLoad === undefined
      ? []
      : [['rayAsks', listText(result.rayAsks.map((outcome) => askOf(outcome, since)))] as const]),
    ['decisions', listText(result.decisions.map((record) => decisionOf(record, since)))],
    [
      'series',
      listText(
        result.series.map(({ name, kind, unit, points }) => {
          return { name, kind, unit, points: points.map(([at, value]) => [since(at), value]) };
        }),
      ),
    ],
  ];
  return `{\n${parts.map(([name, text]) => `  ${JSON.stringify(name)}: ${text}`).join(',\n')}\n}\n`;
}

function layerOf({ layer, object, first, peak, last, unit, note }: LayerSummary): unknown {
  return { layer, object, first, peak, last, unit, note };
}

function askOf(
  { cluster, ask, askedAt, metAt, endedAt, nodes }: RayAskOutcome,
  since: (at: number) => number,
): unknown {
  const { namespace, name } = cluster;
  const group = ask.kind === 'placement-group' ? { name: ask.name, strategy: ask.strategy } : {};
  return {
    cluster: { namespace, name },
    kind: ask.kind,
    ...group,
    bundles: ask.bundles.map((bundle) => Object.fromEntries(bundle)),
    askedAtSeconds: since(askedAt),
    metAtSeconds: metAt === undefined ? undefined : since(metAt),
    endedAtSeconds: endedAt === undefined ? undefined : since(endedAt),
    ...(ask.kind === 'placement-group' ? { nodes } : {}),
  };
}

function decisionOf(record: DecisionRecord, since: (at: number) => number): unknown {
  const { layer, controller, object, decision, reason, message, inputsDigest } = record;
  const numbers = Object.entries(record.numbers).toSorted(([a], [b]) => compareText(a, b));
  return {
    atSeconds: since(record.at),
    layer,
    controller,
    object: { kind: object.kind, namespace: object.namespace, name: object.name, part: object.part },
    decision: ordered(decision),
    reason,
    message,
    numbers: Object.fromEntries(numbers),
    inputsDigest,
  };
}

function ordered(decision: DecisionRecord['decision']): unknown {
  switch (decision.kind) {
    case 'scale':
      return { kind: decision.kind, from: decision.from, to: decision.to, of: decision.of };
    case 'hold':
      return { kind: decision.kind, at: decision.at, of: decision.of };
    case 'fail':
      return { kind: decision.kind };
  }
}

function listText(items: readonly unknown[]): string {
  if (items.length === 0) return '[]';
  return `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;
}
