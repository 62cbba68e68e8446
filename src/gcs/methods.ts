/** The methods of the GCS that are used: path, and how request and reply become bytes. One list for client and server. */

import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { AutoscalerStateServiceDefinition as AUTOSCALER } from './gen/autoscaler.ts';
import type * as autoscaler from './gen/autoscaler.ts';
import { InternalKVGcsServiceDefinition as KEYS, NodeInfoGcsServiceDefinition as NODES } from './gen/gcs_service.ts';
import type * as gcs from './gen/gcs_service.ts';

type Codec<T> = { encode(message: T): BinaryWriter; decode(bytes: Uint8Array): T };

type Definition<Request, Reply> = {
  readonly name: string;
  readonly requestType: Codec<Request>;
  readonly responseType: Codec<Reply>;
};

export type Method<Request, Reply> = {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly request: Codec<Request>;
  readonly reply: Codec<Reply>;
};

export const GET_CLUSTER_RESOURCE_STATE: Method<
  autoscaler.GetClusterResourceStateRequest,
  autoscaler.GetClusterResourceStateReply
> = method(AUTOSCALER, AUTOSCALER.methods.getClusterResourceState);
export const GET_CLUSTER_STATUS: Method<autoscaler.GetClusterStatusRequest, autoscaler.GetClusterStatusReply> = method(
  AUTOSCALER,
  AUTOSCALER.methods.getClusterStatus,
);
export const REPORT_AUTOSCALING_STATE: Method<
  autoscaler.ReportAutoscalingStateRequest,
  autoscaler.ReportAutoscalingStateReply
> = method(AUTOSCALER, AUTOSCALER.methods.reportAutoscalingState);
export const DRAIN_NODE: Method<autoscaler.DrainNodeRequest, autoscaler.DrainNodeReply> = method(
  AUTOSCALER,
  AUTOSCALER.methods.drainNode,
);
export const GET_CLUSTER_ID: Method<gcs.GetClusterIdRequest, gcs.GetClusterIdReply> = method(
  NODES,
  NODES.methods.getClusterId,
);
export const CHECK_ALIVE: Method<gcs.CheckAliveRequest, gcs.CheckAliveReply> = method(NODES, NODES.methods.checkAlive);
export const GET_ALL_NODE_INFO: Method<gcs.GetAllNodeInfoRequest, gcs.GetAllNodeInfoReply> = method(
  NODES,
  NODES.methods.getAllNodeInfo,
);
export const STOP_NODES: Method<gcs.DrainNodeRequest, gcs.DrainNodeReply> = method(NODES, NODES.methods.drainNode);
export const KV_GET: Method<gcs.InternalKVGetRequest, gcs.InternalKVGetReply> = method(
  KEYS,
  KEYS.methods.internalKVGet,
);
export const KV_PUT: Method<gcs.InternalKVPutRequest, gcs.InternalKVPutReply> = method(
  KEYS,
  KEYS.methods.internalKVPut,
);

function method<Request, Reply>(
  service: { readonly fullName: string },
  { name, requestType, responseType }: Definition<Request, Reply>,
): Method<Request, Reply> {
  return { path: `/${service.fullName}/${name}`, request: requestType, reply: responseType };
}
