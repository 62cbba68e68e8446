/** Which rule kept or ended each node of a round. */

import type { NodeReason, NodeRule } from './explain-types.ts';
import { canReachRunning } from './instance-status.ts';
import type { Placed, SchedulingNode } from './nodes.ts';
import { idleTimeoutOf } from './phases/idle.ts';
import type { NodeType, SchedulerInstance, SchedulerSnapshot, TerminationRequest } from './snapshot.ts';

type Round = { readonly snapshot: SchedulerSnapshot; readonly types: ReadonlyMap<string, NodeType> };

/** `nodes`: at the end of the round. Cost: O(nodes + instances). */
export function nodeReasons(round: Round, nodes: readonly SchedulingNode[]): readonly NodeReason[] {
  const ofNodes = nodes.flatMap((node): readonly NodeReason[] => {
    if (node.status === 'TO_LAUNCH') return [];
    const { instanceId, nodeType, kind, instanceStatus: status, termination } = node;
    const hosts = { demand: unitsOf(node.placed.demand), constraint: unitsOf(node.placed.constraint) };
    const rule = termination === undefined ? keptBy(round, node) : endedBy(round, node, termination);
    return [{ instanceId, nodeType, kind, status, hosts, rule }];
  });
  const ofOthers = round.snapshot.instances.flatMap((instance): readonly NodeReason[] => {
    const kind = leftOutBy(round, instance);
    if (kind === undefined) return [];
    const { instanceId, instanceType: nodeType, nodeKind, status } = instance;
    const hosts = { demand: 0, constraint: 0 };
    return [{ instanceId, nodeType, kind: nodeKind, status, hosts, rule: { fate: 'not-counted', kind } }];
  });
  return [...ofNodes, ...ofOthers];
}

/** The conditions of idle termination; what is needed now comes before how long it was not. */
function keptBy(round: Round, node: SchedulingNode): NodeRule {
  const { kind, placed, idleMs } = node;
  if (kind === 'HEAD') return { fate: 'kept', kind: 'head' };
  if (placed.demand.length > 0 || placed.constraint.length > 0) return { fate: 'kept', kind: 'needed' };
  const timeoutS = idleTimeoutOf(round, node)?.seconds ?? Infinity;
  if (timeoutS === Infinity) return { fate: 'kept', kind: 'no-timeout' };
  const idleS = idleMs / 1000;
  if (idleMs <= timeoutS * 1000) return { fate: 'kept', kind: 'not-idle', idleS, timeoutS };
  return { fate: 'kept', kind: 'minimum', minimum: round.types.get(node.nodeType)?.minWorkerNodes ?? 0, idleS };
}

function endedBy(round: Round, node: SchedulingNode, { cause, ...numbers }: TerminationRequest): NodeRule {
  switch (cause) {
    case 'OUTDATED':
      return { fate: 'terminated', kind: round.types.has(node.nodeType) ? 'outdated' : 'type-gone' };
    case 'MAX_NUM_NODE_PER_TYPE':
      return { fate: 'terminated', kind: 'max-per-type', limit: numbers.maxNumNodesPerType ?? 0 };
    case 'MAX_NUM_NODES':
      return { fate: 'terminated', kind: 'max-total', limit: numbers.maxNumNodes ?? 0 };
    case 'IDLE': {
      const idleS = (numbers.idleDurationMs ?? node.idleMs) / 1000;
      return { fate: 'terminated', kind: 'idle', idleS, timeoutS: idleTimeoutOf(round, node)?.seconds ?? 0 };
    }
  }
}

function leftOutBy(
  { snapshot, types }: Round,
  { status, rayNode, instanceType }: SchedulerInstance,
): Extract<NodeRule, { fate: 'not-counted' }>['kind'] | undefined {
  if (!canReachRunning(status)) return 'leaving';
  if (status === 'RAY_RUNNING') return rayNode === undefined ? 'no-ray-node' : undefined;
  return types.has(instanceType) || snapshot.launchConfigCheck === 'on' ? undefined : 'type-unknown';
}

function unitsOf(placed: readonly Placed[]): number {
  return placed.reduce((sum, { count }) => sum + count, 0);
}
