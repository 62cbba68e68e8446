/** What every step of the script is given, and how long it waits at most. */

import { seconds, type DurationMs } from '../core/time/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Gauges } from './gauges.ts';
import type { ScenarioObserver } from './scenario-types.ts';
import type { GivenUp } from './unserved.ts';
import type { World } from './world.ts';

export type ScriptDeps = {
  readonly world: World;
  readonly clock: Clock;
  readonly gauges: Gauges;
  readonly observer: ScenarioObserver;
  readonly signal: AbortSignal;
  /** Says that a step did not come about, and remembers it for the end. */
  readonly giveUp: (step: GivenUp['step'], text: string) => void;
};

/** No longer than this for anything to come up or to come to rest. */
export const PATIENCE: DurationMs = seconds(1800);
