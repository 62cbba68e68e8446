import { describe, expect, test } from 'vitest';
import { NOW, pod } from '../../../test/support/cluster-objects.ts';
import { randomStream } from '../../lib/random.ts';
import type { Pod, PodStatus } from '../kube/core-v1.ts';
import { durationMs, epochMs, toRfc3339 } from '../time/time.ts';
import { DEFAULT_LATENCIES, drawLatencies } from './latency-model.ts';
import { acceptedStatus, nextStage, readyStatus, runningStatus, type PodMemory } from './pod-stages.ts';

const timetable = {
  accept: epochMs(NOW + 100),
  run: epochMs(NOW + 5000),
  readiness: durationMs(2000),
  stop: durationMs(1500),
};
const nothing: PodMemory = { runningSince: undefined, stoppingSince: undefined };

function withStatus(status: PodStatus, base = pod({ name: 'p', node: 'n1' })): Pod {
  return { ...base, status };
}

const bound = withStatus({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] });
const accepted = withStatus(acceptedStatus(bound, '10.0.0.1', NOW));
const started = withStatus(runningStatus(accepted, { podIP: '10.244.0.1', hostIP: '10.0.0.1' }, epochMs(NOW + 5000)));
const ready = withStatus(readyStatus(started, epochMs(NOW + 7000)));
const deleting = (of: Pod, grace: number): Pod => ({
  ...of,
  metadata: {
    ...of.metadata,
    deletionTimestamp: toRfc3339(epochMs(NOW + grace * 1000)),
    deletionGracePeriodSeconds: grace,
  },
});

describe('which stage is next', () => {
  test.each([
    { name: 'bound', of: bound, memory: nothing, want: { kind: 'accept', at: timetable.accept } },
    { name: 'accepted', of: accepted, memory: nothing, want: { kind: 'run', at: timetable.run } },
    {
      name: 'running',
      of: started,
      memory: { ...nothing, runningSince: epochMs(NOW + 5123) },
      want: { kind: 'ready', at: NOW + 7123 },
    },
    {
      name: 'running, seen by a kubelet that came later',
      of: started,
      memory: nothing,
      want: { kind: 'ready', at: NOW + 7000 },
    },
    { name: 'ready', of: ready, memory: nothing, want: { kind: 'settled' } },
    { name: 'finished', of: withStatus({ phase: 'Succeeded' }), memory: nothing, want: { kind: 'settled' } },
    {
      name: 'stopping takes its time',
      of: deleting(ready, 30),
      memory: { ...nothing, stoppingSince: epochMs(NOW + 40) },
      want: { kind: 'delete', at: NOW + 1540 },
    },
    {
      name: 'the grace period cuts it short',
      of: deleting(ready, 1),
      memory: { ...nothing, stoppingSince: NOW },
      want: { kind: 'delete', at: NOW + 1000 },
    },
    {
      name: 'stopping, seen later',
      of: deleting(ready, 30),
      memory: nothing,
      want: { kind: 'delete', at: NOW + 1500 },
    },
    {
      name: 'nothing runs yet: nothing to stop',
      of: deleting(accepted, 30),
      memory: { ...nothing, stoppingSince: NOW },
      want: { kind: 'delete', at: NOW },
    },
  ])('$name', ({ of, memory, want }) => expect(nextStage(of, timetable, memory)).toEqual(want));
});

describe('what the status says', () => {
  const conditions = ({ status }: Pod): Readonly<Record<string, string>> =>
    Object.fromEntries(
      (status?.conditions ?? []).map(({ type, status: value, lastTransitionTime }) => [
        type,
        `${value} ${lastTransitionTime}`,
      ]),
    );

  test('accepted: Pending with a start time, waiting containers and the others’ conditions kept', () => {
    const at = toRfc3339(NOW);
    expect(accepted.status).toMatchObject({
      phase: 'Pending',
      startTime: at,
      hostIP: '10.0.0.1',
      containerStatuses: [
        { name: 'app', ready: false, started: false, state: { waiting: { reason: 'ContainerCreating' } } },
      ],
    });
    expect(conditions(accepted)).toEqual({
      PodScheduled: 'True undefined',
      PodReadyToStartContainers: `False ${at}`,
      Initialized: `True ${at}`,
      Ready: `False ${at}`,
      ContainersReady: `False ${at}`,
    });
  });

  test('running, then ready: transitions move with the status alone', () => {
    const run = toRfc3339(epochMs(NOW + 5000));
    const end = toRfc3339(epochMs(NOW + 7000));
    expect(started.status).toMatchObject({
      phase: 'Running',
      podIP: '10.244.0.1',
      podIPs: [{ ip: '10.244.0.1' }],
      startTime: toRfc3339(NOW),
      containerStatuses: [{ ready: false, started: true, restartCount: 0, state: { running: { startedAt: run } } }],
    });
    expect(conditions(started)).toMatchObject({
      PodReadyToStartContainers: `True ${run}`,
      Ready: `False ${toRfc3339(NOW)}`,
    });
    expect(conditions(ready)).toMatchObject({
      Initialized: `True ${toRfc3339(NOW)}`,
      Ready: `True ${end}`,
      ContainersReady: `True ${end}`,
    });
    expect(ready.status?.containerStatuses).toMatchObject([{ ready: true, state: { running: { startedAt: run } } }]);
    expect(ready.status?.conditions?.find(({ type }) => type === 'Ready')).not.toHaveProperty('reason');
  });

  test('init containers end before the others start; sidecars go on', () => {
    const initContainers = [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }];
    const base = pod({ name: 'p', node: 'n1', spec: { initContainers } });
    const first = withStatus(acceptedStatus(base, undefined, NOW), base);
    expect(first.status?.conditions?.find(({ type }) => type === 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [setup proxy]',
    });
    const second = runningStatus(first, { podIP: '10.244.0.1', hostIP: undefined }, NOW);
    expect(second.conditions?.find(({ type }) => type === 'Initialized')).toMatchObject({ status: 'True' });
    expect(second.initContainerStatuses).toMatchObject([
      { name: 'setup', state: { terminated: { exitCode: 0, reason: 'Completed' } } },
      { name: 'proxy', state: { running: {} } },
    ]);
  });
});

describe('latencies', () => {
  const spec = pod({
    name: 'p',
    spec: {
      containers: [
        { name: 'a', image: 'example.org/app:1' },
        { name: 'b', image: 'rayproject/ray:2' },
      ],
    },
  }).spec;

  test('lie in their ranges, cold pulls by kind of image', () => {
    for (let seed = 0; seed < 200; seed++) {
      const drawn = drawLatencies(spec, DEFAULT_LATENCIES, randomStream(seed, 'p'));
      const [app, ray] = drawn.pulls;
      expect(app?.cold).toBeGreaterThanOrEqual(3000);
      expect(app?.cold).toBeLessThanOrEqual(8000);
      expect(ray?.cold).toBeGreaterThanOrEqual(30_000);
      expect(ray?.warm).toBeLessThanOrEqual(300);
      expect(drawn.stop).toBeLessThanOrEqual(2000);
      expect(drawn.init).toBe(0);
    }
  });

  test('repeat for the same stream', () => {
    const draw = (): unknown => drawLatencies(spec, DEFAULT_LATENCIES, randomStream(7, 'kubelet/default/p'));
    expect(draw()).toEqual(draw());
  });
});
