/** Families of reconcile cases: what each turns up, and the twists that make it what it is. */

import type { Fields } from './hpa-generator-types.ts';
import { ALL_TYPES } from './hpa-generator-metrics.ts';
import { makeHistory, makePercent, makeRatchet, makeSameStatus, makeSums, makeWindows } from './hpa-generator-aimed.ts';
import { withHoles } from './hpa-generator-holes.ts';
import { makeEvents } from './hpa-generator-events.ts';
import { caseOf, makeDraft, makeEdgeBehavior, type Dials, type Draft } from './hpa-generator-scene.ts';
import { withBrokenTarget, withCustomApis } from './hpa-generator-targets.ts';
import { withFaults, withGates, withLifecycle, withRawSpec, withRival } from './hpa-generator-twists.ts';
import { makeFleet } from './hpa-generator-fleet.ts';
import type { Dice } from './ray-dice.ts';

const REST: Dials = {
  pods: { unready: 0.1, phases: 0.05, requests: 0, missing: 0.02 },
  podCount: [0, 6],
  metrics: { types: ALL_TYPES, failing: 0, odd: 0, extreme: 0, idle: 0.02 },
  metricCount: [1, 1],
  replicas: [1, 2, 3, 3, 4, 5, 5, 8],
  highest: [5, 10, 10, 20, 50],
  behavior: 0.2,
  steps: [1, 3],
  zero: 0,
  latency: 0.15,
  settings: 0.1,
  status: 0.2,
  follows: 0.4,
  changes: 0.5,
};

const ALL: Dials = {
  ...REST,
  pods: { unready: 0.4, phases: 0.2, requests: 0.3, missing: 0.15 },
  metrics: { types: [...ALL_TYPES, 'Bogus'], failing: 0.2, odd: 0.2, extreme: 0.04, idle: 0.02 },
  metricCount: [1, 3],
  replicas: [0, 1, 2, 3, 5, 8, 30],
  behavior: 0.5,
  steps: [1, 5],
  zero: 0.25,
  latency: 0.3,
  settings: 0.3,
  status: 0.4,
};

type Twist = (dice: Dice, draft: Draft) => Draft;

const from = (
  weight: number,
  dials: Partial<Dials>,
  twist: Twist = (_dice, draft) => draft,
): { readonly weight: number; readonly make: (dice: Dice) => Fields } => ({
  weight,
  make: (dice) => caseOf(twist(dice, makeDraft(dice, { ...REST, ...dials }))),
});

const RESOURCES = ['Resource', 'Resource', 'ContainerResource'];
const COUNTED = ['Object', 'External', 'External', 'Pods'];

export const RECONCILE_FAMILIES = {
  readiness: from(9, {
    pods: { unready: 0.8, phases: 0.25, requests: 0, missing: 0.15 },
    metrics: { types: [...RESOURCES, 'Pods', 'Object'], failing: 0, odd: 0, extreme: 0, idle: 0.02 },
    podCount: [1, 8],
    settings: 0.4,
    latency: 0.3,
    steps: [1, 2],
  }),
  requests: from(6, {
    pods: { unready: 0.1, phases: 0.1, requests: 0.9, missing: 0.1 },
    metrics: { types: RESOURCES, failing: 0, odd: 0.3, extreme: 0, idle: 0.02 },
    metricCount: [1, 2],
    steps: [1, 2],
  }),
  tolerance: from(
    7,
    {
      pods: { unready: 0, phases: 0, requests: 0, missing: 0.1 },
      settings: 0.8,
      behavior: 0,
      steps: [1, 1],
      metricCount: [1, 2],
    },
    (dice, draft) => (dice.chance(0.4) ? withBehavior(draft, makeEdgeBehavior(dice, draft.scene)) : draft),
  ),
  behavior: from(10, {
    behavior: 1,
    settings: 0.4,
    steps: [2, 6],
    metrics: { types: ['External', 'External', 'Pods', 'Resource'], failing: 0, odd: 0, extreme: 0, idle: 0.02 },
    replicas: [1, 2, 3, 5, 7, 10, 20, 50, 70],
    highest: [10, 30, 100, 200],
    podCount: [1, 6],
    changes: 0.7,
    follows: 0.8,
  }),
  stabilization: from(8, {
    behavior: 0.4,
    steps: [3, 7],
    settings: 0.4,
    metrics: { types: ['External', 'Pods'], failing: 0, odd: 0, extreme: 0, idle: 0.02 },
    podCount: [1, 4],
    changes: 0.8,
    latency: 0.3,
    follows: 0.8,
  }),
  zero: from(8, {
    zero: 1,
    replicas: [0, 0, 0, 1, 2],
    metrics: { types: [...COUNTED, 'Resource'], failing: 0.12, odd: 0, extreme: 0.03, idle: 0.35 },
    settings: 0.6,
    changes: 0.8,
    metricCount: [1, 2],
    podCount: [0, 3],
    steps: [1, 5],
    behavior: 0.4,
    follows: 0.7,
  }),
  several: from(8, {
    metrics: { types: [...ALL_TYPES, ...ALL_TYPES, 'Bogus'], failing: 0.45, odd: 0.25, extreme: 0, idle: 0.02 },
    metricCount: [2, 4],
    steps: [1, 4],
    behavior: 0.3,
    pods: { unready: 0.2, phases: 0.05, requests: 0.1, missing: 0.1 },
  }),
  sources: from(5, {
    metrics: { types: ALL_TYPES, failing: 0.15, odd: 0.5, extreme: 0, idle: 0.02 },
    metricCount: [1, 2],
  }),
  limits: from(6, {
    metrics: { types: ALL_TYPES, failing: 0, odd: 0, extreme: 0.5, idle: 0.02 },
    metricCount: [1, 2],
    replicas: [0, 1, 3, 1_000_000, 1_073_741_823, 1_073_741_824, 2_000_000_000, 2_147_483_647],
    highest: [10, 1_000_000, 2_147_483_646, 2_147_483_647, 2_147_483_647],
    zero: 0.2,
    behavior: 0.4,
    podCount: [0, 4],
    steps: [1, 3],
    follows: 0.3,
  }),
  status: from(4, { status: 1, metricCount: [1, 2], steps: [1, 3], zero: 0.2, replicas: [0, 1, 3, 12, 60] }),
  faults: from(9, { metricCount: [1, 2], steps: [1, 5], status: 0.3, latency: 0 }, withFaults),
  targets: from(7, { steps: [1, 3], status: 0.3, metrics: { ...REST.metrics, failing: 0.1 } }, withBrokenTarget),
  rivals: from(
    4,
    { steps: [2, 3], latency: 0, podCount: [0, 4], metrics: { ...REST.metrics, failing: 0.1 } },
    withRival,
  ),
  lifecycle: from(8, { steps: [3, 7], behavior: 0.4, follows: 0.7, changes: 0.6 }, withLifecycle),
  gates: from(3, { ...ALL, pods: { ...ALL.pods, requests: 0.6 }, zero: 0.5 }, withGates),
  'gates-requests': from(
    2,
    {
      pods: { unready: 0.1, phases: 0, requests: 1, missing: 0 },
      metrics: { ...REST.metrics, types: RESOURCES },
      steps: [1, 1],
    },
    withGates,
  ),
  'gates-lives': from(2, { steps: [3, 3], latency: 0, behavior: 0.4, follows: 0.7, zero: 0.4 }, (dice, draft) =>
    withGates(dice, dice.chance(0.7) ? withLifecycle(dice, draft) : withRival(dice, draft)),
  ),
  'custom-apis': from(
    4,
    {
      metrics: { types: ['Pods', 'Object'], failing: 0.1, odd: 0, extreme: 0, idle: 0.02 },
      metricCount: [1, 2],
      steps: [1, 4],
    },
    withCustomApis,
  ),
  raw: from(3, { ...ALL, status: 0.2, steps: [1, 2] }, withRawSpec),
  many: from(1, { podCount: [40, 150], replicas: [40, 100, 150], highest: [200, 500], pods: ALL.pods, steps: [1, 2] }),
  everything: from(10, ALL),
  holes: { weight: 4, make: (dice: Dice) => withHoles(dice, caseOf(makeDraft(dice, { ...ALL, steps: [1, 2] }))) },
  'same-status': { weight: 2, make: makeSameStatus },
  sums: { weight: 3, make: makeSums },
  percent: { weight: 3, make: makePercent },
  history: { weight: 4, make: makeHistory },
  ratchet: { weight: 4, make: makeRatchet },
  windows: { weight: 4, make: makeWindows },
  events: { weight: 3, make: makeEvents },
  fleet: { weight: 4, make: makeFleet },
};

function withBehavior(draft: Draft, behavior: Fields): Draft {
  const spec = { ...(draft.hpa['spec'] as Fields), behavior }; // drafts have a spec
  const hpa = { ...draft.hpa, spec };
  return { ...draft, hpa, world: { ...draft.world, hpas: [hpa] } };
}
