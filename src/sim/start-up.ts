/** The first steps of a run: objects are applied to the empty cluster, and everything in them must come up. */

import type { Deployment } from '../core/kube/apps.ts';
import type { AnyObject } from '../core/kube/object.ts';
import { groupOfApiVersion, kindOfGroupKind } from '../core/cluster/kinds/table.ts';
import { NAMESPACES } from '../core/kube/resource.ts';
import { seconds } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';
import { KubeError } from '../ports/kube-api.ts';
import { holdsOrSettles } from './conditions.ts';
import type { RunPlan } from './plan.ts';
import { PATIENCE, type ScriptDeps } from './script-deps.ts';
import { unreadyReasons } from './unserved.ts';
import { counted, listed } from './words.ts';
import { applyOrder } from './world.ts';

/** No pod has come further for so long: none will. Far longer than an image takes. */
const STANDSTILL = seconds(300);

/** More names than this on one line tell nobody anything. */
const NAMED_OBJECTS = 8;
const NAMED_PODS = 5;

export async function apply(
  { world, observer, clock, signal }: ScriptDeps,
  objects: readonly AnyObject[],
): Promise<void> {
  const api = world.api('kubectl');
  for (const object of applyOrder(objects)) {
    const kind = kindOfGroupKind({ group: groupOfApiVersion(object.apiVersion), kind: object.kind });
    if (kind === undefined) {
      throw new TandemError(
        'TANDEM_MANIFEST',
        `${object.kind} of ${object.apiVersion} is not a kind this cluster serves`,
      );
    }
    await api.create(kind.resource, object, { signal }).catch((error: unknown) => {
      if (kind.resource === NAMESPACES && error instanceof KubeError && error.status.reason === 'AlreadyExists') return;
      throw error;
    });
  }
  const names = objects.map((object) => `${object.kind} ${object.metadata.name}`);
  observer.step(clock.now(), `applied ${listed(names, NAMED_OBJECTS)}`);
}

/** Low load from the start, so that the HPA has something to measure; then everything must be up. */
export async function startUp(deps: ScriptDeps, plan: RunPlan): Promise<void> {
  const { world, clock, gauges, observer, signal } = deps;
  for (const app of plan.loads) gauges.setLoad(app.deployment, app.levels.low);
  const needsNodes = plan.objects.some(asksForPods);
  const isUp = (): boolean =>
    gauges.unreadyPods().length === 0 &&
    (gauges.nodes.last > 0 || !needsNodes) &&
    plan.rays.every(({ cluster }) => world.ray(cluster)?.progress().reachable === true);
  const state = (): string => {
    const pods = gauges.unreadyPods();
    const placed = pods.filter(({ spec }) => (spec.nodeName ?? '') !== '').map(({ metadata }) => metadata.name);
    return JSON.stringify([pods.length, placed, gauges.nodes.last]);
  };
  const reached = await holdsOrSettles(
    clock,
    { condition: isUp, heldFor: seconds(15), value: state, settledFor: STANDSTILL },
    { within: PATIENCE, signal },
  );
  if (reached === 'held') {
    const where = needsNodes ? `everything is up on ${counted(gauges.nodes.last, 'node')}` : 'no pod was asked for';
    observer.step(clock.now(), where);
  } else deps.giveUp('pods', waitedFor(deps));
  for (const { cluster, loadFrom } of plan.rays) {
    const standIn = world.ray(cluster);
    if (standIn === undefined) continue;
    gauges.followTasks(cluster, standIn);
    if (loadFrom === 'user') gauges.followAsks(cluster, standIn);
  }
}

/** `gave up waiting for 1 pod to become ready: web-x2k4d (no node for it: ...)`, the reason of most of them. */
function waitedFor({ world, gauges }: ScriptDeps): string {
  const pods = gauges.unreadyPods();
  if (pods.length === 0) return 'gave up waiting for the nodes and Ray to answer';
  const reasonOf = unreadyReasons(world);
  const counts = new Map<string, number>();
  for (const pod of pods) counts.set(reasonOf(pod), (counts.get(reasonOf(pod)) ?? 0) + 1);
  const [[reason, count] = ['', 0]] = [...counts].toSorted(([, a], [, b]) => b - a);
  const names = listed(
    pods.map(({ metadata }) => metadata.name),
    NAMED_PODS,
  );
  const of = count === pods.length ? '' : `${count} of them: `;
  return `gave up waiting for ${counted(pods.length, 'pod')} to become ready: ${names} (${of}${reason})`;
}

function asksForPods({ kind, spec }: AnyObject): boolean {
  if (kind === 'RayCluster') return (spec as { readonly suspend?: boolean }).suspend !== true; // checked by kind
  return kind === 'Deployment' && (spec as Deployment['spec']).replicas !== 0; // checked by kind
}
