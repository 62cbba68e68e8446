/** In-place resize of pods: what a status means, and a node with other totals. */

import type { SchedulingNode } from './nodes.ts';
import type { ResizeRequest, ResizeStatus } from './snapshot.ts';

/** CPU in cores, memory in bytes. */
export type Size = { readonly cpu: number; readonly memory: number };

/** As far as the pod may grow: what was found out about its node, else what its group allows. */
export function maximumOf(status: ResizeStatus): Size {
  return {
    cpu: status.suggestedMaxCpu ?? status.group.maxCpu,
    memory: status.suggestedMaxMemory ?? status.group.maxMemory,
  };
}

export function desiredOf({ desiredCpu, desiredMemory }: ResizeStatus): Size {
  return { cpu: desiredCpu, memory: desiredMemory };
}

/** The resize to be sent now: one that is queued for a pod on which Ray is known. Spec: RAY-11.1. */
export function requestOf(status: ResizeStatus | undefined): ResizeRequest | undefined {
  if (status?.rayletId === undefined || status.k8sResizeStatus !== 'new') return undefined;
  const { cloudInstanceId, desiredCpu, desiredMemory, rayletId } = status;
  return { cloudInstanceId, desiredCpu, desiredMemory, rayletId };
}

/** Sent and not settled, or about to be sent. Spec: RAY-11.1. */
export function isInProgress(status: ResizeStatus): boolean {
  return status.resizingAt !== undefined || requestOf(status) !== undefined;
}

/** Nothing is going on, nothing failed, and there is room to grow. Spec: RAY-11.1. */
export function canGrow(status: ResizeStatus): boolean {
  if (status.lastFailedAt !== undefined || status.k8sResizeStatus !== undefined || status.resizingAt !== undefined)
    return false;
  const { cpu, memory } = maximumOf(status);
  return status.currentCpu < cpu || status.currentMemory < memory;
}

/** The status with a resize queued; as it is when that is what is desired already. Spec: RAY-11.2. */
export function queuedTo(status: ResizeStatus, { cpu, memory }: Size): ResizeStatus {
  if (cpu === status.desiredCpu && memory === status.desiredMemory) return status;
  return { ...status, desiredCpu: cpu, desiredMemory: memory, resizingAt: undefined, k8sResizeStatus: 'new' };
}

/**
 * The node with other totals. What is free moves by the same amount, on both ledgers, and not below 0; names that were missing come
 * last in the maps.
 *
 * Spec: RAY-7.4a.   Source: v2/scheduler.py SchedulingNode.update_total_resources (Ray 2.60.0).
 */
export function withSize(node: SchedulingNode, { cpu, memory }: Size): SchedulingNode {
  const total = new Map(node.total);
  const demand = new Map(node.free.demand);
  const constraint = new Map(node.free.constraint);
  for (const [name, size] of [
    ['CPU', cpu],
    ['memory', memory],
  ] as const) {
    const delta = size - (total.get(name) ?? 0);
    total.set(name, Math.max(0, size));
    for (const free of [demand, constraint]) free.set(name, Math.max(0, (free.get(name) ?? 0) + delta));
  }
  return { ...node, total, free: { demand, constraint } };
}
