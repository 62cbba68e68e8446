/** Plays a case of kind `reconcile`: the production conversation, answered from the case's world, under the case's clock. */

import { DEFAULT_HPA_CONFIG, type HpaConfig } from '../core/hpa/config.ts';
import type { HpaEvent, HpaRequest, HpaResults } from '../core/hpa/conversation.ts';
import { HpaMemory, parseHpaKey } from '../core/hpa/memory.ts';
import { sync } from '../core/hpa/sync.ts';
import type { HpaOutcome } from '../core/hpa/draft.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import type { ObjectKey } from '../core/kube/object.ts';
import { matchesSelector } from '../core/selector/selector.ts';
import {
  durationMs,
  epochMs,
  parseRfc3339,
  seconds,
  type DurationMs,
  type EpochMs,
  type Instant,
} from '../core/time/time.ts';
import { assert } from '../lib/assert.ts';
import { errorText } from '../lib/error.ts';
import { HpaCaseWorld } from './hpa-case-world.ts';
import type { CaseController, CaseStep, CaseSync, ReconcileCase, ReconcileResult } from './hpa-cases.types.ts';

const DEFAULT_START = '2026-01-01T00:00:00Z';

/** Synchronizes what the steps ask for. The controller of a case starts with empty memory and keeps it from step to step. */
export function runReconcileCase(given: ReconcileCase): ReconcileResult {
  const run = new CaseRun(given);
  const syncs =
    (given.steps?.length ?? 0) === 0 ? run.step({}, 0) : (given.steps ?? []).flatMap((step, i) => run.step(step, i));
  return { id: given.id, syncs };
}

class CaseRun {
  readonly #start: EpochMs;
  readonly #config: HpaConfig;
  readonly #world: HpaCaseWorld;
  readonly #memory = new HpaMemory();
  /** Virtual time since the start. */
  #elapsedMs = 0;
  #dueMs = 0;
  #events: HpaEvent[] = [];
  #pods: readonly Pod[] = [];
  #cachedHpas: ReadonlyMap<string, HorizontalPodAutoscaler> = new Map();
  #cachedVersion = '';

  constructor(given: ReconcileCase) {
    const start = parseRfc3339(given.start ?? DEFAULT_START);
    assert(start !== undefined, `start of case ${given.id} is not RFC 3339: ${given.start}`);
    this.#start = start;
    this.#config = configOf(given.controller ?? {});
    const advance = (ms: number): void => void (this.#elapsedMs += ms);
    this.#world = new HpaCaseWorld({ advance }, given.controller?.requestLatencyMs ?? 1);
    this.#world.apply(given.world ?? {});
    this.#deliver('all');
  }

  step(step: CaseStep, index: number): readonly CaseSync[] {
    this.#dueMs += Math.trunc((step.advanceSeconds ?? 0) * 1000);
    this.#elapsedMs = Math.max(this.#elapsedMs, this.#dueMs);
    this.#world.apply(step.world ?? {});
    this.#deliver(step.cacheLag === true ? 'pods' : 'all');
    const keys = step.sync ?? [...this.#world.hpas().keys()];
    return keys.map((key) => this.#sync(key, index));
  }

  /** The caches catch up with the server. */
  #deliver(what: 'all' | 'pods'): void {
    this.#pods = this.#world.settle();
    if (what === 'pods') return;
    const hpas = this.#world.hpas();
    for (const [key, hpa] of this.#cachedHpas) if (!hpas.has(key)) this.#memory.removed(hpa);
    for (const key of hpas.keys()) this.#memory.track(keyOfText(key));
    this.#cachedHpas = hpas;
    this.#cachedVersion = this.#world.resourceVersion;
  }

  #sync(key: string, step: number): CaseSync {
    this.#world.takeLog();
    this.#events = [];
    const at = this.#elapsedMs / 1000;
    const did = this.#reconcile(key);
    const status = this.#world.hpas().get(key)?.status;
    return {
      step,
      at,
      key,
      ...(did.deleted ? { deleted: true } : {}),
      ...(did.error === undefined ? {} : { error: did.error }),
      ...this.#world.takeLog(),
      events: this.#events,
      replicas: this.#world.replicas(),
      ...(status === undefined ? {} : { status }),
      recommendations: this.#recommendations(key),
    };
  }

  #reconcile(text: string): { readonly deleted: boolean; readonly error?: string } {
    const key = parseHpaKey(text);
    if (!key.ok) return { deleted: true, error: key.error };
    const view = { hpa: this.#cachedHpas.get(text), resourceVersion: this.#cachedVersion };
    const begin = this.#memory.begin(key.value, view);
    if (begin.kind === 'deleted') return { deleted: true };
    if (begin.kind === 'skip') return { deleted: false, error: begin.error };
    try {
      const outcome = this.#converse(sync({ hpa: begin.hpa, history: begin.history, config: this.#config }));
      this.#memory.end(key.value, outcome.nextHistory);
      return { deleted: false, ...(outcome.error === undefined ? {} : { error: outcome.error }) };
    } catch (error) {
      return { deleted: false, error: `panic: ${errorText(error)}` }; // a defect of this sync is an answer of the case form
    }
  }

  #recommendations(text: string): CaseSync['recommendations'] {
    const key = parseHpaKey(text);
    const { recommendations = [] } = key.ok ? this.#memory.historyOf(key.value) : {};
    return recommendations.map(({ replicas, at }) => ({ value: replicas, at: at / 1000 }));
  }

  #converse(conversation: ReturnType<typeof sync>): HpaOutcome {
    let next = conversation.next();
    while (next.done !== true) {
      const result = this.#answer(next.value);
      next = conversation.next({ at: this.#now(), result });
    }
    return next.value;
  }

  #answer(request: HpaRequest): HpaResults[keyof HpaResults] {
    switch (request.kind) {
      case 'discover':
        return { ok: true, value: this.#world.discover() };
      case 'get-scale':
        return this.#world.getScale(request.resource, request.key);
      case 'claim-pods': {
        const pods = this.#podsOf(request.key.namespace, request);
        return this.#memory.selectors.claim(request.key, request.selector, pods);
      }
      case 'list-pod-metrics':
        return this.#world.listPodMetrics(request.namespace, request.labelSelector);
      case 'list-pods':
        return this.#podsOf(request.namespace, request);
      case 'put-scale':
        return this.#world.putScale(request.resource, request.key, request.scale);
      case 'pause':
        this.#elapsedMs += request.afterMs;
        return undefined;
      case 'emit-event':
        this.#events.push(request.event);
        return undefined;
      case 'put-status': {
        const answer = this.#world.putStatus(request.hpa);
        if (answer.ok) this.#memory.wroteStatus(answer.value);
        return answer;
      }
    }
  }

  #podsOf(
    namespace: string,
    { selector }: Pick<Extract<HpaRequest, { kind: 'list-pods' }>, 'selector'>,
  ): readonly Pod[] {
    return this.#pods.filter(
      ({ metadata }) => metadata.namespace === namespace && matchesSelector(selector, metadata.labels),
    );
  }

  #now(): Instant {
    return { wall: epochMs(this.#start + this.#elapsedMs), mono: durationMs(this.#elapsedMs) };
  }
}

function keyOfText(text: string): ObjectKey {
  const key = parseHpaKey(text);
  assert(key.ok, `no key: ${text}`);
  return key.value;
}

function configOf(given: CaseController): HpaConfig {
  const or = (value: number | undefined, fallback: DurationMs): DurationMs =>
    value === undefined ? fallback : seconds(value);
  return {
    ...DEFAULT_HPA_CONFIG,
    downscaleStabilizationMs: or(given.downscaleStabilizationSeconds, DEFAULT_HPA_CONFIG.downscaleStabilizationMs),
    tolerance: given.tolerance ?? DEFAULT_HPA_CONFIG.tolerance,
    cpuInitializationPeriodMs: or(given.cpuInitializationPeriodSeconds, DEFAULT_HPA_CONFIG.cpuInitializationPeriodMs),
    initialReadinessDelayMs: or(given.initialReadinessDelaySeconds, DEFAULT_HPA_CONFIG.initialReadinessDelayMs),
  };
}
