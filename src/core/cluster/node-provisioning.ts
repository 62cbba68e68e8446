/** Which pods ask for nodes, and the sentences that say what was launched for them or why not. */

import type { Pod } from '../kube/core-v1.ts';
import { controllerOf } from '../kube/object.ts';
import { compareText } from '../../lib/compare.ts';
import { conditionOf } from './conditions.ts';
import type { Offering } from './instance-types.ts';
import { packingRequests } from './node-packing.ts';
import { isPodActive } from './pods.ts';

/**
 * Whether a pod asks for a node: the scheduler has looked at it and found no place, nothing is being preempted for it, and it is
 * not bound to a node by what it is. Spec: karpenter 4.1.
 */
export function isProvisionable(pod: Pod): boolean {
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled');
  return (
    scheduled?.status === 'False' &&
    scheduled.reason === 'Unschedulable' &&
    (pod.spec.nodeName ?? '') === '' &&
    (pod.status?.nominatedNodeName ?? '') === '' &&
    isReschedulable(pod)
  );
}

/** Active, and an equal pod would come back elsewhere: not a DaemonSet's or a Node's own. */
export function isReschedulable(pod: Pod): boolean {
  const owner = controllerOf(pod)?.kind;
  return isPodActive(pod) && owner !== 'DaemonSet' && owner !== 'Node';
}

/** CPU that the pods request together, in millicores. */
export function cpuMillicores(pods: readonly Pod[]): number {
  return Number(pods.reduce((sum, pod) => sum + (packingRequests(pod).get('cpu') ?? 0n), 0n));
}

/** `3 pods (3.0 CPU)`. */
export function podsText(pods: readonly Pod[]): string {
  return `${pods.length} ${pods.length === 1 ? 'pod' : 'pods'} (${(cpuMillicores(pods) / 1000).toFixed(1)} CPU)`;
}

/** `1 node s-4x-amd64-linux (4 CPU, 16 GiB)`, several types joined by commas in the order of their names. */
export function offeringsText(offerings: readonly Offering[]): string {
  const byName = new Map<string, Offering[]>();
  for (const offering of offerings) {
    const { name } = offering.type;
    byName.set(name, [...(byName.get(name) ?? []), offering]);
  }
  const parts = [...byName]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([name, same]) => {
      const type = same[0]?.type;
      return `${nodesText(same.length)} ${name} (${type?.cpuCount ?? 0} CPU, ${type?.memoryGiB ?? 0} GiB)`;
    });
  return parts.join(', ');
}

export function nodesText(count: number): string {
  return `${count} ${count === 1 ? 'node' : 'nodes'}`;
}

/** The reasons of pods that found no place, each once with its number of pods, most pods first. */
export function reasonsText(failed: readonly { readonly reason: string }[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of failed) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const sorted = [...counts].toSorted(([a, m], [b, n]) => n - m || compareText(a, b));
  return sorted.map(([reason, count]) => (counts.size === 1 ? reason : `${count}x ${reason}`)).join('; ');
}
