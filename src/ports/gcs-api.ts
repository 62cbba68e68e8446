/** Ray's control service (GCS) as the autoscaler sees it. Implemented by the stand-in (src/cluster) and over gRPC (src/gcs). */

import type {
  AutoscalingState,
  ClusterResourceState,
  DrainNodeReply,
  DrainNodeRequest,
} from '../core/ray/cluster-state.ts';
import { TandemError } from '../lib/error.ts';
import type { CallOptions } from './kube-api.ts';

/** Every call rejects with a {@link GcsError} when the GCS refuses or cannot be reached, and with the signal's reason when aborted. */
export interface GcsApi {
  getClusterResourceState(options: CallOptions): Promise<ClusterResourceState>;
  /** The state last reported, if any, beside the cluster's. */
  getClusterStatus(options: CallOptions): Promise<{
    readonly autoscalingState: AutoscalingState | undefined;
    readonly clusterResourceState: ClusterResourceState;
  }>;
  /** Graceful: refused for an idle termination when the node is busy again. */
  drainNode(request: DrainNodeRequest, options: CallOptions): Promise<DrainNodeReply>;
  /** NodeInfoGcsService/DrainNode: stops the nodes now. Returns the ids it handled. */
  stopNodes(nodeIds: readonly string[], options: CallOptions): Promise<readonly string[]>;
  reportAutoscalingState(state: AutoscalingState, options: CallOptions): Promise<void>;
}

/** What a process asks of the GCS once, before its first round; rejects as {@link GcsApi} does. Implemented over gRPC (src/gcs). */
export interface GcsStart {
  /** NodeInfoGcsService/CheckAlive: the GCS answers, and this is its version of Ray. */
  rayVersion(options: CallOptions): Promise<string>;
  /** The head's Ray node; undefined until it has registered. */
  headNode(options: CallOptions): Promise<HeadNode | undefined>;
  /** The value of a key of the internal key-value store; undefined when there is none. */
  getKey(key: GcsKey, options: CallOptions): Promise<string | undefined>;
  /** `keep`: a value that is there already stays. */
  putKey(
    entry: GcsKey & { readonly value: string; readonly existing: 'overwrite' | 'keep' },
    options: CallOptions,
  ): Promise<void>;
}

/** Namespace and name in the internal key-value store; '' is the namespace of no namespace. */
export type GcsKey = { readonly namespace: string; readonly name: string };

export type HeadNode = {
  /** 56 hex digits. */
  readonly nodeId: string;
  readonly address: string;
  /** Where Ray keeps its sessions on that node; logs lie in `<tempDir>/session_latest/logs`. */
  readonly tempDir: string;
};

export class GcsError extends TandemError {
  override readonly name = 'GcsError';
}
