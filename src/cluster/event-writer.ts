/**
 * Events about objects: what an inhabitant says to `kubectl describe`. Best effort, as upstream's recorder: a failed write is a
 * warning in the log. Repeats of one event raise its count instead of adding objects.
 */

import { callWithin } from '../controllers/call.ts';
import { isAbort, type ControllerDeps } from '../controllers/deps.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../core/kube/object.ts';
import { EVENTS } from '../core/kube/resource.ts';
import type { KubeEvent } from '../core/kube/core-v1.ts';
import { seconds, toRfc3339 } from '../core/time/time.ts';
import { errorText } from '../lib/error.ts';

export type EventText = { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

const TIMEOUT = seconds(10);
/** How many different events are remembered for counting. */
const REMEMBERED = 1000;

type Remembered = { readonly key: ObjectKey; count: number };

export class EventWriter {
  readonly #deps: Pick<ControllerDeps, 'api' | 'clock' | 'log' | 'signal'>;
  readonly #component: string;
  readonly #written = new Map<string, Remembered>();

  constructor(deps: Pick<ControllerDeps, 'api' | 'clock' | 'log' | 'signal'>, component: string) {
    this.#deps = deps;
    this.#component = component;
  }

  /** Never rejects. */
  async write(object: KubeObject, event: EventText): Promise<void> {
    const { log, signal } = this.#deps;
    const memory = `${object.metadata.uid ?? ''}/${event.type}/${event.reason}/${event.message}`;
    const before = this.#written.get(memory);
    try {
      if (before === undefined) this.#remember(memory, await this.#create(object, event));
      else await this.#repeat(before);
    } catch (error) {
      this.#written.delete(memory); // the event may have been removed: the next one is written anew
      if (!isAbort(error, signal)) log.warn(`event ${event.reason} was not written: ${errorText(error)}`);
    }
  }

  async #create(object: KubeObject, event: EventText): Promise<KubeEvent> {
    const { api, clock, signal } = this.#deps;
    const { name, namespace, uid } = object.metadata;
    const at = toRfc3339(clock.now());
    const body: KubeEvent = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: '', generateName: `${name}.`, namespace: namespace ?? 'default' },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
      },
      ...event,
      count: 1,
      firstTimestamp: at,
      lastTimestamp: at,
      source: { component: this.#component },
      reportingComponent: this.#component,
    };
    return callWithin(`event ${event.reason}`, { clock, timeout: TIMEOUT, signal }, (options) =>
      api.create(EVENTS, body, options),
    );
  }

  async #repeat(before: Remembered): Promise<void> {
    const { api, clock, signal } = this.#deps;
    const value = { count: before.count + 1, lastTimestamp: toRfc3339(clock.now()) };
    await callWithin(`event ${before.key.name}`, { clock, timeout: TIMEOUT, signal }, (options) =>
      api.patch(EVENTS, before.key, { type: 'merge', value }, options),
    );
    before.count++;
  }

  #remember(memory: string, event: KubeEvent): void {
    this.#written.set(memory, { key: keyOf(event), count: 1 });
    if (this.#written.size <= REMEMBERED) return;
    const [oldest] = this.#written.keys();
    if (oldest !== undefined) this.#written.delete(oldest);
  }
}
