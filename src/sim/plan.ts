/** Which objects get which load: every HPA's Deployment requests, every autoscaled Ray cluster tasks. Bounded. Pure. */

import type { Deployment } from '../core/kube/apps.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { keyOf, keyText, type AnyObject, type KubeObject, type ObjectKey } from '../core/kube/object.ts';
import type { RayCluster, WorkerGroupSpec } from '../core/kube/ray.ts';
import type { Resources } from '../core/ray/cluster-state.ts';
import { parseGroupResources } from '../core/ray/resources.ts';
import { loadLevels, type LoadLevels } from './load.ts';
import type { RayLoad } from './ray-load.ts';

export type AppPlan = {
  readonly hpa: ObjectKey;
  readonly deployment: ObjectKey;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** What the built-in load asks for: maxReplicas, or less where that is more than this cluster is loaded with. */
  readonly topReplicas: number;
  readonly levels: LoadLevels;
};

export type GroupPlan = {
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
};

export type RayPlan = {
  readonly cluster: ObjectKey;
  readonly groups: readonly GroupPlan[];
  readonly load: RayLoad;
  /** Who made the load. */
  readonly loadFrom: 'built-in' | 'user';
};

export type RunPlan = {
  /** With defaults, in a namespace each where the kind has one. */
  readonly objects: readonly AnyObject[];
  /** One per HPA with its Deployment. */
  readonly apps: readonly AppPlan[];
  /** One per Deployment that gets load: the first HPA's, where there are more of them. */
  readonly loads: readonly AppPlan[];
  readonly rays: readonly RayPlan[];
};

/** Tasks per worker that a group may have: three waves. */
const WAVES = 3;

/** How long one of them computes. */
const TASK_SECONDS = 60;

/** A group that may have more workers, or any number, is loaded as if it had this bound. */
const MOST_WORKERS = 20;
/** An HPA that may ask for more is loaded as if it had this bound. */
const MOST_REPLICAS = 200;
/** Of all loaded objects together: each gets its share. */
const MOST_REPLICAS_IN_ALL = 500;
const MOST_WORKERS_IN_ALL = 200;

/** `given` replaces the built-in load of every Ray cluster. Cost: HPAs x Deployments. */
export function planRun(objects: readonly AnyObject[], given?: RayLoad): RunPlan {
  const deployments = ofKind<Deployment>(objects, 'Deployment');
  const hpas = ofKind<HorizontalPodAutoscaler>(objects, 'HorizontalPodAutoscaler');
  const most = share(MOST_REPLICAS, MOST_REPLICAS_IN_ALL, hpas.length);
  const apps = hpas.flatMap((hpa): readonly AppPlan[] => {
    const { scaleTargetRef, minReplicas = 1, maxReplicas } = hpa.spec;
    const deployment = deployments.find(
      ({ metadata }) => metadata.name === scaleTargetRef.name && metadata.namespace === hpa.metadata.namespace,
    );
    if (scaleTargetRef.kind !== 'Deployment' || deployment === undefined) return [];
    const topReplicas = Math.max(minReplicas, Math.min(maxReplicas, most));
    const levels = loadLevels(hpa, deployment, topReplicas);
    return [{ hpa: keyOf(hpa), deployment: keyOf(deployment), minReplicas, maxReplicas, topReplicas, levels }];
  });
  const scaled = ofKind<RayCluster>(objects, 'RayCluster').filter(isScaled);
  const groups = scaled.reduce((sum, { spec }) => sum + (spec.workerGroupSpecs ?? []).length, 0);
  const mostWorkers = share(MOST_WORKERS, MOST_WORKERS_IN_ALL, groups);
  const rays = scaled.map((cluster): RayPlan => {
    const readable = (cluster.spec.workerGroupSpecs ?? []).flatMap((group) => readableGroup(group, mostWorkers));
    const load = given ?? readable.flatMap((group) => builtInLoad(group, mostWorkers));
    const loadFrom = given === undefined ? 'built-in' : 'user';
    return { cluster: keyOf(cluster), groups: readable.map(({ plan }) => plan), load, loadFrom };
  });
  return { objects, apps, loads: apps.filter(isFirstOfItsDeployment), rays };
}

/** At most `each`, at most an equal part of `all`, at least 1. */
function share(each: number, all: number, count: number): number {
  return Math.max(1, Math.min(each, Math.floor(all / Math.max(1, count))));
}

function isFirstOfItsDeployment(app: AppPlan, index: number, apps: readonly AppPlan[]): boolean {
  return apps.findIndex(({ deployment }) => keyText(deployment) === keyText(app.deployment)) === index;
}

/** Whether its autoscaler is on, and it has pods. */
export function isScaled({ spec }: Pick<RayCluster, 'spec'>): boolean {
  return spec.enableInTreeAutoscaling === true && spec.suspend !== true;
}

type ReadableGroup = { readonly plan: GroupPlan; readonly resources: Resources };

function readableGroup(group: WorkerGroupSpec, mostWorkers: number): readonly ReadableGroup[] {
  const resources = parseGroupResources(group, group.groupName);
  if (!resources.ok || group.suspend === true) return [];
  const { groupName: name, minReplicas = 0, maxReplicas = mostWorkers } = group;
  return [{ plan: { name, minReplicas, maxReplicas }, resources: resources.value }];
}

/** Tasks of which one fills one worker. */
function builtInLoad({ plan, resources }: ReadableGroup, mostWorkers: number): RayLoad {
  const count = WAVES * Math.min(plan.maxReplicas, mostWorkers);
  // memory is left to the worker: a task that asked for all of it would not fit beside the object store
  const task = resources.filter(([resource]) => resource !== 'memory');
  return count === 0 ? [] : [{ at: 0, ask: { kind: 'task', count, resources: task, seconds: TASK_SECONDS } }];
}

function ofKind<T extends KubeObject>(objects: readonly AnyObject[], kind: string): readonly T[] {
  return objects.filter((object) => object.kind === kind) as readonly KubeObject[] as readonly T[]; // checked by kind
}
