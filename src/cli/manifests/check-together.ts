/** Checks that need more than one object: doubles, and scale targets that are not there. */

import { groupOfApiVersion, kindOfGroupKind } from '../../core/cluster/kinds/table.ts';
import type { HorizontalPodAutoscaler } from '../../core/kube/hpa.ts';
import type { AnyObject } from '../../core/kube/object.ts';
import { nearest } from '../nearest.ts';
import { faultMaker, type CheckedObject } from './check-object.ts';
import { sizeFaults } from './check-size.ts';
import type { ManifestFault } from './fault.ts';

/** Everything wrong with the objects as a whole. O(objects + HPAs x objects of the target's kind). */
export function checkTogether(objects: readonly CheckedObject[]): readonly ManifestFault[] {
  return [...doubles(objects), ...objects.flatMap((hpa) => missingTarget(hpa, objects)), ...sizeFaults(objects)];
}

function doubles(objects: readonly CheckedObject[]): readonly ManifestFault[] {
  const first = new Map<string, CheckedObject>();
  const faults: ManifestFault[] = [];
  for (const checked of objects) {
    const key = `${checked.kind.resource.group}/${checked.kind.resource.kind}/${namespaceOf(checked)}/${checked.object.metadata.name}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, checked);
    else {
      const { file, line } = before.source.placeOf('metadata.name');
      const problem = `this object was given before, in ${file} line ${line ?? 1}`;
      faults.push(
        faultMaker(checked.source)('metadata.name', problem, 'keep one of the two, or give one another name'),
      );
    }
  }
  return faults;
}

function missingTarget(hpa: CheckedObject, objects: readonly CheckedObject[]): readonly ManifestFault[] {
  if (hpa.object.kind !== 'HorizontalPodAutoscaler') return [];
  const fault = faultMaker(hpa.source);
  const { scaleTargetRef: target } = (hpa.object as HorizontalPodAutoscaler).spec; // its kind has been checked
  const group = groupOfApiVersion(target.apiVersion ?? '');
  const kind = kindOfGroupKind({ group, kind: target.kind });
  if (kind === undefined) {
    const problem = `no kind ${target.kind} is served in ${target.apiVersion ?? 'the core group'}`;
    return [
      fault('spec.scaleTargetRef.apiVersion', problem, 'target a Deployment: apiVersion: apps/v1, kind: Deployment'),
    ];
  }
  if (kind.scale === undefined || kind.resource.kind !== 'Deployment') {
    const why = kind.scale === undefined ? ' by an HPA: it has no scale subresource' : ' here';
    const problem = `a ${target.kind} cannot be scaled${why}`;
    return [fault('spec.scaleTargetRef.kind', problem, scaleFix(target.kind))];
  }
  const candidates = objects.filter((other) => other.kind === kind);
  const sameName = candidates.filter(({ object }) => object.metadata.name === target.name);
  if (sameName.some((other) => namespaceOf(other) === namespaceOf(hpa))) return [];
  const elsewhere = sameName[0];
  const problem = `the target ${target.kind} ${target.name} is not among the given objects of namespace ${namespaceOf(hpa)}`;
  if (elsewhere !== undefined) {
    const fix = `put both into one namespace: the ${target.kind} is in ${namespaceOf(elsewhere)}`;
    return [fault('spec.scaleTargetRef.name', problem, fix)];
  }
  const meant = nearest(
    target.name,
    candidates.map(({ object }) => object.metadata.name),
  );
  const fix =
    meant === undefined
      ? `give its manifest as well (-f FILE)`
      : `write name: ${meant}, or give the manifest of ${target.name}`;
  return [fault('spec.scaleTargetRef.name', problem, fix)];
}

function scaleFix(kind: string): string {
  return kind === 'RayCluster'
    ? "leave the HPA out: Ray's own autoscaler scales the workers (enableInTreeAutoscaling: true)"
    : 'target a Deployment';
}

/** '' where the kind has none. */
export function namespaceOf({
  object,
  kind,
}: {
  readonly object: AnyObject;
  readonly kind: CheckedObject['kind'];
}): string {
  return kind.resource.namespaced ? (object.metadata.namespace ?? 'default') : '';
}
