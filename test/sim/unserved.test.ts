/** What does not work although nothing breaks: it is said when it happens, and once more at the end, with its reason. */

import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { AnyObject } from '../../src/core/kube/object.ts';
import type { RayCluster } from '../../src/core/kube/ray.ts';
import { guideObjects, play, type Run } from '../support/scenario.ts';

function deployment(fields: { readonly requests: string; readonly replicas?: number }): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${fields.replicas ?? 1}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx, resources: {requests: ${fields.requests}}}]}
`;
}

function hpa(fields: { readonly name?: string; readonly maxReplicas?: number; readonly more?: string } = {}): string {
  return `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: ${fields.name ?? 'web'}}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: ${fields.maxReplicas ?? 5}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
  ${fields.more ?? ''}
`;
}

async function playManifests(...manifests: readonly string[]): Promise<Run> {
  const objects = parseAllDocuments(manifests.join('---')).map((document) => document.toJS() as AnyObject); // our own
  const pools = guideObjects().filter(({ kind }) => kind === 'NodePool');
  return play({ input: { kind: 'manifests', objects: [...objects, ...pools] } });
}

test('the guide leaves nothing undone', async () => {
  expect((await play()).result.unserved).toEqual([]);
});

describe('an HPA that never decided', () => {
  test('for want of a request', async () => {
    const { result } = await playManifests(deployment({ requests: '{memory: 64Mi}' }), hpa());
    expect(result.expectations.every(({ held }) => held)).toBe(true);
    const reason = expect.stringContaining('missing request for cpu in container c of Pod web-') as string;
    expect(result.unserved).toEqual([{ object: 'HPA web on Deployment web', problem: 'never got a number', reason }]);
    expect(result.layers[0]?.note).toMatch(/^never got a number: .*missing request for cpu/);
  });

  test('for a metric that the embedded cluster does not serve', async () => {
    const metrics = 'metrics: [{type: External, external: {metric: {name: q}, target: {type: Value, value: 5}}}]';
    const { result } = await playManifests(deployment({ requests: '{cpu: 100m}' }), hpa({ more: metrics }));
    expect(result.unserved[0]?.reason).toMatch(/external metric/);
  });

  test('for a second HPA on the target: both are named, the load is told once', async () => {
    const { result, steps } = await playManifests(
      deployment({ requests: '{cpu: 100m}' }),
      hpa(),
      hpa({ name: 'web-too' }),
    );
    expect(result.unserved.map(({ object }) => object)).toEqual([
      'HPA web on Deployment web',
      'HPA web-too on Deployment web',
    ]);
    expect(steps.filter((step) => step.includes('rises to'))).toHaveLength(1);
  });

  test('for a target that was switched off by hand', async () => {
    const { result, steps } = await playManifests(deployment({ requests: '{cpu: 100m}', replicas: 0 }), hpa());
    expect(result.unserved[0]).toMatchObject({ problem: 'never got a number' });
    expect(result.unserved[0]?.reason).toContain('0 replicas, set by hand');
    expect(steps.some((step) => step.endsWith('no pod was asked for'))).toBe(true);
    expect(result.layers.at(-1)?.note).toBe('none was needed');
  });
});

describe('pods that find no node', () => {
  test('are given up after five minutes, with the reason, and named at the end', async () => {
    const { result, steps } = await playManifests(deployment({ requests: '{cpu: 500}' }));
    const step = steps.find((text) => text.includes('gave up')) ?? '';
    expect(step).toMatch(
      /gave up waiting for 1 pod to become ready: web-\S+ \(no node for it: .*no instance type satisfied resources and requirements\)$/,
    );
    expect(Number(step.split(' ', 1)[0]) - result.startedAt).toBeLessThan(310_000);
    expect(result.unserved).toMatchObject([{ object: 'Deployment web' }]);
    expect(result.unserved[0]?.problem).toMatch(/^1 pod not ready \(web-/);
    expect(result.unserved[0]?.reason).toContain('no instance type satisfied resources and requirements');
  });

  test('are counted, not all named', async () => {
    const { result, steps } = await playManifests(deployment({ requests: '{cpu: 500}', replicas: 40 }));
    expect(result.unserved[0]?.problem).toMatch(/^40 pods not ready \(web-\S+, web-\S+, web-\S+ and 37 more\)$/);
    expect(steps.find((text) => text.includes('gave up'))).toContain(' and 35 more (');
  });
});

test('tasks that wait are told with what stands in their way', async () => {
  // workers that fit no node: the head comes up, the tasks wait
  const objects = guideObjects()
    .filter(({ kind }) => kind === 'RayCluster' || kind === 'NodePool')
    .map((object): AnyObject => {
      if (object.kind !== 'RayCluster') return object;
      const { workerGroupSpecs, ...spec } = object.spec as RayCluster['spec']; // by its kind
      const groups = JSON.stringify(workerGroupSpecs).replaceAll('"cpu":"1"', '"cpu":"300"');
      return { ...object, spec: { ...spec, workerGroupSpecs: JSON.parse(groups) as unknown } };
    });
  const { result } = await play({ input: { kind: 'manifests', objects } });
  const byObject = Object.fromEntries(result.unserved.map(({ object, problem }) => [object, problem]));
  expect(byObject['RayCluster raycluster']).toBe('30 tasks wait');
  expect(byObject['worker group small-group of RayCluster raycluster']).toMatch(/^10 pods not ready/);
});

describe('a large maxReplicas', () => {
  test('is not loaded in full', async () => {
    const { result, steps } = await playManifests(
      deployment({ requests: '{cpu: 100m}' }),
      hpa({ maxReplicas: 2_000_000_000 }),
    );
    expect(result.layers[0]?.peak).toBeLessThanOrEqual(300);
    expect(steps.some((step) => step.includes('of at most 2000000000, the built-in load is made for 200'))).toBe(true);
  });
});
