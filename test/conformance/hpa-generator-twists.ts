/** What makes a plain reconcile case one of faults, targets, rivals, lives of objects, gates or API versions. */

import { isObject, type Fields, type Json } from './hpa-generator-types.ts';
import { makeApiError } from './hpa-generator-errors.ts';
import { BROKEN_SELECTORS, makeBehavior } from './hpa-generator-parts.ts';
import { makeLoad, type Draft } from './hpa-generator-scene.ts';
import type { Dice } from './ray-dice.ts';

export function specOf(draft: Draft): Fields {
  const { spec } = draft.hpa;
  return isObject(spec) ? spec : {};
}

/** The draft with another spec of its HPA, from the first world on. */
export function withSpec(draft: Draft, changes: Fields): Draft {
  const hpa = { ...draft.hpa, spec: { ...specOf(draft), ...changes } };
  return { ...draft, hpa, world: { ...draft.world, hpas: [hpa] } };
}

function mapSteps(draft: Draft, change: (step: Fields, index: number) => Fields): Draft {
  return { ...draft, steps: draft.steps.map(change) };
}

function stepWorld(step: Fields, changes: Fields): Fields {
  const { world } = step;
  return { ...step, world: { ...(isObject(world) ? world : {}), ...changes } };
}

/** What is discovered is asked for at once: of faults that several such requests meet, the order is random. */
const REQUESTS = [
  { method: 'GET', path: '/scale$' },
  { path: '/scale$' },
  { method: 'PUT', path: '/scale$' },
  { method: 'PUT', path: '/scale$' },
  { method: 'PUT', path: '/scale$' },
  { method: 'PUT', path: '/status$' },
  { method: 'PUT', path: '/status$' },
  { path: '/apis/metrics.k8s.io/' },
  { path: '/apis/custom.metrics.k8s.io/v[^/]*/namespaces' },
  { path: '/apis/external.metrics.k8s.io/v1beta1/n' },
  { method: 'POST', path: '/events$' },
  { method: 'PATCH', path: '/events/' },
  { path: '/events' },
  { method: 'PUT', path: 'deployments/.*' },
  { path: '^/apis/apps/v1/namespaces/[a-z-]+/deployments' },
  { path: '/namespaces/' },
];

/** Conflicts end in a pause of random length, which moves nothing as long as requests take next to no time. */
function makeFault(dice: Dice): Fields {
  const request = dice.pick(REQUESTS);
  const conflicts = dice.chance(0.4);
  const error = conflicts
    ? dice.pick<Fields>([
        { code: 409, reason: 'Conflict', message: 'the object has been modified' },
        { code: 409, reason: 'Conflict', message: 'the object has been modified' },
        { code: 409, message: 'no reason' },
        { code: 409, reason: 'AlreadyExists', message: 'not this one' },
        { code: 409, body: 'raw' },
        { code: 500, reason: 'Conflict', message: 'by its reason' },
      ])
    : makeApiError(dice);
  const times = dice.perhaps(0.75, () => dice.pick([0, 1, 1, 2, 3, 4, 5, 6]));
  const skip = dice.perhaps(0.35, () => dice.whole(0, 4));
  return { ...request, times, skip, error };
}

/** Replicas mostly away from what the metrics want, so that there is something to write. */
export function withFaults(dice: Dice, draft: Draft): Draft {
  const faults = (): readonly Fields[] => dice.times(dice.pick([1, 1, 2, 3]), () => makeFault(dice));
  const first = { ...draft, world: { ...draft.world, faults: faults() } };
  return mapSteps(first, (step, i) => (i > 0 && dice.chance(0.25) ? stepWorld(step, { faults: faults() }) : step));
}

const TARGETS = [
  { apiVersion: 'apps/v1', kind: 'StatefulSet', group: 'apps', resource: 'statefulsets' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', group: 'apps', resource: 'replicasets' },
  { apiVersion: 'v1', kind: 'ReplicationController', group: '', resource: 'replicationcontrollers' },
  { kind: 'ReplicationController', group: '', resource: 'replicationcontrollers' },
  { apiVersion: '/', kind: 'ReplicationController', group: '', resource: 'replicationcontrollers' },
  { apiVersion: 'apps/v9', kind: 'Deployment', group: 'apps', resource: 'deployments' },
  { apiVersion: 'apps/', kind: 'Deployment', group: 'apps', resource: 'deployments' },
  { apiVersion: 'apps/v1', kind: 'deployment', group: 'apps', resource: 'deployments' },
  { apiVersion: 'apps/v1', kind: 'DEPLOYMENT', group: 'apps', resource: 'deployments' },
  { apiVersion: 'apps', kind: 'Deployment', group: 'apps', resource: 'deployments' },
  { apiVersion: 'v1', kind: 'Deployment', group: 'apps', resource: 'deployments' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', group: 'apps', resource: 'daemonsets' },
  { apiVersion: 'v1', kind: 'Pod', group: '', resource: 'pods' },
  { apiVersion: 'a/b/c', kind: 'Deployment', group: 'apps', resource: 'deployments' },
  { apiVersion: 'a/b/c/d', kind: 'X', group: 'apps', resource: 'deployments' },
  { apiVersion: 'apps/v1', kind: 'Gizmo', group: 'apps', resource: 'gizmos' },
  { apiVersion: 'apps/v1', kind: '', group: 'apps', resource: 'deployments' },
  { apiVersion: 'example.com/v1', kind: 'Widget', group: 'example.com', resource: 'widgets' },
  { apiVersion: 'example.com/v1', kind: 'Widget', group: 'example.com', resource: 'oldwidgets' },
  { apiVersion: 'apps/v1', kind: 'Widget', group: 'apps', resource: 'widgets' },
];

const widget = (group: string, version: string, resource: string, scale: boolean): Fields => ({
  group,
  version,
  resource,
  kind: 'Widget',
  scale,
});
const RESOURCES: readonly (readonly Fields[])[] = [
  [widget('example.com', 'v1', 'widgets', true)],
  [widget('example.com', 'v1', 'widgets', false)],
  [widget('example.com', 'v2', 'oldwidgets', true), widget('example.com', 'v1', 'widgets', true)],
  [widget('example.com', 'v2', 'widgets', true), widget('example.com', 'v1', 'widgets', true)],
  [widget('example.com', 'v1', 'widgets', true), widget('example.com', 'v1', 'oldwidgets', true)],
  [widget('apps', 'v1beta1', 'widgets', true), widget('example.com', 'v3', 'widgets', true)],
  [{ group: 'apps', version: 'v1beta2', resource: 'deployments', kind: 'Deployment', scale: true }],
];
const GROUPS: readonly Fields[] = [
  { apps: { removed: true } },
  { apps: { versions: ['v1'] } },
  { apps: { versions: ['v2'] } },
  { apps: { versions: ['v1', 'v2'], preferred: 'v2' } },
  { apps: { versions: ['v1beta2', 'v1'] } },
  { 'example.com': { versions: ['v1', 'v2'], preferred: 'v1' } },
  { 'example.com': { versions: ['v1'] } },
  { other: { versions: ['v1'] } },
  { autoscaling: { versions: ['v2'] } },
  {},
];

/** Kinds, API versions, selectors and discovery, in the first world or later. */
export function withBrokenTarget(dice: Dice, draft: Draft): Draft {
  let broken = draft;
  if (dice.chance(0.6)) broken = withTarget(dice, broken);
  if (dice.chance(0.45)) broken = withSelector(dice, broken);
  if (dice.chance(0.15)) return withFaultOfDiscovery(dice, broken);
  if (dice.chance(0.2))
    broken = mapSteps(broken, (step) => (dice.chance(0.6) ? step : stepWorld(step, discovery(dice))));
  if (dice.chance(0.15)) broken = { ...broken, world: { ...broken.world, ...discovery(dice) } };
  return broken;
}

/** Alone: what fails in two places of discovery is told in random order. */
function withFaultOfDiscovery(dice: Dice, draft: Draft): Draft {
  const path = dice.pick(['^/apis/apps/v1$', '^/api/v1$', '^/apis$', '^/api$', '^/apis/networking.k8s.io/v1$']);
  const world = { ...draft.world, faults: [{ path, error: makeApiError(dice) }] };
  return mapSteps({ ...draft, world }, (step, i) =>
    i > 0 && dice.chance(0.5) ? { ...step, resetDiscovery: true } : step,
  );
}

function discovery(dice: Dice): Fields {
  return dice.chance(0.5) ? { resources: dice.pick(RESOURCES) } : { apiGroups: dice.pick(GROUPS) };
}

function withTarget(dice: Dice, draft: Draft): Draft {
  const { apiVersion, kind, group, resource } = { apiVersion: undefined, ...dice.pick(TARGETS) };
  const aimed = withSpec(draft, { scaleTargetRef: { apiVersion, kind, name: draft.scene.app } });
  const scale = { ...draft.scale, group, resource };
  const resources = dice.perhaps(kind === 'Widget' ? 0.95 : 0.1, () => dice.pick(RESOURCES));
  const follow = `${group}/${resource}/${draft.scene.namespace}/${draft.scene.app}`;
  const world = {
    ...aimed.world,
    scales: dice.chance(0.9) ? [scale] : [],
    ...('podsFollowScale' in draft.world ? { podsFollowScale: follow } : {}),
    resources,
  };
  return { ...aimed, scale, world };
}

function withSelector(dice: Dice, draft: Draft): Draft {
  const broken = (): Fields => ({ ...draft.scale, selector: dice.pick(BROKEN_SELECTORS) });
  const first = dice.chance(0.6) ? { ...draft, world: { ...draft.world, scales: [broken()] } } : draft;
  return mapSteps(first, (step, i) => {
    if (i === 0 || !dice.chance(0.4)) return step;
    const { specReplicas: _spec, statusReplicas: _status, ...scale } = dice.chance(0.5) ? draft.scale : broken();
    return stepWorld(step, { scales: [scale] });
  });
}

/** A second HPA of the namespace whose pods are partly the same; its target may be the same as well. */
export function withRival(dice: Dice, draft: Draft): Draft {
  const { scene } = draft;
  const same = dice.chance(0.3);
  const name = dice.pick(['aaa', 'zzz']);
  const target = same ? scene.app : name;
  const rival = {
    metadata: { ...(draft.hpa['metadata'] as Fields), name }, // drafts have metadata
    spec: { ...specOf(draft), scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target } },
  };
  const text = dice.pick([
    scene.selection.text,
    'app',
    `app in (${scene.app},x)`,
    'app=other',
    `pod=${scene.app}-0`,
    '!none',
  ]);
  const scale = { ...draft.scale, name, selector: text };
  const hpas = dice.shuffled([draft.hpa, rival]);
  const scales = same ? [draft.scale] : [draft.scale, scale];
  const key = `${scene.namespace}/${name}`;
  const both = { ...draft, world: { ...draft.world, hpas, scales } };
  return mapSteps(both, (step, i) => {
    const one = dice.chance(0.2) ? { ...step, sync: dice.shuffled([`${scene.namespace}/${scene.app}`, key]) } : step;
    if (i === 0 || !dice.chance(0.2)) return one;
    return stepWorld(
      one,
      dice.pick<Fields>([{ deleteHpas: [key] }, { scales: [{ ...scale, selector: 'app=else' }] }, { pods: [] }]),
    );
  });
}

/** Objects that go, come back and change between syncs, caches that lag, keys that nobody has. */
export function withLifecycle(dice: Dice, draft: Draft): Draft {
  const { scene } = draft;
  const key = `${scene.namespace}/${scene.app}`;
  const scaleKey = `apps/deployments/${key}`;
  let generation = 1;
  const changes: readonly (() => Fields)[] = [
    () => ({ deleteHpas: [key] }),
    () => ({ hpas: [draft.hpa] }),
    () => ({ deleteHpas: [key], hpas: [draft.hpa] }),
    () => ({
      hpas: [
        {
          ...draft.hpa,
          spec: otherSpec(dice, draft),
          metadata: { name: scene.app, namespace: scene.namespace, generation: ++generation },
        },
      ],
    }),
    () => ({ hpas: [{ ...draft.hpa, spec: otherSpec(dice, draft) }] }),
    () => ({ hpas: [{ ...draft.hpa, metadata: { name: scene.app, namespace: scene.namespace, uid: 'another' } }] }),
    () => ({
      hpas: [{ ...draft.hpa, status: dice.pick<Json>([null, {}, { desiredReplicas: 3, currentReplicas: 3 }]) }],
    }),
    () => ({ deleteScales: [scaleKey] }),
    () => ({ scales: [draft.scale] }),
    () => ({ scales: [{ ...draft.scale, specReplicas: dice.pick([0, 1, 7, 60]) }] }),
    () => ({ pods: [] }),
    () => ({ pods: draft.pods.map(({ json }) => json) }),
    () => ({ podsFollowScale: dice.pick(['', scaleKey, 'apps/deployments/default/gone']) }),
    () => makeLoad(dice, { pods: { unready: 0, phases: 0, requests: 0, missing: 0.1 } }, { ...draft, dueMs: 0 }),
  ];
  return mapSteps(draft, (step, i) => {
    const changed = i > 0 && dice.chance(0.75) ? stepWorld(step, dice.pick(changes)()) : step;
    return {
      ...changed,
      ...(dice.chance(0.25) ? { cacheLag: true } : {}),
      ...(dice.chance(0.25) ? { sync: syncs(dice, key) } : {}),
      ...(dice.chance(0.05) ? { resetDiscovery: true } : {}),
    };
  });
}

function syncs(dice: Dice, key: string): readonly string[] {
  return dice.pick([
    [],
    [key],
    [key, key],
    ['default/gone', key],
    [key, 'a/b/c'],
    ['web'],
    ['/web'],
    [''],
    ['default/', key],
  ]);
}

function otherSpec(dice: Dice, draft: Draft): Fields {
  const spec = specOf(draft);
  return dice.pick<Fields>([
    { ...spec, maxReplicas: dice.pick([1, 2, 60]) },
    { ...spec, minReplicas: dice.pick([0, 1, 4, 30]) },
    { ...spec, behavior: makeBehavior(dice) },
    { ...spec, behavior: undefined },
    { ...spec, metrics: undefined },
    { ...spec, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: draft.scene.app } },
  ]);
}

const GATES = [
  'HPAScaleToZero',
  'HPAGeneration',
  'HPAOptimizedSelectorStore',
  'StaleControllerConsistencyHPA',
  'PodLevelResources',
];

export function withGates(dice: Dice, draft: Draft): Draft {
  const featureGates = Object.fromEntries(dice.some(GATES, 0.5).map((gate) => [gate, dice.chance(0.2)]));
  return { ...draft, controller: { ...draft.controller, featureGates } };
}

const CUSTOM = 'custom.metrics.k8s.io';
const CUSTOM_GROUPS: readonly Fields[] = [
  { [CUSTOM]: { versions: ['v1beta1'] } },
  { [CUSTOM]: { versions: ['v1beta2'] } },
  { [CUSTOM]: { versions: ['v1beta1', 'v1beta2'] } },
  { [CUSTOM]: { versions: ['v1beta1', 'v1beta2'], preferred: 'v1beta2' } },
  { [CUSTOM]: { versions: ['v1alpha1', 'v1beta1'] } },
  { [CUSTOM]: { versions: ['v1beta2', 'v1alpha1'], preferred: 'v1alpha1' } },
  { [CUSTOM]: { versions: ['v1alpha1'] } },
  { [CUSTOM]: { removed: true } },
  { 'networking.k8s.io': { removed: true } },
  {},
];

/** Versions of the custom metrics API that come and go. */
export function withCustomApis(dice: Dice, draft: Draft): Draft {
  const first = dice.chance(0.8) ? { ...draft, world: { ...draft.world, apiGroups: dice.pick(CUSTOM_GROUPS) } } : draft;
  return mapSteps(first, (step, i) => {
    if (i === 0) return step;
    if (dice.chance(0.4)) return stepWorld(step, { apiGroups: dice.pick(CUSTOM_GROUPS) });
    return dice.chance(0.2) ? { ...step, resetDiscovery: true } : step;
  });
}

/** Objects as no API server would store them: no defaults, parts absent. */
export function withRawSpec(dice: Dice, draft: Draft): Draft {
  const spec = specOf(draft);
  const { minReplicas: _least, ...unbounded } = spec;
  const raw = dice.pick<Fields>([
    { ...spec, metrics: [] },
    { ...spec, metrics: undefined },
    unbounded,
    { ...spec, minReplicas: null },
    { ...spec, behavior: {} },
    { ...spec, behavior: { scaleUp: {}, scaleDown: {} } },
    {
      ...spec,
      behavior: { scaleUp: { policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] }, scaleDown: { policies: [] } },
    },
    { ...spec, minReplicas: dice.pick([-1, 0, 30]), maxReplicas: dice.pick([0, -1, 3]) },
    { ...spec, metrics: [{ type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value' } } }] },
    spec,
  ]);
  const hpa = { ...draft.hpa, spec: raw };
  return { ...draft, hpa, controller: { ...draft.controller, rawHpa: true }, world: { ...draft.world, hpas: [hpa] } };
}
