/** The model of Ray: placement, durations, idleness, drains and losses (ray-runtime 8, ray-wire 2.1). */

import { describe, expect, test } from 'vitest';
import { durationMs, epochMs, seconds, type EpochMs } from '../time/time.ts';
import type { GroupStrategy } from './ray-bundles.ts';
import type { GroupView } from './ray-groups.ts';
import type { RayResources } from './ray-node-resources.ts';
import { RayTasks, type RayWork } from './ray-tasks.ts';

const at = (s: number): EpochMs => epochMs(s * 1000);

function work(count: number, resources: RayResources = [['CPU', 1]], duration = 10): RayWork {
  return { kind: 'task', resources, count, duration: seconds(duration) };
}

function join(tasks: RayTasks, nodeId: string, now: EpochMs, resources: RayResources = [['CPU', 1]]): void {
  tasks.join({ nodeId, instanceId: `pod-${nodeId}`, group: 'g', address: '1.2.3.4', resources, labels: {} }, now);
}

/** `id STATUS`, with how long it has been idle. */
function nodes(tasks: RayTasks, now: EpochMs): readonly string[] {
  return tasks
    .nodes(now)
    .map(({ nodeId, status, idleFor }) => `${nodeId} ${status}${idleFor > 0 ? ` ${idleFor / 1000}` : ''}`);
}

describe('work', () => {
  test('waits until a node has room, runs for its duration, and is done', () => {
    const tasks = new RayTasks();
    tasks.submit(work(3), at(0));
    expect(tasks.counts).toEqual({ pending: 3, running: 0, finished: 0, lost: 0 });
    expect(tasks.nextEnd()).toBeUndefined();
    join(tasks, 'a', at(1), [['CPU', 2]]);
    expect(tasks.counts).toEqual({ pending: 1, running: 2, finished: 0, lost: 0 });
    expect(tasks.nextEnd()).toBe(at(11));
    tasks.advance(at(11));
    expect(tasks.counts).toEqual({ pending: 0, running: 1, finished: 2, lost: 0 });
    tasks.advance(at(21));
    expect(tasks.counts).toEqual({ pending: 0, running: 0, finished: 3, lost: 0 });
  });

  test('follows at the instant room is free, also when nobody looks for a long time', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    tasks.submit(work(3), at(0));
    tasks.advance(at(1000));
    expect(tasks.counts.finished).toBe(3);
    expect(nodes(tasks, at(1000))).toEqual(['a IDLE 970']);
  });

  test('that does not fit does not hold up other shapes', () => {
    const tasks = new RayTasks();
    tasks.submit(work(1, [['GPU', 1]]), at(0));
    tasks.submit(work(1), at(0));
    join(tasks, 'a', at(0));
    expect(tasks.counts).toMatchObject({ pending: 1, running: 1 });
  });

  test('may ask for parts of a resource', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0), [['GPU', 1]]);
    tasks.submit(work(5, [['GPU', 0.1]]), at(0));
    tasks.submit(work(2, [['GPU', 0.3]]), at(0));
    expect(tasks.counts).toMatchObject({ pending: 1, running: 6 });
    expect(tasks.nodes(at(0))[0]?.available).toEqual([['GPU', 0.2]]);
  });

  test('that asks for nothing runs anywhere', () => {
    const tasks = new RayTasks();
    tasks.submit(work(100, []), at(0));
    join(tasks, 'a', at(0), []);
    expect(tasks.counts.running).toBe(100);
  });
});

describe('what is told', () => {
  test('demand by shape: equal amounts in any order are one, zeros are none', () => {
    const tasks = new RayTasks();
    tasks.submit(
      work(2, [
        ['CPU', 1],
        ['GPU', 0],
      ]),
      at(0),
    );
    tasks.submit(
      work(1, [
        ['CPU', 2],
        ['GPU', 1],
      ]),
      at(0),
    );
    tasks.submit(work(3, [['CPU', 1]]), at(0));
    tasks.submit(
      work(4, [
        ['GPU', 1],
        ['CPU', 2],
      ]),
      at(0),
    );
    expect(tasks.demands()).toEqual([
      { resources: [['CPU', 1]], count: 5 },
      {
        resources: [
          ['CPU', 2],
          ['GPU', 1],
        ],
        count: 5,
      },
    ]);
  });

  test('a used-up resource is not among the available ones', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0), [
      ['CPU', 1],
      ['memory', 10],
    ]);
    tasks.submit(work(1), at(0));
    expect(tasks.nodes(at(0))[0]).toMatchObject({ status: 'RUNNING', available: [['memory', 10]], idleFor: 0 });
  });

  test('idleness counts from joining, then from the last end', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    expect(nodes(tasks, at(7))).toEqual(['a IDLE 7']);
    tasks.submit(work(1), at(7));
    expect(nodes(tasks, at(8))).toEqual(['a RUNNING']);
    tasks.advance(at(20));
    expect(nodes(tasks, at(20))).toEqual(['a IDLE 3']);
  });

  test('dead nodes come after all others, without resources', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    join(tasks, 'b', at(0));
    tasks.kill('a', at(1));
    expect(nodes(tasks, at(1))).toEqual(['b IDLE 1', 'a DEAD']);
    expect(tasks.nodes(at(1))[1]).toMatchObject({ instanceId: 'pod-a', resources: [], available: [] });
  });
});

describe('drains', () => {
  test('an idle node is ended at once, a busy one refuses', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    join(tasks, 'b', at(0));
    tasks.submit(work(1), at(0));
    expect(tasks.terminateIdle('a', at(1))).toBe('busy');
    expect(tasks.terminateIdle('b', at(1))).toBe('accepted');
    expect(tasks.terminateIdle('unknown', at(1))).toBe('accepted');
    expect(nodes(tasks, at(1))).toEqual(['a RUNNING', 'b DEAD']);
  });

  test('work that has ended by now does not refuse', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    tasks.submit(work(1), at(0));
    expect(tasks.terminateIdle('a', at(10))).toBe('accepted');
  });

  test('preemption takes no new work and ends with the last', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0), [['CPU', 2]]);
    tasks.submit(work(1), at(0));
    tasks.preempt('a', at(1));
    tasks.submit(work(1), at(1));
    expect(nodes(tasks, at(1))).toEqual(['a DRAINING']);
    expect(tasks.counts).toMatchObject({ pending: 1, running: 1 });
    tasks.advance(at(10));
    expect(nodes(tasks, at(10))).toEqual(['a DEAD']);
    expect(tasks.counts).toMatchObject({ pending: 1, finished: 1, lost: 0 });
  });

  test('preemption of an idle node ends it', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    tasks.preempt('a', at(1));
    expect(nodes(tasks, at(1))).toEqual(['a DEAD']);
  });
});

describe('placement groups', () => {
  const CPU: RayResources = [['CPU', 1]];
  const ask = (tasks: RayTasks, strategy: GroupStrategy, bundles: number, now = at(0)): void =>
    tasks.createGroup({ id: 'ab', strategy, bundles: Array.from({ length: bundles }, () => CPU) }, now);
  const group = (tasks: RayTasks): GroupView => {
    const [first] = tasks.groups();
    if (first === undefined) throw new Error('there is a group');
    return first;
  };

  test('a group waits whole until all its bundles have a place', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    ask(tasks, 'STRICT_SPREAD', 2);
    expect(group(tasks)).toMatchObject({ state: 'PENDING', nodeIds: [undefined, undefined] });
    expect(nodes(tasks, at(1))).toEqual(['a IDLE 1']);
    join(tasks, 'b', at(1));
    expect(group(tasks)).toMatchObject({ state: 'CREATED', nodeIds: ['a', 'b'] });
    expect(nodes(tasks, at(2))).toEqual(['a RUNNING', 'b RUNNING']);
  });

  test('it keeps its resources from what runs outside, before that is looked at', () => {
    const tasks = new RayTasks();
    tasks.submit(work(2), at(0));
    ask(tasks, 'PACK', 1);
    join(tasks, 'a', at(0), [['CPU', 2]]);
    expect(group(tasks).state).toBe('CREATED');
    expect(tasks.counts).toMatchObject({ pending: 1, running: 1 });
  });

  test('its node shows the resources of each bundle and of the group (Ray: STRICT_PACK of two on four CPUs)', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0), [['CPU', 4]]);
    ask(tasks, 'STRICT_PACK', 2);
    tasks.submit({ ...work(1), groupId: 'ab' }, at(0));
    const [node] = tasks.nodes(at(0));
    expect(node?.dynamicLabels).toEqual({ _PG_ab: '' });
    expect(Object.fromEntries(node?.resources ?? [])).toEqual({
      CPU: 4,
      CPU_group_ab: 2,
      CPU_group_0_ab: 1,
      CPU_group_1_ab: 1,
      bundle_group_ab: 2000,
      bundle_group_0_ab: 1000,
      bundle_group_1_ab: 1000,
    });
    expect(Object.fromEntries(node?.available ?? [])).toEqual({
      CPU: 2,
      CPU_group_ab: 1,
      CPU_group_1_ab: 1,
      bundle_group_ab: 1999.999,
      bundle_group_0_ab: 999.999,
      bundle_group_1_ab: 1000,
    });
  });

  test('work inside runs in one bundle, never in parts of two', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0), [['CPU', 2]]);
    ask(tasks, 'STRICT_PACK', 2);
    tasks.submit({ ...work(1, [['CPU', 2]]), groupId: 'ab' }, at(0));
    tasks.submit({ ...work(3), groupId: 'ab' }, at(0));
    expect(tasks.counts).toMatchObject({ pending: 2, running: 2 });
    expect(tasks.workIn('ab')).toBe(4);
    tasks.advance(at(10));
    expect(tasks.counts).toMatchObject({ pending: 1, running: 1, finished: 2 });
  });

  test('work inside asks for the names of the group', () => {
    const tasks = new RayTasks();
    ask(tasks, 'PACK', 1);
    tasks.submit({ ...work(2), groupId: 'ab' }, at(0));
    tasks.submit({ ...work(1, [['CPU', 0]]), groupId: 'ab' }, at(0));
    expect(tasks.demands()).toEqual([
      {
        resources: [
          ['CPU_group_ab', 1],
          ['bundle_group_ab', 0.001],
        ],
        count: 2,
      },
      { resources: [['bundle_group_ab', 0.001]], count: 1 },
    ]);
  });

  test('a node with a bundle refuses to end, and is idle from the removal on', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    ask(tasks, 'PACK', 1);
    expect(tasks.terminateIdle('a', at(5))).toBe('busy');
    tasks.removeGroup('ab', at(7));
    expect(nodes(tasks, at(9))).toEqual(['a IDLE 2']);
    expect(tasks.nodes(at(9))[0]).toMatchObject({
      resources: [['CPU', 1]],
      available: [['CPU', 1]],
      dynamicLabels: {},
    });
    expect(tasks.terminateIdle('a', at(9))).toBe('accepted');
  });

  test('removal ends what runs inside and drops what waits there, for good', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0), [['CPU', 2]]);
    ask(tasks, 'PACK', 1);
    tasks.submit({ ...work(3), groupId: 'ab' }, at(0));
    tasks.submit(work(1), at(0));
    tasks.removeGroup('ab', at(5));
    tasks.removeGroup('unknown', at(5));
    expect(tasks.counts).toEqual({ pending: 0, running: 1, finished: 0, lost: 3 });
    tasks.advance(at(100));
    expect(tasks.counts).toEqual({ pending: 0, running: 0, finished: 1, lost: 3 });
    expect(tasks.groups()).toEqual([]);
  });

  test('a bundle whose node is gone waits again, the others stand, and work inside is tried again', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    join(tasks, 'b', at(0));
    ask(tasks, 'STRICT_SPREAD', 2);
    tasks.submit({ ...work(2), groupId: 'ab' }, at(0));
    tasks.kill('a', at(1));
    expect(group(tasks)).toMatchObject({ state: 'RESCHEDULING', nodeIds: [undefined, 'b'] });
    expect(tasks.counts).toMatchObject({ pending: 1, running: 1, lost: 1 });
    join(tasks, 'c', at(2));
    expect(group(tasks)).toMatchObject({ state: 'CREATED', nodeIds: ['c', 'b'] });
    tasks.advance(at(20));
    expect(tasks.counts).toEqual({ pending: 0, running: 0, finished: 2, lost: 1 });
  });

  test('a node that is drained gets no bundle, and ends only when it holds none', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0), [['CPU', 2]]);
    ask(tasks, 'PACK', 1);
    tasks.preempt('a', at(1));
    tasks.createGroup({ id: 'cd', strategy: 'PACK', bundles: [CPU] }, at(1));
    expect(nodes(tasks, at(1))).toEqual(['a DRAINING']);
    expect(tasks.groups().map(({ state }) => state)).toEqual(['CREATED', 'PENDING']);
    tasks.removeGroup('ab', at(2));
    expect(nodes(tasks, at(2))).toEqual(['a DEAD']);
  });

  test('the end of a session makes all of them wait', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    ask(tasks, 'PACK', 1);
    tasks.reset();
    expect(group(tasks)).toMatchObject({ state: 'PENDING', nodeIds: [undefined] });
    join(tasks, 'b', at(1));
    expect(group(tasks)).toMatchObject({ state: 'CREATED', nodeIds: ['b'] });
  });

  test('one that never fits holds up nobody', () => {
    const tasks = new RayTasks();
    join(tasks, 'a', at(0));
    ask(tasks, 'STRICT_SPREAD', 2);
    tasks.createGroup({ id: 'cd', strategy: 'PACK', bundles: [CPU] }, at(0));
    expect(tasks.groups().map(({ state }) => state)).toEqual(['PENDING', 'CREATED']);
  });
});

test('room for a floor is what nodes have, not what is free', () => {
  const tasks = new RayTasks();
  const floor = (count: number): boolean => tasks.hasRoomFor(Array.from({ length: count }, () => [['CPU', 1]]));
  expect([floor(0), floor(1)]).toEqual([true, false]);
  join(tasks, 'a', at(0), [['CPU', 2]]);
  tasks.submit(work(2), at(0));
  expect([floor(2), floor(3)]).toEqual([true, false]);
  const before = tasks.nodesVersion;
  tasks.kill('a', at(1));
  expect(floor(1)).toBe(false);
  expect(tasks.nodesVersion).not.toBe(before);
});

describe('losses', () => {
  test('are tried again once', () => {
    const tasks = new RayTasks();
    tasks.submit(work(2), at(0));
    join(tasks, 'a', at(0), [['CPU', 2]]);
    tasks.kill('a', at(1));
    expect(tasks.counts).toEqual({ pending: 2, running: 0, finished: 0, lost: 2 });
    join(tasks, 'b', at(2), [['CPU', 1]]);
    tasks.kill('b', at(3));
    expect(tasks.counts).toEqual({ pending: 1, running: 0, finished: 0, lost: 3 });
    join(tasks, 'c', at(4));
    tasks.advance(at(14));
    expect(tasks.counts).toEqual({ pending: 0, running: 0, finished: 1, lost: 3 });
  });

  test('lost work does not end later', () => {
    const tasks = new RayTasks();
    tasks.submit(work(1), at(0));
    join(tasks, 'a', at(0));
    tasks.kill('a', at(1));
    tasks.advance(at(100));
    expect(tasks.nextEnd()).toBeUndefined();
    expect(tasks.counts.finished).toBe(0);
  });

  test('the end of a session loses what runs and forgets every node', () => {
    const tasks = new RayTasks();
    tasks.submit(work(1), at(0));
    join(tasks, 'a', at(0));
    tasks.reset();
    expect(tasks.nodes(at(1))).toEqual([]);
    expect(tasks.counts).toEqual({ pending: 1, running: 0, finished: 0, lost: 1 });
  });
});

test('work without a duration ends at the instant it starts', () => {
  const tasks = new RayTasks();
  join(tasks, 'a', at(0));
  tasks.submit({ ...work(1), duration: durationMs(0) }, at(0));
  tasks.advance(at(0));
  expect(tasks.counts.finished).toBe(1);
});
