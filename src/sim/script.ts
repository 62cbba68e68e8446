/**
 * What happens in a run and when: objects are applied, load rises, tasks arrive, load falls. Every step waits for a condition, not
 * for an instant, so that no outcome hangs on a tick; a condition that never comes is given up, said so, and judged at the end.
 */

import type { AnyObject } from '../core/kube/object.ts';
import { groupOfApiVersion, kindOfGroupKind } from '../core/cluster/kinds/table.ts';
import { NAMESPACES } from '../core/kube/resource.ts';
import { epochMs, seconds, type DurationMs } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';
import type { Clock } from '../ports/clock.ts';
import { KubeError } from '../ports/kube-api.ts';
import { holds, settles } from './conditions.ts';
import type { Gauges } from './gauges.ts';
import { ramp } from './load.ts';
import type { AppPlan, GroupPlan, RayPlan, RunPlan } from './plan.ts';
import type { ScenarioObserver, TraceLoad } from './scenario-types.ts';
import { applyOrder, type World } from './world.ts';

export type ScriptDeps = {
  readonly world: World;
  readonly clock: Clock;
  readonly gauges: Gauges;
  readonly observer: ScenarioObserver;
  readonly signal: AbortSignal;
};

/** How long one task computes. */
export const TASK_MS = 60_000;

const RAMP_STEPS = 12;
const RAMP_STEP = seconds(5);

/** The scaled-up state must hold this long before the load falls. */
const PLATEAU = seconds(60);

/** No longer than this for anything to come up or to come to rest. */
const PATIENCE = seconds(1800);

export async function playScript(deps: ScriptDeps, plan: RunPlan, trace: TraceLoad | undefined): Promise<void> {
  await apply(deps, plan.objects);
  await startUp(deps, plan);
  for (const ray of plan.rays) submitTasks(deps, ray);
  if (trace === undefined) await riseAndFall(deps, plan.apps);
  else await replay(deps, plan.apps, trace);
  await tasksDone(deps, plan.rays);
  await comeToRest(deps, plan);
}

async function apply({ world, observer, clock, signal }: ScriptDeps, objects: readonly AnyObject[]): Promise<void> {
  const api = world.api('kubectl');
  for (const object of applyOrder(objects)) {
    const kind = kindOfGroupKind({ group: groupOfApiVersion(object.apiVersion), kind: object.kind });
    if (kind === undefined) {
      throw new TandemError(
        'TANDEM_MANIFEST',
        `${object.kind} of ${object.apiVersion} is not a kind this cluster serves`,
      );
    }
    await api.create(kind.resource, object, { signal }).catch((error: unknown) => {
      if (kind.resource === NAMESPACES && error instanceof KubeError && error.status.reason === 'AlreadyExists') return;
      throw error;
    });
  }
  const names = objects.map((object) => `${object.kind} ${object.metadata.name}`);
  observer.step(clock.now(), `applied ${names.join(', ')}`);
}

/** Low load from the start, so that the HPA has something to measure; then everything must be up. */
async function startUp(deps: ScriptDeps, plan: RunPlan): Promise<void> {
  const { world, clock, gauges, observer, signal } = deps;
  for (const app of plan.apps) gauges.setLoad(app.deployment, app.levels.low);
  const isUp = (): boolean =>
    gauges.unreadyPods().length === 0 &&
    gauges.nodes.last > 0 &&
    plan.rays.every(({ cluster }) => world.ray(cluster)?.progress().reachable === true);
  if (await holds(clock, isUp, { heldFor: seconds(15), within: PATIENCE, signal })) {
    observer.step(clock.now(), `everything is up on ${counted(gauges.nodes.last, 'node')}`);
  } else
    observer.step(
      clock.now(),
      `gave up waiting for these pods to become ready: ${gauges.unreadyPods().join(', ') || 'none'}`,
    );
  for (const { cluster } of plan.rays) {
    const standIn = world.ray(cluster);
    if (standIn !== undefined) gauges.followTasks(cluster, standIn);
  }
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

/** At maxReplicas for a minute, or, where that is out of reach, unchanged for as long as the HPA could need. */
async function reachTop({ clock, gauges, observer, signal }: ScriptDeps, app: AppPlan): Promise<void> {
  const replicas = (): number => gauges.replicas(app.deployment)?.last ?? 0;
  const stuck = settles(clock, () => String(replicas()), { heldFor: seconds(300), within: PATIENCE, signal });
  const top = holds(clock, () => replicas() >= app.maxReplicas, { heldFor: PLATEAU, within: PATIENCE, signal });
  await Promise.race([top, stuck]);
  observer.step(
    clock.now(),
    `${app.deployment.name} is at ${counted(replicas(), 'replica')} of at most ${app.maxReplicas}`,
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
    `replaying ${rates.length} s of requests from ${source} on ${apps.map((app) => app.deployment.name).join(', ')}`,
  );
  for (const rate of rates) {
    for (const app of apps) gauges.setLoad(app.deployment, rate);
    await clock.sleepUntil(epochMs(clock.now() + 1000), signal);
  }
  for (const app of apps) gauges.setLoad(app.deployment, 0);
  observer.step(clock.now(), 'the trace is over');
}

async function tasksDone({ world, clock, observer, signal }: ScriptDeps, rays: readonly RayPlan[]): Promise<void> {
  for (const ray of rays) {
    const standIn = world.ray(ray.cluster);
    if (standIn === undefined || ray.groups.every((group) => group.tasks === 0)) continue;
    const progress = (): string => JSON.stringify(standIn.progress());
    const isDone = (): boolean => standIn.progress().pending + standIn.progress().running === 0;
    const stuck = settles(clock, progress, { heldFor: seconds(600), within: PATIENCE, signal });
    await Promise.race([holds(clock, isDone, { heldFor: seconds(0), within: PATIENCE, signal }), stuck]);
    const { finished, pending, running, lost } = standIn.progress();
    const left = pending + running === 0 ? '' : `, ${pending} still wait and ${running} run`;
    observer.step(clock.now(), `${counted(finished, 'task')} of ${ray.cluster.name} finished, ${lost} lost${left}`);
  }
}

/** Replicas and workers down to what the load needs, and no empty node left; longer than the HPA's stabilization window. */
async function comeToRest({ clock, gauges, observer, signal }: ScriptDeps, plan: RunPlan): Promise<void> {
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
  const wait = (heldFor: DurationMs): { heldFor: DurationMs; within: DurationMs; signal: AbortSignal } => ({
    heldFor,
    within: PATIENCE,
    signal,
  });
  await Promise.race([holds(clock, isLow, wait(seconds(30))), settles(clock, state, wait(seconds(420)))]);
  observer.step(clock.now(), 'nothing changes any more');
}

function resourcesText(group: GroupPlan): string {
  return group.task.map(([name, amount]) => `${amount} ${name}`).join(' + ');
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
