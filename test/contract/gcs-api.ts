/**
 * What every implementation of `GcsApi` and `GcsStart` must do. Only public behaviour, so that the stand-in, a gRPC client and a real GCS can be
 * held to it alike.
 */

import { describe, expect, test } from 'vitest';
import type { AutoscalingState, ClusterResourceState, RayNode } from '../../src/core/ray/cluster-state.ts';
import { GcsError, type GcsApi, type GcsStart } from '../../src/ports/gcs-api.ts';
import { describeGroups } from './gcs-groups.ts';
import { describeGcsStart } from './gcs-start.ts';

/** A GCS with one head node without CPU and two idle workers of one CPU each. */
export type GcsSubject = {
  readonly gcs: GcsApi & GcsStart;
  readonly signal: AbortSignal;
  /** Submits `count` tasks of one CPU that run for longer than the test. */
  submit(count: number): void;
  /** Asks for a placement group with so many bundles of one CPU each. */
  group(strategy: 'PACK' | 'SPREAD' | 'STRICT_PACK' | 'STRICT_SPREAD', bundles: number): void;
  /** Submits `count` tasks of one CPU that run inside the group, for longer than the test. */
  submitInside(count: number): void;
  removeGroup(): void;
  /** `request_resources` for so many CPUs. */
  requestCpus(count: number): void;
  /** Makes the GCS go away, and resolves when it has. */
  stop(): Promise<void>;
  /** Lets Ray settle: what was submitted runs or is reported as waiting. */
  settle(): Promise<void>;
};

/** Runs the test's body with a fresh subject, on whatever clock the subject needs. */
export type WithGcs = (body: (subject: GcsSubject) => Promise<void>) => Promise<void>;

const UNKNOWN_NODE = 'ab'.repeat(28);

function reportOf(version: number): AutoscalingState {
  return {
    lastSeenClusterResourceStateVersion: 1,
    autoscalerStateVersion: version,
    pendingInstanceRequests: [{ rayNodeTypeName: 'small', count: version, requestTs: 1 }],
    infeasibleResourceRequests: [],
    infeasibleGangResourceRequests: [],
    infeasibleClusterResourceConstraints: [],
    pendingInstances: [],
    failedInstanceRequests: [],
  };
}

function workers(state: ClusterResourceState): readonly RayNode[] {
  return state.nodeStates.filter((node) => node.rayNodeTypeName !== 'headgroup');
}

export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GcsError) return error.code;
    throw error;
  }
  return 'no error';
}

export function describeGcsApiContract(name: string, withGcs: WithGcs): void {
  const state = (subject: GcsSubject): Promise<ClusterResourceState> =>
    subject.gcs.getClusterResourceState({ signal: subject.signal });
  const drain = (
    { gcs, signal }: GcsSubject,
    nodeId: string,
    more: { readonly reason?: 'IDLE_TERMINATION' | 'PREEMPTION'; readonly deadline?: number } = {},
  ): ReturnType<GcsApi['drainNode']> => {
    const { reason = 'IDLE_TERMINATION', deadline = 0 } = more;
    return gcs.drainNode({ nodeId, reason, reasonMessage: 'test', deadlineTimestampMs: deadline }, { signal });
  };

  describe(`GcsApi contract: ${name}`, () => {
    describeState(withGcs, state);
    describeGroups(withGcs);
    describeReports(withGcs, state);
    describeDrains(withGcs, state, drain);
    describeGcsStart(withGcs);

    test('an aborted call rejects with the reason of its signal', async () => {
      await withGcs(async ({ gcs }) => {
        const scope = new AbortController();
        const reason = new Error('enough');
        const call = gcs.getClusterResourceState({ signal: scope.signal });
        scope.abort(reason);
        await expect(call).rejects.toBe(reason);
        await expect(gcs.getClusterStatus({ signal: scope.signal })).rejects.toBe(reason);
      });
    });

    test('every call fails as unavailable while there is no GCS', async () => {
      await withGcs(async (subject) => {
        const { gcs, signal } = subject;
        await subject.stop();
        const calls = [
          () => state(subject),
          () => gcs.getClusterStatus({ signal }),
          () => gcs.stopNodes([UNKNOWN_NODE], { signal }),
          () => gcs.reportAutoscalingState(reportOf(1), { signal }),
          () => drain(subject, UNKNOWN_NODE),
          () => gcs.rayVersion({ signal }),
          () => gcs.headNode({ signal }),
          () => gcs.getKey({ namespace: 'session', name: 'session_name' }, { signal }),
          () => gcs.putKey({ namespace: '', name: 'a', value: 'b', existing: 'keep' }, { signal }),
        ];
        for (const call of calls) expect(await codeOf(call())).toBe('TANDEM_GCS_UNAVAILABLE');
      });
    });
  });
}

type State = (subject: GcsSubject) => Promise<ClusterResourceState>;
type Drain = (
  subject: GcsSubject,
  nodeId: string,
  more?: { readonly reason?: 'IDLE_TERMINATION' | 'PREEMPTION'; readonly deadline?: number },
) => ReturnType<GcsApi['drainNode']>;

function describeState(withGcs: WithGcs, state: State): void {
  test('the version grows by one with every read, of either kind', async () => {
    await withGcs(async (subject) => {
      const first = await state(subject);
      const second = await subject.gcs.getClusterStatus({ signal: subject.signal });
      const third = await state(subject);
      expect(second.clusterResourceState.clusterResourceStateVersion).toBe(first.clusterResourceStateVersion + 1);
      expect(third.clusterResourceStateVersion).toBe(first.clusterResourceStateVersion + 2);
      expect(third.clusterSessionName).toBe(first.clusterSessionName);
    });
  });

  test('nodes have 56 hex digits, their pod, their group and what they offer', async () => {
    await withGcs(async (subject) => {
      const { nodeStates } = await state(subject);
      expect(nodeStates).toHaveLength(3);
      expect(new Set(nodeStates.map(({ nodeId }) => nodeId)).size).toBe(3);
      for (const node of nodeStates) {
        expect(node.nodeId).toMatch(/^[0-9a-f]{56}$/);
        expect(node.instanceId).not.toBe('');
        expect(node.status).toBe('IDLE');
        const total = new Map(node.totalResources);
        expect(total.get(`node:${node.nodeIpAddress}`)).toBe(1);
        const isHead = node.rayNodeTypeName === 'headgroup';
        expect(total.get('CPU')).toBe(isHead ? undefined : 1);
        expect(total.get('node:__internal_head__')).toBe(isHead ? 1 : undefined);
        expect(node.labels['ray.io/node-id']).toBe(node.nodeId);
      }
    });
  });

  test('busy nodes are RUNNING without idle time, and a used-up resource is absent', async () => {
    await withGcs(async (subject) => {
      subject.submit(2);
      await subject.settle();
      for (const node of workers(await state(subject))) {
        expect(node).toMatchObject({ status: 'RUNNING', idleDurationMs: 0 });
        expect(new Map(node.availableResources).has('CPU')).toBe(false);
      }
    });
  });

  test('waiting tasks are one request by shape, each with one empty selector', async () => {
    await withGcs(async (subject) => {
      subject.submit(2);
      await subject.settle();
      subject.submit(3);
      subject.submit(4);
      await subject.settle();
      const { pendingResourceRequests, pendingGangResourceRequests } = await state(subject);
      expect(pendingResourceRequests).toEqual([
        { request: { resourcesBundle: [['CPU', 1]], placementConstraints: [], labelSelectors: [[]] }, count: 7 },
      ]);
      expect(pendingGangResourceRequests).toEqual([]);
    });
  });
}

function describeReports(withGcs: WithGcs, state: State): void {
  test('a report is kept; an older one is dropped, an equal one replaces', async () => {
    await withGcs(async ({ gcs, signal }) => {
      const reported = async (): Promise<AutoscalingState | undefined> =>
        (await gcs.getClusterStatus({ signal })).autoscalingState;
      expect(await reported()).toBeUndefined();
      await gcs.reportAutoscalingState(reportOf(2), { signal });
      await gcs.reportAutoscalingState(reportOf(1), { signal });
      expect(await reported()).toEqual(reportOf(2));
      const same = { ...reportOf(2), lastSeenClusterResourceStateVersion: 9 };
      await gcs.reportAutoscalingState(same, { signal });
      expect(await reported()).toEqual(same);
    });
  });

  test('a report does not change the cluster', async () => {
    await withGcs(async (subject) => {
      const before = await state(subject);
      await subject.gcs.reportAutoscalingState(reportOf(1), { signal: subject.signal });
      const ids = ({ nodeStates }: ClusterResourceState): readonly string[] =>
        nodeStates.map(({ nodeId }) => nodeId).toSorted();
      expect(ids(await state(subject))).toEqual(ids(before));
    });
  });
}

function describeDrains(withGcs: WithGcs, state: State, drain: Drain): void {
  const worker = async (subject: GcsSubject): Promise<RayNode> => {
    const [node] = workers(await state(subject));
    if (node === undefined) throw new Error('there is no worker');
    return node;
  };

  test('an idle node that is drained is DEAD in the next read, behind the others and without resources', async () => {
    await withGcs(async (subject) => {
      const { nodeId, instanceId } = await worker(subject);
      expect(await drain(subject, nodeId)).toEqual({ isAccepted: true, rejectionReasonMessage: '' });
      const { nodeStates } = await state(subject);
      expect(nodeStates.at(-1)).toMatchObject({
        nodeId,
        instanceId,
        status: 'DEAD',
        totalResources: [],
        availableResources: [],
      });
      expect(nodeStates.filter(({ status }) => status === 'DEAD')).toHaveLength(1);
    });
  });

  test('a busy node refuses an idle termination, in Ray words', async () => {
    await withGcs(async (subject) => {
      subject.submit(2);
      await subject.settle();
      const { nodeId } = await worker(subject);
      expect(await drain(subject, nodeId)).toEqual({
        isAccepted: false,
        rejectionReasonMessage: 'The node to be idle terminated is no longer idle.',
      });
      expect((await worker(subject)).status).toBe('RUNNING');
    });
  });

  test('a busy node accepts a preemption and works on', async () => {
    await withGcs(async (subject) => {
      subject.submit(2);
      await subject.settle();
      const { nodeId } = await worker(subject);
      const statusNow = async (): Promise<string | undefined> =>
        (await state(subject)).nodeStates.find((node) => node.nodeId === nodeId)?.status;
      expect((await drain(subject, nodeId, { reason: 'PREEMPTION' })).isAccepted).toBe(true);
      for (let i = 0; i < 20 && (await statusNow()) === 'RUNNING'; i++) await subject.settle();
      expect(await statusNow()).toBe('DRAINING');
    });
  });

  test('stopped nodes are DEAD whatever they did, and listed in the answer', async () => {
    await withGcs(async (subject) => {
      subject.submit(2);
      await subject.settle();
      const { nodeId } = await worker(subject);
      expect(await subject.gcs.stopNodes([nodeId], { signal: subject.signal })).toEqual([nodeId]);
      const statusNow = async (): Promise<string | undefined> =>
        (await state(subject)).nodeStates.find((node) => node.nodeId === nodeId)?.status;
      let status = await statusNow();
      // a real one is told of the death by the node that dies
      for (let reads = 0; reads < 2000 && status !== 'DEAD'; reads++) status = await statusNow();
      expect(status).toBe('DEAD');
    });
  });

  test('an unknown node is accepted without effect', async () => {
    await withGcs(async (subject) => {
      expect((await drain(subject, UNKNOWN_NODE)).isAccepted).toBe(true);
      expect(workers(await state(subject)).map(({ status }) => status)).toEqual(['IDLE', 'IDLE']);
    });
  });

  test('an id that is not 28 bytes never reaches the GCS, and a negative deadline is refused', async () => {
    await withGcs(async (subject) => {
      const { gcs, signal } = subject;
      expect(await codeOf(drain(subject, 'abc'))).toBe('TANDEM_GCS_INVALID');
      expect(await codeOf(gcs.stopNodes(['zz'.repeat(28)], { signal }))).toBe('TANDEM_GCS_INVALID');
      expect(await codeOf(drain(subject, UNKNOWN_NODE, { deadline: -1 }))).toBe('TANDEM_GCS_INVALID');
    });
  });
}
