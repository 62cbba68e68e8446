/** What every controller is given. A controller runs until its signal is aborted and owns no other way to the world. */

import { setMaxListeners } from 'node:events';
import type { Clock } from '../ports/clock.ts';
import type { KubeApi } from '../ports/kube-api.ts';
import type { Random } from '../ports/random.ts';
import type { Recorder } from '../ports/recorder.ts';

export type ControllerDeps = {
  /** Writes carry the name of the controller that this handle was made for. */
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** What writes run on once they are begun: outlives `signal` where a stop lets them end (last-write.ts). Absent: `signal`. */
  readonly writes?: AbortSignal;
};

/** Where a controller says what went wrong and was survived, and that it is over, where anybody wants to know. One sentence each. */
export type Log = {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info?(message: string, fields?: Readonly<Record<string, unknown>>): void;
};

/** Fields of a warning that others may give for the same cause, and of the line that says that it is over. */
export type OutageFields = { readonly source: string; readonly outage: { readonly cause: string } | 'over' };

/** An abort controller whose signal many calls may listen to at once. */
export function abortScope(parent?: AbortSignal): AbortController {
  const scope = new AbortController();
  setMaxListeners(0, scope.signal);
  if (parent?.aborted === true) scope.abort(parent.reason);
  else parent?.addEventListener('abort', () => scope.abort(parent.reason), { once: true, signal: scope.signal });
  return scope;
}

/** True for the rejection that an aborted signal causes: the normal end of a loop. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}
