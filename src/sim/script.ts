/**
 * What happens in a run and when: objects are applied, load rises, tasks arrive, load falls. Every step waits for a condition, not
 * for an instant, so that no outcome hangs on a tick. A condition that never comes is given up, which is said when it happens and
 * once more at the end (`unserved.ts`).
 */

import { durationMs, epochMs, seconds } from '../core/time/time.ts';
import { holdsOrSettles } from './conditions.ts';
import { ramp } from './load.ts';
import type { AppPlan, RunPlan } from './plan.ts';
import { RayDriver } from './ray-driver.ts';
import { secondsOf, workOf } from './ray-load.ts';
import type { RayAskOutcome, TraceLoad } from './scenario-types.ts';
import { PATIENCE, type ScriptDeps } from './script-deps.ts';
import { apply, startUp } from './start-up.ts';
import type { GivenUp } from './unserved.ts';
import { counted, listed } from './words.ts';

const RAMP_STEPS = 12;
const RAMP_STEP = seconds(5);

/** The scaled-up state must hold this long before the load falls. */
const PLATEAU = seconds(60);

/** Nothing has come of a task or a placement group for so long: nothing will. */
const STANDSTILL_SECONDS = 600;

/** More names than this on one line tell nobody anything. */
const NAMED = 5;

/** `givenUp`: in order. */
export type Played = { readonly givenUp: readonly GivenUp[]; readonly rayAsks: readonly RayAskOutcome[] };

export async function playScript(
  world: Omit<ScriptDeps, 'giveUp'>,
  plan: RunPlan,
  trace: TraceLoad | undefined,
): Promise<Played> {
  const givenUp: GivenUp[] = [];
  const giveUp = (step: GivenUp['step'], text: string): void => {
    givenUp.push({ step, text });
    world.observer.step(world.clock.now(), text);
  };
  const deps: ScriptDeps = { ...world, giveUp };
  await apply(deps, plan.objects);
  await startUp(deps, plan);
  const drivers = plan.rays.map((ray) => new RayDriver(deps, ray));
  for (const driver of drivers) driver.start();
  if (trace === undefined) await riseAndFall(deps, plan.loads);
  else await replay(deps, plan.loads, trace);
  await tasksDone(deps, drivers);
  await comeToRest(deps, plan);
  return { givenUp, rayAsks: drivers.flatMap((driver) => driver.outcomes()) };
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

/** What was asked of Ray is played to its end, or nothing has come of it for longer than a task takes. */
async function tasksDone(
  { world, clock, observer, signal, giveUp }: ScriptDeps,
  drivers: readonly RayDriver[],
): Promise<void> {
  for (const driver of drivers) {
    const { cluster, load } = driver.ray;
    const standIn = world.ray(cluster);
    if (standIn === undefined || load.length === 0) continue;
    const left = (): number => standIn.progress().pending + standIn.progress().running;
    const length = secondsOf(load);
    await holdsOrSettles(
      clock,
      {
        condition: () => left() === 0 && driver.isDone,
        heldFor: seconds(0),
        value: () => JSON.stringify([standIn.progress(), standIn.groups(), driver.isTimed ? clock.now() : 0]),
        settledFor: seconds(Math.max(STANDSTILL_SECONDS, length)),
      },
      { within: durationMs(PATIENCE + length * 1000), signal },
    );
    const { finished, pending, running, lost } = standIn.progress();
    const done = `${counted(finished, 'task')} of ${cluster.name} finished, ${lost} lost`;
    const groups = standIn.groups().length;
    if (left() > 0) giveUp('tasks', `gave up waiting for tasks: ${done}, ${pending} still wait and ${running} run`);
    else if (groups > 0)
      giveUp('tasks', `gave up waiting for ${counted(groups, 'placement group')} of ${cluster.name}`);
    else if (workOf(load) > 0) observer.step(clock.now(), done);
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
