/** Runs of the scenario with one fault at one request, compared with the run without: what it cost, and whether it came out the same. */

import type { FaultKind, FaultPlan, FaultPoint } from '../../src/sim/faults.ts';
import { play, type Run } from './scenario.ts';

/** Instants that a fault may push back, in seconds since their cause. */
export type Milestones = {
  /** From the start of the rise to the first additional replicas. How fast the last ones follow hangs on when their pods are ready. */
  readonly hpaUp: number;
  /** From the start of the fall to 1 replica. */
  readonly hpaDown: number;
  /** From the submission of the tasks to the decision for 10 workers. */
  readonly rayUp: number;
  /** From the last finished task to the last decision that removes workers. */
  readonly rayDown: number;
};

export type FaultRun = { readonly run: Run; readonly milestones: Milestones };

/** All requests of both loops in a run without faults, in order. */
export async function cleanRun(): Promise<FaultRun & { readonly points: readonly FaultPoint[] }> {
  const points: FaultPoint[] = [];
  const run = await play({}, { faults: (point) => void points.push(point) });
  return { run, milestones: milestonesOf(run), points };
}

export async function runWithFault(point: FaultPoint, kind: FaultKind): Promise<FaultRun & { readonly hit: boolean }> {
  let hit = false;
  const faults: FaultPlan = ({ controller, sequence }) => {
    if (controller !== point.controller || sequence !== point.sequence) return undefined;
    hit = true;
    return kind;
  };
  const run = await play({}, { faults });
  return { run, milestones: milestonesOf(run), hit };
}

function milestonesOf({ result, steps }: Run): Milestones {
  const stepAt = (pattern: RegExp): number => {
    const step = steps.find((line) => pattern.test(line));
    return step === undefined ? NaN : Number(step.split(' ', 1)[0]);
  };
  const decided = (layer: string, to: number, after: number): number =>
    result.decisions.find(
      ({ at, layer: of, decision }) => of === layer && at >= after && decision.kind === 'scale' && decision.to === to,
    )?.at ?? NaN;
  const replicas = result.series.find(({ kind }) => kind === 'replicas')?.points ?? [];
  const reached = (after: number, is: (value: number) => boolean): number =>
    replicas.find(([at, value]) => at >= after && is(value))?.[0] ?? NaN;
  const since = (cause: number, at: number): number => (at - cause) / 1000;
  const rise = stepAt(/ rises to /);
  const fall = stepAt(/ falls to /);
  const submitted = stepAt(/ submitted to /);
  const tasks = result.series.find(({ kind }) => kind === 'tasks')?.points ?? [];
  const finished = tasks.findLast(([, value]) => value === 0)?.[0] ?? NaN;
  return {
    hpaUp: since(
      rise,
      reached(rise, (value) => value > 1),
    ),
    hpaDown: since(
      fall,
      reached(fall, (value) => value === 1),
    ),
    rayUp: since(submitted, decided('ray', 10, submitted)),
    rayDown: since(finished, decided('ray', 0, finished)),
  };
}

/** Rounds of the loops, and how long one request may take before it counts as lost: two rounds and that may be lost to a fault. */
const ROUND_SECONDS = { hpa: 15, ray: 5 } as const;
const DEADLINE_SECONDS = 10;

/** What is wrong with a faulted run, beside the clean one: one sentence each. */
export function complaints(clean: FaultRun, faulted: FaultRun, point: FaultPoint): readonly string[] {
  const found: string[] = [];
  for (const { name, held, detail } of faulted.run.result.expectations) if (!held) found.push(`${name}: ${detail}`);
  const end = (run: Run): string => JSON.stringify(run.result.layers.slice(0, 2));
  if (end(faulted.run) !== end(clean.run)) found.push(`ends as ${end(faulted.run)} instead of ${end(clean.run)}`);
  for (const name of Object.keys(clean.milestones) as (keyof Milestones)[]) {
    const round = ROUND_SECONDS[name.startsWith('hpa') ? 'hpa' : 'ray'];
    const late = faulted.milestones[name] - clean.milestones[name];
    if (!(late <= 2 * round + DEADLINE_SECONDS)) found.push(`${name} came ${late} s later`);
  }
  const recovery = secondsToRecover(faulted, point) - secondsToRecover(clean, point);
  const round = ROUND_SECONDS[layerOf(point)];
  if (!(recovery <= 2 * round + DEADLINE_SECONDS)) found.push(`the first good round came ${recovery} s later`);
  return found;
}

function layerOf(point: FaultPoint): 'hpa' | 'ray' {
  return point.controller === 'hpa-controller' ? 'hpa' : 'ray';
}

/** From the fault to the end of the loop's first round after it that did not fail. */
function secondsToRecover({ run }: FaultRun, point: FaultPoint): number {
  const { decisions, endedAt } = run.result;
  const good = decisions.find(
    ({ at, layer, decision }) => layer === layerOf(point) && at >= point.at && decision.kind !== 'fail',
  );
  return ((good?.at ?? endedAt) - point.at) / 1000;
}

/** The requests to try of each kind: its first use, one while the numbers change, one while nothing does. */
export function samples(points: readonly FaultPoint[], clean: Run): readonly FaultPoint[] {
  const scales = clean.result.decisions.filter(({ decision }) => decision.kind === 'scale');
  const isScaling = (point: FaultPoint): boolean => scales.some(({ at }) => Math.abs(at - point.at) < 10_000);
  return usesByKind(points).flatMap((uses) => {
    const later = uses.slice(1);
    const picked = [uses[0], later.find(isScaling), later.findLast((point) => !isScaling(point))];
    return picked.flatMap((point) => point ?? []);
  });
}

/** The requests of each kind, in order; kinds in the order of their first use. */
export function usesByKind(points: readonly FaultPoint[]): readonly (readonly FaultPoint[])[] {
  const kinds = new Map<string, FaultPoint[]>();
  for (const point of points) {
    const kind = `${point.controller}: ${point.request}`;
    const uses = kinds.get(kind);
    if (uses === undefined) kinds.set(kind, [point]);
    else uses.push(point);
  }
  return [...kinds.values()];
}
