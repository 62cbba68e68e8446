/** The credentials in use: read again every minute, and at once when the server refuses them. */

import { durationMs, type DurationMs } from '../core/time/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubeConnection } from './connection.ts';

/** What one request goes out with. The same object as long as nothing was read again. */
export type HeldCredentials = {
  readonly connection: KubeConnection;
  readonly token: string | undefined;
};

/** The kubelet replaces a token well before it expires; Ray and Kubernetes' own clients read at this pace too. */
const MAX_AGE: DurationMs = durationMs(60_000);

export class Credentials {
  readonly #clock: Clock;
  #connection: KubeConnection;
  #held: HeldCredentials | undefined;
  #readAt = 0;
  /** One reading at a time, whoever asks. */
  #reading: Promise<HeldCredentials> | undefined;

  constructor(options: { readonly connection: KubeConnection; readonly clock: Clock }) {
    this.#connection = options.connection;
    this.#clock = options.clock;
  }

  /** Not older than a minute, except where newer ones cannot be read: the server then judges the old ones. */
  async current(): Promise<HeldCredentials> {
    const held = this.#held;
    if (held === undefined) return this.#read('first');
    if (this.#clock.instant().mono - this.#readAt < MAX_AGE) return held;
    return this.#read('age').catch(() => held);
  }

  /** After a 401 for `used`. Undefined when there is nothing else to try. */
  async other(used: HeldCredentials): Promise<HeldCredentials | undefined> {
    if (this.#held !== undefined && this.#held !== used) return this.#held;
    if (this.#connection.renew === undefined && this.#connection.token === undefined) return undefined;
    return this.#read('refused');
  }

  #read(cause: 'first' | 'age' | 'refused'): Promise<HeldCredentials> {
    this.#reading ??= this.#readNow(cause).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNow(cause: 'first' | 'age' | 'refused'): Promise<HeldCredentials> {
    this.#readAt = this.#clock.instant().mono;
    if (cause !== 'first') this.#connection = (await this.#connection.renew?.(cause)) ?? this.#connection;
    this.#held = { connection: this.#connection, token: await this.#connection.token?.() };
    return this.#held;
  }
}
