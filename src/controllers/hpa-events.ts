/** Writes the events of HPAs: one at a time, in order, beside the syncs and never holding one up. Best effort, as the original's. */

import type { HpaEvent } from '../core/hpa/conversation.ts';
import { EventCorrelator, type Correlated } from '../core/hpa/event-correlation.ts';
import type { KubeEvent } from '../core/kube/core-v1.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { keyOf, keyText } from '../core/kube/object.ts';
import { EVENTS, HORIZONTAL_POD_AUTOSCALERS, apiVersionOf } from '../core/kube/resource.ts';
import { seconds, toRfc3339, type EpochMs } from '../core/time/time.ts';
import { errorText } from '../lib/error.ts';
import { KubeError } from '../ports/kube-api.ts';
import { callWithin } from './call.ts';
import { isAbort, type ControllerDeps } from './deps.ts';
import { LastSaid } from './last-said.ts';

/** As users filter on it. Spec: HPA-17.12, HPA-21.10. */
const COMPONENT = 'horizontal-pod-autoscaler';
const TIMEOUT = seconds(10);
/** Spec: HPA-21.17. */
const MAX_WAITING = 1000;

type Written = Exclude<Correlated, { kind: 'drop' }>;
type Waiting = { readonly hpa: HorizontalPodAutoscaler; readonly written: Written; readonly at: EpochMs };

export type HpaEventsDeps = Pick<ControllerDeps, 'api' | 'clock' | 'log' | 'signal' | 'writes'>;

export class HpaEvents {
  readonly #deps: HpaEventsDeps;
  readonly #signal: AbortSignal;
  readonly #correlator = new EventCorrelator();
  readonly #waiting: Waiting[] = [];
  /** Of an account without the right, each event would say it. */
  readonly #failure = new LastSaid();
  #sending: Promise<void> | undefined;

  constructor(deps: HpaEventsDeps) {
    this.#deps = deps;
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

  async #write({ hpa, written, at }: Waiting): Promise<void> {
    const { log } = this.#deps;
    const body = eventObject(hpa, written, at);
    try {
      if (written.kind === 'create') await this.#create(body);
      else await this.#patch(body);
      this.#failure.forget();
    } catch (error) {
      if (isAbort(error, this.#signal)) return;
      const why = errorText(error);
      if (this.#failure.isNews(why)) log.warn(`event ${body.reason} of ${nameOf(hpa)} was not written: ${why}`);
    }
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

function nameOf(hpa: HorizontalPodAutoscaler): string {
  return `${HORIZONTAL_POD_AUTOSCALERS.kind} ${keyText(keyOf(hpa))}`;
}

/** Spec: HPA-21.10. */
function eventObject(hpa: HorizontalPodAutoscaler, { name, event, count }: Written, at: EpochMs): KubeEvent {
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
    reportingComponent: COMPONENT,
  };
}
