/** Written by `npm run generate` from proto/autoscaler.proto; not for editing. Sources and options: 1709655cae6cbb539ace0e25275d8efd1f5349a2aad164c6434cfbaa60009690.
 * Its `any` is the printer's own: it counts the depth of nested messages on the library's reader, which has no field for that. */

import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { LabelSelector } from "./common.ts";

export const protobufPackage = "ray.rpc.autoscaler";

export const protobufFileName = "autoscaler.proto";

export const NodeStatus = { UNSPECIFIED: 0, RUNNING: 1, DEAD: 2, IDLE: 3, DRAINING: 4 } as const;

export type NodeStatus = typeof NodeStatus[keyof typeof NodeStatus];

export namespace NodeStatus {
  export type UNSPECIFIED = typeof NodeStatus.UNSPECIFIED;
  export type RUNNING = typeof NodeStatus.RUNNING;
  export type DEAD = typeof NodeStatus.DEAD;
  export type IDLE = typeof NodeStatus.IDLE;
  export type DRAINING = typeof NodeStatus.DRAINING;
}

export const DrainNodeReason = {
  DRAIN_NODE_REASON_UNSPECIFIED: 0,
  DRAIN_NODE_REASON_IDLE_TERMINATION: 1,
  DRAIN_NODE_REASON_PREEMPTION: 2,
} as const;

export type DrainNodeReason = typeof DrainNodeReason[keyof typeof DrainNodeReason];

export namespace DrainNodeReason {
  export type DRAIN_NODE_REASON_UNSPECIFIED = typeof DrainNodeReason.DRAIN_NODE_REASON_UNSPECIFIED;
  export type DRAIN_NODE_REASON_IDLE_TERMINATION = typeof DrainNodeReason.DRAIN_NODE_REASON_IDLE_TERMINATION;
  export type DRAIN_NODE_REASON_PREEMPTION = typeof DrainNodeReason.DRAIN_NODE_REASON_PREEMPTION;
}

export interface AffinityConstraint {
  labelName: string;
  labelValue: string;
}

export interface AntiAffinityConstraint {
  labelName: string;
  labelValue: string;
}

export interface PlacementConstraint {
  antiAffinity?: AntiAffinityConstraint | undefined;
  affinity?: AffinityConstraint | undefined;
}

export interface ResourceRequest {
  resourcesBundle: Map<string, number>;
  placementConstraints: PlacementConstraint[];
  labelSelectors: LabelSelector[];
}

export interface ResourceRequest_ResourcesBundleEntry {
  key: string;
  value: number;
}

export interface ResourceRequestByCount {
  request: ResourceRequest | undefined;
  count: number;
}

export interface BundleSelector {
  resourceRequests: ResourceRequest[];
}

export interface GangResourceRequest {
  requests: ResourceRequest[];
  details: string;
  bundleSelectors: BundleSelector[];
}

export interface ClusterResourceConstraint {
  resourceRequests: ResourceRequestByCount[];
}

export interface NodeState {
  nodeId: Uint8Array;
  instanceId: string;
  rayNodeTypeName: string;
  availableResources: Map<string, number>;
  totalResources: Map<string, number>;
  dynamicLabels: Map<string, string>;
  status: NodeStatus;
  idleDurationMs: number;
  nodeIpAddress: string;
  labels: Map<string, string>;
}

export interface NodeState_AvailableResourcesEntry {
  key: string;
  value: number;
}

export interface NodeState_TotalResourcesEntry {
  key: string;
  value: number;
}

export interface NodeState_DynamicLabelsEntry {
  key: string;
  value: string;
}

export interface NodeState_LabelsEntry {
  key: string;
  value: string;
}

export interface ClusterResourceState {
  clusterResourceStateVersion: number;
  nodeStates: NodeState[];
  pendingResourceRequests: ResourceRequestByCount[];
  pendingGangResourceRequests: GangResourceRequest[];
  clusterResourceConstraints: ClusterResourceConstraint[];
  clusterSessionName: string;
}

export interface PendingInstanceRequest {
  rayNodeTypeName: string;
  count: number;
  /** Unix seconds. */
  requestTs: number;
}

export interface PendingInstance {
  rayNodeTypeName: string;
  instanceId: string;
  details: string;
}

export interface FailedInstanceRequest {
  rayNodeTypeName: string;
  count: number;
  reason: string;
  /** Unix seconds. */
  startTs: number;
  failedTs: number;
}

export interface AutoscalingState {
  lastSeenClusterResourceStateVersion: number;
  autoscalerStateVersion: number;
  pendingInstanceRequests: PendingInstanceRequest[];
  infeasibleResourceRequests: ResourceRequest[];
  infeasibleGangResourceRequests: GangResourceRequest[];
  infeasibleClusterResourceConstraints: ClusterResourceConstraint[];
  pendingInstances: PendingInstance[];
  failedInstanceRequests: FailedInstanceRequest[];
}

export interface GetClusterResourceStateRequest {
  lastSeenClusterResourceStateVersion: number;
}

export interface GetClusterResourceStateReply {
  clusterResourceState: ClusterResourceState | undefined;
}

export interface GetClusterStatusRequest {
}

export interface GetClusterStatusReply {
  /** Absent before the first report. */
  autoscalingState: AutoscalingState | undefined;
  clusterResourceState: ClusterResourceState | undefined;
}

export interface ReportAutoscalingStateRequest {
  autoscalingState: AutoscalingState | undefined;
}

export interface ReportAutoscalingStateReply {
}

export interface RequestClusterResourceConstraintRequest {
  clusterResourceConstraint: ClusterResourceConstraint | undefined;
}

export interface RequestClusterResourceConstraintReply {
}

export interface DrainNodeRequest {
  /** Exactly 28 bytes: the GCS dies of any other length. */
  nodeId: Uint8Array;
  reason: DrainNodeReason;
  reasonMessage: string;
  /** Unix milliseconds; 0 = none. */
  deadlineTimestampMs: number;
}

export interface DrainNodeReply {
  isAccepted: boolean;
  rejectionReasonMessage: string;
}

function createBaseAffinityConstraint(): AffinityConstraint {
  return { labelName: "", labelValue: "" };
}

export const AffinityConstraint: MessageFns<AffinityConstraint> = {
  encode(message: AffinityConstraint, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.labelName !== "") {
      writer.uint32(10).string(message.labelName);
    }
    if (message.labelValue !== "") {
      writer.uint32(18).string(message.labelValue);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): AffinityConstraint {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseAffinityConstraint();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.labelName = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.labelValue = reader.string();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseAntiAffinityConstraint(): AntiAffinityConstraint {
  return { labelName: "", labelValue: "" };
}

export const AntiAffinityConstraint: MessageFns<AntiAffinityConstraint> = {
  encode(message: AntiAffinityConstraint, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.labelName !== "") {
      writer.uint32(10).string(message.labelName);
    }
    if (message.labelValue !== "") {
      writer.uint32(18).string(message.labelValue);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): AntiAffinityConstraint {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseAntiAffinityConstraint();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.labelName = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.labelValue = reader.string();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBasePlacementConstraint(): PlacementConstraint {
  return { antiAffinity: undefined, affinity: undefined };
}

export const PlacementConstraint: MessageFns<PlacementConstraint> = {
  encode(message: PlacementConstraint, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.antiAffinity !== undefined) {
      AntiAffinityConstraint.encode(message.antiAffinity, writer.uint32(10).fork()).join();
    }
    if (message.affinity !== undefined) {
      AffinityConstraint.encode(message.affinity, writer.uint32(18).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): PlacementConstraint {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBasePlacementConstraint();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.antiAffinity = AntiAffinityConstraint.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.affinity = AffinityConstraint.decode(reader, reader.uint32());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseResourceRequest(): ResourceRequest {
  return { resourcesBundle: new Map(), placementConstraints: [], labelSelectors: [] };
}

export const ResourceRequest: MessageFns<ResourceRequest> = {
  encode(message: ResourceRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    message.resourcesBundle.forEach((value, key) => {
      ResourceRequest_ResourcesBundleEntry.encode({ key: key as any, value }, writer.uint32(10).fork()).join();
    });
    for (const v of message.placementConstraints) {
      PlacementConstraint.encode(v!, writer.uint32(18).fork()).join();
    }
    for (const v of message.labelSelectors) {
      LabelSelector.encode(v!, writer.uint32(26).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ResourceRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseResourceRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            const entry1 = ResourceRequest_ResourcesBundleEntry.decode(reader, reader.uint32());
            if (entry1.value !== undefined) {
              message.resourcesBundle.set(entry1.key, entry1.value);
            }
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.placementConstraints.push(PlacementConstraint.decode(reader, reader.uint32()));
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.labelSelectors.push(LabelSelector.decode(reader, reader.uint32()));
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseResourceRequest_ResourcesBundleEntry(): ResourceRequest_ResourcesBundleEntry {
  return { key: "", value: 0 };
}

export const ResourceRequest_ResourcesBundleEntry: MessageFns<ResourceRequest_ResourcesBundleEntry> = {
  encode(message: ResourceRequest_ResourcesBundleEntry, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.key !== "") {
      writer.uint32(10).string(message.key);
    }
    if (message.value !== 0) {
      writer.uint32(17).double(message.value);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ResourceRequest_ResourcesBundleEntry {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseResourceRequest_ResourcesBundleEntry();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.key = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 17) {
              break;
            }

            message.value = reader.double();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseResourceRequestByCount(): ResourceRequestByCount {
  return { request: undefined, count: 0 };
}

export const ResourceRequestByCount: MessageFns<ResourceRequestByCount> = {
  encode(message: ResourceRequestByCount, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.request !== undefined) {
      ResourceRequest.encode(message.request, writer.uint32(10).fork()).join();
    }
    if (message.count !== 0) {
      writer.uint32(16).int64(message.count);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ResourceRequestByCount {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseResourceRequestByCount();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.request = ResourceRequest.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.count = longToNumber(reader.int64());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseBundleSelector(): BundleSelector {
  return { resourceRequests: [] };
}

export const BundleSelector: MessageFns<BundleSelector> = {
  encode(message: BundleSelector, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.resourceRequests) {
      ResourceRequest.encode(v!, writer.uint32(10).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): BundleSelector {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseBundleSelector();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.resourceRequests.push(ResourceRequest.decode(reader, reader.uint32()));
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseGangResourceRequest(): GangResourceRequest {
  return { requests: [], details: "", bundleSelectors: [] };
}

export const GangResourceRequest: MessageFns<GangResourceRequest> = {
  encode(message: GangResourceRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.requests) {
      ResourceRequest.encode(v!, writer.uint32(10).fork()).join();
    }
    if (message.details !== "") {
      writer.uint32(18).string(message.details);
    }
    for (const v of message.bundleSelectors) {
      BundleSelector.encode(v!, writer.uint32(26).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GangResourceRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGangResourceRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.requests.push(ResourceRequest.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.details = reader.string();
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.bundleSelectors.push(BundleSelector.decode(reader, reader.uint32()));
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseClusterResourceConstraint(): ClusterResourceConstraint {
  return { resourceRequests: [] };
}

export const ClusterResourceConstraint: MessageFns<ClusterResourceConstraint> = {
  encode(message: ClusterResourceConstraint, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.resourceRequests) {
      ResourceRequestByCount.encode(v!, writer.uint32(10).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ClusterResourceConstraint {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseClusterResourceConstraint();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.resourceRequests.push(ResourceRequestByCount.decode(reader, reader.uint32()));
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseNodeState(): NodeState {
  return {
    nodeId: new Uint8Array(0),
    instanceId: "",
    rayNodeTypeName: "",
    availableResources: new Map(),
    totalResources: new Map(),
    dynamicLabels: new Map(),
    status: 0,
    idleDurationMs: 0,
    nodeIpAddress: "",
    labels: new Map(),
  };
}

export const NodeState: MessageFns<NodeState> = {
  encode(message: NodeState, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.nodeId.length !== 0) {
      writer.uint32(10).bytes(message.nodeId);
    }
    if (message.instanceId !== "") {
      writer.uint32(18).string(message.instanceId);
    }
    if (message.rayNodeTypeName !== "") {
      writer.uint32(26).string(message.rayNodeTypeName);
    }
    message.availableResources.forEach((value, key) => {
      NodeState_AvailableResourcesEntry.encode({ key: key as any, value }, writer.uint32(34).fork()).join();
    });
    message.totalResources.forEach((value, key) => {
      NodeState_TotalResourcesEntry.encode({ key: key as any, value }, writer.uint32(42).fork()).join();
    });
    message.dynamicLabels.forEach((value, key) => {
      NodeState_DynamicLabelsEntry.encode({ key: key as any, value }, writer.uint32(50).fork()).join();
    });
    if (message.status !== 0) {
      writer.uint32(64).int32(message.status);
    }
    if (message.idleDurationMs !== 0) {
      writer.uint32(72).int64(message.idleDurationMs);
    }
    if (message.nodeIpAddress !== "") {
      writer.uint32(82).string(message.nodeIpAddress);
    }
    message.labels.forEach((value, key) => {
      NodeState_LabelsEntry.encode({ key: key as any, value }, writer.uint32(106).fork()).join();
    });
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): NodeState {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseNodeState();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.nodeId = reader.bytes();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.instanceId = reader.string();
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.rayNodeTypeName = reader.string();
            continue;
          }
          case 4: {
            if (tag !== 34) {
              break;
            }

            const entry4 = NodeState_AvailableResourcesEntry.decode(reader, reader.uint32());
            if (entry4.value !== undefined) {
              message.availableResources.set(entry4.key, entry4.value);
            }
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            const entry5 = NodeState_TotalResourcesEntry.decode(reader, reader.uint32());
            if (entry5.value !== undefined) {
              message.totalResources.set(entry5.key, entry5.value);
            }
            continue;
          }
          case 6: {
            if (tag !== 50) {
              break;
            }

            const entry6 = NodeState_DynamicLabelsEntry.decode(reader, reader.uint32());
            if (entry6.value !== undefined) {
              message.dynamicLabels.set(entry6.key, entry6.value);
            }
            continue;
          }
          case 8: {
            if (tag !== 64) {
              break;
            }

            message.status = reader.int32() as any;
            continue;
          }
          case 9: {
            if (tag !== 72) {
              break;
            }

            message.idleDurationMs = longToNumber(reader.int64());
            continue;
          }
          case 10: {
            if (tag !== 82) {
              break;
            }

            message.nodeIpAddress = reader.string();
            continue;
          }
          case 13: {
            if (tag !== 106) {
              break;
            }

            const entry13 = NodeState_LabelsEntry.decode(reader, reader.uint32());
            if (entry13.value !== undefined) {
              message.labels.set(entry13.key, entry13.value);
            }
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseNodeState_AvailableResourcesEntry(): NodeState_AvailableResourcesEntry {
  return { key: "", value: 0 };
}

export const NodeState_AvailableResourcesEntry: MessageFns<NodeState_AvailableResourcesEntry> = {
  encode(message: NodeState_AvailableResourcesEntry, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.key !== "") {
      writer.uint32(10).string(message.key);
    }
    if (message.value !== 0) {
      writer.uint32(17).double(message.value);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): NodeState_AvailableResourcesEntry {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseNodeState_AvailableResourcesEntry();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.key = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 17) {
              break;
            }

            message.value = reader.double();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseNodeState_TotalResourcesEntry(): NodeState_TotalResourcesEntry {
  return { key: "", value: 0 };
}

export const NodeState_TotalResourcesEntry: MessageFns<NodeState_TotalResourcesEntry> = {
  encode(message: NodeState_TotalResourcesEntry, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.key !== "") {
      writer.uint32(10).string(message.key);
    }
    if (message.value !== 0) {
      writer.uint32(17).double(message.value);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): NodeState_TotalResourcesEntry {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseNodeState_TotalResourcesEntry();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.key = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 17) {
              break;
            }

            message.value = reader.double();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseNodeState_DynamicLabelsEntry(): NodeState_DynamicLabelsEntry {
  return { key: "", value: "" };
}

export const NodeState_DynamicLabelsEntry: MessageFns<NodeState_DynamicLabelsEntry> = {
  encode(message: NodeState_DynamicLabelsEntry, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.key !== "") {
      writer.uint32(10).string(message.key);
    }
    if (message.value !== "") {
      writer.uint32(18).string(message.value);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): NodeState_DynamicLabelsEntry {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseNodeState_DynamicLabelsEntry();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.key = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.value = reader.string();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseNodeState_LabelsEntry(): NodeState_LabelsEntry {
  return { key: "", value: "" };
}

export const NodeState_LabelsEntry: MessageFns<NodeState_LabelsEntry> = {
  encode(message: NodeState_LabelsEntry, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.key !== "") {
      writer.uint32(10).string(message.key);
    }
    if (message.value !== "") {
      writer.uint32(18).string(message.value);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): NodeState_LabelsEntry {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseNodeState_LabelsEntry();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.key = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.value = reader.string();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseClusterResourceState(): ClusterResourceState {
  return {
    clusterResourceStateVersion: 0,
    nodeStates: [],
    pendingResourceRequests: [],
    pendingGangResourceRequests: [],
    clusterResourceConstraints: [],
    clusterSessionName: "",
  };
}

export const ClusterResourceState: MessageFns<ClusterResourceState> = {
  encode(message: ClusterResourceState, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.clusterResourceStateVersion !== 0) {
      writer.uint32(8).int64(message.clusterResourceStateVersion);
    }
    for (const v of message.nodeStates) {
      NodeState.encode(v!, writer.uint32(26).fork()).join();
    }
    for (const v of message.pendingResourceRequests) {
      ResourceRequestByCount.encode(v!, writer.uint32(34).fork()).join();
    }
    for (const v of message.pendingGangResourceRequests) {
      GangResourceRequest.encode(v!, writer.uint32(42).fork()).join();
    }
    for (const v of message.clusterResourceConstraints) {
      ClusterResourceConstraint.encode(v!, writer.uint32(50).fork()).join();
    }
    if (message.clusterSessionName !== "") {
      writer.uint32(58).string(message.clusterSessionName);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ClusterResourceState {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseClusterResourceState();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.clusterResourceStateVersion = longToNumber(reader.int64());
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.nodeStates.push(NodeState.decode(reader, reader.uint32()));
            continue;
          }
          case 4: {
            if (tag !== 34) {
              break;
            }

            message.pendingResourceRequests.push(ResourceRequestByCount.decode(reader, reader.uint32()));
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            message.pendingGangResourceRequests.push(GangResourceRequest.decode(reader, reader.uint32()));
            continue;
          }
          case 6: {
            if (tag !== 50) {
              break;
            }

            message.clusterResourceConstraints.push(ClusterResourceConstraint.decode(reader, reader.uint32()));
            continue;
          }
          case 7: {
            if (tag !== 58) {
              break;
            }

            message.clusterSessionName = reader.string();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBasePendingInstanceRequest(): PendingInstanceRequest {
  return { rayNodeTypeName: "", count: 0, requestTs: 0 };
}

export const PendingInstanceRequest: MessageFns<PendingInstanceRequest> = {
  encode(message: PendingInstanceRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.rayNodeTypeName !== "") {
      writer.uint32(18).string(message.rayNodeTypeName);
    }
    if (message.count !== 0) {
      writer.uint32(24).int32(message.count);
    }
    if (message.requestTs !== 0) {
      writer.uint32(32).int64(message.requestTs);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): PendingInstanceRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBasePendingInstanceRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.rayNodeTypeName = reader.string();
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.count = reader.int32();
            continue;
          }
          case 4: {
            if (tag !== 32) {
              break;
            }

            message.requestTs = longToNumber(reader.int64());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBasePendingInstance(): PendingInstance {
  return { rayNodeTypeName: "", instanceId: "", details: "" };
}

export const PendingInstance: MessageFns<PendingInstance> = {
  encode(message: PendingInstance, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.rayNodeTypeName !== "") {
      writer.uint32(18).string(message.rayNodeTypeName);
    }
    if (message.instanceId !== "") {
      writer.uint32(26).string(message.instanceId);
    }
    if (message.details !== "") {
      writer.uint32(42).string(message.details);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): PendingInstance {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBasePendingInstance();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.rayNodeTypeName = reader.string();
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.instanceId = reader.string();
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            message.details = reader.string();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseFailedInstanceRequest(): FailedInstanceRequest {
  return { rayNodeTypeName: "", count: 0, reason: "", startTs: 0, failedTs: 0 };
}

export const FailedInstanceRequest: MessageFns<FailedInstanceRequest> = {
  encode(message: FailedInstanceRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.rayNodeTypeName !== "") {
      writer.uint32(18).string(message.rayNodeTypeName);
    }
    if (message.count !== 0) {
      writer.uint32(24).int32(message.count);
    }
    if (message.reason !== "") {
      writer.uint32(34).string(message.reason);
    }
    if (message.startTs !== 0) {
      writer.uint32(40).int64(message.startTs);
    }
    if (message.failedTs !== 0) {
      writer.uint32(48).int64(message.failedTs);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): FailedInstanceRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseFailedInstanceRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.rayNodeTypeName = reader.string();
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.count = reader.int32();
            continue;
          }
          case 4: {
            if (tag !== 34) {
              break;
            }

            message.reason = reader.string();
            continue;
          }
          case 5: {
            if (tag !== 40) {
              break;
            }

            message.startTs = longToNumber(reader.int64());
            continue;
          }
          case 6: {
            if (tag !== 48) {
              break;
            }

            message.failedTs = longToNumber(reader.int64());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseAutoscalingState(): AutoscalingState {
  return {
    lastSeenClusterResourceStateVersion: 0,
    autoscalerStateVersion: 0,
    pendingInstanceRequests: [],
    infeasibleResourceRequests: [],
    infeasibleGangResourceRequests: [],
    infeasibleClusterResourceConstraints: [],
    pendingInstances: [],
    failedInstanceRequests: [],
  };
}

export const AutoscalingState: MessageFns<AutoscalingState> = {
  encode(message: AutoscalingState, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.lastSeenClusterResourceStateVersion !== 0) {
      writer.uint32(8).int64(message.lastSeenClusterResourceStateVersion);
    }
    if (message.autoscalerStateVersion !== 0) {
      writer.uint32(16).int64(message.autoscalerStateVersion);
    }
    for (const v of message.pendingInstanceRequests) {
      PendingInstanceRequest.encode(v!, writer.uint32(26).fork()).join();
    }
    for (const v of message.infeasibleResourceRequests) {
      ResourceRequest.encode(v!, writer.uint32(34).fork()).join();
    }
    for (const v of message.infeasibleGangResourceRequests) {
      GangResourceRequest.encode(v!, writer.uint32(42).fork()).join();
    }
    for (const v of message.infeasibleClusterResourceConstraints) {
      ClusterResourceConstraint.encode(v!, writer.uint32(50).fork()).join();
    }
    for (const v of message.pendingInstances) {
      PendingInstance.encode(v!, writer.uint32(58).fork()).join();
    }
    for (const v of message.failedInstanceRequests) {
      FailedInstanceRequest.encode(v!, writer.uint32(66).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): AutoscalingState {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseAutoscalingState();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.lastSeenClusterResourceStateVersion = longToNumber(reader.int64());
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.autoscalerStateVersion = longToNumber(reader.int64());
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.pendingInstanceRequests.push(PendingInstanceRequest.decode(reader, reader.uint32()));
            continue;
          }
          case 4: {
            if (tag !== 34) {
              break;
            }

            message.infeasibleResourceRequests.push(ResourceRequest.decode(reader, reader.uint32()));
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            message.infeasibleGangResourceRequests.push(GangResourceRequest.decode(reader, reader.uint32()));
            continue;
          }
          case 6: {
            if (tag !== 50) {
              break;
            }

            message.infeasibleClusterResourceConstraints.push(
              ClusterResourceConstraint.decode(reader, reader.uint32()),
            );
            continue;
          }
          case 7: {
            if (tag !== 58) {
              break;
            }

            message.pendingInstances.push(PendingInstance.decode(reader, reader.uint32()));
            continue;
          }
          case 8: {
            if (tag !== 66) {
              break;
            }

            message.failedInstanceRequests.push(FailedInstanceRequest.decode(reader, reader.uint32()));
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseGetClusterResourceStateRequest(): GetClusterResourceStateRequest {
  return { lastSeenClusterResourceStateVersion: 0 };
}

export const GetClusterResourceStateRequest: MessageFns<GetClusterResourceStateRequest> = {
  encode(message: GetClusterResourceStateRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.lastSeenClusterResourceStateVersion !== 0) {
      writer.uint32(8).int64(message.lastSeenClusterResourceStateVersion);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GetClusterResourceStateRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGetClusterResourceStateRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.lastSeenClusterResourceStateVersion = longToNumber(reader.int64());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseGetClusterResourceStateReply(): GetClusterResourceStateReply {
  return { clusterResourceState: undefined };
}

export const GetClusterResourceStateReply: MessageFns<GetClusterResourceStateReply> = {
  encode(message: GetClusterResourceStateReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.clusterResourceState !== undefined) {
      ClusterResourceState.encode(message.clusterResourceState, writer.uint32(10).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GetClusterResourceStateReply {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGetClusterResourceStateReply();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.clusterResourceState = ClusterResourceState.decode(reader, reader.uint32());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseGetClusterStatusRequest(): GetClusterStatusRequest {
  return {};
}

export const GetClusterStatusRequest: MessageFns<GetClusterStatusRequest> = {
  encode(_: GetClusterStatusRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GetClusterStatusRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGetClusterStatusRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseGetClusterStatusReply(): GetClusterStatusReply {
  return { autoscalingState: undefined, clusterResourceState: undefined };
}

export const GetClusterStatusReply: MessageFns<GetClusterStatusReply> = {
  encode(message: GetClusterStatusReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.autoscalingState !== undefined) {
      AutoscalingState.encode(message.autoscalingState, writer.uint32(10).fork()).join();
    }
    if (message.clusterResourceState !== undefined) {
      ClusterResourceState.encode(message.clusterResourceState, writer.uint32(18).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GetClusterStatusReply {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGetClusterStatusReply();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.autoscalingState = AutoscalingState.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.clusterResourceState = ClusterResourceState.decode(reader, reader.uint32());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseReportAutoscalingStateRequest(): ReportAutoscalingStateRequest {
  return { autoscalingState: undefined };
}

export const ReportAutoscalingStateRequest: MessageFns<ReportAutoscalingStateRequest> = {
  encode(message: ReportAutoscalingStateRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.autoscalingState !== undefined) {
      AutoscalingState.encode(message.autoscalingState, writer.uint32(10).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ReportAutoscalingStateRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseReportAutoscalingStateRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.autoscalingState = AutoscalingState.decode(reader, reader.uint32());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseReportAutoscalingStateReply(): ReportAutoscalingStateReply {
  return {};
}

export const ReportAutoscalingStateReply: MessageFns<ReportAutoscalingStateReply> = {
  encode(_: ReportAutoscalingStateReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ReportAutoscalingStateReply {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseReportAutoscalingStateReply();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseRequestClusterResourceConstraintRequest(): RequestClusterResourceConstraintRequest {
  return { clusterResourceConstraint: undefined };
}

export const RequestClusterResourceConstraintRequest: MessageFns<RequestClusterResourceConstraintRequest> = {
  encode(message: RequestClusterResourceConstraintRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.clusterResourceConstraint !== undefined) {
      ClusterResourceConstraint.encode(message.clusterResourceConstraint, writer.uint32(10).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): RequestClusterResourceConstraintRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseRequestClusterResourceConstraintRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.clusterResourceConstraint = ClusterResourceConstraint.decode(reader, reader.uint32());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseRequestClusterResourceConstraintReply(): RequestClusterResourceConstraintReply {
  return {};
}

export const RequestClusterResourceConstraintReply: MessageFns<RequestClusterResourceConstraintReply> = {
  encode(_: RequestClusterResourceConstraintReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): RequestClusterResourceConstraintReply {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseRequestClusterResourceConstraintReply();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseDrainNodeRequest(): DrainNodeRequest {
  return { nodeId: new Uint8Array(0), reason: 0, reasonMessage: "", deadlineTimestampMs: 0 };
}

export const DrainNodeRequest: MessageFns<DrainNodeRequest> = {
  encode(message: DrainNodeRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.nodeId.length !== 0) {
      writer.uint32(10).bytes(message.nodeId);
    }
    if (message.reason !== 0) {
      writer.uint32(16).int32(message.reason);
    }
    if (message.reasonMessage !== "") {
      writer.uint32(26).string(message.reasonMessage);
    }
    if (message.deadlineTimestampMs !== 0) {
      writer.uint32(32).int64(message.deadlineTimestampMs);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): DrainNodeRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseDrainNodeRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.nodeId = reader.bytes();
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.reason = reader.int32() as any;
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.reasonMessage = reader.string();
            continue;
          }
          case 4: {
            if (tag !== 32) {
              break;
            }

            message.deadlineTimestampMs = longToNumber(reader.int64());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

function createBaseDrainNodeReply(): DrainNodeReply {
  return { isAccepted: false, rejectionReasonMessage: "" };
}

export const DrainNodeReply: MessageFns<DrainNodeReply> = {
  encode(message: DrainNodeReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.isAccepted !== false) {
      writer.uint32(8).bool(message.isAccepted);
    }
    if (message.rejectionReasonMessage !== "") {
      writer.uint32(18).string(message.rejectionReasonMessage);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): DrainNodeReply {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseDrainNodeReply();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.isAccepted = reader.bool();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.rejectionReasonMessage = reader.string();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },
};

export type AutoscalerStateServiceDefinition = typeof AutoscalerStateServiceDefinition;
export const AutoscalerStateServiceDefinition = {
  name: "AutoscalerStateService",
  fullName: "ray.rpc.autoscaler.AutoscalerStateService",
  methods: {
    getClusterResourceState: {
      name: "GetClusterResourceState",
      requestType: GetClusterResourceStateRequest as typeof GetClusterResourceStateRequest,
      requestStream: false,
      responseType: GetClusterResourceStateReply as typeof GetClusterResourceStateReply,
      responseStream: false,
      options: {},
    },
    getClusterStatus: {
      name: "GetClusterStatus",
      requestType: GetClusterStatusRequest as typeof GetClusterStatusRequest,
      requestStream: false,
      responseType: GetClusterStatusReply as typeof GetClusterStatusReply,
      responseStream: false,
      options: {},
    },
    reportAutoscalingState: {
      name: "ReportAutoscalingState",
      requestType: ReportAutoscalingStateRequest as typeof ReportAutoscalingStateRequest,
      requestStream: false,
      responseType: ReportAutoscalingStateReply as typeof ReportAutoscalingStateReply,
      responseStream: false,
      options: {},
    },
    requestClusterResourceConstraint: {
      name: "RequestClusterResourceConstraint",
      requestType: RequestClusterResourceConstraintRequest as typeof RequestClusterResourceConstraintRequest,
      requestStream: false,
      responseType: RequestClusterResourceConstraintReply as typeof RequestClusterResourceConstraintReply,
      responseStream: false,
      options: {},
    },
    drainNode: {
      name: "DrainNode",
      requestType: DrainNodeRequest as typeof DrainNodeRequest,
      requestStream: false,
      responseType: DrainNodeReply as typeof DrainNodeReply,
      responseStream: false,
      options: {},
    },
  },
} as const;

function longToNumber(int64: { toString(): string }): number {
  const num = globalThis.Number(int64.toString());
  if (num > globalThis.Number.MAX_SAFE_INTEGER) {
    throw new globalThis.Error("Value is larger than Number.MAX_SAFE_INTEGER");
  }
  if (num < globalThis.Number.MIN_SAFE_INTEGER) {
    throw new globalThis.Error("Value is smaller than Number.MIN_SAFE_INTEGER");
  }
  return num;
}

export interface MessageFns<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): T;
}
