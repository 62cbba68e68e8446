/** Reconcile cases aimed at one rule each that cases at random hardly ever meet. */

import type { Fields, Json } from './hpa-generator-types.ts';
import { instant, START_MS } from './hpa-generator-parts.ts';
import type { Dice } from './ray-dice.ts';

type Plain = {
  readonly replicas: number;
  readonly least?: number;
  readonly highest?: number;
  readonly behavior?: Fields | undefined;
  readonly target: Fields;
  readonly values: readonly string[];
};

const SCALED_TO_ZERO = { type: 'ScaledToZero', status: 'True', reason: 'ScaledToZero', message: 'm' };

/** One HPA on one external metric, no pods but for one that is ready. */
function plainWorld(
  dice: Dice,
  { replicas, least = 1, highest = 2_147_483_647, behavior, target, values }: Plain,
): Fields {
  return {
    hpas: [{ metadata: { name: 'web' }, spec: specOf({ least, highest, behavior, target }), ...zeroed(replicas) }],
    scales: [scaleOf(replicas)],
    pods: [
      {
        metadata: { name: 'web-0', labels: { app: 'web' } },
        spec: { containers: [] },
        status: { phase: 'Running', conditions: [{ type: 'Ready', status: dice.chance(0.9) ? 'True' : 'False' }] },
      },
    ],
    ...answersOf(values),
  };
}

function zeroed(replicas: number): Fields {
  return replicas === 0 ? { status: { desiredReplicas: 0, conditions: [SCALED_TO_ZERO] } } : {};
}

function specOf(given: {
  readonly least: number;
  readonly highest: number;
  readonly behavior: Fields | undefined;
  readonly target: Fields;
}): Fields {
  return {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: given.least,
    maxReplicas: given.highest,
    behavior: given.behavior,
    metrics: [{ type: 'External', external: { metric: { name: 'q' }, target: given.target } }],
  };
}

function scaleOf(replicas: number): Fields {
  const counts = { specReplicas: replicas, statusReplicas: replicas, statusFollowsSpec: true };
  return { group: 'apps', resource: 'deployments', name: 'web', selector: 'app=web', ...counts };
}

function answersOf(values: readonly string[]): Fields {
  const items = values.map((value) => ({ metricName: 'q', timestamp: instant(START_MS), value }));
  return { externalMetrics: [{ path: 'namespaces/default/q', items }] };
}

/** Sums of several values around the ends of int64, some below zero; also from zero replicas, where nothing is capped. */
export function makeSums(dice: Dice): Fields {
  const parts = [
    '9223372036854775',
    '4611686018427387904m',
    '9223372036854775807m',
    '5P',
    '-9223372036854775',
    '-9P',
    '1',
    '-1',
    '-5',
    '0',
    '300',
  ];
  const values = dice.times(dice.pick([1, 1, 2, 2, 3]), () => dice.pick(parts));
  const amount = dice.pick(['1m', '1', '10', '9223372036854775', '10P', '3']);
  const target = dice.chance(0.5) ? { type: 'Value', value: amount } : { type: 'AverageValue', averageValue: amount };
  const replicas = dice.pick([0, 0, 1, 3, 1000]);
  const least = dice.pick([0, 0, 1, 2]);
  const controller = { downscaleStabilizationSeconds: dice.perhaps(0.7, () => 0) };
  return { start: instant(START_MS), controller, world: plainWorld(dice, { replicas, least, target, values }) };
}

/** Percent policies whose product of doubles falls just short of a whole number or just beyond, as far as a few tries find one. */
export function makePercent(dice: Dice): Fields {
  const up = dice.chance(0.5);
  let [replicas, value] = [0, 0];
  for (let tries = 0; tries < 40 && !isInexact(replicas, value, up); tries++) {
    [replicas, value] = [dice.whole(1, 250), dice.whole(1, up ? 200 : 99)];
  }
  const rules = { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value, periodSeconds: 15 }] };
  const behavior = up ? { scaleUp: rules } : { scaleDown: rules };
  const target = { type: 'AverageValue', averageValue: '1' };
  const values = [up ? '100000' : '0'];
  return {
    start: instant(START_MS),
    world: plainWorld(dice, { replicas, highest: 100_000, behavior, target, values }),
  };
}

function isInexact(replicas: number, value: number, up: boolean): boolean {
  return up
    ? Math.ceil(replicas * (1 + value / 100)) !== Math.ceil((replicas * (100 + value)) / 100)
    : Math.trunc(replicas * (1 - value / 100)) !== Math.trunc((replicas * (100 - value)) / 100);
}

const PERIODS = [1, 15, 30, 60];

/**
 * Scalings up and down on the edges of periods and windows, both of which change in between: what was out of a period may count again
 * after it grew, as far as it is still kept. Few enough steps for no text to be one of ten.
 */
export function makeHistory(dice: Dice): Fields {
  const target = { type: 'AverageValue', averageValue: '1' };
  const rules = (): Fields => ({
    stabilizationWindowSeconds: dice.pick([0, 0, 0, ...PERIODS]),
    policies: dice.times(dice.pick([1, 1, 2]), () => ({
      type: dice.pick(['Pods', 'Pods', 'Percent']),
      value: dice.pick([1, 2, 3, 5, 50]),
      periodSeconds: dice.pick(PERIODS),
    })),
    ...(dice.chance(0.3) ? { selectPolicy: 'Min' } : {}),
  });
  const behavior = (): Fields => ({ scaleUp: rules(), scaleDown: rules() });
  const values = (): readonly string[] => [`${dice.pick([0, 3, 6, 10, 20, 40])}`];
  const first = behavior();
  let generation = 1;
  const steps = dice.times(dice.whole(5, 9), (i): Fields => {
    const period = dice.pick(PERIODS);
    const advanceSeconds = i === 0 ? 0 : dice.pick([period, period, period / 2, period - 0.001, period + 0.001, 15]);
    const changed = dice.perhaps(i === 0 ? 0 : 0.3, () => {
      const spec = specOf({ least: 1, highest: 60, behavior: dice.chance(0.9) ? behavior() : undefined, target });
      return [{ metadata: { name: 'web', generation: ++generation }, spec }];
    });
    return { advanceSeconds, world: { ...answersOf(values()), hpas: changed } };
  });
  const replicas = dice.pick([1, 5, 10, 30]);
  const world = plainWorld(dice, { replicas, highest: 60, behavior: first, target, values: values() });
  const downscaleStabilizationSeconds = dice.perhaps(0.2, () => dice.pick([0, 1.5, 15.5]));
  return { start: instant(START_MS), controller: { downscaleStabilizationSeconds }, world, steps };
}

/**
 * As far as the policy lets it, sync after sync in one direction, with short periods and long ones by turns: what is counted is what was
 * kept of the history, on the edge of a period or not.
 */
export function makeRatchet(dice: Dice): Fields {
  const up = dice.chance(0.6);
  const target = { type: 'AverageValue', averageValue: '1' };
  const way = (rules: Fields): Fields => ({ [up ? 'scaleUp' : 'scaleDown']: rules });
  const behavior = (): Fields =>
    way({
      stabilizationWindowSeconds: 0,
      selectPolicy: dice.pick(['Max', 'Max', 'Min']),
      policies: dice.times(dice.pick([1, 1, 2]), () => ({
        type: 'Pods',
        value: dice.whole(1, 4),
        periodSeconds: dice.pick([1, 2, 4, 10, 30, 60]),
      })),
    });
  let generation = 1;
  const steps = dice.times(dice.whole(4, 9), (i): Fields => {
    const advanceSeconds = i === 0 ? 0 : dice.pick([1, 1, 2, 2, 1.001, 2.001, 0.999, 4, 10]);
    const changed = dice.perhaps(i === 0 ? 0 : 0.35, () => {
      const spec = specOf({ least: 1, highest: 500, behavior: behavior(), target });
      return [{ metadata: { name: 'web', generation: ++generation }, spec }];
    });
    return { advanceSeconds, ...(changed === undefined ? {} : { world: { hpas: changed } }) };
  });
  const values = [up ? '1000' : '0'];
  const replicas = up ? dice.whole(1, 5) : dice.whole(60, 100);
  const world = plainWorld(dice, { replicas, highest: 500, behavior: behavior(), target, values });
  return { start: instant(START_MS), world, steps };
}

/** A number that goes up and down while the windows grow and shrink: which recommendations are kept decides what holds it back later. */
export function makeWindows(dice: Dice): Fields {
  const target = { type: 'AverageValue', averageValue: '1' };
  const fast = (): Fields => ({ policies: [{ type: 'Pods', value: 1000, periodSeconds: 1 }] });
  const behavior = (): Fields => {
    const [first, second] = [dice.pick([0, 1, 2, 4, 10, 30]), dice.pick([0, 1, 2, 4, 10, 30])];
    return {
      scaleUp: { ...fast(), stabilizationWindowSeconds: first },
      scaleDown: { ...fast(), stabilizationWindowSeconds: dice.chance(0.5) ? first : second },
    };
  };
  let generation = 1;
  const steps = dice.times(dice.whole(4, 9), (i): Fields => {
    const advanceSeconds = i === 0 ? 0 : dice.pick([1, 1, 2, 2, 4, 1.001, 0.999, 10]);
    const changed = dice.perhaps(i === 0 ? 0 : 0.35, () => {
      const spec = specOf({ least: 1, highest: 100, behavior: dice.chance(0.85) ? behavior() : undefined, target });
      return [{ metadata: { name: 'web', generation: ++generation }, spec }];
    });
    return { advanceSeconds, world: { ...answersOf([`${dice.whole(1, 30)}`]), hpas: changed } };
  });
  const given = { highest: 100, behavior: behavior(), target, values: ['5'] };
  const controller = { downscaleStabilizationSeconds: dice.pick([1, 2, 4, 10, 1.5]) };
  return {
    start: instant(START_MS),
    controller,
    world: plainWorld(dice, { replicas: dice.whole(1, 10), ...given }),
    steps,
  };
}

/** A status that says already what this sync will find, or all but one thing of it: only what differs in meaning is written. */
export function makeSameStatus(dice: Dice): Fields {
  const before = '2026-02-28T20:00:00Z';
  const condition = (type: string, status: string, reason: string, message: string): Fields => {
    return { type, status, reason, message, lastTransitionTime: before };
  };
  const found = 'the HPA was able to successfully calculate a replica count from external metric q(nil)';
  const ready = condition('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size');
  const active = condition('ScalingActive', 'True', 'ValidMetricFound', found);
  const range = 'the desired count is within the acceptable range';
  const limited = condition('ScalingLimited', 'False', 'DesiredWithinRange', range);
  const measured = (averageValue: Json): Fields => ({
    type: 'External',
    external: { metric: { name: 'q' }, current: { averageValue } },
  });
  const same: Fields = {
    observedGeneration: 1,
    currentReplicas: 2,
    desiredReplicas: 2,
    lastScaleTime: before,
    currentMetrics: [measured('1500m')],
    conditions: [ready, active, limited],
  };
  const changes: readonly Fields[] = [
    {},
    { currentMetrics: [measured('1.5')] },
    { currentMetrics: [measured('0.0015k')] },
    { currentMetrics: [measured('1500000u')] },
    { currentMetrics: [measured('1501m')] },
    { currentMetrics: [measured(1.5)] },
    { currentMetrics: [] },
    { currentMetrics: [measured('1.5'), { type: '' }] },
    { observedGeneration: undefined },
    { observedGeneration: 2 },
    { lastScaleTime: '2026-02-28T21:30:00+01:30' },
    { lastScaleTime: undefined },
    { currentReplicas: undefined },
    { desiredReplicas: 3 },
    { conditions: [active, ready, limited] },
    { conditions: [ready, active, { ...limited, observedGeneration: 5 }] },
    { conditions: [{ ...ready, lastTransitionTime: null }, active, limited] },
    { conditions: [{ ...ready, reason: 'SucceededRescale' }, active, limited] },
    { conditions: [{ ...ready, status: 'False' }, active, limited] },
    { conditions: [ready, active, limited, ready] },
    { conditions: [ready, { ...active, message: 'x' }, limited] },
  ];
  const target = { type: 'AverageValue', averageValue: dice.pick(['1500m', '1.5', '1']) };
  const { hpas: _given, ...world } = plainWorld(dice, { replicas: 2, highest: 5, target, values: ['3'] });
  const spec = specOf({ least: 1, highest: 5, behavior: undefined, target });
  const hpa = { metadata: { name: 'web' }, spec, status: { ...same, ...dice.pick(changes), ...dice.pick(changes) } };
  const steps = dice.times(dice.whole(1, 2), (i): Fields => ({ advanceSeconds: i * 15 }));
  return { start: instant(START_MS), world: { ...world, hpas: [hpa] }, steps };
}
