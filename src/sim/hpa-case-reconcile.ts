/** Plays a case of kind `reconcile`: the production conversation, answered from the case's world, under the case's clock. */

import type { HpaConfig } from '../core/hpa/config.ts';
import type { HpaEvent } from '../core/hpa/conversation.ts';
import { HpaCounters } from '../core/hpa/counters.ts';
import { NO_HISTORY, type HpaHistory, type HpaOutcome } from '../core/hpa/draft.ts';
import { HpaMemory, parseHpaKey } from '../core/hpa/memory.ts';
import { podFacts, type PodFacts } from '../core/hpa/pod-facts.ts';
import type { ScaleEvent } from '../core/hpa/scale-events.ts';
import { sync } from '../core/hpa/sync.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { keyOf } from '../core/kube/object.ts';
import { durationMs, epochMs, type EpochMs, type Instant } from '../core/time/time.ts';
import { CaseAnswers } from './hpa-case-answers.ts';
import { configOf, cutToMs, DEFAULT_LATENCY_MS, shownSeconds, startOf } from './hpa-case-config.ts';
import { CaseEvents } from './hpa-case-events.ts';
import { CaseMapper } from './hpa-case-mapper.ts';
import { prometheusValues } from './hpa-case-prometheus.ts';
import { CaseServer } from './hpa-case-server.ts';
import { printedStatus } from './hpa-case-store.ts';
import type { CaseScaleEvent, CaseStep, CaseSync, ReconcileCase, ReconcileResult } from './hpa-cases.types.ts';

/** Synchronizes what the steps ask for. The controller of a case starts with empty memory and keeps it from step to step. */
export function runReconcileCase(given: ReconcileCase): ReconcileResult {
  const run = new CaseRun(given);
  const steps = (given.steps?.length ?? 0) === 0 ? [{}] : (given.steps ?? []);
  const syncs = steps.flatMap((step, i) => run.step(step, i));
  return { id: given.id, syncs, prometheus: prometheusValues(run.counters) };
}

/** What one key came to, beside what the server noted. */
type Reconciled = { readonly deleted: boolean; readonly error?: string };

class CaseRun {
  readonly counters: HpaCounters = new HpaCounters();
  readonly #start: EpochMs;
  readonly #config: HpaConfig;
  readonly #server: CaseServer;
  readonly #mapper: CaseMapper;
  readonly #memory: HpaMemory;
  readonly #answers: CaseAnswers;
  /** Virtual time since the start. */
  #elapsedMs = 0;
  #dueMs = 0;
  #events: HpaEvent[] = [];
  #handledErrors: string[] = [];
  #pods: readonly PodFacts[] = [];
  #cachedHpas: ReadonlyMap<string, HorizontalPodAutoscaler> = new Map();
  #cachedVersion = '';

  constructor({ start, controller = {}, world = {} }: ReconcileCase) {
    this.#start = startOf(start);
    this.#config = configOf(controller);
    this.#server = new CaseServer({ rawHpa: controller.rawHpa ?? false });
    this.#memory = new HpaMemory(this.#config.gates);
    this.#mapper = new CaseMapper({ server: this.#server, handled: (text) => void this.#handledErrors.push(text) });
    this.#answers = new CaseAnswers({
      server: this.#server,
      mapper: this.#mapper,
      memory: this.#memory,
      clock: { now: () => this.#now(), advance: (ms) => void (this.#elapsedMs += ms) },
      latencyMs: controller.requestLatencyMs ?? DEFAULT_LATENCY_MS,
      events: new CaseEvents(this.#server),
      emitted: (event) => void this.#events.push(event),
      pods: () => this.#pods,
    });
    this.#server.apply(world);
    this.#deliver('all');
  }

  step(
    { advanceSeconds, world = {}, cacheLag, resetDiscovery, sync: asked }: CaseStep,
    index: number,
  ): readonly CaseSync[] {
    this.#dueMs += cutToMs(advanceSeconds);
    this.#elapsedMs = Math.max(this.#elapsedMs, this.#dueMs);
    const isOtherDiscovery = this.#server.apply(world);
    if (isOtherDiscovery || resetDiscovery === true) this.#mapper.reset();
    this.#deliver(cacheLag === true ? 'pods' : 'all');
    const keys = asked ?? [...this.#server.store.hpas().keys()];
    return keys.map((key) => this.#sync(key, index));
  }

  /** The caches catch up with the server. */
  #deliver(what: 'all' | 'pods'): void {
    this.#pods = this.#server.store.settle().map(podFacts);
    if (what === 'pods') return;
    const hpas = this.#server.store.hpas();
    for (const [key, hpa] of this.#cachedHpas) {
      if (hpas.has(key)) continue;
      this.#memory.removed(hpa);
      this.counters.removed();
    }
    for (const [key, hpa] of hpas) {
      if (this.#cachedHpas.has(key)) continue;
      this.#memory.track(keyOf(hpa));
      this.counters.added();
    }
    this.#cachedHpas = hpas;
    this.#cachedVersion = this.#server.store.version;
  }

  #sync(key: string, step: number): CaseSync {
    this.#server.takeLog();
    this.#events = [];
    this.#handledErrors = [];
    const at = shownSeconds(this.#elapsedMs);
    const { deleted, error } = this.#reconcile(key);
    const status = this.#server.store.hpa(key)?.status;
    return {
      step,
      at,
      key,
      ...(deleted ? { deleted: true } : {}),
      ...(error === undefined ? {} : { error }),
      ...this.#server.takeLog(),
      events: this.#events,
      handledErrors: this.#handledErrors,
      replicas: this.#server.store.replicas(),
      ...(status === undefined ? {} : { status: printedStatus(status) }),
      ...shownHistory(this.#historyOf(key)),
    };
  }

  #reconcile(text: string): Reconciled {
    const key = parseHpaKey(text);
    if (!key.ok) return { deleted: true, error: key.error };
    const view = { hpa: this.#cachedHpas.get(text), resourceVersion: this.#cachedVersion };
    const begin = this.#memory.begin(key.value, view);
    switch (begin.kind) {
      case 'deleted':
        return { deleted: true };
      case 'skip':
        this.counters.skipped();
        return { deleted: false, error: begin.error };
      case 'sync': {
        const { hpa, history } = begin;
        const began = this.#elapsedMs;
        const outcome = this.#converse(hpa, sync({ hpa, history, config: this.#config }));
        this.#memory.end(key.value, outcome.nextHistory);
        this.#handledErrors.push(...outcome.handledErrors);
        const took = { syncMs: durationMs(this.#elapsedMs - began), metricsMs: [] };
        this.counters.synced(key.value, outcome.counts, took);
        return { deleted: false, ...(outcome.error === undefined ? {} : { error: outcome.error }) };
      }
    }
  }

  #converse(hpa: HorizontalPodAutoscaler, conversation: ReturnType<typeof sync>): HpaOutcome {
    let next = conversation.next();
    while (next.done !== true) {
      const result = this.#answers.answer(next.value, hpa);
      next = conversation.next({ at: this.#now(), result });
    }
    return next.value;
  }

  #historyOf(text: string): HpaHistory {
    const key = parseHpaKey(text);
    return key.ok ? this.#memory.historyOf(key.value) : NO_HISTORY;
  }

  #now(): Instant {
    return { wall: epochMs(this.#start + this.#elapsedMs), mono: durationMs(this.#elapsedMs) };
  }
}

function shownHistory({
  recommendations = [],
  scaleUpEvents = [],
  scaleDownEvents = [],
}: HpaHistory): Pick<CaseSync, 'recommendations' | 'scaleUpEvents' | 'scaleDownEvents'> {
  return {
    recommendations: recommendations.map(({ replicas, at }) => ({ value: replicas, at: shownSeconds(at) })),
    scaleUpEvents: scaleUpEvents.map(shownEvent),
    scaleDownEvents: scaleDownEvents.map(shownEvent),
  };
}

function shownEvent({ change, at, outdated }: ScaleEvent): CaseScaleEvent {
  return { value: change, at: shownSeconds(at), ...(outdated ? { outdated } : {}) };
}
