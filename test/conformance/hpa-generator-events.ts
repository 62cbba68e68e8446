/** Cases of many syncs, for what happens to events when they repeat: counted, aggregated, dropped. */

import type { Fields } from './hpa-generator-types.ts';
import { instant, START_MS } from './hpa-generator-parts.ts';
import type { Dice } from './ray-dice.ts';

const external = (value: number): Fields => ({
  externalMetrics: [
    { path: 'namespaces/default/q', items: [{ metricName: 'q', timestamp: instant(START_MS), value: `${value}` }] },
  ],
});
const FAILED: Fields = { externalMetrics: [] };

/**
 * Either a number that only grows, so that no text comes twice, or few texts that repeat: from ten on, which one the original forgets is
 * random.
 */
export function makeEvents(dice: Dice): Fields {
  return dice.pick([growing, growing, repeating, repeating, drained])(dice);
}

/** Nothing but failures, two events each, until none may be written; then the moments at which one may be again. */
function drained(dice: Dice): Fields {
  const steps = dice.times(dice.whole(15, 24), (i): Fields => {
    const later = dice.pick([150, 299, 299.999, 300, 300, 300.001, 301, 599.999, 600]);
    return { advanceSeconds: i < 12 ? 0 : later, world: FAILED };
  });
  return { ...framed(dice, { highest: 4, behavior: {} }), steps };
}

function growing(dice: Dice): Fields {
  const step = dice.pick([1, 2, 3]);
  const count = dice.whole(8, 16);
  const steps = dice.times(count, (i): Fields => {
    const advanceSeconds = i === 0 ? 0 : dice.pick([15, 15, 15, 60, 599, 600, 601]);
    return { advanceSeconds, world: external(10 * step * (i + 2)) };
  });
  const behavior = { scaleUp: { policies: [{ type: 'Pods', value: 100, periodSeconds: 1 }] } };
  return { ...framed(dice, { highest: 200, behavior }), steps };
}

function repeating(dice: Dice): Fields {
  const levels = dice.pick<readonly Fields[]>([
    [FAILED],
    [FAILED],
    [FAILED, external(10)],
    [external(10), external(40)],
    [external(10), external(40), FAILED],
  ]);
  const count = dice.whole(12, 34);
  const steps = dice.times(count, (i): Fields => {
    const advanceSeconds = i === 0 ? 0 : dice.pick([15, 15, 15, 1, 299, 300, 301, 600]);
    const faults = dice.perhaps(0.04, () => [{ path: '/events', times: dice.pick([1, 2]), error: eventError(dice) }]);
    return { advanceSeconds, world: { ...(levels[i % levels.length] ?? FAILED), faults } };
  });
  const behavior = {
    scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 100, periodSeconds: 1 }] },
  };
  return { ...framed(dice, { highest: 4, behavior }), steps };
}

function eventError(dice: Dice): Fields {
  return dice.pick<Fields>([
    { code: 404, reason: 'NotFound', message: 'gone' },
    { code: 403, reason: 'Forbidden', message: 'no' },
    { code: 409, reason: 'AlreadyExists', message: 'there' },
    { code: 500, body: 'boom' },
  ]);
}

function framed(dice: Dice, { highest, behavior }: { readonly highest: number; readonly behavior: Fields }): Fields {
  const names = dice.pick([['web'], ['web'], ['web', 'db']]);
  const hpas = names.map((name) => ({
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 1,
      maxReplicas: highest,
      behavior: dice.chance(0.85) ? behavior : undefined,
      metrics: [
        { type: 'External', external: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '10' } } },
      ],
    },
  }));
  const scales = names.map((name) => ({
    group: 'apps',
    resource: 'deployments',
    name,
    specReplicas: 1,
    statusReplicas: 1,
    selector: `app=${name}`,
    statusFollowsSpec: true,
  }));
  return { start: instant(START_MS), world: { hpas, scales } };
}
