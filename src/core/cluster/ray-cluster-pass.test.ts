/** One pass of the operator over a RayCluster's pods (kuberay 2.7). */

import { describe, expect, test } from 'vitest';
import { ago, NOW, pod } from '../../../test/support/cluster-objects.ts';
import { rayCluster } from '../../../test/support/ray-and-nodes.ts';
import type { Pod } from '../kube/core-v1.ts';
import type { RayCluster, WorkerGroupSpec } from '../kube/ray.ts';
import { desiredPods, planRayClusterPass, type RayPass } from './ray-cluster-pass.ts';
import { recreateHash } from './ray-cluster-pods.ts';
import { openExpectations, type RayExpectation } from './ray-expectations.ts';

type Kind = {
  readonly group?: string;
  readonly index?: string;
  readonly phase?: 'Running' | 'Pending' | 'Failed' | 'Succeeded';
};

function rayPod(name: string, { group = 'small', index = '0', phase = 'Running' }: Kind = {}): Pod {
  return pod({
    name,
    phase,
    labels: {
      'ray.io/cluster': 'ray',
      'ray.io/group': group,
      'ray.io/node-type': group === 'headgroup' ? 'head' : 'worker',
      'ray.io/worker-group-replica-index': index,
    },
  });
}

const HEAD = rayPod('head', { group: 'headgroup' });

/** Steps in short: `+small` creates, `-w1` deletes, `!` at the end: again. */
function shortOf({ steps, end }: RayPass): readonly string[] {
  const short = steps.map((step) =>
    step.kind === 'create-pod' ? `+${step.group === '' ? 'head' : step.group}` : `-${step.podName}`,
  );
  return end.kind === 'again' ? [...short, '!'] : short;
}

function pass(
  cluster: RayCluster,
  pods: readonly Pod[],
  expectations: readonly RayExpectation[] = [],
): readonly string[] {
  return shortOf(planRayClusterPass({ cluster, pods, expectations }));
}

const OTHER: WorkerGroupSpec = {
  ...(rayCluster().spec.workerGroupSpecs?.[0] as WorkerGroupSpec),
  groupName: 'other',
  replicas: 1,
};
const workers = (...names: readonly string[]): readonly Pod[] =>
  names.map((name, i) => rayPod(name, { index: String(i) }));
const doomed = (...names: readonly string[]): Partial<WorkerGroupSpec> => ({
  scaleStrategy: { workersToDelete: names },
});
const manual = { enableInTreeAutoscaling: false };

describe('head and groups', () => {
  const two = rayCluster({ replicas: 2 }, { workerGroupSpecs: [{ ...OTHER, groupName: 'small', replicas: 2 }, OTHER] });
  const rows: readonly { name: string; cluster: RayCluster; pods: readonly Pod[]; want: readonly string[] }[] = [
    {
      name: 'makes the head first, workers in the same pass',
      cluster: rayCluster({ replicas: 2 }),
      pods: [],
      want: ['+head', '+small', '+small'],
    },
    {
      name: 'leaves a complete cluster alone',
      cluster: rayCluster({ replicas: 1 }),
      pods: [HEAD, ...workers('w1')],
      want: [],
    },
    {
      name: 'deletes a head that has ended and does nothing else',
      cluster: rayCluster({ replicas: 1 }),
      pods: [rayPod('head', { group: 'headgroup', phase: 'Failed' })],
      want: ['-head', '!'],
    },
    {
      name: 'stops at two heads',
      cluster: rayCluster({ replicas: 1 }),
      pods: [HEAD, { ...HEAD, metadata: { ...HEAD.metadata, name: 'h2' } }],
      want: ['!'],
    },
    {
      name: 'serves groups in the order of the spec',
      cluster: two,
      pods: [HEAD],
      want: ['+small', '+small', '+other'],
    },
    {
      name: 'an ended worker ends the pass: later groups wait',
      cluster: two,
      pods: [HEAD, rayPod('w1', { phase: 'Succeeded' }), rayPod('w2')],
      want: ['-w1', '!'],
    },
    {
      name: 'never deletes a pending pod',
      cluster: rayCluster({ replicas: 1 }),
      pods: [HEAD, rayPod('w1', { phase: 'Pending' })],
      want: [],
    },
  ];
  test.each(rows)('$name', ({ cluster, pods, want }) => expect(pass(cluster, pods)).toEqual(want));

  test('new workers take the lowest free replica indexes', () => {
    const { steps } = planRayClusterPass({
      cluster: rayCluster({ replicas: 4 }),
      pods: [HEAD, rayPod('a', { index: '0' }), rayPod('b', { index: '2' })],
      expectations: [],
    });
    const indexes = steps.flatMap((step) =>
      step.kind === 'create-pod' ? [step.pod.metadata.labels?.['ray.io/worker-group-replica-index']] : [],
    );
    expect(indexes).toEqual(['1', '3']);
  });
});

describe('the difference', () => {
  const rows: readonly { name: string; cluster: RayCluster; pods: readonly Pod[]; want: readonly string[] }[] = [
    {
      name: 'with autoscaling surplus workers stay',
      cluster: rayCluster({ replicas: 1 }),
      pods: [HEAD, ...workers('w1', 'w2', 'w3')],
      want: [],
    },
    {
      name: 'without autoscaling the first of the list go',
      cluster: rayCluster({ replicas: 1 }, manual),
      pods: [HEAD, ...workers('w1', 'w2', 'w3')],
      want: ['-w1', '-w2'],
    },
    {
      name: 'named workers go whatever replicas says, and are replaced when replicas stays',
      cluster: rayCluster({ replicas: 2, ...doomed('w1') }),
      pods: [HEAD, ...workers('w1', 'w2')],
      want: ['-w1', '+small'],
    },
    {
      name: 'named and lowered: no replacement',
      cluster: rayCluster({ replicas: 1, ...doomed('w1') }),
      pods: [HEAD, ...workers('w1', 'w2')],
      want: ['-w1'],
    },
    {
      name: 'a name that is not in the group is deleted all the same and counts for nothing',
      cluster: rayCluster({ replicas: 1, ...doomed('gone') }),
      pods: [HEAD, ...workers('w1')],
      want: ['-gone'],
    },
    {
      name: 'replicas is raised to the minimum',
      cluster: rayCluster({ replicas: 0, minReplicas: 2 }),
      pods: [HEAD],
      want: ['+small', '+small'],
    },
    {
      name: 'replicas is lowered to the maximum',
      cluster: rayCluster({ replicas: 9, maxReplicas: 1 }),
      pods: [HEAD],
      want: ['+small'],
    },
    {
      name: 'hosts count as pods',
      cluster: rayCluster({ replicas: 1, numOfHosts: 2 }),
      pods: [HEAD],
      want: ['+small', '+small'],
    },
    {
      name: 'a suspended group loses its pods, without autoscaling',
      cluster: rayCluster({ replicas: 2, suspend: true }, manual),
      pods: [HEAD, ...workers('w1', 'w2')],
      want: ['-w1', '-w2'],
    },
  ];
  test.each(rows)('$name', ({ cluster, pods, want }) => expect(pass(cluster, pods)).toEqual(want));

  test('does not depend on the order of the pods', () => {
    const cluster = rayCluster({ replicas: 1 }, manual);
    const pods = [HEAD, ...workers('w1', 'w2', 'w3')];
    expect(pass(cluster, pods.toReversed())).toEqual(pass(cluster, pods));
  });

  test('desired pods of a suspended group are none', () => {
    expect(desiredPods({ ...OTHER, suspend: true, replicas: 3, minReplicas: 1 })).toBe(0);
  });
});

describe('expectations', () => {
  const created = (group: string, since = NOW): RayExpectation => ({
    kind: 'create',
    group,
    podName: 'x',
    podUid: 'x',
    since,
  });
  const deleted: RayExpectation = { ...created('small', ago(3600)), kind: 'delete', podName: 'w1', podUid: 'w1' };

  test('an open one holds back its own group only', () => {
    const cluster = rayCluster({ replicas: 1 }, { workerGroupSpecs: [{ ...OTHER, groupName: 'small' }, OTHER] });
    expect(pass(cluster, [HEAD], [created('small')])).toEqual(['+other']);
    expect(pass(cluster, [], [created('')])).toEqual(['+small', '+other']);
  });

  test('a create is open until the pod shows, 30 s at most', () => {
    expect(openExpectations([created('small')], [], NOW)).toHaveLength(1);
    expect(openExpectations([created('small')], [rayPod('x')], NOW)).toEqual([]);
    expect(openExpectations([created('small', ago(31))], [], NOW)).toEqual([]);
  });

  test('a delete is open until the pod is gone, however long that takes', () => {
    expect(openExpectations([deleted], [rayPod('w1')], NOW)).toHaveLength(1);
    expect(openExpectations([deleted], [], NOW)).toEqual([]);
  });
});

describe('suspension and recreation', () => {
  const withCondition = (type: string, spec: Partial<RayCluster['spec']> = {}): RayCluster => ({
    ...rayCluster({ replicas: 1 }, spec),
    status: { conditions: [{ type, status: 'True' }] },
  });
  const all = [HEAD, ...workers('w1')];

  test('suspend set: nothing until the status says Suspending', () => {
    expect(pass(rayCluster({ replicas: 1 }, { suspend: true }), all)).toEqual([]);
  });

  test('suspending deletes everything, also when suspend was taken back', () => {
    expect(pass(withCondition('RayClusterSuspending'), all)).toEqual(['-head', '-w1']);
  });

  test('suspended: nothing is made', () => {
    expect(pass(withCondition('RayClusterSuspended', { suspend: true }), [])).toEqual([]);
  });

  test('Recreate: pods of another spec all go, pods of this one stay', () => {
    const cluster = rayCluster({ replicas: 1 }, { upgradeStrategy: { type: 'Recreate' } });
    const annotated = (hash: string): Pod => ({
      ...HEAD,
      metadata: { ...HEAD.metadata, annotations: { 'ray.io/upgrade-strategy-recreate-hash': hash } },
    });
    expect(pass(cluster, [annotated('other'), ...workers('w1')])).toEqual(['-head', '-w1']);
    expect(pass(cluster, [annotated(recreateHash(cluster)), ...workers('w1')])).toEqual([]);
  });
});

test('a Running pod whose Ray container ended is terminal only with restartPolicy Never', () => {
  const ended = (restartPolicy: string): Pod => {
    const base = rayPod('w1');
    const state = { terminated: { exitCode: 1 } };
    return {
      ...base,
      spec: { ...base.spec, restartPolicy },
      status: {
        ...base.status,
        containerStatuses: [
          { name: 'aa-sidecar', ready: true, restartCount: 0 },
          { name: 'app', ready: false, restartCount: 0, state },
        ],
      },
    };
  };
  expect(pass(rayCluster({ replicas: 1 }), [HEAD, ended('Never')])).toEqual(['-w1', '!']);
  expect(pass(rayCluster({ replicas: 1 }), [HEAD, ended('Always')])).toEqual([]);
});
