import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOW } from '../../../test/support/cluster-objects.ts';
import type { Deployment, ReplicaSet } from '../kube/apps.ts';
import { planDeployment } from './deployment.ts';
import { replicasOf, rolloutLimits, sumOf } from './rollout.ts';

const limit = fc.oneof(
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
);

function deployment(
  replicas: number,
  maxSurge: number | string,
  maxUnavailable: number | string,
  image: string,
): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', uid: 'd', namespace: 'default', generation: 1 },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image }] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
    },
  };
}

/** The sets once the steps of a pass are done and up to `ready` missing pods have become available. */
function after(of: Deployment, sets: readonly ReplicaSet[], ready: number): readonly ReplicaSet[] {
  const { steps } = planDeployment({ deployment: of, replicaSets: sets, setsWithPods: new Set(), now: NOW });
  const next = new Map(sets.map((set) => [set.metadata.name, set]));
  for (const { kind, replicaSet } of steps) {
    const { name } = replicaSet.metadata;
    if (kind === 'delete') next.delete(name);
    else next.set(name, { ...replicaSet, metadata: { ...replicaSet.metadata, uid: name } });
  }
  let left = ready;
  return [...next.values()].map((set) => {
    const before = Math.min(set.status?.availableReplicas ?? 0, replicasOf(set));
    const gained = Math.min(left, replicasOf(set) - before);
    left -= gained;
    const availableReplicas = before + gained;
    return {
      ...set,
      status: { replicas: replicasOf(set), readyReplicas: availableReplicas, availableReplicas, observedGeneration: 1 },
    };
  });
}

test('a rollout never has too many or too few pods, and ends with the new set alone', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      limit,
      limit,
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 30 }),
      (desired, surge, unavailable, pace) => {
        const first = deployment(desired, surge, unavailable, 'app:1');
        let sets: readonly ReplicaSet[] = [];
        for (let i = 0; i < 3; i++) sets = after(first, sets, desired);
        const second = deployment(desired, surge, unavailable, 'app:2');
        const { maxSurge, maxUnavailable } = rolloutLimits(second);
        for (const ready of [...pace, ...Array.from({ length: 60 }, () => 5)]) {
          sets = after(second, sets, ready);
          expect(sumOf(sets, replicasOf)).toBeLessThanOrEqual(desired + maxSurge);
          expect(sumOf(sets, (set) => set.status?.availableReplicas ?? 0)).toBeGreaterThanOrEqual(
            desired - maxUnavailable,
          );
        }
        expect(
          sets.filter((set) => replicasOf(set) > 0).map((set) => set.spec.template?.spec.containers[0]?.image),
        ).toEqual(['app:2']);
        expect(sumOf(sets, replicasOf)).toBe(desired);
      },
    ),
  );
});

test('resizing during a rollout keeps the sum within the surge and never goes below zero', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 30 }),
      limit,
      fc.integer({ min: 0, max: 5 }),
      (desired, resized, surge, passes) => {
        let sets: readonly ReplicaSet[] = [];
        for (let i = 0; i < 3; i++) sets = after(deployment(desired, surge, '25%', 'app:1'), sets, desired);
        for (let i = 0; i < passes; i++) sets = after(deployment(desired, surge, '25%', 'app:2'), sets, 2);
        const next = deployment(resized, surge, '25%', 'app:2');
        for (let i = 0; i < 80; i++) {
          sets = after(next, sets, 5);
          for (const set of sets) expect(replicasOf(set)).toBeGreaterThanOrEqual(0);
          expect(sumOf(sets, replicasOf)).toBeLessThanOrEqual(resized + rolloutLimits(next).maxSurge);
        }
        expect(sumOf(sets, replicasOf)).toBe(resized);
      },
    ),
  );
});
