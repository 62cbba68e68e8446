/** The scheduler's working node, made from an instance or from a node type, and what can be read off one. */

import type { ResourceRequest } from './cluster-state.ts';
import { canReachRunning, type InstanceStatus, type NodeKind } from './instance-status.ts';
import type { NodeType, ResizeStatus, SchedulerInstance, SchedulerSnapshot, TerminationRequest } from './snapshot.ts';

/** Two separate books: tasks, actors and gangs take from `demand`; the cluster constraint takes from `constraint`. */
export type Ledger = 'demand' | 'constraint';

export type Placed = { readonly request: ResourceRequest; readonly count: number };

/**
 * A node during one round. Only `status` and `termination` change in place, so that repeated references to one node (RAY-6.2) stay
 * one node; packing replaces a node that takes something by a filled copy.
 */
export type SchedulingNode = {
  readonly nodeType: string;
  readonly kind: NodeKind;
  readonly origin: 'instance' | 'minimum' | 'demand';
  readonly instanceId: string;
  /** The pod; '' when there is none. */
  readonly cloudInstanceId: string;
  readonly instanceStatus: InstanceStatus | 'UNKNOWN';
  /** '' unless Ray runs on it: also for a node that is asked to stop. */
  readonly rayNodeId: string;
  readonly idleMs: number;
  /** '' unless Ray runs on it: what it was launched with is not looked at before. */
  readonly launchConfigHash: string;
  readonly priority: number;
  readonly total: ReadonlyMap<string, number>;
  readonly free: Readonly<Record<Ledger, ReadonlyMap<string, number>>>;
  readonly placed: Readonly<Record<Ledger, readonly Placed[]>>;
  readonly labels: ReadonlyMap<string, string>;
  /** Undefined: its pod is not resized in place. */
  readonly resize: ResizeStatus | undefined;
  status: 'SCHEDULABLE' | 'TO_LAUNCH' | 'TO_TERMINATE';
  termination: TerminationRequest | undefined;
};

/**
 * The nodes behind the instances, in instance order. A running one is what it reports; any other that can still come to run is an
 * empty node of its configured type. The rest are no nodes; nor is a pending one of an unknown type, unless the launch config is
 * checked: then it is a node without anything that is to be terminated.
 *
 * Cost: O(instances x resources).
 * Spec: RAY-4.1, RAY-4.2, RAY-4.4.   Source: v2/scheduler.py SchedulingNode.new (Ray 2.60.0).
 */
export function nodesOfInstances(
  {
    instances,
    launchConfigCheck,
    inPlaceResize,
  }: Pick<SchedulerSnapshot, 'instances' | 'launchConfigCheck' | 'inPlaceResize'>,
  types: ReadonlyMap<string, NodeType>,
): SchedulingNode[] {
  const nodes = instances.flatMap(
    (instance) => nodeOf(instance, types.get(instance.instanceType), launchConfigCheck) ?? [],
  );
  return inPlaceResize === undefined ? nodes : withResize(nodes, inPlaceResize);
}

function nodeOf(
  instance: SchedulerInstance,
  type: NodeType | undefined,
  launchConfigCheck: SchedulerSnapshot['launchConfigCheck'],
): SchedulingNode | undefined {
  if (!canReachRunning(instance.status)) return undefined;
  if (instance.status === 'RAY_RUNNING')
    return instance.rayNode === undefined ? undefined : runningNode(instance, instance.rayNode, type);
  if (type !== undefined) return pendingNode(instance, type);
  return launchConfigCheck === 'on' ? abandonedNode(instance) : undefined;
}

/**
 * The nodes with the resize statuses of their pods. The id of the raylet is known to the pod: of several instances with one pod all
 * get the last one's, as in the original, which writes it into the status they share. Spec: RAY-4.5.
 */
function withResize(
  nodes: readonly SchedulingNode[],
  { groups, statuses }: NonNullable<SchedulerSnapshot['inPlaceResize']>,
): SchedulingNode[] {
  const raylets = new Map<string, string>();
  const statusOf = ({ nodeType, cloudInstanceId }: SchedulingNode): ResizeStatus | undefined =>
    cloudInstanceId !== '' && groups.has(nodeType) ? statuses.get(cloudInstanceId) : undefined;
  for (const node of nodes) {
    if (node.rayNodeId !== '' && statusOf(node) !== undefined) raylets.set(node.cloudInstanceId, node.rayNodeId);
  }
  return nodes.map((node) => {
    const status = statusOf(node);
    if (status === undefined) return node;
    return { ...node, resize: { ...status, rayletId: raylets.get(node.cloudInstanceId) ?? status.rayletId } };
  });
}

function runningNode(
  instance: SchedulerInstance,
  reported: NonNullable<SchedulerInstance['rayNode']>,
  type: NodeType | undefined,
): SchedulingNode {
  const total = new Map(reported.totalResources);
  return {
    nodeType: instance.instanceType,
    kind: instance.nodeKind,
    origin: 'instance',
    instanceId: instance.instanceId,
    cloudInstanceId: instance.cloudInstanceId,
    instanceStatus: instance.status,
    rayNodeId: instance.nodeId,
    idleMs: reported.idleDurationMs,
    launchConfigHash: instance.launchConfigHash,
    priority: type?.priority ?? 0,
    total,
    free: { demand: new Map(reported.availableResources), constraint: total },
    placed: { demand: [], constraint: [] },
    labels: new Map([...Object.entries(reported.labels), ...Object.entries(reported.dynamicLabels)]),
    resize: undefined,
    status: 'SCHEDULABLE',
    termination: undefined,
  };
}

function pendingNode(instance: SchedulerInstance, type: NodeType): SchedulingNode {
  return {
    ...emptyNode(type),
    kind: instance.nodeKind,
    origin: 'instance',
    instanceId: instance.instanceId,
    cloudInstanceId: instance.cloudInstanceId,
    instanceStatus: instance.status,
    status: 'SCHEDULABLE',
  };
}

/** A pending node whose type is gone: nothing is known of it but that it has to go. Spec: RAY-4.4. */
function abandonedNode({ instanceId, cloudInstanceId, instanceType, status }: SchedulerInstance): SchedulingNode {
  const type = { name: instanceType, priority: 0, resources: [], labels: {} };
  return {
    ...emptyNode(type),
    origin: 'instance',
    instanceId,
    cloudInstanceId,
    instanceStatus: status,
    status: 'TO_TERMINATE',
    termination: { instanceId, rayNodeId: '', instanceType, instanceStatus: status, cause: 'OUTDATED', details: '' },
  };
}

/** A node of a type that is to be launched: everything free. Spec: RAY-4.3. Source: scheduler.py from_node_config (Ray 2.60.0). */
export function nodeToLaunch(type: NodeType, origin: 'minimum' | 'demand'): SchedulingNode {
  return { ...emptyNode(type), origin };
}

function emptyNode(type: Pick<NodeType, 'name' | 'priority' | 'resources' | 'labels'>): SchedulingNode {
  const total = new Map(type.resources);
  return {
    nodeType: type.name,
    kind: 'WORKER',
    origin: 'demand',
    instanceId: '',
    cloudInstanceId: '',
    instanceStatus: 'UNKNOWN',
    rayNodeId: '',
    idleMs: 0,
    launchConfigHash: '',
    priority: type.priority,
    total,
    free: { demand: total, constraint: total },
    placed: { demand: [], constraint: [] },
    labels: new Map(Object.entries(type.labels)),
    resize: undefined,
    status: 'TO_LAUNCH',
    termination: undefined,
  };
}

/** How many nodes of each type there are, those to be terminated left out. O(nodes). */
export function countStaying(nodes: readonly SchedulingNode[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    if (node.status !== 'TO_TERMINATE') counts.set(node.nodeType, (counts.get(node.nodeType) ?? 0) + 1);
  }
  return counts;
}

/**
 * Mean used share over the resources a node has, 0 to 1; a resource missing from `free` counts as used up; 0 without resources.
 *
 * Spec: RAY-6.4a.   Source: scheduler.py _sort_nodes_for_termination (Ray 2.60.0).
 */
export function meanUtilization(node: SchedulingNode): number {
  let sum = 0;
  let count = 0;
  for (const [name, total] of node.total) {
    if (total <= 0) continue;
    sum += (total - (node.free.demand.get(name) ?? 0)) / total;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
