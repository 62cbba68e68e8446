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

export class GcsError extends TandemError {
  override readonly name = 'GcsError';
}
