/** A decision as plain data, for comparing two rounds that should come out the same. */

import { schedule } from '../../src/core/ray/schedule.ts';
import type { SchedulerSnapshot } from '../../src/core/ray/snapshot.ts';
import { durationMs, epochMs } from '../../src/core/time/time.ts';
import { canonicalJson, deepFreeze } from '../../src/lib/json.ts';

const NOW = { wall: epochMs(0), mono: durationMs(0) };

export type Answer = Readonly<Record<string, unknown>>;

/** What is left over as units in their order, equal neighbours together, whichever entry they came from. */
export function answer(input: SchedulerSnapshot): Answer {
  const { decision } = schedule(deepFreeze(input), NOW);
  if (decision.kind === 'abort') throw new Error(decision.message);
  const left: [request: string, count: number][] = [];
  for (const { request, count } of decision.infeasible) {
    const text = canonicalJson(request);
    const last = left.at(-1);
    if (last?.[0] === text) last[1] += count;
    else left.push([text, count]);
  }
  return {
    ...decision,
    infeasible: left,
    infeasibleGangs: decision.infeasibleGangs.map(({ details }) => details),
    infeasibleConstraints: decision.infeasibleConstraints.length,
    state: [...decision.state.pendingUnneededSinceS],
  };
}

/** The answer without one of its parts. */
export function without(name: string, of: Answer): Answer {
  return Object.fromEntries(Object.entries(of).filter(([key]) => key !== name));
}
