/** What a run is held to: the invariants always, the guide's figures for the guide's own scenario. Judged on what was measured. */

import { keyText } from '../core/kube/object.ts';
import type { DecisionRecord } from '../ports/recorder.ts';
import type { Gauges } from './gauges.ts';
import type { Track } from './measure.ts';
import type { AppPlan, RayPlan, RunPlan } from './plan.ts';
import { bundlesText, workOf } from './ray-load.ts';
import type { Expectation, LayerSummary, RayAskOutcome, ScenarioInput } from './scenario-types.ts';
import { neverDecided } from './unserved.ts';
import { counted, listed } from './words.ts';
import type { World } from './world.ts';

type Judged = {
  readonly world: World;
  readonly gauges: Gauges;
  readonly plan: RunPlan;
  readonly decisions: readonly DecisionRecord[];
  readonly rayAsks: readonly RayAskOutcome[];
};

export function judge(kind: ScenarioInput['kind'], judged: Judged, replayed: boolean): readonly Expectation[] {
  const invariants = [
    ...judged.plan.apps.map((app) => boundsKept(judged, app)),
    ...judged.plan.rays.flatMap((ray) => rayKept(judged, ray)),
  ];
  if (kind === 'manifests') return invariants;
  const figures = replayed ? [] : judged.plan.apps.map((app) => hpaFigures(judged, app));
  return [
    ...figures,
    ...judged.plan.rays.flatMap((ray) => rayFigures(judged, ray)),
    ...judged.rayAsks.map(askMet),
    nodesFollow(judged),
    ...invariants,
  ];
}

function boundsKept({ decisions }: Judged, app: AppPlan): Expectation {
  const name = keyText(app.hpa);
  const scales = decisions.flatMap(({ layer, object, decision }) =>
    layer === 'hpa' &&
    object.name === app.hpa.name &&
    object.namespace === app.hpa.namespace &&
    decision.kind === 'scale'
      ? [decision.to]
      : [],
  );
  const outside = scales.filter((to) => to < app.minReplicas || to > app.maxReplicas);
  return {
    name: `HPA ${name} keeps its bounds`,
    held: outside.length === 0,
    detail: `${counted(scales.length, 'scale')} between ${app.minReplicas} and ${app.maxReplicas}${outside.length === 0 ? '' : `, but also to ${listed(outside.map(String), 10)}`}`,
  };
}

function rayKept({ world, gauges }: Judged, ray: RayPlan): readonly Expectation[] {
  const groups = ray.groups.map((group): Expectation => {
    const peak = gauges.workers(ray.cluster, group.name)?.peak ?? 0;
    return {
      name: `worker group ${ray.cluster.name}/${group.name} keeps its bounds`,
      held: peak <= group.maxReplicas,
      detail: `at most ${counted(peak, 'worker')} of ${group.maxReplicas}`,
    };
  });
  const { finished = 0, lost = 0 } = world.ray(ray.cluster)?.progress() ?? {};
  return [
    ...groups,
    {
      name: `no running task of ${ray.cluster.name} lost`,
      held: lost === 0,
      detail: `${finished} finished, ${lost} lost`,
    },
  ];
}

function hpaFigures({ gauges }: Judged, app: AppPlan): Expectation {
  const track = gauges.replicas(app.deployment);
  return followed(`HPA ${app.hpa.name}: ${app.minReplicas} -> ${app.maxReplicas} -> ${app.minReplicas}`, track, [
    app.minReplicas,
    app.maxReplicas,
    app.minReplicas,
  ]);
}

/** The figures of the workers follow from the built-in load; what another one brings has to be done. */
function rayFigures({ world, gauges }: Judged, ray: RayPlan): readonly Expectation[] {
  const groups =
    ray.loadFrom === 'user'
      ? []
      : ray.groups.map((group) => {
          const figures = [group.minReplicas, group.maxReplicas, group.minReplicas] as const;
          return followed(
            `workers of ${group.name}: ${figures.join(' -> ')}`,
            gauges.workers(ray.cluster, group.name),
            figures,
          );
        });
  const tasks = workOf(ray.load);
  const finished = world.ray(ray.cluster)?.progress().finished ?? 0;
  return [...groups, { name: `all ${tasks} tasks finished`, held: finished === tasks, detail: `${finished} finished` }];
}

function askMet({ ask, askedAt, metAt, nodes }: RayAskOutcome): Expectation {
  const held = metAt !== undefined;
  const after = held ? `after ${Math.round((metAt - askedAt) / 1000)} s` : 'never';
  switch (ask.kind) {
    case 'placement-group': {
      const name = `placement group ${ask.name} (${ask.strategy}, ${bundlesText(ask.bundles)}) finds its place`;
      return { name, held, detail: held ? `${after}, on ${counted(nodes, 'node')}` : after };
    }
    case 'request-resources':
      return { name: `request_resources: room for ${bundlesText(ask.bundles)}`, held, detail: after };
  }
}

function followed(
  name: string,
  track: Track | undefined,
  [first, peak, last]: readonly [number, number, number],
): Expectation {
  if (track === undefined) return { name, held: false, detail: 'was never seen' };
  const held = track.first === first && track.peak === peak && track.last === last;
  return { name, held, detail: `${track.first} -> ${track.peak} -> ${track.last}` };
}

function nodesFollow({ gauges }: Judged): Expectation {
  const { peak, last } = gauges.nodes;
  const empty = [...gauges.podsByNode()].filter(([, pods]) => pods.length === 0).map(([node]) => node);
  return {
    name: 'nodes grow for both and shrink again, none is left empty',
    held: peak > last && last > 0 && empty.length === 0,
    detail: `0 -> ${peak} -> ${last}${empty.length === 0 ? '' : `, empty: ${listed(empty, NAMED_NODES)}`}`,
  };
}

export function summarize({ gauges, plan, decisions }: Judged): readonly LayerSummary[] {
  const hpas = plan.apps.map((app): LayerSummary => {
    const object = `HPA ${app.hpa.name} on Deployment ${app.deployment.name}`;
    const never = neverDecided(app.hpa, decisions);
    const line = summary('hpa', object, gauges.replicas(app.deployment), 'replicas');
    return never === undefined ? line : { ...line, note: `never got a number: ${never}` };
  });
  const groups = plan.rays.flatMap((ray) =>
    ray.groups.map((group) =>
      summary(
        'ray',
        `worker group ${group.name} of RayCluster ${ray.cluster.name}`,
        gauges.workers(ray.cluster, group.name),
        'workers',
      ),
    ),
  );
  return [...hpas, ...groups, { ...summary('nodes', 'nodes', gauges.nodes, 'nodes'), note: leftOver(gauges) }];
}

function summary(layer: LayerSummary['layer'], object: string, track: Track | undefined, unit: string): LayerSummary {
  return { layer, object, first: track?.first ?? 0, peak: track?.peak ?? 0, last: track?.last ?? 0, unit };
}

const NAMED_PODS = 3;
const NAMED_NODES = 5;

/** Why the nodes that are left are left, or why there never was one. */
function leftOver(gauges: Gauges): string {
  const nodes = [...gauges.podsByNode()].map(
    ([node, pods]) => `${node} holds ${pods.length === 0 ? 'nothing' : listed(pods, NAMED_PODS)}`,
  );
  if (gauges.nodes.peak === 0 && nodes.length === 0)
    return gauges.unreadyPods().length === 0 ? 'none was needed' : 'none could be made for the pods that wait';
  if (nodes.length === 0) return 'none left';
  const more = nodes.length > NAMED_NODES ? `; ${nodes.length - NAMED_NODES} more` : '';
  return `${nodes.slice(0, NAMED_NODES).join('; ')}${more}`;
}
