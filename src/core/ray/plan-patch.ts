/** One JSON patch per round, planned from the RayCluster as it was read last: numbers and names together, each index guarded. */

import { defined } from '../../lib/assert.ts';
import type { Compat } from './compat.ts';
import { countGroups, type ClusterView, type GroupCount } from './observation.ts';

export type PatchOperation = {
  readonly op: 'test' | 'replace' | 'add';
  readonly path: string;
  readonly value: unknown;
};

/** What one group gets. Numbers in replicas. */
export type GroupPlan = {
  readonly groupName: string;
  readonly from: number;
  readonly to: number;
  /** Pods named for deletion. */
  readonly remove: readonly string[];
  /** Pods asked for that the maximum does not allow. */
  readonly refused: number;
};

export type PatchPlan = { readonly operations: readonly PatchOperation[]; readonly groups: readonly GroupPlan[] };

export type PatchInput = {
  readonly view: ClusterView;
  /** Pods newly asked for, by group. */
  readonly launch: ReadonlyMap<string, number>;
  /** Rows that are requested already, by group: pods on their way. */
  readonly requested: ReadonlyMap<string, number>;
  /** Names of pods to delete. */
  readonly terminate: readonly string[];
  readonly compat: Pick<Compat, 'patchGuard' | 'pendingPods' | 'finishedDeletes' | 'multiHost'>;
};

/**
 * The patch that brings the RayCluster to what is wanted. No operation when nothing is: any scale request also brings every other
 * group's `replicas` inside its limits and up to the pods that are there; without one only what lies outside its limits moves.
 *
 * The number is what shall be (pods there, on their way and newly asked for, less those named), never an increment of what some
 * earlier round believed: planned again after a lost reply or a conflict it comes out the same. Pods named already are not counted
 * and not named twice. Groups that are not scaled are not touched.
 * Cost: O(pods + groups + pods to delete).
 * Spec: RAY-27.4, RAY-27.5.   Source: v2 kuberay cloud_provider.py _submit_scale_request (Ray 2.60.0).
 */
export function planPatch(input: PatchInput): PatchPlan {
  const counts = countGroups(input.view);
  const removals = removalsOf(input, counts);
  const asked = input.launch.size > 0 || removals.size > 0;
  const operations: PatchOperation[] = [];
  const lists: PatchOperation[] = [];
  const groups: GroupPlan[] = [];
  const guarded = new Set<number>();
  const guard = ({ index, groupName }: GroupCount['group']): void => {
    if (input.compat.patchGuard === 'none' || guarded.has(index)) return;
    guarded.add(index);
    operations.push({ op: 'test', path: `/spec/workerGroupSpecs/${index}/groupName`, value: groupName });
  };
  for (const count of counts) {
    const { group, replicas } = count;
    if (group.hold !== undefined) continue;
    const remove = removals.get(group.groupName) ?? [];
    const { to, refused } = targetOf(count, remove.length, asked, input);
    groups.push({ groupName: group.groupName, from: replicas, to, remove, refused });
    if (to !== replicas) {
      guard(group);
      operations.push(setField(input.view, group.index, 'replicas', to));
    }
    const finished =
      count.named.length > 0 && !count.deleting && (asked || input.compat.finishedDeletes === 'clear-next-round');
    if (remove.length > 0 || finished) {
      guard(group);
      lists.push(setField(input.view, group.index, 'scaleStrategy', { workersToDelete: remove }));
    }
  }
  return { operations: [...operations, ...lists], groups };
}

/** Worker pods that are there and not named yet, by group. */
function removalsOf(
  { view, terminate }: PatchInput,
  counts: readonly GroupCount[],
): ReadonlyMap<string, readonly string[]> {
  const podOf = new Map(view.pods.map((pod) => [pod.name, pod]));
  const named = new Set(counts.flatMap((count) => count.named));
  const scaled = new Set(counts.flatMap(({ group }) => (group.hold === undefined ? [group.groupName] : [])));
  const removals = new Map<string, string[]>();
  for (const name of new Set(terminate)) {
    const pod = podOf.get(name);
    if (pod === undefined || pod.kind === 'HEAD' || named.has(name) || !scaled.has(pod.group)) continue;
    const group = removals.get(pod.group);
    if (group === undefined) removals.set(pod.group, [name]);
    else group.push(name);
  }
  return removals;
}

function targetOf(
  { group, replicas, observed }: GroupCount,
  removed: number,
  asked: boolean,
  { launch, requested, compat }: PatchInput,
): { readonly to: number; readonly refused: number } {
  const { minReplicas, maxReplicas, numOfHosts, groupName } = group;
  if (!asked) return { to: clamp(replicas, minReplicas, maxReplicas, compat), refused: 0 };
  const more = launch.get(groupName) ?? 0;
  const pods =
    compat.pendingPods === 'follow-replicas'
      ? Math.max(
          clamp(replicas, minReplicas, maxReplicas, compat) * numOfHosts,
          observed + (requested.get(groupName) ?? 0) + more,
        ) - removed
      : Math.max(Math.max(replicas, minReplicas) * numOfHosts, observed) + more - removed;
  const uncapped = compat.multiHost === 'whole-replicas' ? Math.ceil(pods / numOfHosts) : Math.floor(pods / numOfHosts);
  const to = Math.min(uncapped, maxReplicas);
  return { to, refused: Math.min((uncapped - to) * numOfHosts, more) };
}

/** The original leaves a number outside its limits alone until it scales (C1). */
function clamp(replicas: number, min: number, max: number, compat: PatchInput['compat']): number {
  return compat.pendingPods === 'follow-replicas' ? Math.max(min, Math.min(replicas, max)) : replicas;
}

/** `replace` fails on servers that take the RFC literally when the member is absent; `add` works on all. */
function setField(
  view: ClusterView,
  index: number,
  field: 'replicas' | 'scaleStrategy',
  value: unknown,
): PatchOperation {
  const spec = defined(view.cluster.spec.workerGroupSpecs?.[index], `worker group ${index}`);
  const path = `/spec/workerGroupSpecs/${index}/${field}`;
  return { op: spec[field] === undefined ? 'add' : 'replace', path, value };
}
