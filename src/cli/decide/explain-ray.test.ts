import { describe, expect, test } from 'vitest';
import { demand, gang, pending, running, snapshot, type } from '../../../test/support/ray-snapshot.ts';
import type { ResourceRequestByCount } from '../../core/ray/cluster-state.ts';
import { schedule } from '../../core/ray/schedule.ts';
import { floatSeconds, wholeSeconds } from '../../core/ray/seconds-text.ts';
import type { ResizeStatus, SchedulerSnapshot } from '../../core/ray/snapshot.ts';
import { durationMs, epochMs } from '../../core/time/time.ts';
import { explainRay } from './explain-ray.ts';

const GIB = 1024 ** 3;

function textOf(parts: Partial<SchedulerSnapshot>): string {
  const now = { wall: epochMs(0), mono: durationMs(0) };
  return explainRay({ id: 'why', schedule: schedule(snapshot(parts), now, { reasons: true }) });
}

const A4 = type('A', { CPU: 4 });
const head = running('h', 'headgroup', { total: { CPU: 0 }, head: true });
const headgroup = type('headgroup', { CPU: 0 }, { maxWorkerNodes: 1 });
const inZone = (...zones: string[]) => zones.map((zone) => [{ key: 'zone', operator: 'IN' as const, values: [zone] }]);

describe('why this type and no other', () => {
  test('the runner-up with how much of each would be used, and the types that were no rivals', () => {
    const text = textOf({
      nodeTypes: [headgroup, type('small', { CPU: 4 }), type('large', { CPU: 16 }), type('huge', { CPU: 64 })],
      instances: [head, running('s1', 'small', { total: { CPU: 4 }, free: { CPU: 1 } })],
      resourceRequests: [demand(1, { CPU: 2 })],
    });
    expect(text).toMatchInlineSnapshot(`
      "case why
        Launches 1 node of small for 1 x {2 CPU}.
          Next best is large: it would use 2 of 16 CPU, small 2 of 4 CPU (score 0.0313 against 0.5). Behind it: huge. Out of the question: headgroup (an empty node has no CPU). Of the nodes there none has more than 1 CPU left.
        1 request waits and finds room on new nodes.
        Keeps h (headgroup): the head is never terminated.
        Keeps s1 (small): no idle time-out is set."
    `);
  });

  const why = (parts: Partial<SchedulerSnapshot>): string => textOf(parts).split('\n')[2]?.trim() ?? '';
  const availabilities = (cloud: Record<string, number>, recoverable: Record<string, number> = {}) => ({
    cloud: new Map(Object.entries(cloud)),
    recoverable: new Map(Object.entries(recoverable)),
  });
  const B4 = type('B', { CPU: 4 });
  const one: readonly ResourceRequestByCount[] = [demand(1, { CPU: 4 })];

  test.each<[string, Partial<SchedulerSnapshot>, string]>([
    [
      'labels',
      {
        nodeTypes: [type('A', { CPU: 4 }, { labels: { zone: 'a' } }), type('B', { CPU: 4 }, { labels: { zone: 'b' } })],
        resourceRequests: [demand(1, { CPU: 4 }, { labelSelectors: inZone('b', 'a') })],
      },
      'Next best is A: its labels are a later alternative of the selectors than those of B.',
    ],
    [
      'GPUs',
      { nodeTypes: [type('gpu', { CPU: 4, GPU: 2 }), type('cpu', { CPU: 64 })], resourceRequests: one },
      'Next best is gpu: its 2 GPUs are kept for requests that ask for GPU.',
    ],
    [
      'kinds',
      {
        nodeTypes: [A4, type('b', { CPU: 16, TPU: 4 })],
        resourceRequests: [demand(1, { CPU: 4 }), demand(1, { TPU: 1 })],
      },
      'Next best is A: it would serve 1 kind of resource (CPU), b 2 kinds of resource (CPU, TPU). It would take 1 x {4 CPU}.',
    ],
    [
      'another resource that would lie idle',
      { nodeTypes: [type('mem', { CPU: 4, memory: 8 * GIB }), type('plain', { CPU: 4 })], resourceRequests: one },
      'Next best is mem: its least used resource would be at 0 of 8 GiB memory, that of plain at 4 of 4 CPU (score 0 against 4).',
    ],
    [
      'the mean',
      {
        nodeTypes: [type('cpu', { CPU: 64, x: 8 }), type('gpu', { CPU: 4, GPU: 1 })],
        resourceRequests: [demand(1, { CPU: 1, GPU: 0 })],
      },
      'Next best is cpu: alike in the least used resource, less used on the whole: 1 of 64 CPU, 0 of 8 x; gpu: 1 of 4 CPU, 0 of 1 GPU (mean score 0.000122 against 0.0313).',
    ],
    [
      'launches that failed lately',
      { nodeTypes: [A4, B4], resourceRequests: one, availabilities: availabilities({}, { A: 0.5 }) },
      'Next best is A: as well used, but it could not be had lately (recovered to 0.5 against 1).',
    ],
    [
      'launches that never came',
      { nodeTypes: [A4, B4], resourceRequests: one, availabilities: availabilities({ A: 0.1 }) },
      'Next best is A: as well used, but its nodes did not come in time before (availability 0.1 against 1).',
    ],
    [
      'priority',
      { nodeTypes: [A4, { ...B4, priority: 5 }], resourceRequests: one },
      'Next best is A: as well used, but its priority is 0, that of B 5.',
    ],
    [
      'a tie',
      { nodeTypes: [A4, B4], resourceRequests: one },
      'Next best is B: as good in everything; equal types take turns, in the order of their list.',
    ],
    [
      'a rival without room',
      { nodeTypes: [{ ...A4, maxWorkerNodes: 0 }, type('C', { CPU: 8 })], resourceRequests: one },
      'No other type could: A (its maximum is 0 nodes, else it would be chosen).',
    ],
  ])('a runner-up that lost by %s', (_name, parts, want) => {
    expect(why(parts)).toBe(want);
  });

  test('placement groups, the constraint and the minimum', () => {
    const text = textOf({
      nodeTypes: [headgroup, { ...A4, minWorkerNodes: 1 }],
      instances: [head],
      gangRequests: [
        gang('p1', 'STRICT_SPREAD', [{ CPU: 4 }, { CPU: 4 }]),
        gang('p2', 'STRICT_PACK', [{ CPU: 1 }, { CPU: 1 }]),
      ],
      clusterConstraints: [{ resourceRequests: [demand(3, { CPU: 4 })] }],
      resourceRequests: [demand(1, { CPU: 2 })],
    });
    expect(text).toMatchInlineSnapshot(`
      "case why
        Launches 3 nodes of A, 1 of them for the type's minimum of 1 node: none is there. They take 1 x {2 CPU}; 1 x {2 CPU, together}, 2 x {4 CPU, apart} of 2 placement groups (p2:STRICT_PACK|PENDING, p1:STRICT_SPREAD|PENDING); 3 x {4 CPU} of request_resources.
          No other type could: headgroup (an empty node has no CPU). Of the nodes there none has CPU left.
        1 request waits and finds room on new nodes.
        2 placement groups wait and find room as a whole.
        What request_resources asks for has room.
        Keeps h (headgroup): the head is never terminated."
    `);
  });
});

describe('why nothing', () => {
  test('limits, what empty nodes lack, and what the nodes there have left', () => {
    const text = textOf({
      nodeTypes: [headgroup, { ...A4, maxWorkerNodes: 1 }, type('gpu', { CPU: 4, GPU: 1 }, { labels: { zone: 'a' } })],
      maxNumNodes: 3,
      instances: [
        head,
        running('a1', 'A', { total: { CPU: 4 }, free: { CPU: 1 } }),
        running('g1', 'gpu', { total: { CPU: 4, GPU: 1 }, free: {} }),
      ],
      resourceRequests: [
        demand(2, { CPU: 2 }),
        demand(1, { CPU: 3 }),
        demand(1, { CPU: 0.5, GPU: 2 }),
        demand(1, { GPU: 1 }, { labelSelectors: inZone('b', 'c') }),
        demand(1, { bundle_group_0a1b2c3d4e5f60718293a4b5c6d7e8f901020304: 0.001 }),
      ],
    });
    expect(text).toMatchInlineSnapshot(`
      "case why
        Nothing is launched, terminated or resized.
        6 requests wait and find no room.
        No place for 1 x {1 GPU, zone in (b) or zone in (c)}: no new node of headgroup, A (an empty node has no GPU and it has no label zone, asked is in (b) or in (c)); gpu (its zone is a, asked is in (b) or in (c)). Of the nodes there none has GPU left.
        No place for 1 x {0.5 CPU, 2 GPU}: no new node of headgroup (an empty node has no CPU, no GPU); A (an empty node has no GPU); gpu (an empty node has 1 of 2 GPU). Of the nodes there none has GPU left.
        No place for 1 x {3 CPU}, 2 x {2 CPU}: no new node of headgroup (an empty node has no CPU); A (its maximum of 1 node is reached, and the cluster's maximum of 3 nodes is reached); gpu (the cluster's maximum of 3 nodes is reached). Of the nodes there none has more than 1 CPU left.
        No place for 1 x {0.001 bundle_group_0a1b2c3d4e5f60718293a4b5c6d7e8f901020304}: no new node of headgroup, A, gpu (an empty node has no bundle_group_0a1b2c3...). Of the nodes there none has bundle_group_0a1b2c3... left. Resources named after a placement group come only with a bundle of that group.
        Keeps h (headgroup): the head is never terminated.
        Keeps 2 nodes of A, gpu (a1, g1): no idle time-out is set."
    `);
  });

  test('placement groups that fail alike, and a constraint, each as a whole', () => {
    const text = textOf({
      nodeTypes: [{ ...A4, maxWorkerNodes: 2 }],
      gangRequests: ['p1', 'p2', 'p3'].map((id) => gang(id, 'STRICT_SPREAD', [{ CPU: 1 }, { CPU: 1 }, { CPU: 1 }])),
      clusterConstraints: [{ resourceRequests: [demand(3, { CPU: 4 })] }],
    });
    expect(text).toMatchInlineSnapshot(`
      "case why
        Nothing is launched, terminated or resized.
        3 placement groups wait and find no room.
        request_resources cannot be met as a whole, and nothing is done for it. No place for 1 x {4 CPU} of it: no new node of A (its maximum of 2 nodes is reached). Of the nodes there none has CPU left.
        No place for 3 placement groups (p1:STRICT_SPREAD|PENDING, p2:STRICT_SPREAD|PENDING and 1 more) as a whole, left over 3 x {1 CPU, apart}: no new node of A (its maximum of 2 nodes is reached). 2 nodes there have room, but with what it must be apart from."
    `);
  });

  test('amounts that only look the same are told exactly', () => {
    const text = textOf({
      nodeTypes: [type('A', { memory: 4 * GIB - 1 })],
      resourceRequests: [demand(1, { memory: 4 * GIB })],
    });
    expect(text).toContain('an empty node has 4294967295 of 4294967296 bytes memory');
  });

  test('nothing waits', () => {
    expect(textOf({ nodeTypes: [A4] })).toBe(
      'case why\n  Nothing is launched, terminated or resized.\n  Nothing waits.',
    );
  });
});

describe('why a node goes or stays', () => {
  test('each group of nodes with its rule', () => {
    const worker = (id: string, idleS: number) => running(id, 'A', { total: { CPU: 4 }, idleMs: idleS * 1000 });
    const text = textOf({
      nodeTypes: [headgroup, { ...A4, minWorkerNodes: 1 }],
      idleTimeout: wholeSeconds(60),
      pendingIdleTimeout: floatSeconds(30),
      monotonicS: 1000,
      state: { pendingUnneededSinceS: new Map([['A', [900, 990]]]) },
      instances: [
        head,
        ...[61, 70, 99.5, 80].map((seconds, i) => worker(`i${i}`, seconds)),
        worker('busy', 0),
        worker('rests', 12.25),
        pending('q', 'A', 'QUEUED'),
        pending('a', 'A', 'ALLOCATED'),
        pending('r', 'A', 'REQUESTED'),
        pending('s', 'A', 'RAY_STOP_REQUESTED'),
        pending('gone', 'A', 'RAY_STOPPING'),
        pending('odd', 'B', 'QUEUED'),
      ],
      resourceRequests: [demand(3, { CPU: 1 })],
    });
    expect(text).toMatchInlineSnapshot(`
      "case why
        Terminates 3 nodes of A (i1, i2, i3): idle for 70 to 99.5 s, longer than the time-out of 60 s.
        Terminates q (A, QUEUED): not needed for 100 s, longer than the time-out of 30 s.
        3 requests wait and find room on what is there or on its way.
        Keeps i0 (A): needed for 3 waiting requests.
        Keeps busy (A): in use (idle for 0 s).
        Keeps rests (A): idle for 12.25 s, not longer than the time-out of 60 s.
        Keeps a (A, ALLOCATED): on the way, not needed for 10 s, not longer than the time-out of 30 s.
        Keeps r (A, REQUESTED): asked for, and not to be called back before it is there.
        Keeps s (A, RAY_STOP_REQUESTED): asked to stop, and counts as an empty node until it does.
        Keeps h (headgroup): the head is never terminated.
        Does not count gone (A, RAY_STOPPING): on the way out.
        Does not count odd (B, QUEUED): not up yet, of a type that is not configured."
    `);
  });

  test('maximum, outdated config, and what is placed on nodes that go', () => {
    const text = textOf({
      nodeTypes: [{ ...A4, launchConfigHash: 'new' }, type('B', { CPU: 1 }, { maxWorkerNodes: 1 })],
      launchConfigCheck: 'on',
      instances: [
        running('a1', 'A', { total: { CPU: 4 }, launchConfigHash: 'old' }),
        pending('a2', 'A', 'ALLOCATED'),
        running('b1', 'B', { total: { CPU: 1 } }),
        running('b2', 'B', { total: { CPU: 1 }, idleMs: 5 }),
        running('c', 'C', { total: { CPU: 1 }, free: {} }),
      ],
      resourceRequests: [demand(1, { CPU: 4 })],
    });
    expect(text).toMatchInlineSnapshot(`
      "case why
        Terminates a1 (A): launched with another config than the type has now; until it is gone it counts as room for 1 waiting request.
        Terminates a2 (A, ALLOCATED): not up yet, and so without the config of its launch: counts as outdated.
        Terminates c (C): the type is not configured any more.
        Terminates b2 (B): the type's maximum is 1 node.
        Where there are too many, those not up yet go first, then the longest idle, then the least used.
        1 request waits and finds room on what is there or on its way.
        Keeps b1 (B): no idle time-out is set."
    `);
  });

  test('resizes', () => {
    const group = { minCpu: 1, maxCpu: 8, minMemory: 0, maxMemory: 8 * GIB, resizeTimeoutS: 1 };
    const status: ResizeStatus = {
      cloudInstanceId: '',
      group,
      currentCpu: 4,
      currentMemory: 4 * GIB,
      desiredCpu: 4,
      desiredMemory: 4 * GIB,
      resizingAt: undefined,
      k8sResizeStatus: undefined,
      suggestedMaxCpu: undefined,
      suggestedMaxMemory: undefined,
      lastFailedAt: undefined,
      lastFailedReason: undefined,
      rayletId: undefined,
    };
    const ids = ['i1', 'i2', 'i3'];
    const text = textOf({
      nodeTypes: [A4],
      instances: ids.map((id) => running(id, 'A', { total: { CPU: 4, memory: 4 * GIB }, free: {} })),
      inPlaceResize: {
        groups: new Map([['A', group]]),
        statuses: new Map(
          ids.map((id) => {
            const cloudInstanceId = `pod-${id}`;
            const queued = id === 'i3' ? { k8sResizeStatus: 'new', desiredCpu: 6 } : {};
            return [cloudInstanceId, { ...status, cloudInstanceId, ...queued }];
          }),
        ),
      },
      resourceRequests: [demand(2, { CPU: 3 })],
    });
    expect(text).toMatchInlineSnapshot(`
      "case why
        Resizes pod-i3 of A in place to 6 CPU and 4 GiB memory, queued in an earlier round.
        Resizes 2 pods (pod-i1, pod-i2) of A in place to 8 CPU and 8 GiB memory for 2 x {3 CPU}.
        2 requests wait and find room on what is there or on its way.
        Keeps i3 (A): no idle time-out is set.
        Keeps 2 nodes of A (i1, i2): needed for 2 waiting requests."
    `);
  });
});

test('the lines stay few however many nodes, types, shapes and groups there are', () => {
  const nodeTypes = Array.from({ length: 30 }, (_, i) =>
    type(`T${i}`, { CPU: 8, [`own${i}`]: 1 }, { maxWorkerNodes: 40, minWorkerNodes: i % 3 }),
  );
  const text = textOf({
    nodeTypes,
    maxNumNodes: 1100,
    idleTimeout: wholeSeconds(60),
    instances: Array.from({ length: 1000 }, (_, i) =>
      running(`i${i}`, `T${i % 30}`, {
        total: { CPU: 8, [`own${i % 30}`]: 1 },
        free: { CPU: i % 9 },
        idleMs: i * 100,
      }),
    ),
    resourceRequests: [
      ...Array.from({ length: 300 }, (_, i) => demand(20, { CPU: 1 + i / 50, [`own${i % 40}`]: 0.5 })),
      ...Array.from({ length: 100 }, (_, i) => demand(1, { CPU: 100 + i })),
    ],
    gangRequests: Array.from({ length: 60 }, (_, i) =>
      gang(`p${i}`, 'STRICT_SPREAD', Array(2 + i * 4).fill({ CPU: 1 })),
    ),
  });
  const lines = text.split('\n');
  expect(lines.length).toBeLessThan(80);
  for (const line of lines) expect(line.length).toBeLessThan(1500);
});
