/**
 * What did not come about although no invariant broke: HPAs without a number, pods that are not ready, tasks that wait, steps that
 * were given up. Read at the end; it changes no verdict, it is said.
 */

import type { KubeEvent, Pod } from '../core/kube/core-v1.ts';
import { controllerOf, keyText, type ObjectKey } from '../core/kube/object.ts';
import { EVENTS, REPLICA_SETS } from '../core/kube/resource.ts';
import { compareText } from '../lib/compare.ts';
import type { DecisionRecord } from '../ports/recorder.ts';
import type { Gauges } from './gauges.ts';
import type { AppPlan, RayPlan, RunPlan } from './plan.ts';
import { bundlesText } from './ray-load.ts';
import type { RayAskOutcome, Unserved } from './scenario-types.ts';
import { counted, listed, plainFailure } from './words.ts';
import type { World } from './world.ts';

/** A step of the script that waited for something in vain. */
export type GivenUp = { readonly step: 'pods' | 'tasks' | 'rest'; readonly text: string };

export type Outcome = {
  readonly world: World;
  readonly gauges: Gauges;
  readonly plan: RunPlan;
  readonly decisions: readonly DecisionRecord[];
  readonly givenUp: readonly GivenUp[];
  readonly rayAsks: readonly RayAskOutcome[];
};

const NAMED_PODS = 3;

/** Cost: O(records + pods + events). */
export function unserved({ world, gauges, plan, decisions, givenUp, rayAsks }: Outcome): readonly Unserved[] {
  const hpas = plan.apps.flatMap((app) => hpaWithoutNumber(app, decisions));
  const pods = podsNotReady(world, gauges.unreadyPods());
  const tasks = plan.rays.flatMap((ray) => rayUnserved(world, ray, { decisions, rayAsks }));
  const steps = givenUp
    .filter(({ step }) => (step === 'pods' ? pods.length === 0 : step === 'rest' || tasks.length === 0))
    .map(({ text }) => ({ object: 'the run', problem: text, reason: 'its time was over' }));
  return [...hpas, ...pods, ...tasks, ...steps];
}

/** Why an HPA never had a number; undefined when it had one. O(records). */
export function neverDecided(hpa: ObjectKey, decisions: readonly DecisionRecord[]): string | undefined {
  const own = recordsOf(hpa, decisions);
  if (own.some(isNumber)) return undefined;
  const last = own.at(-1);
  return last === undefined ? 'it was never looked at' : plainFailure(last.message);
}

function hpaWithoutNumber(app: AppPlan, decisions: readonly DecisionRecord[]): readonly Unserved[] {
  const object = `HPA ${app.hpa.name} on Deployment ${app.deployment.name}`;
  const never = neverDecided(app.hpa, decisions);
  if (never !== undefined) return [{ object, problem: 'never got a number', reason: never }];
  const last = recordsOf(app.hpa, decisions).at(-1);
  if (last?.decision.kind !== 'fail') return [];
  return [{ object, problem: 'has no number at the end', reason: plainFailure(last.message) }];
}

function recordsOf(hpa: ObjectKey, decisions: readonly DecisionRecord[]): readonly DecisionRecord[] {
  return decisions.filter(({ layer, object }) => layer === 'hpa' && keyText(object) === keyText(hpa));
}

/** A target that was switched off by hand is left alone: that is no number either. */
function isNumber({ decision, reason }: DecisionRecord): boolean {
  return decision.kind !== 'fail' && reason !== 'ScalingDisabled';
}

/** Pods with the same owner and the same reason together. */
function podsNotReady(world: World, pods: readonly Pod[]): readonly Unserved[] {
  if (pods.length === 0) return [];
  const reasonOf = unreadyReasons(world);
  const owners = new Map(
    world.store.list(REPLICA_SETS).items.map((set) => [set.metadata.uid ?? '', controllerOf(set)?.name]),
  );
  const groups = new Map<string, { object: string; reason: string; names: string[] }>();
  for (const pod of pods) {
    const [object, reason] = [ownerText(pod, owners), reasonOf(pod)];
    const group = groups.get(`${object}\n${reason}`) ?? { object, reason, names: [] };
    group.names.push(pod.metadata.name);
    groups.set(`${object}\n${reason}`, group);
  }
  return [...groups.values()].map(({ object, reason, names }) => ({
    object,
    problem: `${counted(names.length, 'pod')} not ready (${listed(names.toSorted(compareText), NAMED_PODS)})`,
    reason,
  }));
}

function ownerText(pod: Pod, owners: ReadonlyMap<string, string | undefined>): string {
  const labels = pod.metadata.labels ?? {};
  const cluster = labels['ray.io/cluster'];
  if (cluster !== undefined) {
    const isHead = labels['ray.io/node-type'] === 'head';
    return isHead ? `head of RayCluster ${cluster}` : `worker group ${labels['ray.io/group']} of RayCluster ${cluster}`;
  }
  const owner = controllerOf(pod);
  const deployment = owners.get(owner?.uid ?? '');
  if (deployment !== undefined) return `Deployment ${deployment}`;
  return owner === undefined ? `Pod ${pod.metadata.name}` : `${owner.kind} ${owner.name}`;
}

/** Why pods are not ready, as the provisioner or else the scheduler said last. Reads all events once. */
export function unreadyReasons(world: World): (pod: Pod) => string {
  const told = new Map<string, KubeEvent>();
  for (const event of world.store.list(EVENTS).items) {
    if (event.reason !== 'FailedScheduling' || event.reportingComponent !== 'karpenter') continue;
    const uid = event.involvedObject.uid ?? '';
    const before = told.get(uid);
    if (before === undefined || (event.lastTimestamp ?? '') >= (before.lastTimestamp ?? '')) told.set(uid, event);
  }
  return (pod) => {
    if ((pod.spec.nodeName ?? '') !== '') return 'it has a node and does not become ready there';
    const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const why = told.get(pod.metadata.uid ?? '')?.message ?? scheduled?.message;
    return why === undefined || why === '' ? 'nobody has looked for a node yet' : `no node for it: ${why}`;
  };
}

/** What was asked of a Ray cluster and did not come about: one line, because the reason is one for all of it. */
function rayUnserved(
  world: World,
  ray: RayPlan,
  { decisions, rayAsks }: Pick<Outcome, 'decisions' | 'rayAsks'>,
): readonly Unserved[] {
  const asks = rayAsks.filter(({ cluster }) => keyText(cluster) === keyText(ray.cluster));
  const problems = [...tasksWaiting(world, ray), ...asks.filter(({ metAt }) => metAt === undefined).map(unmetText)];
  if (problems.length === 0) return [];
  const isReachable = world.ray(ray.cluster)?.progress().reachable === true;
  const words = isReachable ? lastWords(ray, decisions) : 'its head is not ready';
  // who gave the load knows its groups by their names
  const reason = asks.reduce(
    (text, { ask, groupId }) => (ask.kind === 'placement-group' ? text.replaceAll(groupId, ask.name) : text),
    words,
  );
  return [{ object: `RayCluster ${ray.cluster.name}`, problem: problems.join('; '), reason }];
}

function tasksWaiting(world: World, ray: RayPlan): readonly string[] {
  const progress = world.ray(ray.cluster)?.progress();
  if (progress === undefined || progress.pending + progress.running === 0) return [];
  const running = progress.running === 0 ? '' : ` and ${progress.running} run`;
  return [`${counted(progress.pending, 'task')} ${progress.pending === 1 ? 'waits' : 'wait'}${running}`];
}

function unmetText({ ask }: RayAskOutcome): string {
  return ask.kind === 'placement-group'
    ? `placement group ${ask.name} (${ask.strategy}, ${bundlesText(ask.bundles)}) never had a place`
    : `request_resources: there never was room for ${bundlesText(ask.bundles)}`;
}

/** What the autoscaler said last about each group. */
function lastWords(ray: RayPlan, decisions: readonly DecisionRecord[]): string {
  const words = new Map<string, string>();
  for (const { layer, object, message } of decisions) {
    if (layer === 'ray' && keyText(object) === keyText(ray.cluster)) words.set(object.part ?? '', message);
  }
  return words.size === 0 ? 'no worker group could be scaled' : [...words.values()].join('; ');
}
