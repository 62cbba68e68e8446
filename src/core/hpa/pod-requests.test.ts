import { expect, test } from 'vitest';
import { pod } from '../../../test/support/hpa.ts';
import type { PodSpec } from '../kube/core-v1.ts';
import { requestsOf } from './pod-requests.ts';

const cpu = (amount: string): { resources: { requests: { cpu: string } } } => ({
  resources: { requests: { cpu: amount } },
});

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
    150n,
  ],
  ['HPA-5.5 a request of 0 is a value', { containers: [{ name: 'a', ...cpu('0') }] }, 0n],
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
    310n,
  ],
  [
    'HPA-5.4 pod-level requests without the resource',
    { containers: [{ name: 'a' }], resources: { requests: { memory: '1Gi' } } },
    'missing pod-level request for cpu in Pod p',
  ],
])('%s', (_name, spec, want) => {
  const requests = requestsOf([{ ...pod('p'), spec }], 'cpu');
  expect(requests.ok ? requests.value.get('p') : requests.error).toBe(want);
});
