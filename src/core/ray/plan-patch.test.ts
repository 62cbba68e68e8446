import { describe, expect, test } from 'vitest';
import { RayWorld, workerGroup } from '../../../test/support/ray-world.ts';
import type { WorkerGroupSpec } from '../kube/ray.ts';
import { COMPAT } from './compat.ts';
import { configOf } from './config.ts';
import { planPatch, type PatchInput } from './plan-patch.ts';
import type { RayPod } from './pods.ts';

type Case = {
  readonly name: string;
  readonly groups: readonly Partial<WorkerGroupSpec>[];
  readonly pods?: readonly string[];
  readonly launch?: Readonly<Record<string, number>>;
  readonly requested?: Readonly<Record<string, number>>;
  readonly terminate?: readonly string[];
  readonly compat?: PatchInput['compat'];
  /** `replicas` or the list that each group gets; absent: not touched. */
  readonly want: Readonly<Record<string, number | readonly string[]>>;
};

/** Groups are called a, b, c; a pod `a1` is a worker of group a, `head` is the head. */
function plan(one: Case): ReturnType<typeof planPatch> {
  const specs = one.groups.map((group, i) => workerGroup('abc'[i] ?? '', group));
  const { cluster } = new RayWorld(specs);
  const compat = one.compat ?? COMPAT.default;
  const pods = (one.pods ?? []).map((name): RayPod =>
    name === 'head' ? { name, kind: 'HEAD', group: 'headgroup' } : { name, kind: 'WORKER', group: name[0] ?? '' },
  );
  return planPatch({
    view: { cluster, config: configOf(cluster, COMPAT.default), pods },
    launch: new Map(Object.entries(one.launch ?? {})),
    requested: new Map(Object.entries(one.requested ?? {})),
    terminate: one.terminate ?? [],
    compat,
  });
}

function written({ operations }: ReturnType<typeof planPatch>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const { op, path, value } of operations) {
    if (op === 'test') continue;
    const [, index = '', field] = /(\d+)\/(\w+)$/.exec(path) ?? [];
    const list = (value as { workersToDelete?: readonly string[] }).workersToDelete;
    result[`${'abc'[Number(index)]}.${field}`] = list ?? value;
  }
  return result;
}

const original = COMPAT['ray-2.60'];

describe('what is written', () => {
  test.each<Case>([
    {
      name: 'RAY-27.4 pods newly asked for come on top of what is there',
      groups: [{ replicas: 2 }],
      pods: ['a1', 'a2'],
      launch: { a: 3 },
      want: { 'a.replicas': 5 },
    },
    {
      name: 'RAY-27.4 and of what is on its way',
      groups: [{ replicas: 4 }],
      pods: ['a1', 'a2'],
      requested: { a: 2 },
      launch: { a: 1 },
      want: { 'a.replicas': 5 },
    },
    {
      name: 'RAY-27.4 a number that was overwritten is repaired by what is there',
      groups: [{ replicas: 0 }],
      pods: ['a1', 'a2'],
      launch: { a: 1 },
      want: { 'a.replicas': 3 },
    },
    {
      name: 'RAY-27.4 the minimum is the floor',
      groups: [{ replicas: 0, minReplicas: 2 }],
      requested: { a: 2 },
      launch: { a: 1 },
      want: { 'a.replicas': 3 },
    },
    {
      name: 'RAY-27.4 the maximum is the cap',
      groups: [{ replicas: 9 }],
      launch: { a: 3 },
      requested: { a: 9 },
      want: { 'a.replicas': 10 },
    },
    {
      name: 'RAY-27.4 removing lowers the number and names the pods',
      groups: [{ replicas: 3 }],
      pods: ['a1', 'a2', 'a3'],
      terminate: ['a1', 'a3'],
      want: { 'a.replicas': 1, 'a.scaleStrategy': ['a1', 'a3'] },
    },
    {
      name: 'RAY-27.4 launching and removing in one patch',
      groups: [{ replicas: 2 }],
      pods: ['a1', 'a2'],
      terminate: ['a1'],
      launch: { a: 1 },
      want: { 'a.scaleStrategy': ['a1'] },
    },
    {
      name: 'RAY-27.4 pods that are gone, named already, or the head are not named',
      groups: [{ replicas: 1, scaleStrategy: { workersToDelete: ['a2'] } }],
      pods: ['head', 'a1', 'a2'],
      terminate: ['head', 'a2', 'a9'],
      want: {},
    },
    {
      name: 'RAY-27.4 a lowered maximum is written with the surplus',
      groups: [{ replicas: 5, maxReplicas: 3 }],
      pods: ['a1', 'a2', 'a3', 'a4', 'a5'],
      terminate: ['a1', 'a2'],
      want: { 'a.replicas': 3, 'a.scaleStrategy': ['a1', 'a2'] },
    },
    {
      name: 'RAY-27.4 a number above the maximum does not bring removed pods back',
      groups: [{ replicas: 50, maxReplicas: 3 }],
      pods: ['a1', 'a2', 'a3'],
      terminate: ['a1'],
      want: { 'a.replicas': 2, 'a.scaleStrategy': ['a1'] },
    },
    {
      name: 'RAY-27.5 a scale request also brings the other groups in order',
      groups: [{ replicas: 0 }, { replicas: 1 }],
      pods: ['b1', 'b2'],
      launch: { a: 1 },
      want: { 'a.replicas': 1, 'b.replicas': 2 },
    },
    {
      name: 'RAY-27.5 without one, only what lies outside its limits',
      groups: [{ replicas: 1 }, { replicas: 0, minReplicas: 2 }],
      pods: ['a1', 'a2'],
      want: { 'b.replicas': 2 },
    },
    {
      name: 'RAY-27.5 (C11) a finished list is cleared',
      groups: [{ replicas: 1, scaleStrategy: { workersToDelete: ['a2'] } }],
      pods: ['a1'],
      want: { 'a.scaleStrategy': [] },
    },
    {
      name: 'RAY-27.5 a list is not cleared while a pod of it is there',
      groups: [{ replicas: 1, scaleStrategy: { workersToDelete: ['a2', 'a3'] } }],
      pods: ['a1', 'a3'],
      want: {},
    },
    {
      name: 'RAY-27.5 (C11) the original clears a finished list with its next request only',
      groups: [{ replicas: 1, scaleStrategy: { workersToDelete: ['a2'] } }],
      pods: ['a1'],
      compat: original,
      want: {},
    },
    {
      name: 'RAY-27.5 and does so then',
      groups: [{ replicas: 1, scaleStrategy: { workersToDelete: ['a2'] } }],
      pods: ['a1'],
      launch: { a: 1 },
      compat: original,
      want: { 'a.replicas': 2, 'a.scaleStrategy': [] },
    },
    {
      name: 'RAY-27.9 (C1) the original adds to the number it finds',
      groups: [{ replicas: 4 }],
      pods: ['a1', 'a2'],
      launch: { a: 1 },
      compat: original,
      want: { 'a.replicas': 5 },
    },
    {
      name: 'RAY-27.7 (C13) pods of several hosts make whole replicas',
      groups: [{ replicas: 0, numOfHosts: 4 }],
      launch: { a: 10 },
      want: { 'a.replicas': 3 },
    },
    {
      name: 'RAY-27.7 (C13) the original rounds down',
      groups: [{ replicas: 0, numOfHosts: 4 }],
      launch: { a: 10 },
      compat: original,
      want: { 'a.replicas': 2 },
    },
    {
      name: 'RAY-23.10 a suspended group is not touched',
      groups: [{ replicas: 5, maxReplicas: 3, suspend: true }, {}],
      launch: { b: 1 },
      want: { 'b.replicas': 1 },
    },
    { name: 'RAY-27.5 nothing to do, no operation', groups: [{ replicas: 2 }], pods: ['a1', 'a2'], want: {} },
  ])('$name', (one) => {
    expect(written(plan(one))).toEqual(one.want);
  });
});

describe('form', () => {
  test('RAY-27.5 (C4) numbers before lists, each index guarded once before it is touched', () => {
    const groups = [{ replicas: 1 }, { replicas: 1 }];
    const { operations } = plan({
      name: '',
      groups,
      pods: ['a1', 'b1'],
      terminate: ['a1'],
      launch: { b: 1 },
      want: {},
    });
    expect(operations.map(({ op, path }) => `${op} ${path.replace('/spec/workerGroupSpecs/', '')}`)).toEqual([
      'test 0/groupName',
      'replace 0/replicas',
      'test 1/groupName',
      'replace 1/replicas',
      'add 0/scaleStrategy',
    ]);
  });

  test('RAY-27.5 (C4) the original writes without guards', () => {
    const { operations } = plan({ name: '', groups: [{}], launch: { a: 1 }, compat: original, want: {} });
    expect(operations.map(({ op }) => op)).toEqual(['replace']);
  });

  test('RAY-27.4 what the maximum does not allow is said', () => {
    expect(
      plan({ name: '', groups: [{ replicas: 9 }], launch: { a: 3 }, requested: { a: 9 }, want: {} }).groups,
    ).toEqual([{ groupName: 'a', from: 9, to: 10, remove: [], refused: 2 }]);
  });
});
