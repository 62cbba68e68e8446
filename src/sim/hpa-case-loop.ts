/** Plays a case of kind `loop`: the real controller against the case's server, on a clock that jumps from event to event. */

import { EventClock } from '../clock/event-clock.ts';
import { DiscoveryCache } from '../controllers/discovery-cache.ts';
import { hpaController } from '../controllers/hpa.ts';
import { abortScope } from '../controllers/deps.ts';
import type { HpaEvent } from '../core/hpa/conversation.ts';
import { HpaCounters } from '../core/hpa/counters.ts';
import { durationMs, epochMs, type EpochMs } from '../core/time/time.ts';
import { compareText } from '../lib/compare.ts';
import type { Random } from '../ports/random.ts';
import { configOf, cutToMs, DEFAULT_LATENCY_MS, shownSeconds, startOf } from './hpa-case-config.ts';
import { CaseMapper } from './hpa-case-mapper.ts';
import { casePorts } from './hpa-case-ports.ts';
import { prometheusValues } from './hpa-case-prometheus.ts';
import { CaseServer, type CaseLog } from './hpa-case-server.ts';
import { printedStatus } from './hpa-case-store.ts';
import { CaseWatches } from './hpa-case-watches.ts';
import type { CaseStep, EventWrite, LoopCase, LoopResult, TimelineEntry } from './hpa-cases.types.ts';

/** Runs for `durationSeconds`, or until the last step if that is later. */
export async function runLoopCase(given: LoopCase): Promise<LoopResult> {
  const run = new LoopRun(given);
  await run.play();
  return run.result();
}

/** Beyond the end of a case there is only what a stop still takes. */
const AFTER_END_MS = 3_600_000;

/** The one thing drawn at random is the length of a pause after a conflict: here always the shortest. */
const NO_JITTER: Random = { stream: () => ({ next: () => 0 }) };

class LoopRun {
  readonly #given: LoopCase;
  readonly #start: EpochMs;
  readonly #clock: EventClock;
  readonly #server: CaseServer;
  readonly #watches: CaseWatches;
  readonly #mapper: CaseMapper;
  readonly #discovery: DiscoveryCache;
  readonly #counters = new HpaCounters();
  readonly #steps: readonly { readonly at: number; readonly step: CaseStep }[];
  readonly #timeline: TimelineEntry[] = [];
  readonly #events: HpaEvent[] = [];
  #eventWrites: readonly EventWrite[] = [];

  constructor(given: LoopCase) {
    this.#given = given;
    this.#start = startOf(given.start);
    let at = 0;
    this.#steps = (given.steps ?? []).map((step) => ({ at: (at += cutToMs(step.advanceSeconds)), step }));
    const limit = durationMs(Math.max(at, this.#endMs) + AFTER_END_MS);
    this.#clock = new EventClock({ start: this.#start, pace: { kind: 'jump' }, limit });
    this.#server = new CaseServer({ rawHpa: given.controller?.rawHpa ?? false });
    this.#watches = new CaseWatches(this.#server.store);
    this.#mapper = new CaseMapper({ server: this.#server, handled: () => undefined });
    this.#discovery = new DiscoveryCache(this.#clock);
  }

  get #endMs(): number {
    return cutToMs(this.#given.durationSeconds);
  }

  async play(): Promise<void> {
    this.#server.apply(this.#given.world ?? {});
    this.#watches.notify();
    await this.#clock.run(() => this.#play());
    this.#note();
  }

  /** What a step at the very start changes is there before the controller is. */
  async #play(): Promise<void> {
    const stop = abortScope();
    const first = this.#steps.filter(({ at }) => at <= 0);
    for (const { step } of first) this.#apply(step);
    const controller = this.#control(stop.signal);
    for (const { at, step } of this.#steps.slice(first.length)) {
      await this.#until(at, stop.signal);
      this.#apply(step);
    }
    await this.#until(this.#endMs, stop.signal);
    stop.abort(new Error('the case is over'));
    await controller;
  }

  async #until(at: number, signal: AbortSignal): Promise<void> {
    if (this.#start + at > this.#clock.now()) await this.#clock.sleepUntil(epochMs(this.#start + at), signal);
  }

  #apply({ world = {}, resetDiscovery }: CaseStep): void {
    const isOtherDiscovery = this.#server.apply(world);
    this.#watches.notify();
    if (!isOtherDiscovery && resetDiscovery !== true) return;
    this.#mapper.reset();
    this.#discovery.reset();
  }

  #control(signal: AbortSignal): Promise<void> {
    const { controller = {}, workers = 0 } = this.#given;
    const ports = casePorts({
      server: this.#server,
      mapper: this.#mapper,
      watches: this.#watches,
      clock: this.#clock,
      latencyMs: controller.requestLatencyMs ?? DEFAULT_LATENCY_MS,
      handled: () => this.#note(),
    });
    return hpaController({
      podMetrics: 'single',
      ...ports,
      clock: this.#clock,
      random: NO_JITTER,
      recorder: { record: () => undefined },
      log: { warn: () => undefined },
      signal,
      config: configOf(controller, workers === 0 ? undefined : workers),
      counters: this.#counters,
      resync: 'off', // in a case the caches of the original have none
      discovery: this.#discovery,
      emitted: (event) => void this.#events.push(event),
    });
  }

  /** Takes over what the server noted; a write is told to the watches at once. */
  #note(): void {
    const log = this.#server.takeLog();
    this.#eventWrites = [...this.#eventWrites, ...log.eventWrites];
    for (const request of log.requests) this.#timeline.push(this.#entryOf(request, log));
    if (log.requests.some(({ method }) => method === 'PUT')) this.#watches.notify();
  }

  #entryOf({ method, path, code }: CaseLog['requests'][number], { scaleWrites }: CaseLog): TimelineEntry {
    const at = shownSeconds(this.#clock.now() - this.#start);
    const write = method === 'PUT' ? scaleWrites.find((one) => one.path === path) : undefined;
    return { at, do: `${method} ${path}`, code, ...(write === undefined ? {} : { replicas: write.replicas }) };
  }

  result(): LoopResult {
    const { id, durationSeconds = 0 } = this.#given;
    const timeline = this.#timeline
      .filter(({ at }) => at <= durationSeconds)
      .toSorted((a, b) => a.at - b.at || compareText(a.do, b.do));
    const hpas = [...this.#server.store.hpas()];
    return {
      id,
      timeline,
      events: this.#events.length === 0 ? null : this.#events,
      eventWrites: this.#eventWrites.length === 0 ? null : this.#eventWrites,
      final: Object.fromEntries(hpas.map(([key, { status }]) => [key, printedStatus(status)])),
      prometheus: prometheusValues(this.#counters),
    };
  }
}
