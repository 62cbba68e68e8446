/** Which objects get which load: every HPA's Deployment requests, every autoscaled Ray cluster tasks. Pure. */

import type { Deployment } from '../core/kube/apps.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { keyOf, type AnyObject, type KubeObject, type ObjectKey } from '../core/kube/object.ts';
import type { RayCluster, WorkerGroupSpec } from '../core/kube/ray.ts';
import type { Resources } from '../core/ray/cluster-state.ts';
import { parseGroupResources } from '../core/ray/resources.ts';
import { loadLevels, type LoadLevels } from './load.ts';

export type AppPlan = {
  readonly hpa: ObjectKey;
  readonly deployment: ObjectKey;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly levels: LoadLevels;
};

export type GroupPlan = {
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** One task fills one worker. */
  readonly task: Resources;
  readonly tasks: number;
};

export type RayPlan = { readonly cluster: ObjectKey; readonly groups: readonly GroupPlan[] };

export type RunPlan = {
  /** With defaults, in a namespace each where the kind has one. */
  readonly objects: readonly AnyObject[];
  readonly apps: readonly AppPlan[];
  readonly rays: readonly RayPlan[];
};

/** Tasks per worker that a group may have: three waves. */
const WAVES = 3;

/** A group without an upper bound is loaded as if it had this one. */
const MOST_WORKERS = 20;

/** Cost: HPAs x Deployments. */
export function planRun(objects: readonly AnyObject[]): RunPlan {
  const deployments = ofKind<Deployment>(objects, 'Deployment');
  const apps = ofKind<HorizontalPodAutoscaler>(objects, 'HorizontalPodAutoscaler').flatMap((hpa) => {
    const { scaleTargetRef, minReplicas = 1, maxReplicas } = hpa.spec;
    const deployment = deployments.find(
      ({ metadata }) => metadata.name === scaleTargetRef.name && metadata.namespace === hpa.metadata.namespace,
    );
    if (scaleTargetRef.kind !== 'Deployment' || deployment === undefined) return [];
    const levels = loadLevels(hpa, deployment);
    return [{ hpa: keyOf(hpa), deployment: keyOf(deployment), minReplicas, maxReplicas, levels }];
  });
  const rays = ofKind<RayCluster>(objects, 'RayCluster')
    .filter(({ spec }) => spec.enableInTreeAutoscaling === true && spec.suspend !== true)
    .map((cluster) => ({
      cluster: keyOf(cluster),
      groups: (cluster.spec.workerGroupSpecs ?? []).flatMap((group) => groupPlan(group)),
    }));
  return { objects, apps, rays };
}

function groupPlan(group: WorkerGroupSpec): readonly GroupPlan[] {
  const resources = parseGroupResources(group, group.groupName);
  if (!resources.ok || group.suspend === true) return [];
  const { groupName: name, minReplicas = 0, maxReplicas = MOST_WORKERS } = group;
  // memory is left to the worker: a task that asked for all of it would not fit beside the object store
  const task = resources.value.filter(([resource]) => resource !== 'memory');
  return [{ name, minReplicas, maxReplicas, task, tasks: WAVES * Math.min(maxReplicas, MOST_WORKERS) }];
}

function ofKind<T extends KubeObject>(objects: readonly AnyObject[], kind: string): readonly T[] {
  return objects.filter((object) => object.kind === kind) as readonly KubeObject[] as readonly T[]; // checked by kind
}
