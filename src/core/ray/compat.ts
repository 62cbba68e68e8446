/**
 * Where we deliberately do something else than Ray 2.60: one numbered entry per difference, each a switch. The scheduler is not
 * among them: it decides exactly as the original. Further entries are one line in each of the tables below.
 */

/** One position per difference; the first value named is ours, the second the original's. */
export type Compat = {
  /** C1 */ readonly pendingPods: 'follow-replicas' | 'own-requests';
  /** C2 */ readonly reportVersion: 'continue' | 'restart';
  /** C3 */ readonly pendingDeletes: 'gate-group' | 'gate-all';
  /** C4 */ readonly patchGuard: 'test-group-name' | 'none';
  /** C5 */ readonly suspendedGroups: 'hold' | 'ignore-suspend';
  /** C6 */ readonly terminalRows: 'retire' | 'keep';
  /** C7 */ readonly deadNodesWithoutPod: 'ignore' | 'adopt';
  /** C8 */ readonly stopRequestedNodes: 'leave-out' | 'count-as-free';
  /** C9 */ readonly unseenRayNodes: 'check-before-delete' | 'delete';
  /** C10 */ readonly failedPatches: 'try-again' | 'fail-instances';
  /** C11 */ readonly finishedDeletes: 'clear-next-round' | 'clear-with-next-request';
  /** C12 */ readonly reportDetails: 'full' | 'empty';
  /** C13 */ readonly multiHost: 'whole-replicas' | 'single-hosts';
};

export type CompatPreset = 'default' | 'ray-2.60';

export const COMPAT: Readonly<Record<CompatPreset, Compat>> = {
  default: {
    pendingPods: 'follow-replicas',
    reportVersion: 'continue',
    pendingDeletes: 'gate-group',
    patchGuard: 'test-group-name',
    suspendedGroups: 'hold',
    terminalRows: 'retire',
    deadNodesWithoutPod: 'ignore',
    stopRequestedNodes: 'leave-out',
    unseenRayNodes: 'check-before-delete',
    failedPatches: 'try-again',
    finishedDeletes: 'clear-next-round',
    reportDetails: 'full',
    multiHost: 'whole-replicas',
  },
  'ray-2.60': {
    pendingPods: 'own-requests',
    reportVersion: 'restart',
    pendingDeletes: 'gate-all',
    patchGuard: 'none',
    suspendedGroups: 'ignore-suspend',
    terminalRows: 'keep',
    deadNodesWithoutPod: 'adopt',
    stopRequestedNodes: 'count-as-free',
    unseenRayNodes: 'delete',
    failedPatches: 'fail-instances',
    finishedDeletes: 'clear-with-next-request',
    reportDetails: 'empty',
    multiHost: 'single-hosts',
  },
};

export type CompatEntry = {
  readonly id: string;
  readonly field: keyof Compat;
  /** What Ray 2.60 does. */
  readonly original: string;
  /** What it leads to, and so why ours differs. */
  readonly why: string;
  /** Row of the table of known defects in the runtime specification, or the rule. */
  readonly source: string;
};

/** The differences in words, in order of their numbers. */
export const COMPAT_ENTRIES: readonly CompatEntry[] = [
  {
    id: 'C1',
    field: 'pendingPods',
    original: 'knows only the pods it asked for itself, for as long as it lives',
    why: 'pods that the operator still owes (minReplicas raised, a reply lost, a restart) were asked for a second time',
    source: 'runtime 15, row 6; runtime 12, restart',
  },
  {
    id: 'C2',
    field: 'reportVersion',
    original: 'numbers its reports from 0 after a restart',
    why: 'the GCS discards reports below the last number, so a restarted autoscaler is mute',
    source: 'runtime 15, row 8; runtime 9.1',
  },
  {
    id: 'C3',
    field: 'pendingDeletes',
    original: 'refuses every scale request while a named pod of any group is still there',
    why: 'one slow pod of one group stops all groups and turns launches into failures',
    source: 'runtime 15, row 9; runtime 7.3',
  },
  {
    id: 'C4',
    field: 'patchGuard',
    original: 'patches groups by their index without a guard',
    why: 'a group moved in the list meanwhile would be scaled by the numbers of another',
    source: 'runtime 15, row 10; kuberay 2.6',
  },
  {
    id: 'C5',
    field: 'suspendedGroups',
    original: 'does not read `suspend` of a group',
    why: 'it asks again and again for pods that the operator must not create',
    source: 'runtime 15, row 11; runtime 3.2',
  },
  {
    id: 'C6',
    field: 'terminalRows',
    original: 'keeps terminated and failed rows for ever',
    why: 'memory grows and old failures are reported for ever',
    source: 'runtime 15, row 12; runtime 4.4',
  },
  {
    id: 'C7',
    field: 'deadNodesWithoutPod',
    original: 'makes rows of dead Ray nodes after a restart',
    why: 'each asks for the deletion of a pod that no longer exists',
    source: 'runtime 15, row 14; runtime 5.4',
  },
  {
    id: 'C8',
    field: 'stopRequestedNodes',
    original: 'counts a node that is asked to stop as an empty one',
    why: 'demand is placed on a node that is about to go, and waits a round for nothing',
    source: 'runtime 15, row 17; scheduler 4.2',
  },
  {
    id: 'C9',
    field: 'unseenRayNodes',
    original: 'deletes pods whose Ray node it has not seen without looking again',
    why: 'Ray may just have come up there, with work on it',
    source: 'runtime 15, row 18',
  },
  {
    id: 'C10',
    field: 'failedPatches',
    original: 'turns a failed patch into failed launches, one per instance',
    why: 'a lost reply looks like a failure although the pods come; the next round would ask for as many again',
    source: 'runtime 15, row 9; runtime 7.6',
  },
  {
    id: 'C11',
    field: 'finishedDeletes',
    original: 'leaves names of deleted pods in workersToDelete until it scales again',
    why: 'people read the list as work that is not done',
    source: 'kuberay 2.7, pods step by step',
  },
  {
    id: 'C12',
    field: 'reportDetails',
    original: 'reports the ids of its own rows, with empty details and reasons',
    why: '`ray status` cannot name the pod that is awaited, nor why a launch failed',
    source: 'runtime 15, row 7; runtime 9.1',
  },
  {
    id: 'C13',
    field: 'multiHost',
    original: 'launches and terminates single hosts of a replica of several',
    why: 'incomplete replicas are never launched, and naming one host makes the operator delete its busy siblings',
    source: 'runtime 15, rows 2 and 3; runtime 7.7',
  },
];
