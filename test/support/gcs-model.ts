/** A GCS that answers what it is told to: for tests of the wire. */

import type { ClusterResourceState } from '../../src/core/ray/cluster-state.ts';
import type { GcsModel } from '../../src/gcs/server.ts';
import type { CallOptions } from '../../src/ports/kube-api.ts';

export type FakeModel = { -readonly [K in keyof GcsModel]: GcsModel[K] } & {
  state: ClusterResourceState;
  /** How often the id of the cluster was looked at, to tell it or to compare: 0 means that no call came. */
  readonly idReads: number;
  /** Reads are not answered from now on; resolves with the signal of the first one when it is there. */
  hold(): Promise<AbortSignal>;
  /** Reads are refused from now on. */
  refuse(error: Error): void;
};

export function fakeModel(): FakeModel {
  let reads = 0;
  let clusterId = '11'.repeat(28);
  let answer: (options: CallOptions) => Promise<void> = () => Promise.resolve();
  const empty: ClusterResourceState = {
    clusterResourceStateVersion: 1,
    clusterSessionName: 'session_1',
    nodeStates: [],
    pendingResourceRequests: [],
    pendingGangResourceRequests: [],
    clusterResourceConstraints: [],
  };
  const model: FakeModel = {
    state: empty,
    get clusterId() {
      reads++;
      return clusterId;
    },
    set clusterId(id: string) {
      clusterId = id;
    },
    get idReads() {
      return reads;
    },
    hold: () =>
      new Promise((resolve) => {
        answer = ({ signal }) => {
          resolve(signal);
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        };
      }),
    refuse: (error) => (answer = () => Promise.reject(error)),
    getClusterResourceState: async (options) => {
      await answer(options);
      return model.state;
    },
    getClusterStatus: async (options) => {
      await answer(options);
      return { autoscalingState: undefined, clusterResourceState: model.state };
    },
    drainNode: async () => ({ isAccepted: true, rejectionReasonMessage: '' }),
    stopNodes: async (nodeIds) => nodeIds,
    reportAutoscalingState: async () => undefined,
    rayVersion: async () => '2.60.0',
    headNode: async () => undefined,
    getKey: async () => undefined,
    putKey: async () => undefined,
  };
  return model;
}
