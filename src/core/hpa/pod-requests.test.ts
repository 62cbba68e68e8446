import { expect, test } from 'vitest';
import { pod } from '../../../test/support/hpa.ts';
import type { PodSpec } from '../kube/core-v1.ts';
import { podFacts } from './pod-facts.ts';
import { requestOf, type RequestRules } from './pod-requests.ts';

const cpu = (amount: string): { resources: { requests: { cpu: string } } } => ({
  resources: { requests: { cpu: amount } },
});

function requestIn(spec: PodSpec, how: Pick<RequestRules, 'podLevel' | 'container'>): unknown {
  const request = requestOf(podFacts({ ...pod('p'), spec }), { resource: 'cpu', ...how });
  return request.ok ? request.value : request.error;
}

test.each<[string, PodSpec, unknown]>([
  [
    'HPA-5.5 containers and sidecars, not plain init containers',
    {
      containers: [{ name: 'a', ...cpu('100m') }],
      initContainers: [
        { name: 's', restartPolicy: 'Always', ...cpu('50m') },
        { name: 'i', ...cpu('1') },
      ],
      overhead: { cpu: '1' },
    },
    150,
  ],
  ['HPA-5.5 a request of 0 is a value', { containers: [{ name: 'a', ...cpu('0') }] }, 0],
  [
    'HPA-5.5 a container without request',
    { containers: [{ name: 'a', ...cpu('1') }, { name: 'b' }] },
    'missing request for cpu in container b of Pod p',
  ],
  [
    'HPA-5.6 limits do not stand in for requests',
    { containers: [{ name: 'a', resources: { limits: { cpu: '1' } } }] },
    'missing request for cpu in container a of Pod p',
  ],
  [
    'HPA-5.4 pod-level requests come first, with overhead',
    { containers: [{ name: 'a' }], resources: { requests: { cpu: '300m' } }, overhead: { cpu: '10m' } },
    310,
  ],
  [
    'HPA-5.4 pod-level requests without the resource',
    { containers: [{ name: 'a' }], resources: { requests: { memory: '1Gi' } } },
    'missing pod-level request for cpu in Pod p',
  ],
])('%s', (_name, spec, want) => {
  expect(requestIn(spec, { podLevel: 'counts' })).toBe(want);
});

test('HPA-24.6 without the gate requests of the whole pod do not count', () => {
  const spec = { containers: [{ name: 'a', ...cpu('100m') }], resources: { requests: { cpu: '300m' } } };
  expect(requestIn(spec, { podLevel: 'ignored' })).toBe(100);
});

const TWO: PodSpec = {
  containers: [{ name: 'app', ...cpu('100m') }, { name: 'bare' }],
  initContainers: [
    { name: 'side', restartPolicy: 'Always', ...cpu('50m') },
    { name: 'init', ...cpu('1') },
  ],
  resources: { requests: { cpu: '900m' } },
};

test.each([
  ['a container, whatever the others and the whole pod request', 'app', 100],
  ['a sidecar', 'side', 50],
  ['one without the resource', 'bare', 'missing request for cpu in container bare of Pod p'],
  ['one that is not there', 'gone', 'container gone not found in Pod p'],
  ['a plain init container is not there', 'init', 'container init not found in Pod p'],
])('HPA-6.3 %s', (_name, container, want) => {
  expect(requestIn(TWO, { podLevel: 'counts', container })).toBe(want);
});
