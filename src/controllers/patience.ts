/** Asking until there is an answer: what a start needs, where the world may not be there yet. */

import { epochMs, seconds, type DurationMs } from '../core/time/time.ts';
import { errorText, type TandemError } from '../lib/error.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { callWithin } from './call.ts';
import { isAbort, type ControllerDeps } from './deps.ts';
import { LastSaid } from './last-said.ts';

/** Where a process says what is wrong, and what is right again. */
export type ProcessSays = ControllerDeps['log'] & { info(message: string): void };

export type PatienceDeps = Pick<ControllerDeps, 'clock' | 'signal'> & {
  readonly log: ProcessSays;
  /** What is done about a refusal that somebody would have to repair: `end` throws it, `try-again` says it and asks again. */
  readonly refused: 'end' | 'try-again';
};

export type Patience = {
  /** For the error of a call that is not answered in time. */
  readonly what: string;
  readonly pauseMs: DurationMs;
  /** How many failures are borne. Infinity: any number. */
  readonly tries: number;
  /** For this long it is no fault that there is no answer yet. Absent: not at all. */
  readonly graceMs?: DurationMs;
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
  const { what, pauseMs, tries, judge, graceMs = 0 } = patience;
  const begin = clock.instant().mono;
  const passed = (): number => clock.instant().mono - begin;
  const limit = tries === Infinity ? '' : `, ${tries} times in all`;
  const told = new LastSaid();
  for (let failures = 1; ; failures++) {
    try {
      const answer = await callWithin(what, { clock, timeout: CALL_TIMEOUT, signal }, call);
      if (told.anything) log.info(`${what}: answered after ${Math.round(passed() / 1000)} s`);
      return answer;
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      const { kind, error: judged } = judge(error);
      if (kind === 'end' || (kind === 'refused' && refused === 'end') || failures >= tries) throw judged;
      const isEarly = kind === 'wait' && passed() < graceMs;
      const sentence = `${errorText(judged)}; asked again every ${pauseMs / 1000} s${limit}`;
      if (isEarly && !told.anything) log.info(`waiting for ${what}: ${withoutName(sentence, what)}`);
      if (told.isNews(isEarly ? 'waiting' : sentence) && !isEarly) log.warn(sentence);
    }
    await clock.sleepUntil(epochMs(clock.now() + pauseMs), signal);
  }
}

/** Most sentences begin with what they are of. */
function withoutName(sentence: string, name: string): string {
  return sentence.startsWith(name) ? sentence.slice(name.length).replace(/^:? /, '') : sentence;
}
