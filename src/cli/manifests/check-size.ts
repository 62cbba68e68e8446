/**
 * What the embedded cluster can hold in reasonable time: everything runs in one process. Whatever asks for more is refused before
 * anything starts, because it would not fail but take hours.
 */

import type { Deployment } from '../../core/kube/apps.ts';
import type { HorizontalPodAutoscaler } from '../../core/kube/hpa.ts';
import type { RayCluster } from '../../core/kube/ray.ts';
import { faultMaker, type CheckedObject } from './check-object.ts';
import { namespaceOf } from './check-together.ts';
import type { ManifestFault } from './fault.ts';

/** Pods that may be asked for at the start, and that one HPA may ask for. */
export const MOST_PODS = 1000;
/** Workers among them: each is a Ray node besides. */
export const MOST_WORKERS = 500;

/** What one field asks for. */
type Asked = { readonly by: CheckedObject; readonly field: string; readonly count: number };

/** Faults at the fields that ask for most. O(objects + HPAs x Deployments). */
export function sizeFaults(objects: readonly CheckedObject[]): readonly ManifestFault[] {
  const workers = objects.flatMap(workersAsked);
  const pods = [...objects.flatMap((one) => replicasAsked(one, objects)), ...workers];
  const tooManyWorkers = tooMany(workers, { most: MOST_WORKERS, what: 'Ray workers' });
  return [
    ...(tooManyWorkers.length > 0 ? tooManyWorkers : tooMany(pods, { most: MOST_PODS, what: 'pods' })),
    ...objects.flatMap(boundFaults),
  ];
}

function tooMany(
  asked: readonly Asked[],
  { most, what }: { readonly most: number; readonly what: string },
): readonly ManifestFault[] {
  const all = asked.reduce((sum, { count }) => sum + count, 0);
  const [largest] = asked.toSorted((a, b) => b.count - a.count);
  if (all <= most || largest === undefined) return [];
  const others = all === largest.count ? '' : `, with the other objects ${all}`;
  const problem = `${largest.count} ${what} are asked for at the start${others}: the embedded cluster holds ${most}`;
  const left = Math.max(1, most - (all - largest.count));
  return [faultMaker(largest.by.source)(largest.field, problem, `ask for at most ${left} here`)];
}

function boundFaults({ object, source }: CheckedObject): readonly ManifestFault[] {
  if (object.kind !== 'HorizontalPodAutoscaler') return [];
  const { maxReplicas } = (object as HorizontalPodAutoscaler).spec; // its kind has been checked
  if (maxReplicas <= MOST_PODS) return [];
  const problem = `the HPA may ask for ${maxReplicas} pods: the embedded cluster holds ${MOST_PODS}`;
  return [faultMaker(source)('spec.maxReplicas', problem, `write at most ${MOST_PODS}`)];
}

/** A Deployment's replicas, or what its HPA raises them to at once. */
function replicasAsked(checked: CheckedObject, objects: readonly CheckedObject[]): readonly Asked[] {
  if (checked.object.kind !== 'Deployment') return [];
  const { replicas = 1 } = (checked.object as Deployment).spec; // its kind has been checked
  const own: Asked = { by: checked, field: 'spec.replicas', count: replicas };
  const raised = objects.flatMap((other): readonly Asked[] => {
    if (other.object.kind !== 'HorizontalPodAutoscaler') return [];
    const { scaleTargetRef, minReplicas = 1 } = (other.object as HorizontalPodAutoscaler).spec; // its kind has been checked
    const isOurs = scaleTargetRef.name === checked.object.metadata.name && namespaceOf(other) === namespaceOf(checked);
    return isOurs ? [{ by: other, field: 'spec.minReplicas', count: minReplicas }] : [];
  });
  return [raised.reduce((most, one) => (one.count > most.count ? one : most), own)];
}

/** The head is left out: it is one, whatever the groups ask for. */
function workersAsked(checked: CheckedObject): readonly Asked[] {
  if (checked.object.kind !== 'RayCluster') return [];
  const groups = (checked.object as RayCluster).spec.workerGroupSpecs ?? []; // its kind has been checked
  return groups.map(({ replicas = 0, minReplicas = 0, numOfHosts = 1 }, i) => ({
    by: checked,
    field: `spec.workerGroupSpecs[${i}].${minReplicas > replicas ? 'minReplicas' : 'replicas'}`,
    count: Math.max(replicas, minReplicas) * numOfHosts,
  }));
}
