/** Holds requests back before they are sent, each client of the server for itself: one that is throttled does not slow the others. */

import type { Pace } from '../core/hpa/request-pace.ts';
import { durationMs, epochMs, type DurationMs } from '../core/time/time.ts';
import type { Clock } from '../ports/clock.ts';

/** As the original's clients have buckets of their own; `objects` are HPAs, events and the list of API groups. Spec: HPA-17.6. */
export type RequestClient = 'objects' | 'scales' | 'resource-metrics' | 'custom-metrics' | 'external-metrics';

export class RequestPaces {
  readonly #clock: Clock;
  readonly #fresh: () => Pace;
  readonly #paces = new Map<RequestClient, Pace>();

  constructor({ clock, fresh }: { readonly clock: Clock; readonly fresh: () => Pace }) {
    this.#clock = clock;
    this.#fresh = fresh;
  }

  /** Resolves when a request of this client may be sent; rejects with the signal's reason when aborted first. */
  async turn(client: RequestClient, signal: AbortSignal): Promise<void> {
    const wait = this.#of(client).reserve(this.#clock.instant().mono);
    if (wait > 0) await this.#clock.sleepUntil(epochMs(this.#clock.now() + wait), signal);
  }

  /** The server told this client to come again later. */
  throttled(client: RequestClient, retryAfterMs: DurationMs): void {
    this.#of(client).throttled(this.#clock.instant().mono, durationMs(retryAfterMs));
  }

  #of(client: RequestClient): Pace {
    const pace = this.#paces.get(client) ?? this.#fresh();
    this.#paces.set(client, pace);
    return pace;
  }
}
