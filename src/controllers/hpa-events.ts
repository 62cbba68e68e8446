/** Writes the events of HPAs: one at a time, in order, beside the syncs and never holding one up. Best effort, as the original's. */

import { uuidV4 } from '../core/cluster/identity.ts';
import type { HpaEvent } from '../core/hpa/conversation.ts';
import { EventCorrelator, type Correlated } from '../core/hpa/event-correlation.ts';
import type { KubeEvent } from '../core/kube/core-v1.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { keyOf, keyText } from '../core/kube/object.ts';
import { EVENTS, HORIZONTAL_POD_AUTOSCALERS, apiVersionOf } from '../core/kube/resource.ts';
import { epochMs, seconds, toRfc3339, type EpochMs } from '../core/time/time.ts';
import { errorText, TandemError } from '../lib/error.ts';
import { KubeError } from '../ports/kube-api.ts';
import { callWithin } from './call.ts';
import type { ControllerDeps } from './deps.ts';
import { LastSaid } from './last-said.ts';
import type { RequestPaces } from './request-pace.ts';

/** As users filter on it. Spec: HPA-17.12, HPA-21.10. */
const COMPONENT = 'horizontal-pod-autoscaler';
const TIMEOUT = seconds(10);
/** Spec: HPA-21.17. */
const MAX_WAITING = 1000;
const MAX_TRIES = 12;
const RETRY_PAUSE = seconds(10);

type Written = Exclude<Correlated, { kind: 'drop' }>;
type Waiting = { readonly hpa: HorizontalPodAutoscaler; readonly written: Written; readonly at: EpochMs };

export type HpaEventsDeps = Pick<ControllerDeps, 'api' | 'clock' | 'random' | 'log' | 'signal' | 'writes'> & {
  /** Absent: events are sent as they come. */
  readonly paces?: Pick<RequestPaces, 'turn'>;
};

export class HpaEvents {
  readonly #deps: HpaEventsDeps;
  readonly #signal: AbortSignal;
  readonly #correlator: EventCorrelator;
  readonly #waiting: Waiting[] = [];
  /** Of an account without the right, each event would say it. */
  readonly #failure = new LastSaid();
  #sending: Promise<void> | undefined;

  constructor(deps: HpaEventsDeps) {
    this.#deps = deps;
    this.#correlator = new EventCorrelator({ uuid: () => uuidV4(deps.random.stream('hpa/event-names')) });
    // an event is of what was done: what waits at a stop is still told
    this.#signal = deps.writes ?? deps.signal;
  }

  /** Takes an event; it is written later, counted with its like, or dropped when there are too many. */
  emit(hpa: HorizontalPodAutoscaler, event: HpaEvent): void {
    const { clock, log } = this.#deps;
    const { namespace = '', name, uid = '' } = hpa.metadata;
    const at = clock.now();
    const written = this.#correlator.correlate({ namespace, name, uid }, event, at);
    if (written.kind === 'drop') return;
    if (this.#waiting.length >= MAX_WAITING)
      return log.warn(`event ${event.reason} of ${nameOf(hpa)} was dropped: too many wait`);
    this.#waiting.push({ hpa, written, at });
    this.#sending ??= this.#send();
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#signal.aborted) break;
      await this.#write(next);
    }
    this.#sending = undefined;
  }

  /** A refusal is an answer; what got none is tried again, and what comes after waits meanwhile. Spec: HPA-21.17. */
  async #write(waiting: Waiting): Promise<void> {
    const { log, signal } = this.#deps;
    for (let tries = 1; ; tries++) {
      const failure = await this.#tryToWrite(waiting);
      if (failure === undefined) return this.#failure.forget();
      if (this.#signal.aborted) return;
      if (!isLost(failure) || tries === MAX_TRIES || signal.aborted) {
        const why = errorText(failure);
        const what = `event ${waiting.written.event.reason} of ${nameOf(waiting.hpa)}`;
        return this.#failure.isNews(why) ? log.warn(`${what} was not written: ${why}`) : undefined;
      }
      await this.#pause(tries);
    }
  }

  /** Undefined once the event is there. */
  async #tryToWrite({ hpa, written, at }: Waiting): Promise<unknown> {
    const body = eventObject(hpa, written, at);
    try {
      await this.#deps.paces?.turn('objects', this.#signal);
      if (written.kind === 'create') await this.#create(body);
      else await this.#patch(body);
      return undefined;
    } catch (error) {
      // written before, by a request whose answer was lost
      const isThere = error instanceof KubeError && error.status.reason === 'AlreadyExists';
      return isThere ? undefined : error;
    }
  }

  /** The first of an event is up to as long as the others, so that many processes do not come back together. A stop ends it. */
  async #pause(tries: number): Promise<void> {
    const { clock, random, signal } = this.#deps;
    const wait = tries === 1 ? RETRY_PAUSE * random.stream('hpa/event-retry').next() : RETRY_PAUSE;
    await clock.sleepUntil(epochMs(clock.now() + wait), signal).catch(() => undefined);
  }

  async #create(body: KubeEvent): Promise<void> {
    const { api, clock } = this.#deps;
    const deadline = { clock, timeout: TIMEOUT, signal: this.#signal };
    await callWithin(`create event ${body.metadata.name}`, deadline, (options) => api.create(EVENTS, body, options));
  }

  /** An event that is gone is written anew. Spec: HPA-21.11. */
  async #patch(body: KubeEvent): Promise<void> {
    const { api, clock } = this.#deps;
    const { namespace = '', name } = body.metadata;
    const value = { count: body.count, lastTimestamp: body.lastTimestamp, message: body.message };
    try {
      await callWithin(`patch event ${name}`, { clock, timeout: TIMEOUT, signal: this.#signal }, (options) =>
        api.patch(EVENTS, { namespace, name }, { type: 'merge', value }, options),
      );
    } catch (error) {
      if (!(error instanceof KubeError) || error.status.code !== 404) throw error;
      await this.#create(body);
    }
  }
}

/** Whether no answer came: it may have been written or not. */
function isLost(error: unknown): boolean {
  if (error instanceof KubeError) return error.status.code === 0;
  return error instanceof TandemError && error.code === 'TANDEM_DEADLINE';
}

function nameOf(hpa: HorizontalPodAutoscaler): string {
  return `${HORIZONTAL_POD_AUTOSCALERS.kind} ${keyText(keyOf(hpa))}`;
}

/** Spec: HPA-21.10, HPA-21.18. */
function eventObject(hpa: HorizontalPodAutoscaler, written: Written, at: EpochMs): KubeEvent {
  const { name, event, count, isAggregate } = written;
  const { namespace = '', uid, resourceVersion } = hpa.metadata;
  const time = toRfc3339(at);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: {
      apiVersion: apiVersionOf(HORIZONTAL_POD_AUTOSCALERS),
      kind: HORIZONTAL_POD_AUTOSCALERS.kind,
      namespace,
      name: hpa.metadata.name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    ...event,
    count,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component: COMPONENT },
    ...(isAggregate ? {} : { reportingComponent: COMPONENT }),
  };
}
