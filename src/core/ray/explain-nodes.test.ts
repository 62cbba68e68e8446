import { describe, expect, test } from 'vitest';
import { reasonsOf } from '../../../test/support/ray-reasons.ts';
import { demand, pending, running, type } from '../../../test/support/ray-snapshot.ts';
import type { InstanceStatus } from './instance-status.ts';
import { floatSeconds, wholeSeconds } from './seconds-text.ts';
import type { ResizeStatus, SchedulerSnapshot } from './snapshot.ts';

const A4 = type('A', { CPU: 4 });

describe('RAY-14.5 the rule by which a node is kept or ended', () => {
  const idle = (id: string, seconds: number, more: { readonly head?: true } = {}) =>
    running(id, 'A', { total: { CPU: 4 }, idleMs: seconds * 1000, ...more });
  const waits = (id: string, status: InstanceStatus) => pending(id, 'A', status);
  const timeout = wholeSeconds(60);
  const rules = (parts: Partial<SchedulerSnapshot>) =>
    Object.fromEntries(
      reasonsOf({ nodeTypes: [A4], ...parts }).nodes.map(({ instanceId, rule }) => [instanceId, rule] as const),
    );

  test('RAY-6.9 [T1] [T7] the head, who is idle for too long and who is not', () => {
    const instances = [idle('h', 99, { head: true }), idle('i1', 60), idle('i2', 60.001)];
    expect(rules({ idleTimeout: timeout, instances })).toEqual({
      h: { fate: 'kept', kind: 'head' },
      i1: { fate: 'kept', kind: 'not-idle', idleS: 60, timeoutS: 60 },
      i2: { fate: 'terminated', kind: 'idle', idleS: 60.001, timeoutS: 60 },
    });
  });

  test('RAY-6.9 [T2] the minimum of the type keeps the one that was idle for the shortest', () => {
    const nodeTypes = [{ ...A4, minWorkerNodes: 1 }];
    expect(rules({ nodeTypes, idleTimeout: timeout, instances: [idle('i1', 70), idle('i2', 90)] })).toMatchObject({
      i1: { fate: 'kept', kind: 'minimum', minimum: 1, idleS: 70 },
      i2: { fate: 'terminated', kind: 'idle' },
    });
  });

  test('RAY-6.9 [T4] [C4] who is needed, for what', () => {
    const { nodes } = reasonsOf({
      nodeTypes: [A4],
      idleTimeout: timeout,
      instances: [idle('i1', 70)],
      resourceRequests: [demand(2, { CPU: 1 })],
      clusterConstraints: [{ resourceRequests: [demand(3, { CPU: 1 })] }],
    });
    expect(nodes).toMatchObject([{ rule: { fate: 'kept', kind: 'needed' }, hosts: { demand: 2, constraint: 3 } }]);
  });

  test('RAY-6.9 [T3] [T5] the time-out of the type, and none at all', () => {
    const kept = { fate: 'kept', kind: 'no-timeout' };
    const never = { seconds: Infinity, text: 'inf' };
    expect(rules({ instances: [idle('i1', 70)] })).toEqual({ i1: kept });
    const own = (idleTimeout: typeof never) =>
      rules({ nodeTypes: [{ ...A4, idleTimeout }], idleTimeout: timeout, instances: [idle('i1', 70)] });
    expect(own(never)).toEqual({ i1: kept });
    expect(own(wholeSeconds(600))).toMatchObject({ i1: { kind: 'not-idle', timeoutS: 600 } });
  });

  test('RAY-6.8 [D2] nodes on their way have a time-out of their own', () => {
    expect(
      rules({
        pendingIdleTimeout: floatSeconds(60),
        monotonicS: 1000,
        instances: [waits('i1', 'ALLOCATED'), waits('i2', 'QUEUED'), waits('i3', 'REQUESTED')],
        state: { pendingUnneededSinceS: new Map([['A', [900, 990]]]) },
      }),
    ).toEqual({
      i1: { fate: 'kept', kind: 'not-idle', idleS: 10, timeoutS: 60 },
      i2: { fate: 'terminated', kind: 'idle', idleS: 100, timeoutS: 60 },
      i3: { fate: 'kept', kind: 'no-timeout' },
    });
  });

  test('RAY-6.1 [O1] [O5] [O8] an outdated config, and a type that is gone; what they still host', () => {
    const { nodes, launches } = reasonsOf({
      nodeTypes: [{ ...A4, launchConfigHash: 'h2' }],
      launchConfigCheck: 'on',
      instances: [
        idle('i1', 0),
        waits('i2', 'QUEUED'),
        pending('i3', 'B', 'QUEUED'),
        running('i4', 'B', { total: { CPU: 1 } }),
      ],
      resourceRequests: [demand(1, { CPU: 4 })],
    });
    expect(launches).toEqual([]);
    expect(
      Object.fromEntries(nodes.map(({ instanceId, rule, hosts }) => [instanceId, [rule.kind, hosts.demand]])),
    ).toEqual({
      i1: ['outdated', 1],
      i2: ['outdated', 0],
      i3: ['type-gone', 0],
      i4: ['type-gone', 0],
    });
  });

  test('RAY-6.3, RAY-6.4 what is above a maximum, planned nodes too', () => {
    const instances = [idle('h', 0, { head: true }), idle('i1', 5), waits('i2', 'ALLOCATED')];
    expect(rules({ nodeTypes: [{ ...A4, maxWorkerNodes: 2 }], instances })).toMatchObject({
      i2: { fate: 'terminated', kind: 'max-per-type', limit: 2 },
    });
    expect(rules({ maxNumNodes: 2, instances })).toMatchObject({
      i2: { fate: 'terminated', kind: 'max-total', limit: 2 },
    });
    expect(reasonsOf({ nodeTypes: [{ ...A4, minWorkerNodes: 3 }], maxNumNodes: 2 })).toMatchObject({
      launches: [],
      nodes: Array.from({ length: 3 }, () => ({ instanceId: '', rule: { kind: 'max-total', limit: 2 } })),
    });
  });

  test('RAY-4.1, RAY-4.2, RAY-4.4 [N2] [N3] [O6] instances that are no nodes', () => {
    const mute = { ...idle('i2', 0), rayNode: undefined };
    expect(rules({ instances: [waits('i1', 'RAY_STOPPING'), mute, pending('i3', 'B', 'QUEUED')] })).toEqual({
      i1: { fate: 'not-counted', kind: 'leaving' },
      i2: { fate: 'not-counted', kind: 'no-ray-node' },
      i3: { fate: 'not-counted', kind: 'type-unknown' },
    });
  });
});

describe('RAY-14.6 resizes', () => {
  const group = { minCpu: 1, maxCpu: 8, minMemory: 0, maxMemory: 0, resizeTimeoutS: 1 };
  const status: ResizeStatus = {
    cloudInstanceId: 'pod-i1',
    group,
    currentCpu: 4,
    currentMemory: 0,
    desiredCpu: 4,
    desiredMemory: 0,
    resizingAt: undefined,
    k8sResizeStatus: undefined,
    suggestedMaxCpu: undefined,
    suggestedMaxMemory: undefined,
    lastFailedAt: undefined,
    lastFailedReason: undefined,
    rayletId: undefined,
  };
  const resizes = (more: Partial<ResizeStatus>, resourceRequests: SchedulerSnapshot['resourceRequests']) =>
    reasonsOf({
      nodeTypes: [A4],
      instances: [running('i1', 'A', { total: { CPU: 4 }, free: { CPU: 0 } })],
      inPlaceResize: { groups: new Map([['A', group]]), statuses: new Map([['pod-i1', { ...status, ...more }]]) },
      resourceRequests,
    }).resizes;

  test('RAY-7.4 [I1] one that is decided now, with what it makes room for', () => {
    expect(resizes({}, [demand(1, { CPU: 4 })])).toMatchObject([
      { cloudInstanceId: 'pod-i1', nodeType: 'A', desiredCpu: 8, isNew: true, hosts: [{ count: 1 }] },
    ]);
  });

  test('RAY-11.1 [I7] one that was queued before', () => {
    expect(resizes({ k8sResizeStatus: 'new', desiredCpu: 6 }, [])).toMatchObject([
      { desiredCpu: 6, isNew: false, hosts: [] },
    ]);
  });
});
