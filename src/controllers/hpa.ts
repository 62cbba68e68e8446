/**
 * The HPA controller: decides when an HPA is synchronized, answers the questions of its sync over the ports, keeps what the sync hands
 * on, and records it. What is asked, decided and written is `core/hpa/sync.ts`.
 */

import type { HpaConfig } from '../core/hpa/config.ts';
import type { HpaEvent, HpaRequest, HpaResults } from '../core/hpa/conversation.ts';
import type { HpaCounters } from '../core/hpa/counters.ts';
import type { HpaOutcome, Writer } from '../core/hpa/draft.ts';
import { HpaMemory, parseHpaKey, type Begin } from '../core/hpa/memory.ts';
import { HpaQueue } from '../core/hpa/queue.ts';
import type { QueueObserver } from '../core/hpa/queue-counters.ts';
import { sync } from '../core/hpa/sync.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { keyOf, keyText, type ObjectKey } from '../core/kube/object.ts';
import { HORIZONTAL_POD_AUTOSCALERS } from '../core/kube/resource.ts';
import { durationMs, epochMs } from '../core/time/time.ts';
import { assert } from '../lib/assert.ts';
import { errorText } from '../lib/error.ts';
import { digest } from '../lib/json.ts';
import type { Timer } from '../ports/clock.ts';
import type { CustomMetricsApi, ExternalMetricsApi, MetricsApi } from '../ports/metrics-api.ts';
import { isAbort, type ControllerDeps } from './deps.ts';
import { DiscoveryCache } from './discovery-cache.ts';
import { HpaAnswers, type AskedFor } from './hpa-answers.ts';
import { HpaEvents } from './hpa-events.ts';
import { recordOf, recordOfNone } from './hpa-record.ts';
import { HpaWrites } from './hpa-writes.ts';
import { Informer, type InformerEvent } from './informer.ts';
import { Troubles } from './last-said.ts';
import { PodCache } from './pod-cache.ts';
import type { RequestPaces } from './request-pace.ts';
import type { WriteGate } from './write-gate.ts';

export type HpaControllerDeps = ControllerDeps & {
  readonly metrics: MetricsApi;
  /** Absent: not served. */
  readonly customMetrics?: CustomMetricsApi;
  /** Absent: not served. */
  readonly externalMetrics?: ExternalMetricsApi;
  readonly config: HpaConfig;
  /** Absent: nobody wants to know. */
  readonly counters?: HpaCounters;
  /** Absent: nobody wants to know. */
  readonly queueObserver?: QueueObserver;
  /** Told once, when the caches are full and syncs begin. */
  readonly started?: () => void;
  /** Absent: requests are sent as they come. */
  readonly paces?: Pick<RequestPaces, 'turn'>;
  /** Absent: one of its own. */
  readonly discovery?: DiscoveryCache;
  /** Whether HPAs of a namespace that fall due together share one list of pod metrics; absent: they do. */
  readonly podMetrics?: 'shared' | 'single';
  /** Withholds the writes of syncs; absent: nothing does. */
  readonly gate?: WriteGate;
  /** Told of what the HPA cache learns, before it is acted upon. */
  readonly noticed?: (event: InformerEvent<HorizontalPodAutoscaler>) => void;
  /** Told of every event as a sync emits it, before any is counted or dropped. */
  readonly emitted?: (event: HpaEvent) => void;
  /** Whether the HPA cache tells of its objects once per period, changed or not; absent: it does. */
  readonly resync?: 'on' | 'off';
};

/** No cache is looked through more often. Source: client-go tools/cache/shared_informer.go minimumResyncPeriod (v0.37.2). */
const SHORTEST_RESYNC_MS = 1000;

/**
 * Runs until the signal is aborted; never rejects. Level-triggered: every HPA is synchronized one period after its last sync ended at
 * the latest, and at once when it appears or its spec changes.
 *
 * Spec: HPA-16.1 to HPA-16.12.   Source: pkg/controller/podautoscaler/horizontal.go Run (v1.37.2).
 */
export async function hpaController(deps: HpaControllerDeps): Promise<void> {
  assert(deps.config.syncPeriodMs > 0, `the sync period must be longer than ${deps.config.syncPeriodMs} ms`); // HPA-16.14
  assert(
    deps.config.concurrentSyncs > 0,
    `concurrent syncs must be greater than 0, but got ${deps.config.concurrentSyncs}`,
  );
  await new HpaLoop(deps).run();
}

class HpaLoop {
  readonly #deps: HpaControllerDeps;
  readonly #hpas: Informer<HorizontalPodAutoscaler>;
  readonly #pods: PodCache;
  readonly #memory: HpaMemory;
  readonly #queue: HpaQueue;
  readonly #events: HpaEvents;
  readonly #answers: HpaAnswers;
  readonly #troubles = new Troubles();
  readonly #running = new Set<Promise<void>>();
  #started = false;
  #timer: Timer | undefined;
  #resync: Timer | undefined;

  constructor(deps: HpaControllerDeps) {
    this.#deps = deps;
    this.#queue = new HpaQueue(deps.queueObserver);
    this.#memory = new HpaMemory(deps.config.gates);
    this.#hpas = new Informer(deps, HORIZONTAL_POD_AUTOSCALERS);
    this.#pods = new PodCache(deps);
    this.#events = new HpaEvents(deps);
    if (deps.noticed !== undefined) this.#hpas.subscribe(deps.noticed);
    this.#hpas.subscribe((event) => this.#noticed(event));
    const { discovery = new DiscoveryCache(deps.clock) } = deps;
    this.#answers = new HpaAnswers({
      ...deps,
      discovery,
      podMetrics: deps.podMetrics ?? 'shared',
      pods: this.#pods,
      memory: this.#memory,
      events: this.#events,
    });
  }

  async run(): Promise<void> {
    const { signal } = this.#deps;
    const informers = Promise.all([this.#hpas.run(), this.#pods.run()]);
    if (this.#deps.resync !== 'off') void this.#hpas.synced().then(() => this.#resyncLater());
    void Promise.all([this.#hpas.synced(), this.#pods.synced()]).then(() => {
      this.#started = true;
      this.#deps.started?.();
      this.#pump();
    });
    await informers; // they end when the signal is aborted
    assert(signal.aborted, 'the informers of the HPA controller ended by themselves');
    this.#timer?.cancel();
    this.#resync?.cancel();
    await Promise.all(this.#running);
    await this.#events.idle();
  }

  /** Spec: HPA-16.2 to HPA-16.4, HPA-2.44, HPA-23.14, HPA-24.3. */
  #noticed(event: InformerEvent<HorizontalPodAutoscaler>): void {
    const { counters, config } = this.#deps;
    const key = keyOf(event.object);
    if (event.kind === 'deleted') {
      this.#troubles.isNews(keyText(key), undefined);
      counters?.removed();
      return this.#memory.removed(event.object);
    }
    if (event.kind === 'added') counters?.added();
    const changed =
      event.kind === 'added' ||
      (config.gates.HPAGeneration && event.object.metadata.generation !== event.previous.metadata.generation);
    if (changed) {
      this.#memory.track(key);
      this.#queue.addNow(keyText(key), this.#deps.clock.instant().mono);
    } else this.#addLater(keyText(key));
    this.#pump();
  }

  #addLater(key: string): void {
    const { clock, config } = this.#deps;
    this.#queue.addAt(key, durationMs(clock.instant().mono + config.syncPeriodMs));
  }

  /**
   * Again and again every HPA is due one period later at the latest. It shows where a sync is under way or has to wait just then: the
   * next one does not wait for a whole period after its end. What is due at that very moment is taken before.
   *
   * Cost: O(HPAs) per period.   Spec: HPA-16.5.
   */
  #resyncLater(): void {
    const { clock, config, signal } = this.#deps;
    if (signal.aborted) return;
    const periodMs = Math.max(config.syncPeriodMs, SHORTEST_RESYNC_MS);
    this.#resync = clock.timer(epochMs(clock.now() + periodMs), () => {
      this.#pump();
      for (const hpa of this.#hpas.values()) this.#addLater(keyText(keyOf(hpa)));
      this.#pump();
      this.#resyncLater();
    });
  }

  /** Starts what is ready, as far as there are workers, and sets the timer for what is not. */
  #pump(): void {
    const { clock, config, signal } = this.#deps;
    if (!this.#started || signal.aborted) return;
    const { wall, mono } = clock.instant();
    this.#queue.release(mono);
    while (this.#running.size < config.concurrentSyncs) {
      const key = this.#queue.take();
      if (key === undefined) break;
      const work = this.#work(key).finally(() => this.#running.delete(work));
      this.#running.add(work);
      void work.then(() => this.#pump());
    }
    this.#timer?.cancel();
    const due = this.#queue.nextDue();
    this.#timer = due === undefined ? undefined : clock.timer(epochMs(wall + (due - mono)), () => this.#pump());
  }

  /** One key, from the queue and back into it. Never rejects: what goes wrong with one HPA stays with it. Spec: HPA-16.7, HPA-16.11. */
  async #work(text: string): Promise<void> {
    const parsed = parseHpaKey(text);
    assert(parsed.ok, `the queue holds a key that is none: ${text}`);
    const key = parsed.value;
    let fate: Begin['kind'] = 'skip';
    try {
      fate = await this.#reconcile(key);
    } catch (error) {
      if (!isAbort(error, this.#deps.signal)) this.#broke(key, error);
    }
    this.#queue.done(text);
    if (fate !== 'deleted') this.#addLater(text);
  }

  async #reconcile(key: ObjectKey): Promise<Begin['kind']> {
    const { clock, recorder, config, counters, log, gate } = this.#deps;
    const began = clock.instant().mono;
    const begin = this.#memory.begin(key, { hpa: this.#hpas.get(key), resourceVersion: this.#hpas.resourceVersion });
    if (begin.kind === 'skip') {
      counters?.skipped();
      recorder.record(recordOfNone({ at: clock.now(), key, inputsDigest: digest(begin) }, 'StaleCache', begin.error));
    }
    if (begin.kind !== 'sync') return begin.kind;
    const { hpa, history } = begin;
    const writer: Writer = gate?.heldBack() === undefined ? 'this sync' : 'another';
    const evidence: unknown[] = [hpa.metadata.uid, hpa.metadata.resourceVersion, history, config, writer];
    const writes = new HpaWrites(this.#deps);
    const conversation = sync({ hpa, history, config, writer });
    const outcome = await this.#converse(hpa, { conversation, writes }, evidence);
    this.#memory.end(key, outcome.nextHistory);
    const syncMs = durationMs(clock.instant().mono - began);
    counters?.synced(key, outcome.counts, { syncMs, metricsMs: outcome.metricsMs });
    // a failed sync is its record; here stands what failed while the sync went on
    const trouble = outcome.result.kind === 'failed' ? undefined : outcome.error;
    if (this.#troubles.isNews(keyText(key), trouble)) log.warn(`${nameOf(key)}: ${trouble}`);
    recorder.record(
      recordOf({ at: clock.now(), key, inputsDigest: digest(evidence) }, { outcome, withheld: writes.withheld }),
    );
    return 'sync';
  }

  /** Answers one request after the other, each with the instant at which its answer was there. */
  async #converse(
    hpa: HorizontalPodAutoscaler,
    { conversation, writes }: { readonly conversation: ReturnType<typeof sync>; readonly writes: HpaWrites },
    evidence: unknown[],
  ): Promise<HpaOutcome> {
    const due = this.#dueOf(keyOf(hpa));
    let next = conversation.next();
    while (next.done !== true) {
      const request = next.value;
      const { result } = writes.instead(request) ?? { result: await this.#answers.answer(request, { hpa, due }) };
      const at = this.#deps.clock.instant();
      evidence.push(at, evidenceOf(request, result));
      next = conversation.next({ at, result });
    }
    return next.value;
  }

  #dueOf(key: ObjectKey): AskedFor['due'] {
    const text = keyText(key);
    const since = this.#queue.readySince(text) ?? this.#deps.clock.instant().mono;
    return { since, others: this.#queue.waitingBeside(text) };
  }

  #broke(key: ObjectKey, error: unknown): void {
    const { clock, log, recorder } = this.#deps;
    const message = `the sync of ${nameOf(key)} broke off: ${errorText(error)}`;
    log.warn(message);
    recorder.record(recordOfNone({ at: clock.now(), key, inputsDigest: digest(message) }, 'InternalError', message));
  }
}

function nameOf(key: ObjectKey): string {
  return `${HORIZONTAL_POD_AUTOSCALERS.kind} ${keyText(key)}`;
}

/**
 * What an answer adds to the digest of the inputs. Pods are told apart by their version, their metrics by their time: the whole content
 * would cost more than the sync.
 */
function evidenceOf(request: HpaRequest, result: HpaResults[keyof HpaResults]): unknown {
  if (request.kind === 'discover') return undefined;
  if (request.kind === 'list-pod-metrics') {
    const answer = result as HpaResults['list-pod-metrics']; // the answer to this request
    return answer.ok ? answer.value.map(({ metadata, timestamp }) => [metadata.name, timestamp]) : answer;
  }
  if (request.kind !== 'list-pods') return result;
  const pods = result as HpaResults['list-pods']; // the answer to this request
  return pods.map(({ name, resourceVersion }) => [name, resourceVersion]);
}
