/** What is allowed and will surprise: said once before anything starts, and then played as it is. */

import type { Deployment } from '../../core/kube/apps.ts';
import type { HorizontalPodAutoscaler } from '../../core/kube/hpa.ts';
import type { RayCluster } from '../../core/kube/ray.ts';
import { faultMaker, type CheckedObject } from './check-object.ts';
import { namespaceOf } from './check-together.ts';
import type { ManifestFault } from './fault.ts';

/** Cost: O(HPAs x objects). The objects have no faults. */
export function warningsAbout(objects: readonly CheckedObject[]): readonly ManifestFault[] {
  return objects.flatMap((checked) => {
    switch (checked.object.kind) {
      case 'HorizontalPodAutoscaler':
        return [...notServed(checked), ...sameTarget(checked, objects), ...withoutRequest(checked, objects)];
      case 'RayCluster':
        return autoscalerOff(checked);
      default:
        return [];
    }
  });
}

function hpaSpec({ object }: CheckedObject): HorizontalPodAutoscaler['spec'] {
  return (object as HorizontalPodAutoscaler).spec; // its kind has been checked
}

/** Metrics of the two APIs that the embedded cluster does not have. */
const NOT_SERVED: ReadonlyMap<string, string> = new Map([
  ['Pods', 'custom.metrics.k8s.io'],
  ['Object', 'custom.metrics.k8s.io'],
  ['External', 'external.metrics.k8s.io'],
]);

function notServed(hpa: CheckedObject): readonly ManifestFault[] {
  return (hpaSpec(hpa).metrics ?? []).flatMap(({ type }, i) => {
    const api = NOT_SERVED.get(type);
    if (api === undefined) return [];
    const problem = `nothing serves ${api} here, so this metric of type ${type} will give no number`;
    return [faultMaker(hpa.source)(`spec.metrics[${i}]`, problem, 'scale by a Resource or ContainerResource metric')];
  });
}

function targetKey(hpa: CheckedObject): string {
  const { kind, name } = hpaSpec(hpa).scaleTargetRef;
  return `${kind} ${namespaceOf(hpa)}/${name}`;
}

/** Said at the second and each further one. */
function sameTarget(hpa: CheckedObject, objects: readonly CheckedObject[]): readonly ManifestFault[] {
  const hpas = objects.filter(({ object }) => object.kind === 'HorizontalPodAutoscaler');
  const first = hpas.find((other) => targetKey(other) === targetKey(hpa));
  if (first === undefined || first === hpa) return [];
  const { kind, name } = hpaSpec(hpa).scaleTargetRef;
  const problem = `HPA ${first.object.metadata.name} has the same target, ${kind} ${name}: neither of them will scale it (AmbiguousSelector)`;
  return [faultMaker(hpa.source)('spec.scaleTargetRef.name', problem, 'keep one of the two')];
}

/** Without a request there is nothing that a share of it could be. */
function withoutRequest(hpa: CheckedObject, objects: readonly CheckedObject[]): readonly ManifestFault[] {
  const { scaleTargetRef, metrics = [] } = hpaSpec(hpa);
  const target = objects.find(
    (other) =>
      other.object.kind === 'Deployment' &&
      other.object.metadata.name === scaleTargetRef.name &&
      namespaceOf(other) === namespaceOf(hpa),
  );
  if (target === undefined) return [];
  const { spec } = (target.object as Deployment).spec.template; // its kind has been checked
  return metrics.flatMap(({ resource }, i) => {
    if (resource?.target.averageUtilization === undefined) return [];
    const { name } = resource;
    const without = spec.containers.find(
      ({ resources }) => resources?.requests?.[name] === undefined && resources?.limits?.[name] === undefined,
    );
    if (without === undefined) return [];
    const problem = `container ${without.name} of Deployment ${scaleTargetRef.name} requests no ${name}, and this target is a share of the request: it will give no number`;
    const example = name === 'memory' ? '256Mi' : '100m';
    const fix = `add resources: {requests: {${name}: ${example}}} to the container`;
    return [faultMaker(hpa.source)(`spec.metrics[${i}].resource.target.averageUtilization`, problem, fix)];
  });
}

function autoscalerOff(cluster: CheckedObject): readonly ManifestFault[] {
  const { enableInTreeAutoscaling, suspend } = (cluster.object as RayCluster).spec; // its kind has been checked
  const fault = faultMaker(cluster.source);
  if (suspend === true) return [fault('spec.suspend', 'it is suspended, so it has no pods', 'leave it out to play it')];
  if (enableInTreeAutoscaling === true) return [];
  const problem =
    "Ray's autoscaler is off for this cluster: its workers stay as many as replicas says, and no tasks are sent";
  return [fault('spec.enableInTreeAutoscaling', problem, 'write enableInTreeAutoscaling: true below spec')];
}
