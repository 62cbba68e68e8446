/** The reasons of a round of the scheduler, in one call: for tables. */

import type { Reasons } from '../../src/core/ray/explain-types.ts';
import { schedule } from '../../src/core/ray/schedule.ts';
import type { SchedulerSnapshot } from '../../src/core/ray/snapshot.ts';
import { durationMs, epochMs } from '../../src/core/time/time.ts';
import { defined } from '../../src/lib/assert.ts';
import { deepFreeze } from '../../src/lib/json.ts';
import { snapshot } from './ray-snapshot.ts';

/** The round must not abort. */
export function reasonsOf(parts: Partial<SchedulerSnapshot>): Reasons {
  const { reasons } = schedule(
    deepFreeze(snapshot(parts)),
    { wall: epochMs(0), mono: durationMs(0) },
    { reasons: true },
  );
  return defined(reasons, 'reasons that were asked for');
}
