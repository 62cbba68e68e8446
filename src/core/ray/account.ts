/** The round in words and numbers, one entry per worker group: what a person is told, and what records are made of. */

import type { ResourceRequest, ResourceRequestByCount } from './cluster-state.ts';
import type { WorkerGroup } from './config.ts';
import type { Failure } from './conversation.ts';
import type { Instance } from './instances.ts';
import { countGroups, type ClusterView, type GroupCount } from './observation.ts';
import type { GroupPlan } from './plan-patch.ts';
import type { Obstacle, ScheduleExplanation, ServedRequest, UnservedExplanation } from './snapshot.ts';

/** A placement group's name is long, and there can be hundreds. */
const NAMED_GANGS = 3;

/** Workers (pods) of one group: their number moved, kept, or not to be moved although wanted. */
export type GroupDecision = {
  readonly group: string;
  readonly decision:
    | { readonly kind: 'scale'; readonly from: number; readonly to: number }
    | { readonly kind: 'hold'; readonly at: number }
    | { readonly kind: 'fail' };
  /** The original's cause where there is one (`IDLE`, `MAX_NUM_NODES`). */
  readonly reason: string;
  readonly message: string;
  readonly numbers: Readonly<Record<string, number | string>>;
};

/** What a round did, as far as it is told. */
export type RoundFacts = {
  /** As it was read last. */
  readonly view: ClusterView;
  readonly explanation: ScheduleExplanation;
  /** Of the last patch planned. */
  readonly plans: readonly GroupPlan[];
  readonly failure: Failure | undefined;
  /** Rows whose pods the patch asks for, or names for deletion. */
  readonly launched: readonly Instance[];
  readonly terminated: readonly Instance[];
  /** Rows asked to stop in this round, and those among them that refused. */
  readonly drained: readonly Instance[];
  readonly refusals: ReadonlyMap<string, string>;
  readonly deleting: ReadonlySet<string>;
  readonly queued: ReadonlyMap<string, number>;
  /** Of the round before, by group. */
  readonly unanswered: ReadonlyMap<string, UnansweredScale>;
};

/** A change whose patch was not answered: what it was to be, in replicas, and why. */
export type UnansweredScale = {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly message: string;
};

export type Account = {
  /** One per worker group, in the order of the RayCluster. */
  readonly decisions: readonly GroupDecision[];
  /** By group, for the next round. */
  readonly unanswered: RoundFacts['unanswered'];
};

/**
 * What a round did to each worker group. A change whose answer was lost is told in the round that reads it back.
 *
 * Cost: O(groups x shapes).
 */
export function accountFor(facts: RoundFacts): Account {
  const unanswered = new Map<string, UnansweredScale>();
  const decisions = countGroups(facts.view).map((count) => {
    const { groupName } = count.group;
    const change = changeOf(count, facts);
    if (change !== undefined && change.isFailed && change.from !== change.to) unanswered.set(groupName, change);
    return decisionOf(count, change, facts);
  });
  return { decisions, unanswered };
}

type Change = UnansweredScale & { readonly isFailed: boolean };

/** What a group's number or pods were to become, whether or not the patch went through; undefined when they stay. */
function changeOf(count: GroupCount, facts: RoundFacts): Change | undefined {
  const { groupName } = count.group;
  const plan = facts.plans.find((one) => one.groupName === groupName);
  const earlier = facts.unanswered.get(groupName);
  const isHeard = earlier !== undefined && earlier.to === count.replicas;
  if (plan !== undefined && (plan.from !== plan.to || plan.remove.length > 0)) {
    const from = isHeard ? earlier.from : plan.from;
    const [reason, message] = plan.to >= plan.from ? growthText(count, plan, facts) : shrinkText(count, plan, facts);
    return { from, to: plan.to, reason, message, isFailed: facts.failure !== undefined };
  }
  if (!isHeard) return undefined;
  return { ...earlier, message: `${earlier.message}; the answer was lost, the change is there`, isFailed: false };
}

function decisionOf(count: GroupCount, change: Change | undefined, facts: RoundFacts): GroupDecision {
  const { groupName: group, numOfHosts: hosts } = count.group;
  const numbers = numbersOf(count, facts);
  const hold = (reason: string, message: string): GroupDecision => ({
    group,
    decision: { kind: 'hold', at: count.replicas * hosts },
    reason,
    message,
    numbers,
  });
  if (count.group.hold !== undefined) return hold(...heldText(count.group, count.group.hold));
  if (change?.isFailed === true && facts.failure !== undefined) {
    const reason = facts.failure.reason || (facts.failure.code === 0 ? 'NoAnswer' : 'PatchFailed');
    const message = `replicas of ${group} could not be set from ${count.replicas} to ${change.to}: ${facts.failure.message}`;
    return { group, decision: { kind: 'fail' }, reason, message, numbers };
  }
  if (change !== undefined && change.from !== change.to) {
    const { from, to, reason, message } = change;
    return { group, decision: { kind: 'scale', from: from * hosts, to: to * hosts }, reason, message, numbers };
  }
  return hold(...holdText(count, facts));
}

function heldText(group: WorkerGroup, hold: NonNullable<WorkerGroup['hold']>): [reason: string, message: string] {
  switch (hold.reason) {
    case 'suspended':
      return ['Suspended', `${group.groupName} is suspended: it counts as a group of at most 0 and is not patched`];
    case 'unreadable':
    case 'duplicate-name':
    case 'reserved-name': {
      const [first] = hold.errors;
      return ['InvalidWorkerGroup', `${first?.path}: ${first?.message}; ${first?.fix ?? ''}`];
    }
  }
}

/** `30 requests of {CPU: 1} wait, 0 fit on what there is: 10 workers of small-group (max 10)`. */
function growthText({ group, replicas }: GroupCount, plan: GroupPlan, facts: RoundFacts): [string, string] {
  const launch = facts.explanation.launches.find(({ nodeType }) => nodeType === group.groupName);
  const workers = changeText(group, plan, 'max');
  if (launch !== undefined && launch.serves.length > 0)
    return ['ResourceDemand', `${demandText(launch.serves, facts)}: ${workers}`];
  if (launch !== undefined && launch.servesConstraint.length > 0)
    return ['ResourceConstraint', `${constraintText(launch.servesConstraint)}: ${workers}`];
  if (launch !== undefined) return ['MinReplicas', `the minimum is ${group.minReplicas}: ${workers}`];
  if (ofGroup(facts.launched, group.groupName).length > 0)
    return ['ResourceDemand', `wanted since an earlier round: ${workers}`];
  return ['MinReplicas', `replicas was ${replicas}, below what there is or must be: ${workers}`];
}

/** In workers, that is pods, as the limit named. */
function changeText(group: WorkerGroup, { from, to }: GroupPlan, limit: 'min' | 'max'): string {
  const { numOfHosts: hosts, groupName } = group;
  const bound = (limit === 'max' ? group.maxReplicas : group.minReplicas) * hosts;
  return `${workersText(to * hosts, groupName)} instead of ${from * hosts} (${limit} ${bound})`;
}

function workersText(count: number, group: string): string {
  return `${count} ${count === 1 ? 'worker' : 'workers'} of ${group}`;
}

/** Tasks and actors by shape, then placement groups one by one. */
function demandText(serves: readonly ServedRequest[], { explanation }: RoundFacts): string {
  const ofGangs = new Map<string, ResourceRequestByCount[]>();
  const texts: string[] = [];
  for (const { request, count, gang } of serves) {
    if (gang !== undefined) {
      const ofGang = ofGangs.get(gang);
      if (ofGang === undefined) ofGangs.set(gang, [{ request, count }]);
      else ofGang.push({ request, count });
      continue;
    }
    const demand = explanation.demands.find((one) => one.request === request);
    const [total, fitting] = [demand?.total ?? count, demand?.onExisting ?? 0];
    texts.push(
      `${requestsText(total)} of ${shapeText(request)} ${total === 1 ? 'waits' : 'wait'}, ${fitting} ${fitting === 1 ? 'fits' : 'fit'} on what there is`,
    );
  }
  const gangs = [...ofGangs];
  for (const [gang, served] of gangs.slice(0, NAMED_GANGS))
    texts.push(`placement group ${gang} waits for room, here for ${wantedText(served)}`);
  const more = gangs.length - NAMED_GANGS;
  if (more > 0) texts.push(`and ${more} more placement ${more === 1 ? 'group' : 'groups'}`);
  return texts.join('; ');
}

function constraintText(serves: readonly ResourceRequestByCount[]): string {
  return `request_resources asks for room, here for ${wantedText(serves)}`;
}

function wantedText(wanted: readonly ResourceRequestByCount[]): string {
  return wanted.map(({ request, count }) => `${count} times ${shapeText(request)}`).join(' and ');
}

function requestsText(count: number): string {
  return `${count} ${count === 1 ? 'request' : 'requests'}`;
}

function shrinkText({ group }: GroupCount, plan: GroupPlan, facts: RoundFacts): [string, string] {
  const rows = ofGroup(facts.terminated, group.groupName);
  const workers = changeText(group, plan, 'min');
  const causes = new Map<string, string>();
  for (const { termination } of rows)
    causes.set(termination?.cause ?? 'RayNodeGone', termination?.details ?? 'Ray is gone from the pod');
  if (causes.size === 0) return ['MaxReplicas', `replicas is above the maximum of ${group.maxReplicas}: ${workers}`];
  const [reason = ''] = causes.keys();
  const why = [...causes].map(([cause, details]) => `${cause}: ${details}`).join('; ');
  const fate = rows.every(({ nodeId }) => nodeId === '') ? 'to be deleted' : 'drained and to be deleted';
  return [reason, `${fate}: ${rows.length} (${why}): ${workers}`];
}

function holdText({ group, replicas }: GroupCount, facts: RoundFacts): [string, string] {
  const name = group.groupName;
  const replaced = facts.plans.find(({ groupName }) => groupName === name)?.remove.length ?? 0;
  if (replaced > 0) {
    const [first] = ofGroup(facts.terminated, name);
    return [first?.termination?.cause ?? 'RayNodeGone', `replaced: ${workersText(replaced, name)}`];
  }
  const drained = ofGroup(facts.drained, name);
  if (drained.length > 0) {
    const refused = drained.filter(({ instanceId }) => facts.refusals.has(instanceId));
    const [first] = refused;
    const because = first === undefined ? '' : `, ${refused.length} kept: ${facts.refusals.get(first.instanceId)}`;
    return [
      drained[0]?.termination?.cause ?? 'IDLE',
      `asked to stop: ${workersText(drained.length, name)} (${drained[0]?.termination?.details})${because}`,
    ];
  }
  if (facts.deleting.has(name)) return ['PendingDeletes', `${name} waits until pods named for deletion are gone`];
  const queued = facts.queued.get(name) ?? 0;
  if (queued > 0)
    return ['LaunchesInFlight', `waiting for room among the requests in flight: ${workersText(queued, name)}`];
  const unserved = facts.explanation.unserved.filter(({ obstacles }) =>
    obstacles.some(({ nodeType }) => nodeType === name),
  );
  if (unserved.length > 0) return unservedText(name, unserved);
  const stay = `${workersText(replicas * group.numOfHosts, name)} as before`;
  const { demands, gangs, constraint } = facts.explanation;
  const waiting =
    demands.reduce((sum, { total }) => sum + total, 0) + gangs.reduce((sum, { bundles }) => sum + bundles, 0);
  if (waiting > 0) return ['DemandFits', `${stay}: what waits (${waiting}) fits on what there is or comes`];
  if (constraint === 'met')
    return ['ConstraintMet', `${stay}: what request_resources asks for fits on what there is or comes`];
  return ['NoDemand', `${stay}: nothing waits, nobody is idle for too long`];
}

function unservedText(name: string, unserved: readonly UnservedExplanation[]): [string, string] {
  const parts = unserved.map(({ of, request, count, obstacles }) => {
    const obstacle = obstacles.find(({ nodeType }) => nodeType === name)?.obstacle;
    const whose =
      of.kind === 'gang' ? ` of placement group ${of.gang}` : of.kind === 'constraint' ? ' of request_resources' : '';
    return `${requestsText(count)}${whose} of ${shapeText(request)} ${count === 1 ? 'finds' : 'find'} no place on ${name}: ${obstacle === undefined ? 'no room' : obstacleText(obstacle)}`;
  });
  const limited = unserved.some(({ obstacles }) =>
    obstacles.some(({ nodeType, obstacle }) => nodeType === name && obstacle.kind.startsWith('max')),
  );
  return [limited ? 'TooManyReplicas' : 'Infeasible', parts.join('; ')];
}

function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'missing-resource':
      return `an empty one has ${obstacle.ofEmptyNode} ${obstacle.resource} of ${obstacle.requested}`;
    case 'labels':
      return 'its labels do not match';
    case 'max-per-type':
      return `its maximum is ${obstacle.limit}`;
    case 'max-total':
      return `the cluster's maximum is ${obstacle.limit} nodes`;
  }
}

/** `{CPU: 1, memory: 1073741824}`. */
export function shapeText({ resourcesBundle }: ResourceRequest): string {
  return `{${resourcesBundle.map(([name, amount]) => `${name}: ${amount}`).join(', ')}}`;
}

function numbersOf(count: GroupCount, facts: RoundFacts): GroupDecision['numbers'] {
  const name = count.group.groupName;
  const { demands } = facts.explanation;
  const plan = facts.plans.find(({ groupName }) => groupName === name);
  const written = facts.failure === undefined;
  const sum = (of: (demand: (typeof demands)[number]) => number): number =>
    demands.reduce((so, demand) => so + of(demand), 0);
  return {
    waitingRequests: sum(({ total }) => total),
    fittingRequests: sum(({ onExisting }) => onExisting),
    unservedRequests: sum(({ unserved }) => unserved),
    replicas: count.replicas,
    targetReplicas: plan?.to ?? count.replicas,
    minReplicas: count.group.minReplicas,
    maxReplicas: count.group.maxReplicas,
    observedPods: count.observed,
    owedPods: count.owed,
    launchedPods: written ? ofGroup(facts.launched, name).length : 0,
    deletedPods: written ? (plan?.remove.length ?? 0) : 0,
    drainedNodes: ofGroup(facts.drained, name).length,
  };
}

function ofGroup(rows: readonly Instance[], group: string): readonly Instance[] {
  return rows.filter(({ instanceType }) => instanceType === group);
}
