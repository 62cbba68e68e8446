import { describe, expect, test } from 'vitest';
import { RayWorld, shape, workerGroup } from '../../../test/support/ray-world.ts';
import { COMPAT } from './compat.ts';

/** A world whose group `small` has `count` workers, all running. */
function grown(count: number, more: Parameters<typeof workerGroup>[1] = {}): RayWorld {
  const world = new RayWorld([workerGroup('small', more)]);
  world.demand = [{ request: shape({ CPU: 1 }), count }];
  world.roundDone();
  world.operate();
  world.startRay();
  world.demand = [];
  world.roundDone();
  expect(world.statuses('small')).toEqual({ RAY_RUNNING: count });
  world.requests.length = 0;
  return world;
}

const CONFLICT = { code: 409, reason: 'Conflict', message: 'the object has been modified' };

describe('growing', () => {
  test('RAY-27.5 30 waiting tasks make one guarded patch from 0 to the maximum of 10', () => {
    const world = new RayWorld([workerGroup('other'), workerGroup('small', { maxReplicas: 10 })]);
    world.editGroup('other', {
      template: { spec: { containers: [{ name: 'w', resources: { limits: { cpu: '0' } } }] } },
    });
    world.demand = [{ request: shape({ CPU: 1 }), count: 30 }];
    const outcome = world.roundDone();
    expect(world.patches()).toEqual([
      [
        { op: 'test', path: '/spec/workerGroupSpecs/1/groupName', value: 'small' },
        { op: 'replace', path: '/spec/workerGroupSpecs/1/replicas', value: 10 },
      ],
    ]);
    expect(world.statuses('small')).toEqual({ REQUESTED: 10 });
    expect(outcome.groups[1]).toMatchObject({
      group: 'small',
      decision: { kind: 'scale', from: 0, to: 10 },
      reason: 'ResourceDemand',
      message: '30 requests of {CPU: 1} wait, 0 fit on what there is: 10 workers of small instead of 0 (max 10)',
      numbers: { waitingRequests: 30, unservedRequests: 20, launchedPods: 10, maxReplicas: 10 },
    });
  });

  test('RAY-25.1 requested rows become allocated by their pods, then run, and nothing is asked for twice', () => {
    const world = new RayWorld([workerGroup('small')]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 10 }];
    world.roundDone();
    world.roundDone();
    expect(world.group('small').replicas).toBe(10);
    world.operate();
    world.roundDone();
    expect(world.statuses('small')).toEqual({ ALLOCATED: 10 });
    world.startRay();
    const outcome = world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 10 });
    expect(world.patches()).toHaveLength(1);
    expect(outcome.groups[0]).toMatchObject({ decision: { kind: 'hold', at: 10 }, reason: 'DemandFits' });
  });

  test('RAY-25.9 no more than ten are requested at a time; the rest follows as pods appear', () => {
    const world = new RayWorld([workerGroup('small', { maxReplicas: 25 })]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 25 }];
    const steps: number[] = [];
    for (let i = 0; i < 4; i++) {
      world.roundDone();
      steps.push(world.group('small').replicas ?? 0);
      world.operate();
    }
    expect(steps).toEqual([10, 20, 25, 25]);
  });

  test('RAY-25.7b nothing is launched before the head runs', () => {
    const world = new RayWorld([workerGroup('small')]);
    const [head] = world.nodes.splice(0, 1);
    world.demand = [{ request: shape({ CPU: 1 }), count: 1 }];
    world.roundDone();
    expect(world.patches()).toEqual([]);
    if (head !== undefined) world.nodes.push(head);
    world.roundDone();
    expect(world.group('small').replicas).toBe(1);
  });

  test('RAY-27.9 (C1) what the operator owes for a raised minimum is not asked for again, only written down', () => {
    const world = new RayWorld([workerGroup('small', { replicas: 0, minReplicas: 3 })]);
    world.roundDone();
    expect(world.statuses('small')).toEqual({ REQUESTED: 3 });
    expect(world.group('small').replicas).toBe(3);
    world.roundDone();
    expect(world.group('small').replicas).toBe(3);
  });

  test('RAY-27.9 (C1) the original asks for the minimum on top of the minimum', () => {
    const world = new RayWorld([workerGroup('small', { replicas: 0, minReplicas: 3 })], { compat: COMPAT['ray-2.60'] });
    world.roundDone();
    expect(world.group('small').replicas).toBe(6);
  });
});

describe('a patch that does not go through', () => {
  test('RAY-27.6 a conflict is planned anew from what is read then', () => {
    const world = new RayWorld([workerGroup('small'), workerGroup('other', { maxReplicas: 0 })]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
    world.faults.push({ kind: 'patch-ray-cluster', failure: CONFLICT, times: 1 });
    world.roundDone();
    expect(world.patches()).toHaveLength(2);
    expect(world.group('small').replicas).toBe(2);
    expect(world.statuses('small')).toEqual({ REQUESTED: 2 });
  });

  test('RAY-27.6 a group that moved in the list fails the guard and is found again', () => {
    const world = new RayWorld([workerGroup('small'), workerGroup('other', { maxReplicas: 0 })]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
    let moved = false;
    world.meanwhile = ({ kind }) => {
      if (kind !== 'patch-ray-cluster' || moved) return;
      moved = true;
      world.cluster = {
        ...world.cluster,
        spec: { ...world.cluster.spec, workerGroupSpecs: [world.group('other'), world.group('small')] },
      };
    };
    world.roundDone();
    expect(world.group('small').replicas).toBe(2);
    expect(world.group('other').replicas).toBe(0);
    expect(world.patches().map(([guard]) => guard?.path)).toEqual([
      '/spec/workerGroupSpecs/0/groupName',
      '/spec/workerGroupSpecs/1/groupName',
    ]);
  });

  test('RAY-27.6 pods that came between two tries are not counted twice', () => {
    const world = new RayWorld([workerGroup('small')]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
    world.roundDone();
    world.demand = [{ request: shape({ CPU: 1 }), count: 5 }];
    world.faults.push({ kind: 'patch-ray-cluster', failure: CONFLICT, times: 1 });
    world.meanwhile = ({ kind }) => {
      if (kind === 'patch-ray-cluster') world.operate();
    };
    world.roundDone();
    expect(world.group('small').replicas).toBe(5);
  });

  test('RAY-27.6 after three more tries the round says so and the next one goes on', () => {
    const world = new RayWorld([workerGroup('small')]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
    world.faults.push({ kind: 'patch-ray-cluster', failure: CONFLICT, times: 4 });
    const outcome = world.roundDone();
    expect(world.patches()).toHaveLength(4);
    expect(outcome.groups[0]).toMatchObject({ decision: { kind: 'fail' }, reason: 'Conflict' });
    world.roundDone();
    expect(world.group('small').replicas).toBe(2);
    expect(world.statuses('small')).toEqual({ REQUESTED: 2 });
  });

  const unavailable = { code: 503, reason: 'ServiceUnavailable', message: 'try later' };
  test.each([
    { name: 'the patch was heard, no pod has come yet', failure: 'lost', pods: 0 },
    { name: 'the patch was heard, some pods have come', failure: 'lost', pods: 2 },
    { name: 'the patch was heard, all pods have come', failure: 'lost', pods: 4 },
    { name: 'the patch was not heard', failure: unavailable, pods: 0 },
  ] as const)('RAY-27.9 (C10) nothing is launched twice: $name', ({ failure, pods }) => {
    const world = new RayWorld([workerGroup('small')]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 4 }];
    world.faults.push({ kind: 'patch-ray-cluster', failure, times: 1 });
    expect(world.roundDone().groups[0]?.decision).toEqual({ kind: 'fail' });
    world.operate({ atMost: pods });
    expect(world.roundDone().groups[0]?.decision).toEqual({ kind: 'scale', from: 0, to: 4 });
    expect(world.group('small').replicas).toBe(4);
    expect(world.roundDone().groups[0]?.decision).toEqual({ kind: 'hold', at: 4 });
    world.operate();
    world.roundDone();
    expect(world.statuses('small')).toEqual({ ALLOCATED: 4 });
    expect(world.group('small').replicas).toBe(4);
  });

  test('RAY-27.9 (C10) the original launches a second time after a lost answer', () => {
    const world = new RayWorld([workerGroup('small')], { compat: COMPAT['ray-2.60'] });
    world.demand = [{ request: shape({ CPU: 1 }), count: 4 }];
    world.faults.push({ kind: 'patch-ray-cluster', failure: 'lost', times: 1 });
    world.roundDone();
    world.roundDone();
    expect(world.group('small').replicas).toBe(8);
  });
});

describe('shrinking', () => {
  test('RAY-28.1 idle workers are drained first and named for deletion once Ray is gone', () => {
    const world = grown(3);
    world.idleFor(60.001);
    const drained = world.roundDone();
    expect(world.requests.filter(({ kind }) => kind === 'drain-node')).toHaveLength(3);
    expect(world.patches()).toEqual([]);
    expect(drained.groups[0]).toMatchObject({ decision: { kind: 'hold', at: 3 }, reason: 'IDLE' });
    // rows took the pods from the end of the list
    const names = world
      .podsOf('small')
      .map(({ metadata }) => metadata.name)
      .toReversed();
    const deleted = world.roundDone();
    expect(world.patches()).toEqual([
      [
        { op: 'test', path: '/spec/workerGroupSpecs/0/groupName', value: 'small' },
        { op: 'replace', path: '/spec/workerGroupSpecs/0/replicas', value: 0 },
        { op: 'add', path: '/spec/workerGroupSpecs/0/scaleStrategy', value: { workersToDelete: names } },
      ],
    ]);
    expect(deleted.groups[0]).toMatchObject({
      decision: { kind: 'scale', from: 3, to: 0 },
      reason: 'IDLE',
      message:
        'drained and to be deleted: 3 (IDLE: idle for 60.001 secs > timeout=60.0 secs): 0 workers of small instead of 3 (min 0)',
    });
  });

  test('RAY-6.9 exactly the time-out is not idle for too long', () => {
    const world = grown(2);
    world.idleFor(60);
    world.roundDone();
    expect(world.requests.some(({ kind }) => kind === 'drain-node')).toBe(false);
  });

  test('RAY-27.5 (C11) names of deleted pods are cleared in the next round', () => {
    const world = grown(2);
    world.idleFor(61);
    world.roundDone();
    world.roundDone();
    world.operate();
    world.roundDone();
    expect(world.group('small')).toMatchObject({ replicas: 0, scaleStrategy: { workersToDelete: [] } });
    expect(world.statuses('small')).toEqual({ TERMINATED: 2 });
    const patches = world.patches().length;
    world.roundDone();
    expect(world.patches()).toHaveLength(patches);
  });

  test('RAY-28.2 a worker that is busy again refuses and stays', () => {
    const world = grown(2);
    world.idleFor(61);
    const [first] = world.workers();
    world.busy.add(first?.nodeId ?? '');
    const outcome = world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 1, RAY_STOP_REQUESTED: 1 });
    expect(outcome.notes).toHaveLength(1);
    world.roundDone();
    expect(world.group('small')).toMatchObject({
      replicas: 1,
      scaleStrategy: { workersToDelete: [expect.any(String)] },
    });
    expect(world.group('small').scaleStrategy?.workersToDelete).not.toContain(first?.instanceId);
  });

  test('RAY-28.2 an unanswered drain keeps the worker and costs one round', () => {
    const world = grown(2);
    world.idleFor(61);
    world.faults.push({ kind: 'drain-node', failure: { code: 0, reason: '', message: 'no answer' }, times: 1 });
    world.roundDone();
    expect(world.requests.filter(({ kind }) => kind === 'drain-node')).toHaveLength(1);
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 2 });
    world.roundDone();
    world.roundDone();
    expect(world.group('small').replicas).toBe(0);
  });

  test('RAY-28.2 a drain whose answer was lost is seen in the node and not sent again', () => {
    const world = grown(1);
    world.idleFor(61);
    world.faults.push({ kind: 'drain-node', failure: 'lost', times: 1 });
    world.roundDone();
    world.roundDone();
    expect(world.requests.filter(({ kind }) => kind === 'drain-node')).toHaveLength(1);
    expect(world.group('small').replicas).toBe(0);
  });

  test('RAY-28.1 while a drain takes its time the pod stays, and is no capacity', () => {
    const world = grown(1);
    world.drains = 'slow';
    world.idleFor(61);
    world.roundDone();
    world.demand = [{ request: shape({ CPU: 1 }), count: 1 }];
    world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_STOPPING: 1, REQUESTED: 1 });
    expect(world.group('small').replicas).toBe(2);
    world.finishDrains();
    world.roundDone();
    expect(world.group('small').replicas).toBe(1);
  });

  test('RAY-6.2 the minimum stays', () => {
    const world = grown(3, { minReplicas: 1 });
    world.idleFor(61);
    world.roundDone();
    world.roundDone();
    expect(world.group('small').replicas).toBe(1);
  });

  test('RAY-28.1 a lowered maximum stops the surplus at once and writes the cap', () => {
    const world = grown(5);
    world.editGroup('small', { maxReplicas: 2 });
    world.roundDone();
    expect(world.requests.filter(({ kind }) => kind === 'stop-nodes')).toHaveLength(3);
    world.roundDone();
    world.operate();
    expect(world.group('small').replicas).toBe(2);
    expect(world.podsOf('small')).toHaveLength(2);
  });

  test('RAY-28.3 (C9) a pod where Ray has just come up is not deleted unseen', () => {
    const world = new RayWorld([workerGroup('small')]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
    world.roundDone();
    world.operate();
    world.roundDone();
    world.editGroup('small', { maxReplicas: 1 });
    let reads = 0;
    world.meanwhile = ({ kind }) => {
      if (kind === 'get-cluster-resource-state' && ++reads === 2) world.startRay();
    };
    world.roundDone();
    expect(world.group('small').scaleStrategy).toBeUndefined();
  });
});

describe('reading', () => {
  test.each(['get-ray-cluster', 'list-pods', 'get-cluster-resource-state'] as const)(
    'RAY-22.1 when %s fails nothing is written and the next round goes on',
    (kind) => {
      const world = grown(3);
      world.idleFor(61);
      world.faults.push({ kind, failure: { code: 503, reason: 'ServiceUnavailable', message: 'try later' }, times: 1 });
      const outcome = world.round();
      expect(outcome).toMatchObject({ kind: 'fail', reason: 'ServiceUnavailable' });
      expect(world.requests.some(({ kind: asked }) => ['patch-ray-cluster', 'drain-node'].includes(asked))).toBe(false);
      world.roundDone();
      world.roundDone();
      expect(world.group('small').replicas).toBe(0);
    },
  );

  test('RAY-27.10 nothing is written once the RayCluster is being deleted, or is suspended', () => {
    const world = grown(2);
    world.idleFor(61);
    const { cluster } = world;
    world.cluster = { ...cluster, metadata: { ...cluster.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(world.round().kind).toBe('rest');
    world.cluster = { ...cluster, spec: { ...cluster.spec, suspend: true } };
    expect(world.round().kind).toBe('rest');
    expect(world.requests.map(({ kind }) => kind).filter((kind) => !/^(get|list)-/.test(kind))).toEqual([]);
  });

  test('RAY-22.2 after a new session of the GCS old node ids do not look like dead workers', () => {
    const world = grown(2);
    world.session = 'session-2';
    const workers = world.workers().map(({ nodeId }) => nodeId);
    world.nodes = world.nodes.filter(({ nodeId }) => !workers.includes(nodeId));
    world.roundDone();
    expect(world.statuses('small')).toEqual({ ALLOCATED: 2 });
    world.startRay();
    world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 2 });
    expect(world.patches()).toEqual([]);
  });

  test('RAY-25.4 a restarted autoscaler finds its workers, and what it asked for', () => {
    const world = grown(2);
    world.demand = [{ request: shape({ CPU: 1 }), count: 5 }];
    world.roundDone();
    const { history } = world;
    world.history = { ...history, table: { version: 0, rows: new Map() }, session: undefined, sequence: 1000 };
    world.roundDone();
    expect(world.statuses('small')).toEqual({ RAY_RUNNING: 2, REQUESTED: 3 });
    expect(world.group('small').replicas).toBe(5);
  });

  test('RAY-29.1 (C2) report numbers go on after a restart', () => {
    const world = grown(1);
    const last = world.reports.at(-1)?.autoscalerStateVersion ?? 0;
    world.history = { ...world.history, table: { version: 0, rows: new Map() }, session: undefined, sequence: 1000 };
    world.roundDone();
    expect(world.reports.at(-1)?.autoscalerStateVersion).toBeGreaterThan(last);
  });

  test('RAY-27.4 an overwritten number is repaired by the next scale request, not before', () => {
    const world = grown(2);
    world.editGroup('small', { replicas: 0 });
    world.roundDone();
    expect(world.group('small').replicas).toBe(0);
    world.demand = [{ request: shape({ CPU: 1 }), count: 3 }];
    world.roundDone();
    expect(world.group('small').replicas).toBe(3);
  });
});

describe('groups that are not scaled', () => {
  test('RAY-23.10 (C5) a suspended group is not patched and its workers are not stopped', () => {
    const world = grown(2);
    world.editGroup('small', { suspend: true });
    world.idleFor(600);
    world.demand = [{ request: shape({ CPU: 1 }), count: 9 }];
    const outcome = world.roundDone();
    expect(world.requests.some(({ kind }) => kind === 'patch-ray-cluster' || kind === 'drain-node')).toBe(false);
    expect(outcome.groups[0]).toMatchObject({ decision: { kind: 'hold' }, reason: 'Suspended' });
  });

  test('RAY-23.10 a group that cannot be read any more keeps what it has, the others go on', () => {
    const world = grown(2);
    const unreadable = workerGroup('small', { replicas: 2, template: { spec: { containers: [{ name: 'w' }] } } });
    world.cluster = {
      ...world.cluster,
      spec: { ...world.cluster.spec, workerGroupSpecs: [unreadable, workerGroup('other')] },
    };
    world.idleFor(600);
    world.demand = [{ request: shape({ CPU: 1 }), count: 3 }];
    const outcome = world.roundDone();
    expect(world.group('small')).toMatchObject({ replicas: 2 });
    expect(world.group('other').replicas).toBe(1);
    expect(outcome.groups[0]).toMatchObject({ reason: 'InvalidWorkerGroup' });
    expect(outcome.warnings.map(({ path }) => path)).toEqual([
      'spec.workerGroupSpecs[0].template.spec.containers[0].resources.limits.cpu',
    ]);
  });

  test('RAY-26.2 workers of a group that left the RayCluster do not stop the round', () => {
    const world = grown(2);
    world.cluster = { ...world.cluster, spec: { ...world.cluster.spec, workerGroupSpecs: [workerGroup('other')] } };
    world.demand = [{ request: shape({ CPU: 1 }), count: 4 }];
    world.roundDone();
    expect(world.group('other').replicas).toBe(2);
  });
});
