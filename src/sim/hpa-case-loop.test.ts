/** Rules that show in the requests of a running controller, played as cases. */

import { expect, test } from 'vitest';
import { averageOf, externalTarget, hpa, pod } from '../../test/support/hpa.ts';
import { decideHpaCase } from './hpa-cases-line.ts';
import type { LoopResult, ReconcileResult } from './hpa-cases.types.ts';

const SCALE = {
  group: 'apps',
  resource: 'deployments',
  name: 'web',
  specReplicas: 6,
  statusReplicas: 6,
  selector: 'app=web',
};
/** 60 for a target of 10: six replicas, as there are. */
const QUEUE = {
  path: 'namespaces/default/q',
  items: [{ metricName: 'q', timestamp: '2026-03-01T00:00:00Z', value: '60' }],
};
const WORLD = {
  hpas: [{ ...hpa({ metrics: [externalTarget('q', averageOf('10'))] }), metadata: { name: 'web' } }],
  scales: [SCALE],
  pods: [pod('web-0')],
  externalMetrics: [QUEUE],
};

async function answer<T>(given: object): Promise<T> {
  const { line } = await decideHpaCase(JSON.stringify({ id: 'x', start: '2026-03-01T00:00:00Z', ...given }));
  return JSON.parse(line) as T; // the form of a case's answer
}

/** When syncs begin: the read of the scale is their first request, and takes a millisecond. */
async function syncTimes(given: object): Promise<readonly number[]> {
  const { timeline } = await answer<LoopResult>({ kind: 'loop', durationSeconds: 62, world: WORLD, ...given });
  return timeline.filter((entry) => entry.do.startsWith('GET') && entry.do.endsWith('/scale')).map(({ at }) => at);
}

test.each([
  ['HPA-16.1 a change of pods', { pods: [{ ...pod('web-0'), metadata: { name: 'web-0', labels: { app: 'other' } } }] }],
  ['HPA-16.1 a change of the scale', { scales: [{ ...SCALE, specReplicas: 7 }] }],
  ['HPA-16.1 another value of a metric', { externalMetrics: [] }],
])('%s starts no sync', async (_name, world) => {
  const quiet = await syncTimes({ durationSeconds: 14, steps: [{ advanceSeconds: 7, world }] });
  expect(quiet).toEqual([0.001]);
});

test.each([
  ['that go well', {}, [0.001, 15.004, 30.006, 45.008, 60.01]],
  ['that fail', { externalMetrics: [] }, [0.001, 15.004, 30.006, 45.008, 60.01]],
])(
  'HPA-16.11 after syncs %s the next comes a period after the end, without back-off or jitter',
  async (_name, world, times) => {
    expect(await syncTimes({ world: { ...WORLD, ...world } })).toEqual(times);
  },
);

test('HPA-3.9 without a scale subresource in the discovery document a scale is read, but not written', async () => {
  const widget = { group: 'g.io', version: 'v1', resource: 'widgets', kind: 'Widget', scale: false };
  const [given] = WORLD.hpas;
  const spec = { ...given?.spec, scaleTargetRef: { apiVersion: 'g.io/v1', kind: 'Widget', name: 'web' } };
  const scales = [{ ...SCALE, group: 'g.io', resource: 'widgets', specReplicas: 4 }];
  const world = { ...WORLD, hpas: [{ ...given, spec }], scales, resources: [widget] };
  const { syncs } = await answer<ReconcileResult>({ kind: 'reconcile', world, steps: [{}] });
  expect(syncs[0]?.scaleWrites ?? []).toEqual([]);
  expect(syncs[0]?.error).toBe(
    'failed to rescale Widget/default/web: could not find proper group-version for scale subresource of g.io/v1, Resource=widgets: ' +
      'could not find scale subresource for g.io/v1, Resource=widgets in discovery information',
  );
});
