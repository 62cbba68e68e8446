/** Asking until there is an answer: what a start needs, where the world may not be there yet. */

import { epochMs, seconds, type DurationMs } from '../core/time/time.ts';
import { errorText, type TandemError } from '../lib/error.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { callWithin } from './call.ts';
import { isAbort, type ControllerDeps } from './deps.ts';

export type PatienceDeps = Pick<ControllerDeps, 'clock' | 'log' | 'signal'> & {
  /** What is done about a refusal that somebody would have to repair: `end` throws it, `try-again` says it and asks again. */
  readonly refused: 'end' | 'try-again';
};

export type Patience = {
  /** For the error of a call that is not answered in time. */
  readonly what: string;
  readonly pauseMs: DurationMs;
  /** How many failures are borne. Infinity: any number. */
  readonly tries: number;
  /** Puts a failure into words. `end`: asking again cannot help; `refused`: only when somebody changes something; `wait`: by itself. */
  readonly judge: (error: unknown) => Judgement;
};

export type Judgement = { readonly kind: 'end' | 'refused' | 'wait'; readonly error: TandemError };

const CALL_TIMEOUT = seconds(10);

/** The answer of `call`. Each sentence is said once, until another one takes its place. Rejects with the judged error. */
export async function untilAnswered<T>(
  deps: PatienceDeps,
  patience: Patience,
  call: (options: CallOptions) => Promise<T>,
): Promise<T> {
  const { clock, log, signal, refused } = deps;
  const { what, pauseMs, tries, judge } = patience;
  let told: string | undefined;
  for (let failures = 1; ; failures++) {
    try {
      return await callWithin(what, { clock, timeout: CALL_TIMEOUT, signal }, call);
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      const { kind, error: judged } = judge(error);
      if (kind === 'end' || (kind === 'refused' && refused === 'end') || failures >= tries) throw judged;
      const sentence = errorText(judged);
      if (sentence !== told) log.warn(`${sentence}; asked again every ${pauseMs / 1000} s`);
      told = sentence;
    }
    await clock.sleepUntil(epochMs(clock.now() + pauseMs), signal);
  }
}
