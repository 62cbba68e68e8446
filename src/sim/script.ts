/**
 * What happens in a run and when: objects are applied, load rises, tasks arrive, load falls. Every step waits for a condition, not
 * for an instant, so that no outcome hangs on a tick. A condition that never comes is given up, which is said when it happens and
 * once more at the end (`unserved.ts`).
 */

import { epochMs, seconds } from '../core/time/time.ts';
import { holdsOrSettles } from './conditions.ts';
import { ramp } from './load.ts';
import type { AppPlan, GroupPlan, RayPlan, RunPlan } from './plan.ts';
import type { TraceLoad } from './scenario-types.ts';
import { PATIENCE, type ScriptDeps } from './script-deps.ts';
import { apply, startUp } from './start-up.ts';
import type { GivenUp } from './unserved.ts';
import { counted, listed } from './words.ts';

/** How long one task computes. */
export const TASK_MS = 60_000;

const RAMP_STEPS = 12;
const RAMP_STEP = seconds(5);

/** The scaled-up state must hold this long before the load falls. */
const PLATEAU = seconds(60);

/** More names than this on one line tell nobody anything. */
const NAMED = 5;

/** Returns what was given up, in order. */
export async function playScript(
  world: Omit<ScriptDeps, 'giveUp'>,
  plan: RunPlan,
  trace: TraceLoad | undefined,
): Promise<readonly GivenUp[]> {
  const givenUp: GivenUp[] = [];
  const giveUp = (step: GivenUp['step'], text: string): void => {
    givenUp.push({ step, text });
    world.observer.step(world.clock.now(), text);
  };
  const deps: ScriptDeps = { ...world, giveUp };
  await apply(deps, plan.objects);
  await startUp(deps, plan);
  for (const ray of plan.rays) submitTasks(deps, ray);
  if (trace === undefined) await riseAndFall(deps, plan.loads);
  else await replay(deps, plan.loads, trace);
  await tasksDone(deps, plan.rays);
  await comeToRest(deps, plan);
  return givenUp;
}

function submitTasks({ world, clock, observer }: ScriptDeps, ray: RayPlan): void {
  for (const group of ray.groups) {
    if (group.tasks === 0) continue;
    world.ray(ray.cluster)?.submit({ kind: 'task', resources: group.task, count: group.tasks, durationMs: TASK_MS });
    const what = `${counted(group.tasks, 'task')} of ${resourcesText(group)}, ${TASK_MS / 1000} s of work each`;
    observer.step(clock.now(), `${what}, submitted to ${ray.cluster.name}`);
  }
}

async function riseAndFall(deps: ScriptDeps, apps: readonly AppPlan[]): Promise<void> {
  await drive(deps, apps, 'rises', (app) => ramp(app.levels.low, app.levels.high, RAMP_STEPS));
  const atTop = await Promise.all(apps.map((app) => reachTop(deps, app)));
  if (atTop.length === 0) return;
  await drive(deps, apps, 'falls', (app) => ramp(app.levels.high, app.levels.low, RAMP_STEPS));
}

/** Changes the load of all apps together, one step of the way after the other. */
async function drive(
  deps: ScriptDeps,
  apps: readonly AppPlan[],
  verb: 'rises' | 'falls',
  way: (app: AppPlan) => readonly number[],
): Promise<void> {
  const { clock, gauges, observer, signal } = deps;
  const ways = apps.map((app) => ({ app, rates: way(app) }));
  for (const { app, rates } of ways) {
    const seconds = (RAMP_STEPS * RAMP_STEP) / 1000;
    observer.step(
      clock.now(),
      `load of ${app.deployment.name} ${verb} to ${rates.at(-1)} requests/s within ${seconds} s`,
    );
  }
  for (let step = 0; step < RAMP_STEPS && apps.length > 0; step++) {
    await clock.sleepUntil(epochMs(clock.now() + RAMP_STEP), signal);
    for (const { app, rates } of ways) gauges.setLoad(app.deployment, rates[step] ?? 0);
  }
}

/** At its top for a minute, or, where that is out of reach, unchanged for as long as the HPA could need. */
async function reachTop({ clock, gauges, observer, signal }: ScriptDeps, app: AppPlan): Promise<void> {
  const replicas = (): number => gauges.replicas(app.deployment)?.last ?? 0;
  await holdsOrSettles(
    clock,
    {
      condition: () => replicas() >= app.topReplicas,
      heldFor: PLATEAU,
      value: () => String(replicas()),
      settledFor: seconds(300),
    },
    { within: PATIENCE, signal },
  );
  const asked = app.topReplicas < app.maxReplicas ? `, the built-in load is made for ${app.topReplicas}` : '';
  observer.step(
    clock.now(),
    `${app.deployment.name} is at ${counted(replicas(), 'replica')} of at most ${app.maxReplicas}${asked}`,
  );
}

async function replay(
  { clock, gauges, observer, signal }: ScriptDeps,
  apps: readonly AppPlan[],
  trace: TraceLoad,
): Promise<void> {
  const { requestsPerSecond: rates, source } = trace;
  observer.step(
    clock.now(),
    `replaying ${rates.length} s of requests from ${source} on ${listed(
      apps.map((app) => app.deployment.name),
      NAMED,
    )}`,
  );
  for (const rate of rates) {
    for (const app of apps) gauges.setLoad(app.deployment, rate);
    await clock.sleepUntil(epochMs(clock.now() + 1000), signal);
  }
  for (const app of apps) gauges.setLoad(app.deployment, 0);
  observer.step(clock.now(), 'the trace is over');
}

async function tasksDone(
  { world, clock, observer, signal, giveUp }: ScriptDeps,
  rays: readonly RayPlan[],
): Promise<void> {
  for (const ray of rays) {
    const standIn = world.ray(ray.cluster);
    if (standIn === undefined || ray.groups.every((group) => group.tasks === 0)) continue;
    await holdsOrSettles(
      clock,
      {
        condition: () => standIn.progress().pending + standIn.progress().running === 0,
        heldFor: seconds(0),
        value: () => JSON.stringify(standIn.progress()),
        settledFor: seconds(600),
      },
      { within: PATIENCE, signal },
    );
    const { finished, pending, running, lost } = standIn.progress();
    const done = `${counted(finished, 'task')} of ${ray.cluster.name} finished, ${lost} lost`;
    if (pending + running === 0) observer.step(clock.now(), done);
    else giveUp('tasks', `gave up waiting for tasks: ${done}, ${pending} still wait and ${running} run`);
  }
}

/** Replicas and workers down to what the load needs, and no empty node left; longer than the HPA's stabilization window. */
async function comeToRest({ clock, gauges, observer, signal, giveUp }: ScriptDeps, plan: RunPlan): Promise<void> {
  const state = (): string => {
    const replicas = plan.apps.map((app) => gauges.replicas(app.deployment)?.last);
    const workers = plan.rays.flatMap((ray) =>
      ray.groups.map((group) => gauges.workers(ray.cluster, group.name)?.last),
    );
    return JSON.stringify([replicas, workers, gauges.nodes.last]);
  };
  const isLow = (): boolean =>
    plan.apps.every((app) => (gauges.replicas(app.deployment)?.last ?? 0) <= Math.max(1, app.minReplicas)) &&
    plan.rays.every((ray) =>
      ray.groups.every((group) => (gauges.workers(ray.cluster, group.name)?.last ?? 0) <= group.minReplicas),
    ) &&
    [...gauges.podsByNode().values()].every((pods) => pods.length > 0);
  const reached = await holdsOrSettles(
    clock,
    { condition: isLow, heldFor: seconds(30), value: state, settledFor: seconds(420) },
    { within: PATIENCE, signal },
  );
  if (reached !== 'given-up') observer.step(clock.now(), 'nothing changes any more');
  else giveUp('rest', `gave up waiting for an end: numbers still change after ${PATIENCE / 60_000} minutes`);
}

function resourcesText(group: GroupPlan): string {
  return group.task.map(([name, amount]) => `${amount} ${name}`).join(' + ');
}
