/** The life of an instance: its statuses, which may follow which, and the groups of statuses that rules speak of. */

export type InstanceStatus =
  | 'QUEUED'
  | 'REQUESTED'
  | 'ALLOCATED'
  | 'RAY_INSTALLING'
  | 'RAY_RUNNING'
  | 'RAY_STOP_REQUESTED'
  | 'RAY_STOPPING'
  | 'RAY_STOPPED'
  | 'TERMINATING'
  | 'TERMINATED'
  | 'ALLOCATION_FAILED'
  | 'RAY_INSTALL_FAILED'
  | 'TERMINATION_FAILED'
  | 'ALLOCATION_TIMEOUT';

export type NodeKind = 'HEAD' | 'WORKER' | 'UNMANAGED';

const NEXT: Readonly<Record<InstanceStatus, readonly InstanceStatus[]>> = {
  QUEUED: ['REQUESTED', 'TERMINATED'],
  REQUESTED: ['ALLOCATED', 'QUEUED', 'ALLOCATION_FAILED'],
  ALLOCATED: [
    'RAY_INSTALLING',
    'RAY_RUNNING',
    'ALLOCATION_TIMEOUT',
    'RAY_STOPPING',
    'RAY_STOPPED',
    'TERMINATING',
    'TERMINATED',
  ],
  RAY_INSTALLING: ['RAY_RUNNING', 'RAY_INSTALL_FAILED', 'RAY_STOPPED', 'TERMINATING', 'TERMINATED'],
  RAY_RUNNING: ['RAY_STOP_REQUESTED', 'RAY_STOPPING', 'RAY_STOPPED', 'TERMINATING', 'TERMINATED'],
  RAY_STOP_REQUESTED: ['RAY_STOPPING', 'RAY_STOPPED', 'RAY_RUNNING', 'TERMINATED'],
  RAY_STOPPING: ['RAY_STOPPED', 'TERMINATING', 'TERMINATED'],
  RAY_STOPPED: ['TERMINATING', 'TERMINATED'],
  TERMINATING: ['TERMINATED', 'TERMINATION_FAILED'],
  TERMINATED: [],
  ALLOCATION_FAILED: [],
  RAY_INSTALL_FAILED: ['TERMINATING', 'TERMINATED'],
  TERMINATION_FAILED: ['TERMINATING', 'TERMINATED'],
  ALLOCATION_TIMEOUT: ['TERMINATING', 'TERMINATED'],
};

/** Spec: RAY-24.2. Source: instance_manager/common.py InstanceUtil.get_valid_transitions (Ray 2.60.0). */
export function mayFollow(from: InstanceStatus, to: InstanceStatus): boolean {
  return NEXT[from].includes(to);
}

const SCHEDULABLE: ReadonlySet<InstanceStatus> = new Set([
  'QUEUED',
  'REQUESTED',
  'ALLOCATED',
  'RAY_INSTALLING',
  'RAY_RUNNING',
  'RAY_STOP_REQUESTED',
]);

/** RAY_RUNNING lies ahead or is reached: what the scheduler knows of. A stop request can fail, so it counts. Spec: RAY-4.2. */
export function canReachRunning(status: InstanceStatus): boolean {
  return SCHEDULABLE.has(status);
}

/** Final for good: the row binds no pod and no Ray node any more. Spec: RAY-24.2. */
export function isTerminal(status: InstanceStatus): boolean {
  return NEXT[status].length === 0;
}

/** The statuses from which 5.8 deletes the pod. Spec: RAY-25.8. */
export function awaitsTermination(status: InstanceStatus): boolean {
  return (
    status === 'RAY_STOPPED' ||
    status === 'ALLOCATION_TIMEOUT' ||
    status === 'RAY_INSTALL_FAILED' ||
    status === 'TERMINATION_FAILED'
  );
}
