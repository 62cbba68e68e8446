import { describe, expect, test } from 'vitest';
import { RayWorld, shape, workerGroup } from '../../../test/support/ray-world.ts';
import { COMPAT } from './compat.ts';
import { rowsOf } from './instances.ts';
import { DEFAULT_RAY_SETTINGS, type RaySettings } from './settings.ts';

const original: Partial<RaySettings> = { compat: COMPAT['ray-2.60'] };

/** A world that waits for `count` pods of `small` which were requested. */
function asked(count: number, settings: Partial<RaySettings> = {}): RayWorld {
  const world = new RayWorld([workerGroup('small')], settings);
  world.demand = [{ request: shape({ CPU: 1 }), count }];
  world.roundDone();
  world.demand = [];
  return world;
}

function allocated(count: number, settings: Partial<RaySettings> = {}): RayWorld {
  const world = asked(count, settings);
  world.operate();
  world.roundDone();
  return world;
}

function running(count: number, settings: Partial<RaySettings> = {}): RayWorld {
  const world = allocated(count, settings);
  world.startRay();
  world.roundDone();
  return world;
}

describe('pods and rows', () => {
  test('RAY-25.1 a row takes the pod that was listed last', () => {
    const world = new RayWorld([workerGroup('small')]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
    world.roundDone();
    world.operate();
    world.roundDone();
    const rows = rowsOf(world.history.table).filter(({ instanceType }) => instanceType === 'small');
    const pods = world.podsOf('small').map(({ metadata }) => metadata.name);
    expect(rows.map(({ cloudInstanceId }) => cloudInstanceId)).toEqual(pods.toReversed());
  });

  test('RAY-25.2 a row ends with its pod, and (C1) waits for the one that the operator owes', () => {
    const world = running(2);
    world.pods.pop();
    world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 1, TERMINATED: 1, REQUESTED: 1 });
  });

  test('RAY-27.1 a pod that is being deleted is no pod any more', () => {
    const world = running(1);
    world.pods = world.pods.map((pod) =>
      pod.metadata.labels?.['ray.io/group'] === 'small'
        ? { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
        : pod,
    );
    world.roundDone();
    expect(world.statuses('small')).toMatchObject({ TERMINATED: 1 });
  });

  test('RAY-27.1 pods of other kinds are not looked at', () => {
    const world = running(1);
    const labels = { 'ray.io/cluster': 'demo', 'ray.io/group': 'small', 'ray.io/node-type': 'redis-cleanup' };
    world.pods.push({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'job', labels }, spec: { containers: [] } });
    world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 1 });
  });

  test('RAY-27.9 (C1) a number that somebody lowered frees the rows that waited for it, and they are asked for again', () => {
    const world = asked(3);
    world.editGroup('small', { replicas: 1 });
    world.roundDone();
    expect(world.statuses('small')).toEqual({ REQUESTED: 3 });
    expect(world.group('small').replicas).toBe(3);
  });

  test('RAY-27.9 (C1) a lowered maximum cancels what has not come', () => {
    const world = asked(5);
    world.editGroup('small', { maxReplicas: 2 });
    world.roundDone();
    expect(world.statuses('small')).toEqual({ REQUESTED: 2, TERMINATED: 3 });
    expect(world.group('small').replicas).toBe(2);
  });

  test('RAY-27.9 (C1) rows of a group that is suspended are given up', () => {
    const world = asked(2);
    world.editGroup('small', { suspend: true });
    world.roundDone();
    world.roundDone();
    expect(world.statuses('small')).toEqual({ TERMINATED: 2 });
  });
});

describe('Ray nodes and rows', () => {
  test.each([
    { node: 'RUNNING', want: 'RAY_RUNNING' },
    { node: 'IDLE', want: 'RAY_RUNNING' },
    { node: 'DRAINING', want: 'RAY_STOPPING' },
    { node: 'UNSPECIFIED', want: 'ALLOCATED' },
  ] as const)('RAY-25.5 an allocated row with a Ray node $node is $want', ({ node, want }) => {
    const world = allocated(1);
    world.startRay();
    for (const worker of world.workers()) worker.status = node;
    world.roundDone();
    expect(world.statuses('small')).toMatchObject({ [want]: 1 });
  });

  test('RAY-25.8 a dead Ray node stops the row, and the pod is deleted', () => {
    const world = running(1);
    for (const node of world.nodes.filter(({ rayNodeTypeName }) => rayNodeTypeName === 'small')) node.status = 'DEAD';
    world.roundDone();
    expect(world.statuses('small')).toEqual({ TERMINATING: 1 });
    expect(world.group('small')).toMatchObject({
      replicas: 0,
      scaleStrategy: { workersToDelete: [expect.any(String)] },
    });
  });

  test('RAY-25.7 a worker that the GCS does not list has stopped', () => {
    const world = running(1);
    world.nodes = world.nodes.filter(({ rayNodeTypeName }) => rayNodeTypeName === 'headgroup');
    world.roundDone();
    expect(world.statuses('small')).toEqual({ TERMINATING: 1 });
  });

  test('RAY-25.7 the head is exempt', () => {
    const world = running(1);
    world.nodes = world.nodes.filter(({ rayNodeTypeName }) => rayNodeTypeName !== 'headgroup');
    world.roundDone();
    expect(world.statuses('headgroup')).toEqual({ RAY_RUNNING: 1 });
  });

  test('RAY-25.4a a raylet that came back in its pod gets a row of its own, and the pod stays', () => {
    const world = running(1);
    for (const node of world.workers()) node.status = 'DEAD';
    world.startRay();
    world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 1, TERMINATED: 1 });
    expect(world.group('small').scaleStrategy).toBeUndefined();
  });

  test.each([
    { name: 'RAY-25.4a (C7) a dead node without a pod is left alone', settings: {}, want: {} },
    { name: 'RAY-25.4a (C7) the original makes a row of it', settings: original, want: { TERMINATING: 1 } },
  ])('$name', ({ settings, want }) => {
    const world = new RayWorld([workerGroup('small')], settings);
    const [head] = world.nodes;
    if (head === undefined) throw new Error('no head');
    world.nodes.push({
      ...head,
      nodeId: 'f'.repeat(56),
      instanceId: 'long-gone',
      rayNodeTypeName: 'small',
      status: 'DEAD',
      totalResources: [],
    });
    world.roundDone();
    expect(world.statuses('small')).toEqual(want);
  });

  test('RAY-25.4 a Ray node that was started by hand, without a pod name, is none of ours', () => {
    const world = running(1);
    const [worker] = world.workers();
    if (worker !== undefined) world.nodes.push({ ...worker, nodeId: 'e'.repeat(56), instanceId: '' });
    world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 1 });
  });
});

describe('time-outs', () => {
  test('RAY-25.7a a request that is not answered by a pod is made again, and fails after the third retry', () => {
    const world = asked(1);
    for (let retry = 0; retry < 3; retry++) {
      world.pass(601);
      world.roundDone();
      expect(world.statuses('small')).toEqual({ REQUESTED: 1 });
    }
    world.pass(601);
    world.roundDone();
    expect(world.statuses('small')).toEqual({ ALLOCATION_FAILED: 1 });
    expect(world.group('small').replicas).toBe(1);
    expect(world.reports.at(-1)?.failedInstanceRequests).toMatchObject([
      { rayNodeTypeName: 'small', reason: 'REQUESTED for more than 600 s' },
    ]);
  });

  test('RAY-25.7a exactly the limit is not over it', () => {
    const world = asked(1);
    const [row] = rowsOf(world.history.table).filter(({ instanceType }) => instanceType === 'small');
    const since = row?.history.at(-1)?.at.mono ?? 0;
    // three reads come before the instant of the round, a millisecond each
    world.pass((since + 600_000 - 3 - world.instant.mono) / 1000);
    world.roundDone();
    expect(rowsOf(world.history.table).find(({ instanceId }) => instanceId === row?.instanceId)?.history).toHaveLength(
      2,
    );
  });

  test('RAY-25.7a a pod where Ray does not come up is deleted and its type counts less', () => {
    const world = allocated(1);
    world.pass(3601);
    world.roundDone();
    expect(world.statuses('small')).toEqual({ TERMINATING: 1 });
    expect([...world.history.timeouts.keys()]).toEqual(['small']);
  });

  test('RAY-25.7a a stop that leads nowhere ends in a running node', () => {
    const world = running(1);
    world.drains = 'slow';
    world.idleFor(61);
    world.roundDone();
    for (const node of world.nodes.filter(({ status }) => status === 'DRAINING')) {
      node.status = 'RUNNING';
      node.idleDurationMs = 0;
    }
    world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_STOP_REQUESTED: 1 });
    world.pass(301);
    world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 1 });
  });

  test('RAY-25.7a a deletion that does not happen is asked for again', () => {
    const world = running(1);
    world.idleFor(61);
    world.roundDone();
    world.roundDone();
    world.editGroup('small', { scaleStrategy: { workersToDelete: [] }, replicas: 1 });
    world.pass(301);
    world.roundDone();
    expect(world.group('small')).toMatchObject({
      replicas: 0,
      scaleStrategy: { workersToDelete: [expect.any(String)] },
    });
  });
});

describe('what is forgotten', () => {
  function emptied(settings: Partial<RaySettings>): RayWorld {
    const world = running(2, settings);
    world.idleFor(61);
    world.roundDone();
    world.roundDone();
    world.operate();
    world.roundDone();
    expect(world.statuses('small')).toEqual({ TERMINATED: 2 });
    world.pass(601);
    world.roundDone();
    return world;
  }

  test('RAY-24.4 (C6) ended rows go after ten minutes', () => {
    expect(emptied({}).statuses('small')).toEqual({});
  });

  test('RAY-24.4 (C6) the original keeps them', () => {
    expect(emptied(original).statuses('small')).toEqual({ TERMINATED: 2 });
  });

  test('RAY-24.4 (C6) no more than twenty of a type are kept at all', () => {
    const world = new RayWorld([workerGroup('small', { maxReplicas: 30 })], { maxConcurrentLaunches: 30 });
    world.demand = [{ request: shape({ CPU: 1 }), count: 25 }];
    world.roundDone();
    world.operate();
    world.startRay();
    world.demand = [];
    world.roundDone();
    world.pods = world.pods.filter(({ metadata }) => metadata.labels?.['ray.io/group'] !== 'small');
    world.editGroup('small', { replicas: 0 });
    world.roundDone();
    expect(world.statuses('small')).toEqual({ TERMINATED: 20 });
  });
});

describe('gates', () => {
  function gated(settings: Partial<RaySettings>): RayWorld {
    const world = new RayWorld([workerGroup('small'), workerGroup('other', { maxReplicas: 1 })], settings);
    world.editGroup('other', {
      template: { spec: { containers: [{ name: 'w', resources: { limits: { cpu: '8' } } }] } },
    });
    world.demand = [{ request: shape({ CPU: 1 }), count: 1 }];
    world.roundDone();
    world.operate();
    world.startRay();
    world.demand = [];
    world.roundDone();
    world.idleFor(61);
    world.roundDone();
    world.roundDone();
    // the operator has not come round yet: the named pod is still there
    world.demand = [{ request: shape({ CPU: 8 }), count: 1 }];
    world.roundDone();
    return world;
  }

  test('RAY-27.3 (C3) a pod that is still to be deleted holds up its own group only', () => {
    const world = gated({});
    expect(world.group('other').replicas).toBe(1);
    expect(world.statuses('other')).toEqual({ REQUESTED: 1 });
  });

  test('RAY-27.3 (C3) the original refuses the launch of another group and counts it as failed', () => {
    const world = gated(original);
    expect(world.group('other').replicas).toBe(0);
    expect(world.statuses('other')).toEqual({ ALLOCATION_FAILED: 1 });
  });

  test('RAY-27.3 (C3) launches of the same group wait and come later', () => {
    const world = running(1);
    world.idleFor(61);
    world.roundDone();
    world.roundDone();
    world.demand = [{ request: shape({ CPU: 1 }), count: 1 }];
    const outcome = world.roundDone();
    expect(outcome.groups[0]).toMatchObject({ decision: { kind: 'hold', at: 0 }, reason: 'PendingDeletes' });
    world.operate();
    world.roundDone();
    expect(world.group('small').replicas).toBe(1);
  });

  function conservative(): RayWorld {
    const world = running(2);
    world.pass(5);
    world.cluster = {
      ...world.cluster,
      spec: { ...world.cluster.spec, autoscalerOptions: { upscalingMode: 'Conservative' } },
    };
    world.demand = [{ request: shape({ CPU: 1 }), count: 9 }];
    world.roundDone();
    return world;
  }

  test('RAY-25.9 Conservative launches no more than run already', () => {
    const world = conservative();
    expect(world.group('small').replicas).toBe(4);
    world.pass(5);
    world.roundDone();
    expect(world.group('small').replicas).toBe(6);
  });

  test('RAY-25.9 and a round that a change brought forward launches nothing more', () => {
    const world = conservative();
    world.pass(2);
    world.operate();
    world.roundDone();
    expect(world.group('small').replicas).toBe(4);
    world.pass(3);
    world.roundDone();
    expect(world.group('small').replicas).toBe(6);
  });

  test('RAY-27.7 (C13) a host of a replica of several is not drained by itself', () => {
    const world = new RayWorld([workerGroup('small', { numOfHosts: 2 })]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 3 }];
    world.roundDone();
    expect(world.group('small').replicas).toBe(2);
    world.operate();
    world.startRay();
    world.demand = [];
    world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 4 });
    world.idleFor(61);
    world.roundDone();
    expect(world.requests.some(({ kind }) => kind === 'drain-node')).toBe(false);
  });
});

test('RAY-21.7 the settings are those of an autoscaler without variables', () => {
  expect(DEFAULT_RAY_SETTINGS).toMatchObject({
    updateIntervalMs: 5000,
    maxConcurrentLaunches: 10,
    maxRequestRetries: 3,
  });
});
