import { expect, test } from 'vitest';
import { podRequests, type RequestingPodSpec } from './resources.ts';

type Row = { readonly name: string; readonly in: RequestingPodSpec; readonly want: Readonly<Record<string, bigint>> };

const requests = (
  texts: Record<string, string | number>,
): { resources: { requests: Record<string, string | number> } } => ({
  resources: { requests: texts },
});

const ROWS: readonly Row[] = [
  { name: 'no requests at all', in: { containers: [{}] }, want: {} },
  {
    name: 'containers add up in milli-units',
    in: { containers: [requests({ cpu: '100m', memory: '1Mi' }), requests({ cpu: 1 })] },
    want: { cpu: 1100n, memory: 1_048_576_000n },
  },
  {
    name: 'sidecars add to the sum, plain init containers only to the peak',
    in: {
      containers: [requests({ cpu: '100m' })],
      initContainers: [
        { restartPolicy: 'Always', ...requests({ cpu: '50m' }) },
        requests({ cpu: '400m', 'nvidia.com/gpu': 1 }),
      ],
    },
    want: { cpu: 450n, 'nvidia.com/gpu': 1000n },
  },
  {
    name: 'an init container does not count the sidecars behind it',
    in: {
      containers: [requests({ cpu: '10m' })],
      initContainers: [requests({ cpu: '400m' }), { restartPolicy: 'Always', ...requests({ cpu: '50m' }) }],
    },
    want: { cpu: 400n },
  },
  {
    name: 'pod-level requests replace the sum for supported names, overhead comes on top',
    in: {
      containers: [requests({ cpu: '100m', 'nvidia.com/gpu': 2 })],
      resources: { requests: { cpu: '250m', 'nvidia.com/gpu': 9 } },
      overhead: { cpu: '5m', memory: '1Ki' },
    },
    want: { cpu: 255n, 'nvidia.com/gpu': 2000n, memory: 1_024_000n },
  },
  {
    name: 'rounding to milli comes after the sum',
    in: { containers: [requests({ cpu: '500u' }), requests({ cpu: '500u' })] },
    want: { cpu: 1n },
  },
];

test.each(ROWS)('HPA-5.4 $name', ({ in: spec, want }) => {
  expect(Object.fromEntries(podRequests(spec))).toEqual(want);
});

test('a stored quantity that does not parse is a defect, not a zero', () => {
  expect(() => podRequests({ containers: [requests({ cpu: 'much' })] })).toThrow(
    'a stored request is no quantity: cpu: much',
  );
});
