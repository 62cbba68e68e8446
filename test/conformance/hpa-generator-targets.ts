/** Reconcile cases about what is scaled and what is served: kinds, selectors, resources, API versions that come and go. */

import type { Fields } from './hpa-generator-types.ts';
import { makeApiError } from './hpa-generator-errors.ts';
import { BROKEN_SELECTORS } from './hpa-generator-parts.ts';
import type { Draft } from './hpa-generator-scene.ts';
import { mapSteps, stepWorld, withSpec } from './hpa-generator-twists.ts';
import type { Dice } from './ray-dice.ts';

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
