/** What makes a plain reconcile case one of faults, targets, rivals, lives of objects, gates or API versions. */

import { isObject, type Fields, type Json } from './hpa-generator-types.ts';
import { makeApiError } from './hpa-generator-errors.ts';
import { makeBehavior } from './hpa-generator-parts.ts';
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

export function mapSteps(draft: Draft, change: (step: Fields, index: number) => Fields): Draft {
  return { ...draft, steps: draft.steps.map(change) };
}

export function stepWorld(step: Fields, changes: Fields): Fields {
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
