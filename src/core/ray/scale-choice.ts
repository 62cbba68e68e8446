/** Which rows this round acts on: those the scheduler wants gone, those whose pods are deleted, those whose pods are asked for. */

import type { Instant } from '../time/time.ts';
import { canReachRunning, isTerminal, awaitsTermination } from './instance-status.ts';
import { byTimesOf, rowsOf, timesOf, type Instance, type InstanceTable, type InstanceUpdate } from './instances.ts';
import { countGroups, type ClusterView } from './observation.ts';
import type { RaySettings } from './settings.ts';
import type { ScheduleDecision, TerminationRequest } from './snapshot.ts';

/** What the scheduler's decision makes of the table. */
export type ScheduleEffects = {
  readonly updates: readonly InstanceUpdate[];
  /** Rows that are now RAY_STOP_REQUESTED, in order of the decision: to be drained. */
  readonly toDrain: readonly string[];
  /** Rows with a pod on which Ray was never seen, and why they go: their pods are deleted without a drain. */
  readonly toDelete: ReadonlyMap<string, TerminationRequest>;
};

/**
 * Launches become QUEUED rows; QUEUED rows that shall go are cancelled; running ones are asked to stop; those with a pod but without
 * Ray lose the pod. A requested row cannot be called back: a QUEUED one of its type, if there is one, goes in its place. A row that is
 * asked to stop already is left alone.
 *
 * Cost: O(rows + launches + terminations).
 * Spec: RAY-25.7b.   Source: v2/instance_manager/reconciler.py _scale_cluster (Ray 2.60.0).
 */
export function effectsOf(
  decision: Extract<ScheduleDecision, { kind: 'schedule' }>,
  table: InstanceTable,
  { keep, newId }: { readonly keep: (row: Instance) => boolean; readonly newId: () => string },
): ScheduleEffects {
  const updates: InstanceUpdate[] = [];
  const toDrain: string[] = [];
  const toDelete = new Map<string, TerminationRequest>();
  const move = (row: Instance, to: Instance['status'], what: string, termination: TerminationRequest): void => {
    const details = `${what}: ${termination.cause}: ${termination.details}`;
    updates.push({ kind: 'transition', instanceId: row.instanceId, to, details, termination });
  };
  const substitutes = uncancelled(decision, table);
  for (const termination of decision.terminations) {
    const row = table.rows.get(termination.instanceId);
    if (row === undefined || keep(row)) continue;
    if (row.status === 'QUEUED') move(row, 'TERMINATED', 'cancelled', termination);
    else if (row.status === 'REQUESTED') {
      const substitute = substitutes.get(row.instanceType)?.pop();
      if (substitute !== undefined) move(substitute, 'TERMINATED', 'cancelled', termination);
    } else if (row.status === 'ALLOCATED' || row.status === 'RAY_INSTALLING') toDelete.set(row.instanceId, termination);
    else if (row.status === 'RAY_RUNNING') {
      move(row, 'RAY_STOP_REQUESTED', 'draining', termination);
      toDrain.push(row.instanceId);
    }
  }
  for (const { nodeType, count } of decision.launches) {
    for (let i = 0; i < count; i++) updates.push(wanted(nodeType, newId()));
  }
  return { updates, toDrain, toDelete };
}

function wanted(instanceType: string, instanceId: string): InstanceUpdate {
  return { kind: 'create', instanceId, instanceType, status: 'QUEUED', details: 'wanted by the scheduler' };
}

/** QUEUED rows that the decision leaves alone, by type, the youngest last. */
function uncancelled(
  { terminations }: { readonly terminations: readonly TerminationRequest[] },
  table: InstanceTable,
): ReadonlyMap<string, Instance[]> {
  const named = new Set(terminations.map(({ instanceId }) => instanceId));
  const byType = new Map<string, Instance[]>();
  for (const row of rowsOf(table)) {
    if (row.status !== 'QUEUED' || named.has(row.instanceId)) continue;
    const group = byType.get(row.instanceType);
    if (group === undefined) byType.set(row.instanceType, [row]);
    else group.push(row);
  }
  return byType;
}

/** The rows of one patch. */
export type ScaleChoice = {
  readonly launch: readonly Instance[];
  /** Their pods are named for deletion. */
  readonly terminate: readonly Instance[];
  /** Their pod lives on under another row: they end without it. */
  readonly retire: readonly Instance[];
  /** Groups with pods named earlier that are still there. With `gate-group` nothing is chosen in them. */
  readonly deleting: ReadonlySet<string>;
};

export type ChoiceInput = {
  readonly table: InstanceTable;
  readonly view: ClusterView;
  readonly settings: Pick<RaySettings, 'compat' | 'maxConcurrentLaunches' | 'updateIntervalMs'>;
  readonly at: Instant;
  /** Beside the rows that await termination. */
  readonly toDelete: ReadonlyMap<string, TerminationRequest>;
  /** Ray turned out to be up on them. */
  readonly spared: ReadonlySet<string>;
};

/**
 * Chosen anew for each view of the cluster: what is gated or held can change between two tries of a patch.
 *
 * Cost: O(rows log rows + pods).
 * Spec: RAY-25.8, RAY-25.9, RAY-27.3 (C3).   Source: reconciler.py _handle_instances_launch, _terminate_instances (Ray 2.60.0).
 */
export function chooseScale(input: ChoiceInput): ScaleChoice {
  const { view, settings } = input;
  const counts = countGroups(view);
  const deleting = new Set(counts.filter((count) => count.deleting).map(({ group }) => group.groupName));
  const gated = settings.compat.pendingDeletes === 'gate-group' ? deleting : new Set<string>();
  const scaled = new Set(
    view.config.groups.flatMap(({ groupName, hold }) =>
      hold === undefined && !gated.has(groupName) ? [groupName] : [],
    ),
  );
  return { ...chooseTerminations(input, scaled), launch: chooseLaunches(input, scaled), deleting };
}

function chooseTerminations(
  { table, toDelete, spared, settings: { compat }, view }: ChoiceInput,
  scaled: ReadonlySet<string>,
): Pick<ScaleChoice, 'terminate' | 'retire'> {
  const terminate: Instance[] = [];
  const retire: Instance[] = [];
  const rows = rowsOf(table);
  const active = new Set(
    rows.flatMap((row) => (isTerminal(row.status) || awaitsTermination(row.status) ? [] : [row.cloudInstanceId])),
  );
  const wholeReplicas = new Set(
    view.config.groups.flatMap(({ groupName, numOfHosts }) => (numOfHosts > 1 ? [groupName] : [])),
  );
  for (const row of rows) {
    const waits = awaitsTermination(row.status);
    if (!waits && !toDelete.has(row.instanceId)) continue;
    if (row.status === 'RAY_STOPPED' && active.has(row.cloudInstanceId)) retire.push(row);
    else if (spared.has(row.instanceId)) {
      if (waits) retire.push(row);
    } else if (
      scaled.has(row.instanceType) &&
      (compat.multiHost === 'single-hosts' || !wholeReplicas.has(row.instanceType))
    )
      terminate.push(row);
  }
  return { terminate, retire };
}

/**
 * The oldest of each type, as many as its speed and the room for requests in flight allow. The speed is one per interval: what an
 * earlier round of the same interval requested counts, so that rounds brought forward by changes do not grow a cluster faster.
 * Spec: RAY-25.9.
 */
function chooseLaunches({ table, settings, view, at }: ChoiceInput, scaled: ReadonlySet<string>): readonly Instance[] {
  const rows = rowsOf(table);
  const chosen: Instance[] = [];
  const room = settings.maxConcurrentLaunches - rows.filter(({ status }) => status === 'REQUESTED').length;
  const queued = rows.filter((row) => row.status === 'QUEUED' && scaled.has(row.instanceType));
  const wasRequested = (row: Instance): boolean =>
    timesOf(row, 'REQUESTED').some((mono) => mono < at.mono && mono > at.mono - settings.updateIntervalMs);
  for (const type of new Set(queued.map(({ instanceType }) => instanceType))) {
    const running = rows.filter((row) => row.instanceType === type && row.status === 'RAY_RUNNING').length;
    const speed = Math.max(1, Math.ceil(view.config.upscalingSpeed * Math.max(running, 1)));
    const want = speed - rows.filter((row) => row.instanceType === type && wasRequested(row)).length;
    const oldest = byTimesOf(
      queued.filter(({ instanceType }) => instanceType === type),
      'QUEUED',
    );
    chosen.push(...oldest.slice(0, Math.max(0, Math.min(room - chosen.length, want))));
  }
  return chosen;
}

/** Rows that keep their pods in a group of several hosts, until replicas are drained as wholes (C13). */
export function keepsWholeReplica(
  row: Instance,
  { config }: ClusterView,
  { compat }: Pick<RaySettings, 'compat'>,
): boolean {
  if (compat.multiHost === 'single-hosts' || !canReachRunning(row.status) || row.status === 'QUEUED') return false;
  return config.groups.some(({ groupName, numOfHosts }) => groupName === row.instanceType && numOfHosts > 1);
}
