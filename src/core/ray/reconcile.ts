/**
 * The passive part of a round: rows follow what was observed, nothing is decided. Each step reads the table that the one before it
 * left and gives at most one update per row; their order is significant.
 */

import type { Instant } from '../time/time.ts';
import { noteTimeouts, type AllocationTimeouts } from './availability.ts';
import { isTerminal, type InstanceStatus } from './instance-status.ts';
import {
  applyUpdates,
  byTimesOf,
  rowsOf,
  statusSince,
  timesOf,
  type Instance,
  type InstanceTable,
  type InstanceUpdate,
  type Transition,
} from './instances.ts';
import type { RayNode } from './cluster-state.ts';
import { countGroups, type Observation } from './observation.ts';
import type { RayPod } from './pods.ts';
import type { RaySettings } from './settings.ts';

/** The part of the history that the steps work on. */
export type Progress = { readonly table: InstanceTable; readonly timeouts: AllocationTimeouts };

export type StepContext = {
  readonly observation: Observation;
  readonly settings: RaySettings;
  /** Gives ids that were never given before. */
  readonly newId: () => string;
};

type Step = (table: InstanceTable, context: StepContext) => readonly InstanceUpdate[];

const STEPS: readonly Step[] = [
  expectPods,
  bindPods,
  retireLostPods,
  adoptRayNodes,
  adoptPods,
  createOwed,
  followReplicas,
  followRayNodes,
  noticeLostRayNodes,
  expire,
  forget,
];

/**
 * The table after one look at the world.
 *
 * Cost: O(rows + pods + Ray nodes), and a sort of the rows that are requested.
 * Spec: RAY-25.1 to RAY-25.7.   Source: v2/instance_manager/reconciler.py _sync_from, _step_next (Ray 2.60.0).
 */
export function reconcile(progress: Progress, context: StepContext): Progress {
  return STEPS.reduce((so, step) => advance(so, step(so.table, context), context.observation.at), progress);
}

/** Writes one batch. */
export function advance(progress: Progress, updates: readonly InstanceUpdate[], at: Instant): Progress {
  return {
    table: applyUpdates(progress.table, updates, at),
    timeouts: noteTimeouts(progress.timeouts, progress.table, updates, at.wall),
  };
}

/**
 * Pods that nobody asked for, as far as is known: they were asked for in a patch whose answer was lost, or by somebody else. Either way
 * they are what waiting rows want. Spec: RAY-27.9 (C10).
 */
function expectPods(
  table: InstanceTable,
  { observation: { pods }, settings, newId }: StepContext,
): readonly InstanceUpdate[] {
  if (settings.compat.pendingPods !== 'follow-replicas') return [];
  const owned = ownedPods(table);
  const unbound = new Map<string, number>();
  for (const { name, group } of pods) if (!owned.has(name)) unbound.set(group, (unbound.get(group) ?? 0) + 1);
  const requested = countByType(withStatus(table, 'REQUESTED'));
  const launchRequestId = newId();
  return [...groupByType(byTimesOf(withStatus(table, 'QUEUED'), 'QUEUED'))].flatMap(([type, rows]) =>
    rows
      .slice(0, Math.max(0, (unbound.get(type) ?? 0) - (requested.get(type) ?? 0)))
      .map((row) =>
        transition(row, 'REQUESTED', 'a pod has come', { launchRequestId: row.launchRequestId || launchRequestId }),
      ),
  );
}

/** Pods nobody owns go to the rows that wait longest; the last listed pod first, as in the original. Spec: RAY-25.1. */
function bindPods(table: InstanceTable, { observation: { pods } }: StepContext): readonly InstanceUpdate[] {
  const unbound = new Map<string, RayPod[]>();
  const owned = ownedPods(table);
  for (const pod of pods) {
    if (owned.has(pod.name)) continue;
    const group = unbound.get(pod.group);
    if (group === undefined) unbound.set(pod.group, [pod]);
    else group.push(pod);
  }
  return byTimesOf(withStatus(table, 'REQUESTED'), 'REQUESTED').flatMap((row) => {
    const pod = unbound.get(row.instanceType)?.pop();
    if (pod === undefined) return [];
    const fields = { cloudInstanceId: pod.name, nodeKind: pod.kind, nodeId: '' };
    return [transition(row, 'ALLOCATED', `allocated as pod ${pod.name}`, fields)];
  });
}

/** Spec: RAY-25.2. */
function retireLostPods(table: InstanceTable, { observation: { pods } }: StepContext): readonly InstanceUpdate[] {
  const listed = new Set(pods.map(({ name }) => name));
  return rowsOf(table)
    .filter((row) => row.cloudInstanceId !== '' && !isTerminal(row.status) && !listed.has(row.cloudInstanceId))
    .map((row) => transition(row, 'TERMINATED', `pod ${row.cloudInstanceId} is gone`));
}

/** Ray nodes without a row: after a restart, or a raylet that came back in its pod under a new id. Spec: RAY-25.4, RAY-25.4a. */
function adoptRayNodes(
  table: InstanceTable,
  { observation: { state, pods }, settings: { compat }, newId }: StepContext,
): readonly InstanceUpdate[] {
  const known = new Set(rowsOf(table).map(({ nodeId }) => nodeId));
  const expected = new Set(liveRows(table).flatMap((row) => (row.nodeId === '' ? [row.cloudInstanceId] : [])));
  const listed = new Set(pods.map(({ name }) => name));
  return state.nodeStates
    .filter((node) => node.instanceId !== '' && !known.has(node.nodeId) && !expected.has(node.instanceId))
    .filter((node) => compat.deadNodesWithoutPod === 'adopt' || node.status !== 'DEAD' || listed.has(node.instanceId))
    .map((node) => ({
      kind: 'create',
      instanceId: newId(),
      instanceType: node.rayNodeTypeName,
      status: 'ALLOCATED',
      cloudInstanceId: node.instanceId,
      nodeId: node.nodeId,
      nodeKind: isHead(node) ? 'HEAD' : 'WORKER',
      details: `found as Ray node ${node.nodeId}`,
    }));
}

/** Spec: RAY-25.4. */
function adoptPods(table: InstanceTable, { observation: { pods }, newId }: StepContext): readonly InstanceUpdate[] {
  const owned = ownedPods(table);
  return pods
    .filter(({ name }) => !owned.has(name))
    .map(({ name, kind, group }) => ({
      kind: 'create',
      instanceId: newId(),
      instanceType: group,
      status: 'ALLOCATED',
      cloudInstanceId: name,
      nodeKind: kind,
      details: `found as pod ${name}`,
    }));
}

/** Rows for pods that the operator owes and no row waits for. Spec: RAY-27.9 (C1). */
function createOwed(
  table: InstanceTable,
  { observation, settings: { compat }, newId }: StepContext,
): readonly InstanceUpdate[] {
  if (compat.pendingPods !== 'follow-replicas') return [];
  const waiting = countByType([...withStatus(table, 'REQUESTED'), ...withStatus(table, 'QUEUED')]);
  return countGroups(observation).flatMap(({ group, owed, replicas }) => {
    const lacking = group.hold === undefined ? owed - (waiting.get(group.groupName) ?? 0) : 0;
    return Array.from({ length: Math.max(0, lacking) }, () => ({
      kind: 'create' as const,
      instanceId: newId(),
      instanceType: group.groupName,
      status: 'QUEUED' as const,
      details: `owed by the operator: replicas is ${replicas}`,
    }));
  });
}

/**
 * As many rows are requested as pods are owed: a reply that was lost, a number that somebody overwrote, and a restart all come out
 * right. Rows of groups that are not scaled, or are gone, are given up. Spec: RAY-27.9 (C1).
 */
function followReplicas(
  table: InstanceTable,
  { observation, settings: { compat }, newId }: StepContext,
): readonly InstanceUpdate[] {
  if (compat.pendingPods !== 'follow-replicas') return [];
  const owedOf = new Map(
    countGroups(observation).map(({ group, owed }) => [group.groupName, group.hold === undefined ? owed : undefined]),
  );
  const updates: InstanceUpdate[] = [];
  const launchRequestId = newId();
  const requested = groupByType(byTimesOf(withStatus(table, 'REQUESTED'), 'REQUESTED'));
  const queued = groupByType(byTimesOf(withStatus(table, 'QUEUED'), 'QUEUED'));
  for (const type of new Set([...requested.keys(), ...queued.keys()])) {
    const owed = owedOf.get(type);
    const asked = requested.get(type) ?? [];
    const waiting = queued.get(type) ?? [];
    for (const row of asked.slice(owed ?? 0)) updates.push(transition(row, 'QUEUED', 'no longer part of replicas'));
    if (owed === undefined) {
      for (const row of waiting) updates.push(transition(row, 'TERMINATED', 'cancelled: the group is not scaled'));
      continue;
    }
    for (const row of waiting.slice(0, Math.max(0, owed - asked.length)))
      updates.push(
        transition(row, 'REQUESTED', 'part of replicas', { launchRequestId: row.launchRequestId || launchRequestId }),
      );
  }
  return updates;
}

/** What each node status makes of each row status; nothing where there is no entry. Spec: RAY-25.5. */
const FOLLOWED: Readonly<Record<'up' | 'draining' | 'dead', Partial<Record<InstanceStatus, InstanceStatus>>>> = {
  up: { ALLOCATED: 'RAY_RUNNING', RAY_INSTALLING: 'RAY_RUNNING' },
  draining: { ALLOCATED: 'RAY_STOPPING', RAY_RUNNING: 'RAY_STOPPING', RAY_STOP_REQUESTED: 'RAY_STOPPING' },
  dead: {
    ALLOCATED: 'RAY_STOPPED',
    RAY_INSTALLING: 'RAY_STOPPED',
    RAY_RUNNING: 'RAY_STOPPED',
    RAY_STOP_REQUESTED: 'RAY_STOPPED',
    RAY_STOPPING: 'RAY_STOPPED',
  },
};

function followRayNodes(table: InstanceTable, { observation: { state } }: StepContext): readonly InstanceUpdate[] {
  const byNode = new Map(rowsOf(table).flatMap((row) => (row.nodeId === '' ? [] : [[row.nodeId, row]])));
  const byPod = new Map(liveRows(table).flatMap((row) => (row.nodeId === '' ? [[row.cloudInstanceId, row]] : [])));
  const updates = new Map<string, InstanceUpdate>();
  for (const node of state.nodeStates) {
    const row = byNode.get(node.nodeId) ?? byPod.get(node.instanceId);
    if (row === undefined || updates.has(row.instanceId)) continue;
    const trend = trendOf(node);
    const to = trend === undefined ? undefined : FOLLOWED[trend][row.status];
    if (to === undefined) continue;
    updates.set(row.instanceId, transition(row, to, `Ray node is ${node.status}`, { nodeId: node.nodeId }));
  }
  return [...updates.values()];
}

/** Undefined: the status says nothing. The original raises. */
function trendOf({ status }: RayNode): 'up' | 'draining' | 'dead' | undefined {
  switch (status) {
    case 'RUNNING':
    case 'IDLE':
      return 'up';
    case 'DRAINING':
      return 'draining';
    case 'DEAD':
      return 'dead';
    case 'UNSPECIFIED':
      return undefined;
  }
}

/** Workers whose Ray node the GCS does not list at all. The head is exempt. Spec: RAY-25.7. */
function noticeLostRayNodes(table: InstanceTable, { observation: { state } }: StepContext): readonly InstanceUpdate[] {
  const listed = new Set(state.nodeStates.map(({ nodeId }) => nodeId));
  return [
    ...withStatus(table, 'RAY_RUNNING'),
    ...withStatus(table, 'RAY_STOP_REQUESTED'),
    ...withStatus(table, 'RAY_STOPPING'),
  ]
    .filter((row) => row.nodeKind === 'WORKER' && row.nodeId !== '' && !listed.has(row.nodeId))
    .map((row) => transition(row, 'RAY_STOPPED', `Ray node ${row.nodeId} is not in the GCS`));
}

/** Strictly longer than the limit in the present status. Spec: RAY-25.7a. */
function expire(table: InstanceTable, { observation: { at }, settings }: StepContext): readonly InstanceUpdate[] {
  return rowsOf(table).flatMap((row) => {
    const rule = expiryOf(row, settings);
    if (rule === undefined || at.mono - statusSince(row).mono <= rule.limitMs) return [];
    return [transition(row, rule.to, `${row.status} for more than ${rule.limitMs / 1000} s`)];
  });
}

type Expiry = { readonly limitMs: number; readonly to: InstanceStatus };

function expiryOf(row: Instance, settings: RaySettings): Expiry | undefined {
  const again = timesOf(row, 'REQUESTED').length <= settings.maxRequestRetries;
  const rules: Partial<Record<InstanceStatus, Expiry>> = {
    REQUESTED: { limitMs: settings.requestTimeoutMs, to: again ? 'QUEUED' : 'ALLOCATION_FAILED' },
    ALLOCATED: { limitMs: settings.allocateTimeoutMs, to: 'ALLOCATION_TIMEOUT' },
    RAY_INSTALLING: { limitMs: settings.rayInstallTimeoutMs, to: 'RAY_INSTALL_FAILED' },
    TERMINATING: { limitMs: settings.terminatingTimeoutMs, to: 'TERMINATION_FAILED' },
    RAY_STOP_REQUESTED: { limitMs: settings.rayStopTimeoutMs, to: 'RAY_RUNNING' },
  };
  return rules[row.status];
}

const RETAINED_MS = 600_000;
const RETAINED_PER_TYPE = 20;

/** Terminal rows go after ten minutes, or earlier when there are more than twenty of a type. Spec: RAY-24.4 (C6). */
function forget(
  table: InstanceTable,
  { observation: { at }, settings: { compat } }: StepContext,
): readonly InstanceUpdate[] {
  if (compat.terminalRows === 'keep') return [];
  const terminal = rowsOf(table).filter((row) => isTerminal(row.status));
  return [...groupByType(terminal).values()].flatMap((rows) =>
    rows
      .toSorted((a, b) => statusSince(b).mono - statusSince(a).mono)
      .filter((row, rank) => rank >= RETAINED_PER_TYPE || at.mono - statusSince(row).mono > RETAINED_MS)
      .map(({ instanceId }) => ({ kind: 'remove' as const, instanceId })),
  );
}

function isHead(node: RayNode): boolean {
  return node.totalResources.some(([name]) => name === 'node:__internal_head__');
}

function transition(
  row: Instance,
  to: InstanceStatus,
  details: string,
  fields: Partial<Omit<Transition, 'kind' | 'instanceId' | 'to' | 'details'>> = {},
): Transition {
  return { kind: 'transition', instanceId: row.instanceId, to, details, ...fields };
}

function withStatus(table: InstanceTable, status: InstanceStatus): readonly Instance[] {
  return rowsOf(table).filter((row) => row.status === status);
}

function liveRows(table: InstanceTable): readonly Instance[] {
  return rowsOf(table).filter((row) => !isTerminal(row.status) && row.cloudInstanceId !== '');
}

function ownedPods(table: InstanceTable): ReadonlySet<string> {
  return new Set(liveRows(table).map(({ cloudInstanceId }) => cloudInstanceId));
}

function groupByType(rows: readonly Instance[]): ReadonlyMap<string, readonly Instance[]> {
  const groups = new Map<string, Instance[]>();
  for (const row of rows) {
    const group = groups.get(row.instanceType);
    if (group === undefined) groups.set(row.instanceType, [row]);
    else group.push(row);
  }
  return groups;
}

function countByType(rows: readonly Instance[]): ReadonlyMap<string, number> {
  return new Map([...groupByType(rows)].map(([type, { length }]) => [type, length]));
}
