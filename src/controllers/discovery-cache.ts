/** What the API server serves, remembered for a while: every sync asks, and it hardly ever changes. */

import type { DiscoveredKind, Failure } from '../core/hpa/conversation.ts';
import { ok, type Result } from '../lib/result.ts';
import type { Clock } from '../ports/clock.ts';

/** Spec: HPA-3.1. */
const DISCOVERY_MS = 30_000;

export class DiscoveryCache {
  readonly #clock: Pick<Clock, 'instant'>;
  #discovered: { readonly kinds: readonly DiscoveredKind[]; readonly until: number } | undefined;

  constructor(clock: Pick<Clock, 'instant'>) {
    this.#clock = clock;
  }

  /** What is remembered, or what `discover` answers; a failure is not remembered. */
  async kinds(
    discover: () => Promise<Result<readonly DiscoveredKind[], Failure>>,
  ): Promise<Result<readonly DiscoveredKind[], Failure>> {
    if (this.#discovered !== undefined && this.#clock.instant().mono < this.#discovered.until)
      return ok(this.#discovered.kinds);
    const answer = await discover();
    if (answer.ok) this.#discovered = { kinds: answer.value, until: this.#clock.instant().mono + DISCOVERY_MS };
    return answer;
  }

  /** Forgets: the next one asks again. */
  reset(): void {
    this.#discovered = undefined;
  }
}
