import { describe, expect, test } from 'vitest';
import { replicaSet, type SetText } from '../../../test/support/cluster-objects.ts';
import type { Deployment } from '../kube/apps.ts';
import { newSetReplicas, oldSetSizes, proportionalSizes, rolloutLimits, type SetSize } from './rollout.ts';

type Strategy = NonNullable<Deployment['spec']['strategy']>;

function deployment(
  replicas: number,
  rollingUpdate: Strategy['rollingUpdate'] = {},
  type: Strategy['type'] = 'RollingUpdate',
): Deployment {
  const template = { spec: { containers: [{ name: 'app' }] } };
  const spec = { replicas, selector: {}, template, strategy: { type, rollingUpdate } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec } as Deployment; // as a user writes it
}

const sizes = (result: readonly SetSize[]): Readonly<Record<string, number>> =>
  Object.fromEntries(result.map(({ set, replicas }) => [set.metadata.name, replicas]));

describe('limits', () => {
  test.each([
    {
      name: 'defaults: surge rounds up, unavailable rounds down',
      of: deployment(10),
      want: { maxSurge: 3, maxUnavailable: 2 },
    },
    {
      name: 'never both 0',
      of: deployment(1, { maxSurge: 0, maxUnavailable: '25%' }),
      want: { maxSurge: 0, maxUnavailable: 1 },
    },
    {
      name: 'no more unavailable than desired',
      of: deployment(2, { maxSurge: 0, maxUnavailable: 5 }),
      want: { maxSurge: 0, maxUnavailable: 2 },
    },
    { name: 'nothing desired', of: deployment(0), want: { maxSurge: 0, maxUnavailable: 0 } },
    { name: 'Recreate', of: deployment(4, {}, 'Recreate'), want: { maxSurge: 0, maxUnavailable: 0 } },
  ])('$name', ({ of, want }) => expect(rolloutLimits(of)).toEqual(want));
});

describe('the new set', () => {
  test.each([
    { name: 'goes up to the surge', desired: 10, current: 0, old: 10, want: 3 },
    { name: 'waits while there is no room', desired: 10, current: 3, old: 10, want: 3 },
    { name: 'never beyond what is desired', desired: 10, current: 8, old: 1, want: 10 },
    { name: 'shrinks to what is desired', desired: 2, current: 8, old: 0, want: 2 },
  ])('$name', ({ desired, current, old, want }) => {
    expect(newSetReplicas(deployment(desired), current, [replicaSet({ name: 'old', replicas: old })])).toBe(want);
  });
});

describe('old sets', () => {
  const down = (desired: number, next: SetText, ...old: readonly SetText[]): Readonly<Record<string, number>> =>
    sizes(oldSetSizes(deployment(desired), replicaSet(next), old.map(replicaSet)));

  test('keep what must stay available', () => {
    expect(down(10, { name: 'new', replicas: 3, available: 0 }, { name: 'a', replicas: 10 })).toEqual({ a: 8 });
    expect(down(10, { name: 'new', replicas: 3, available: 3 }, { name: 'a', replicas: 8 })).toEqual({ a: 5 });
  });

  test('give up unavailable replicas first, the oldest set first', () => {
    const old = [
      { name: 'a', replicas: 4, available: 2 },
      { name: 'b', replicas: 6, available: 6 },
    ];
    expect(down(10, { name: 'new', replicas: 3, available: 0 }, ...old)).toEqual({ a: 2 });
  });

  test('stay when nothing can go', () => {
    expect(down(10, { name: 'new', replicas: 3, available: 0 }, { name: 'a', replicas: 8 })).toEqual({});
    expect(down(10, { name: 'new', replicas: 10 }, { name: 'a', replicas: 0 })).toEqual({});
  });
});

describe('a change of size in the middle of a rollout', () => {
  const max = (n: number): Readonly<Record<string, string>> => ({ 'deployment.kubernetes.io/max-replicas': String(n) });

  test.each([
    { name: 'grows in proportion', desired: 20, a: 10, b: 3, want: { a: 19, b: 6 } },
    { name: 'shrinks in proportion', desired: 5, a: 10, b: 3, want: { a: 5, b: 2 } },
    { name: 'to nothing', desired: 0, a: 10, b: 3, want: { a: 0, b: 0 } },
  ])('$name', ({ desired, a, b, want }) => {
    const sets = [
      replicaSet({ name: 'a', replicas: a, annotations: max(13) }),
      replicaSet({ name: 'b', replicas: b, annotations: max(13) }),
    ];
    const result = sizes(proportionalSizes(deployment(desired), sets));
    expect(result).toEqual(want);
  });
});
