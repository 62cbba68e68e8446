import { describe, expect, test } from 'vitest';
import { decisionText, demand, pending, running, type, type Row } from '../../../test/support/ray-snapshot.ts';
import { floatText } from '../../lib/python-text.ts';
import type { InPlaceResize, ResizeStatus, SchedulerSnapshot } from './snapshot.ts';

const G = 1_000_000_000;
const A = type('A', { CPU: 4, memory: 4 * G });
const group = { minCpu: 1, maxCpu: 8, minMemory: G, maxMemory: 8 * G, resizeTimeoutS: 60 };
const statusOf = (id: string, more: Partial<ResizeStatus> = {}): ResizeStatus => ({
  cloudInstanceId: `pod-${id}`,
  group,
  currentCpu: 4,
  currentMemory: 4 * G,
  desiredCpu: 4,
  desiredMemory: 4 * G,
  resizingAt: undefined,
  k8sResizeStatus: undefined,
  suggestedMaxCpu: undefined,
  suggestedMaxMemory: undefined,
  lastFailedAt: undefined,
  lastFailedReason: undefined,
  rayletId: undefined,
  ...more,
});
const resize = (...statuses: ResizeStatus[]): InPlaceResize => ({
  groups: new Map([['A', group]]),
  statuses: new Map(statuses.map((status) => [status.cloudInstanceId, status])),
});
const full = running('i1', 'A', { total: { CPU: 4, memory: 4 * G }, free: { CPU: 0, memory: 4 * G } });
const free = running('i1', 'A', { total: { CPU: 4, memory: 4 * G } });

function given(
  instance: SchedulerSnapshot['instances'][number],
  demands: SchedulerSnapshot['resourceRequests'],
  more: Partial<ResizeStatus> = {},
): Row['in'] {
  return {
    nodeTypes: [A],
    instances: [instance],
    resourceRequests: demands,
    inPlaceResize: resize(statusOf('i1', more)),
  };
}

describe('resize in place', () => {
  test.each<Row>([
    {
      name: 'RAY-7.4 [I1] before a new node is launched a pod grows to its maximum',
      in: given(full, [demand(1, { CPU: 4 })]),
      want: `resize pod-i1 to 8/${8 * G}`,
    },
    {
      name: 'RAY-7.4 [I13] while there is room nothing grows',
      in: given(free, [demand(2, { CPU: 2 })]),
      want: 'nothing',
    },
    {
      name: 'RAY-11.1 [I2] a pod without Ray counts as grown, and cannot be told yet',
      in: given(pending('i1', 'A', 'ALLOCATED'), [demand(2, { CPU: 4 })]),
      want: 'nothing',
    },
    {
      name: 'RAY-7.2 [I3] a resize on its way counts as done',
      in: given(full, [demand(2, { CPU: 4 })], { desiredCpu: 8, desiredMemory: 8 * G, resizingAt: 100 }),
      want: 'launch A x1',
    },
    {
      name: 'RAY-11.1 [I4] after a failure a pod does not grow any more',
      in: given(full, [demand(1, { CPU: 4 })], { lastFailedAt: 100 }),
      want: 'launch A x1',
    },
    {
      name: 'RAY-7.5a [I5] a new node counts at its maximum',
      in: { nodeTypes: [A], resourceRequests: [demand(2, { CPU: 4 })], inPlaceResize: resize() },
      want: 'launch A x1',
    },
    {
      name: 'RAY-11.1 [I6] what was found out about the node caps it',
      in: given(full, [demand(2, { CPU: 2 })], { suggestedMaxCpu: 6 }),
      want: `launch A x1; resize pod-i1 to 6/${8 * G}`,
    },
    {
      name: 'RAY-11.1 [I7] a resize that is queued already is sent',
      in: given(free, [], { k8sResizeStatus: 'new', desiredCpu: 2 }),
      want: `resize pod-i1 to 2/${4 * G}`,
    },
    {
      name: 'RAY-11.2 [I8] what is desired already is not queued again',
      in: given(full, [demand(1, { CPU: 4 })], { desiredCpu: 8, desiredMemory: 8 * G }),
      want: 'nothing',
    },
    {
      name: 'RAY-7.5a [I9] a node for the minimum counts as it is configured',
      in: {
        nodeTypes: [{ ...A, minWorkerNodes: 1 }],
        resourceRequests: [demand(1, { CPU: 8 })],
        inPlaceResize: resize(),
      },
      want: 'launch A x2',
    },
    {
      name: 'RAY-4.5 [I10] only a group of the name of the type counts',
      in: {
        ...given(full, [demand(1, { CPU: 4 })]),
        inPlaceResize: { ...resize(statusOf('i1')), groups: new Map([['other', group]]) },
      },
      want: 'launch A x1',
    },
    {
      name: 'RAY-4.5 an instance without a pod has no status',
      in: {
        ...given({ ...full, cloudInstanceId: '' }, [demand(1, { CPU: 4 })]),
        inPlaceResize: { ...resize(), statuses: new Map([['', { ...statusOf('i1'), cloudInstanceId: '' }]]) },
      },
      want: 'launch A x1',
    },
    {
      name: 'RAY-7.4 [I11] a node that is terminated is resized too',
      in: {
        ...given({ ...full, launchConfigHash: 'h1' }, [demand(1, { CPU: 4 })]),
        nodeTypes: [{ ...A, launchConfigHash: 'h2' }],
        launchConfigCheck: 'on',
      },
      want: `terminate i1 OUTDATED; resize pod-i1 to 8/${8 * G}`,
    },
    {
      name: 'RAY-7.4a [I12] a cap below what there is takes nothing away that is in use',
      in: given(free, [demand(5, { CPU: 1 })], { suggestedMaxCpu: 3 }),
      want: 'launch A x1',
    },
    {
      name: 'RAY-7.4 [K3] those that can grow go behind all others in every packing, also in one of nothing',
      in: {
        ...given(pending('i1', 'A', 'ALLOCATED'), [demand(1, { CPU: 1 })]),
        instances: [pending('i1', 'A', 'ALLOCATED'), pending('i2', 'A', 'REQUESTED')],
        pendingIdleTimeout: { seconds: -1, text: '-1' },
        gangRequests: [{ details: 'empty', requests: [], bundleSelectors: [] }],
      },
      want: 'terminate i1 IDLE',
    },
    {
      name: 'RAY-4.5 two rows with one pod know the raylet of the later one',
      in: {
        ...given(free, [], { k8sResizeStatus: 'new' }),
        instances: [pending('i0', 'A', 'ALLOCATED'), free].map((one) => ({ ...one, cloudInstanceId: 'pod-i1' })),
      },
      want: `resize pod-i1 to 4/${4 * G}; resize pod-i1 to 4/${4 * G}`,
    },
  ])('$name', ({ in: parts, want }) => {
    expect(decisionText(parts)).toBe(want);
  });
});

test.each([
  [60, '60.0'],
  [60.001, '60.001'],
  [0, '0.0'],
  [-0, '-0.0'],
  [31.000000000000004, '31.000000000000004'],
  [0.0001, '0.0001'],
  [0.00005, '5e-05'],
  [1e16, '1e+16'],
  [123456789012345680, '1.2345678901234568e+17'],
  [Infinity, 'inf'],
])('RAY-6.9 %d is printed as the original prints it', (value, text) => {
  expect(floatText(value)).toBe(text);
});
