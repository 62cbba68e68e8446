/** How fast requests are sent, as the flags say, and what the server's answers change about it. */

import { AdaptivePace, TokenBucket } from '../../core/hpa/request-pace.ts';
import { seconds } from '../../core/time/time.ts';
import { RequestPaces } from '../../controllers/request-pace.ts';
import type { AnsweredRequest } from '../../kube/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import { clientOfPath } from './request-counters.ts';
import type { RequestRate } from './settings.ts';

export type ProcessPaces = {
  /** Undefined: requests are sent as they come. */
  readonly paces: RequestPaces | undefined;
  readonly answered: (answer: AnsweredRequest) => void;
};

/** A server that says that there are too many and not when to come again. */
const UNSAID_SECONDS = 1;

export function pacesOf(rate: RequestRate, clock: Clock): ProcessPaces {
  if (rate.kind === 'free') return { paces: undefined, answered: () => undefined };
  const fresh = () => (rate.kind === 'fixed' ? new TokenBucket(rate) : new AdaptivePace());
  const paces = new RequestPaces({ clock, fresh });
  return {
    paces,
    answered: ({ path, code, retryAfterSeconds }) => {
      if (code === 429) paces.throttled(clientOfPath(path), seconds(retryAfterSeconds ?? UNSAID_SECONDS));
    },
  };
}
