/** Placement groups and `request_resources` as the GCS tells of them: part of the contract in gcs-api.ts. */

import { describe, expect, test } from 'vitest';
import type {
  ClusterResourceState,
  GangResourceRequest,
  RayNode,
  Resources,
} from '../../src/core/ray/cluster-state.ts';
import type { GcsSubject, WithGcs } from './gcs-api.ts';

const ID = /^[0-9a-f]{36}$/;

const amounts = (resources: Resources): Readonly<Record<string, number>> => Object.fromEntries(resources);
const workers = ({ nodeStates }: ClusterResourceState): readonly RayNode[] =>
  nodeStates.filter(({ rayNodeTypeName }) => rayNodeTypeName !== 'headgroup');

/** The first state of which it holds; a real GCS hears of things a moment later. */
async function stateOnce(
  subject: GcsSubject,
  holds: (state: ClusterResourceState) => boolean,
): Promise<ClusterResourceState> {
  for (let reads = 0; reads < 20; reads++) {
    const state = await subject.gcs.getClusterResourceState({ signal: subject.signal });
    if (holds(state)) return state;
    await subject.settle();
  }
  return await subject.gcs.getClusterResourceState({ signal: subject.signal });
}

const hasGang = ({ pendingGangResourceRequests }: ClusterResourceState): boolean =>
  pendingGangResourceRequests.length > 0;
const isHeld = (state: ClusterResourceState): boolean => workers(state).every(({ status }) => status === 'RUNNING');

function idAndState({ details }: GangResourceRequest): readonly string[] {
  return details.split(':');
}

/** The group's id as a node shows it. */
function idOn(node: RayNode | undefined): string {
  const [label = ''] = Object.keys(node?.dynamicLabels ?? {});
  expect(label).toMatch(/^_PG_/);
  return label.slice('_PG_'.length);
}

export function describeGroups(withGcs: WithGcs): void {
  describe('placement groups', () => {
    test.each(['PACK', 'SPREAD', 'STRICT_PACK', 'STRICT_SPREAD'] as const)(
      'a waiting %s group is one gang, bound by its label only where it must be',
      async (strategy) => {
        await withGcs(async (subject) => {
          subject.group(strategy, 3);
          const state = await stateOnce(subject, hasGang);
          const [gang] = state.pendingGangResourceRequests;
          if (gang === undefined) throw new Error('a gang waits');
          const [id = '', rest] = idAndState(gang);
          expect(id).toMatch(ID);
          expect(rest).toBe(`${strategy}|PENDING`);
          const label = { labelName: `_PG_${id}`, labelValue: '' };
          const strict = { STRICT_PACK: [{ affinity: label }], STRICT_SPREAD: [{ antiAffinity: label }] };
          const placementConstraints = strategy === 'PACK' || strategy === 'SPREAD' ? [] : strict[strategy];
          const request = { resourcesBundle: [['CPU', 1]], placementConstraints, labelSelectors: [] };
          expect(gang.requests).toEqual([request, request, request]);
          expect(gang.bundleSelectors).toEqual([{ resourceRequests: [request, request, request] }]);
          expect(state.pendingGangResourceRequests).toHaveLength(1);
          for (const node of workers(state)) expect(node).toMatchObject({ status: 'IDLE', dynamicLabels: {} });
        });
      },
    );

    test('a group that has its place keeps its nodes busy and shows on them, with resources of its name', async () => {
      await withGcs(async (subject) => {
        subject.group('STRICT_SPREAD', 2);
        const state = await stateOnce(subject, isHeld);
        expect(state.pendingGangResourceRequests).toEqual([]);
        const indexes = workers(state).map((node) => {
          const id = idOn(node);
          expect(id).toMatch(ID);
          expect(node).toMatchObject({ status: 'RUNNING', idleDurationMs: 0, dynamicLabels: { [`_PG_${id}`]: '' } });
          const total = amounts(node.totalResources);
          const index = `CPU_group_0_${id}` in total ? 0 : 1;
          const ofGroup = {
            [`CPU_group_${id}`]: 1,
            [`CPU_group_${index}_${id}`]: 1,
            [`bundle_group_${id}`]: 1000,
            [`bundle_group_${index}_${id}`]: 1000,
          };
          expect(total).toMatchObject({ CPU: 1, ...ofGroup });
          expect(Object.keys(total).filter((name) => name.includes('_group_'))).toHaveLength(4);
          const available = amounts(node.availableResources);
          expect(available).toMatchObject(ofGroup);
          expect(available).not.toHaveProperty('CPU');
          return index;
        });
        expect(indexes.toSorted((a, b) => a - b)).toEqual([0, 1]);
        const nodeId = workers(state)[0]?.nodeId ?? '';
        const drain = { nodeId, reason: 'IDLE_TERMINATION', reasonMessage: 'test', deadlineTimestampMs: 0 } as const;
        expect(await subject.gcs.drainNode(drain, { signal: subject.signal })).toMatchObject({ isAccepted: false });
      });
    });

    test('tasks inside take the names of the group, and wait under them, also while the group itself waits', async () => {
      await withGcs(async (subject) => {
        const waiting = (state: ClusterResourceState): number => state.pendingResourceRequests[0]?.count ?? 0;
        subject.group('STRICT_SPREAD', 2);
        subject.submitInside(3);
        const state = await stateOnce(subject, (one) => isHeld(one) && waiting(one) === 1);
        const id = idOn(workers(state)[0]);
        expect(state.pendingResourceRequests).toHaveLength(1);
        expect(amounts(state.pendingResourceRequests[0]?.request.resourcesBundle ?? [])).toEqual({
          [`CPU_group_${id}`]: 1,
          [`bundle_group_${id}`]: 0.001,
        });
        expect(state.pendingResourceRequests[0]?.request.labelSelectors).toEqual([[]]);
        for (const node of workers(state)) {
          const available = amounts(node.availableResources);
          expect(Object.keys(available).filter((name) => name.startsWith('CPU'))).toEqual([]);
          expect(available[`bundle_group_${id}`]).toBeCloseTo(999.999, 6);
        }
      });
      await withGcs(async (subject) => {
        subject.group('PACK', 3);
        subject.submitInside(3);
        const state = await stateOnce(
          subject,
          (one) => hasGang(one) && one.pendingResourceRequests.some(({ count }) => count === 3),
        );
        const [id = ''] = state.pendingGangResourceRequests.flatMap(idAndState);
        expect(state.pendingResourceRequests).toHaveLength(1);
        expect(state.pendingResourceRequests[0]?.count).toBe(3);
        expect(amounts(state.pendingResourceRequests[0]?.request.resourcesBundle ?? [])).toEqual({
          [`CPU_group_${id}`]: 1,
          [`bundle_group_${id}`]: 0.001,
        });
      });
    });

    test('a group that was removed leaves nothing behind', async () => {
      await withGcs(async (subject) => {
        subject.group('STRICT_SPREAD', 2);
        subject.submitInside(3);
        await stateOnce(subject, (one) => isHeld(one) && one.pendingResourceRequests[0]?.count === 1);
        subject.removeGroup();
        const state = await stateOnce(subject, (one) => workers(one).every(({ status }) => status === 'IDLE'));
        expect(state).toMatchObject({ pendingResourceRequests: [], pendingGangResourceRequests: [] });
        for (const node of workers(state)) {
          expect(node).toMatchObject({ status: 'IDLE', dynamicLabels: {} });
          expect(amounts(node.availableResources)).toEqual(amounts(node.totalResources));
          expect(node.totalResources.filter(([name]) => name.includes('_group_'))).toEqual([]);
        }
      });
    });

    test('a group that lost a node asks for the bundle it lost, and no other', async () => {
      await withGcs(async (subject) => {
        subject.group('STRICT_SPREAD', 2);
        const held = await stateOnce(subject, isHeld);
        const [gone, kept] = workers(held);
        const id = idOn(kept);
        await subject.gcs.stopNodes([gone?.nodeId ?? ''], { signal: subject.signal });
        const state = await stateOnce(subject, hasGang);
        const [gang] = state.pendingGangResourceRequests;
        expect(gang?.details).toBe(`${id}:STRICT_SPREAD|RESCHEDULING`);
        const antiAffinity = { labelName: `_PG_${id}`, labelValue: '' };
        const request = {
          resourcesBundle: [['CPU', 1]],
          placementConstraints: [{ antiAffinity }],
          labelSelectors: [],
        };
        expect(gang?.requests).toEqual([request]);
        expect(gang?.bundleSelectors).toEqual([{ resourceRequests: [request] }]);
        const there = workers(state).find(({ nodeId }) => nodeId === kept?.nodeId);
        expect(there).toMatchObject({ status: 'RUNNING', dynamicLabels: { [`_PG_${id}`]: '' } });
      });
    });
  });

  test('request_resources: nothing, then always one, the last, also when it asks for nothing', async () => {
    await withGcs(async (subject) => {
      const constraints = (state: ClusterResourceState): unknown => state.clusterResourceConstraints;
      const asksFor = (state: ClusterResourceState, count: number): boolean =>
        (state.clusterResourceConstraints[0]?.resourceRequests[0]?.count ?? 0) === count;
      const request = { resourcesBundle: [['CPU', 1]], placementConstraints: [], labelSelectors: [] };
      expect(constraints(await stateOnce(subject, () => true))).toEqual([]);
      for (const count of [3, 1]) {
        subject.requestCpus(count);
        const state = await stateOnce(subject, (one) => asksFor(one, count));
        expect(constraints(state)).toEqual([{ resourceRequests: [{ request, count }] }]);
      }
      subject.requestCpus(0);
      expect(constraints(await stateOnce(subject, (one) => asksFor(one, 0)))).toEqual([{ resourceRequests: [] }]);
    });
  });
}
