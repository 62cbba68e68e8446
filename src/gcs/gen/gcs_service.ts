/** Written by `npm run generate` from proto/gcs_service.proto; not for editing. Sources and options: 1709655cae6cbb539ace0e25275d8efd1f5349a2aad164c6434cfbaa60009690.
 * Its `any` is the printer's own: it counts the depth of nested messages on the library's reader, which has no field for that. */

import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

export const protobufPackage = "ray.rpc";

export const protobufFileName = "gcs_service.proto";

/** The outcome of a call of these services; absent or code 0 = success. */
export interface GcsStatus {
  code: number;
  message: string;
}

export interface GetClusterIdRequest {
}

export interface GetClusterIdReply {
  status: GcsStatus | undefined;
  clusterId: Uint8Array;
}

export interface CheckAliveRequest {
  nodeIds: Uint8Array[];
}

export interface CheckAliveReply {
  status: GcsStatus | undefined;
  rayVersion: string;
}

export interface GcsNodeInfo {
  nodeId: Uint8Array;
  nodeManagerAddress: string;
  state: GcsNodeInfo_GcsNodeState;
  isHeadNode: boolean;
  tempDir: string;
}

export const GcsNodeInfo_GcsNodeState = { ALIVE: 0, DEAD: 1 } as const;

export type GcsNodeInfo_GcsNodeState = typeof GcsNodeInfo_GcsNodeState[keyof typeof GcsNodeInfo_GcsNodeState];

export namespace GcsNodeInfo_GcsNodeState {
  export type ALIVE = typeof GcsNodeInfo_GcsNodeState.ALIVE;
  export type DEAD = typeof GcsNodeInfo_GcsNodeState.DEAD;
}

export interface GetAllNodeInfoRequest {
  nodeSelectors: GetAllNodeInfoRequest_NodeSelector[];
  stateFilter?: GcsNodeInfo_GcsNodeState | undefined;
}

export interface GetAllNodeInfoRequest_NodeSelector {
  nodeId?: Uint8Array | undefined;
  isHeadNode?: boolean | undefined;
}

export interface GetAllNodeInfoReply {
  status: GcsStatus | undefined;
  nodeInfoList: GcsNodeInfo[];
}

export interface DrainNodeData {
  /** Exactly 28 bytes. */
  nodeId: Uint8Array;
}

export interface DrainNodeRequest {
  drainNodeData: DrainNodeData[];
}

export interface DrainNodeStatus {
  nodeId: Uint8Array;
}

export interface DrainNodeReply {
  status: GcsStatus | undefined;
  drainNodeStatus: DrainNodeStatus[];
}

export interface InternalKVGetRequest {
  key: Uint8Array;
  namespace: Uint8Array;
}

export interface InternalKVGetReply {
  status: GcsStatus | undefined;
  value: Uint8Array;
}

export interface InternalKVPutRequest {
  key: Uint8Array;
  value: Uint8Array;
  overwrite: boolean;
  namespace: Uint8Array;
}

export interface InternalKVPutReply {
  status: GcsStatus | undefined;
  added: boolean;
}

function createBaseGcsStatus(): GcsStatus {
  return { code: 0, message: "" };
}

export const GcsStatus: MessageFns<GcsStatus> = {
  encode(message: GcsStatus, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.code !== 0) {
      writer.uint32(8).int32(message.code);
    }
    if (message.message !== "") {
      writer.uint32(18).string(message.message);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GcsStatus {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGcsStatus();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.code = reader.int32();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.message = reader.string();
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

function createBaseGetClusterIdRequest(): GetClusterIdRequest {
  return {};
}

export const GetClusterIdRequest: MessageFns<GetClusterIdRequest> = {
  encode(_: GetClusterIdRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GetClusterIdRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGetClusterIdRequest();
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

function createBaseGetClusterIdReply(): GetClusterIdReply {
  return { status: undefined, clusterId: new Uint8Array(0) };
}

export const GetClusterIdReply: MessageFns<GetClusterIdReply> = {
  encode(message: GetClusterIdReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.status !== undefined) {
      GcsStatus.encode(message.status, writer.uint32(10).fork()).join();
    }
    if (message.clusterId.length !== 0) {
      writer.uint32(18).bytes(message.clusterId);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GetClusterIdReply {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGetClusterIdReply();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.status = GcsStatus.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.clusterId = reader.bytes();
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

function createBaseCheckAliveRequest(): CheckAliveRequest {
  return { nodeIds: [] };
}

export const CheckAliveRequest: MessageFns<CheckAliveRequest> = {
  encode(message: CheckAliveRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.nodeIds) {
      writer.uint32(10).bytes(v!);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): CheckAliveRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseCheckAliveRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.nodeIds.push(reader.bytes());
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

function createBaseCheckAliveReply(): CheckAliveReply {
  return { status: undefined, rayVersion: "" };
}

export const CheckAliveReply: MessageFns<CheckAliveReply> = {
  encode(message: CheckAliveReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.status !== undefined) {
      GcsStatus.encode(message.status, writer.uint32(10).fork()).join();
    }
    if (message.rayVersion !== "") {
      writer.uint32(18).string(message.rayVersion);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): CheckAliveReply {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseCheckAliveReply();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.status = GcsStatus.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.rayVersion = reader.string();
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

function createBaseGcsNodeInfo(): GcsNodeInfo {
  return { nodeId: new Uint8Array(0), nodeManagerAddress: "", state: 0, isHeadNode: false, tempDir: "" };
}

export const GcsNodeInfo: MessageFns<GcsNodeInfo> = {
  encode(message: GcsNodeInfo, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.nodeId.length !== 0) {
      writer.uint32(10).bytes(message.nodeId);
    }
    if (message.nodeManagerAddress !== "") {
      writer.uint32(18).string(message.nodeManagerAddress);
    }
    if (message.state !== 0) {
      writer.uint32(56).int32(message.state);
    }
    if (message.isHeadNode !== false) {
      writer.uint32(200).bool(message.isHeadNode);
    }
    if (message.tempDir !== "") {
      writer.uint32(258).string(message.tempDir);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GcsNodeInfo {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGcsNodeInfo();
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

            message.nodeManagerAddress = reader.string();
            continue;
          }
          case 7: {
            if (tag !== 56) {
              break;
            }

            message.state = reader.int32() as any;
            continue;
          }
          case 25: {
            if (tag !== 200) {
              break;
            }

            message.isHeadNode = reader.bool();
            continue;
          }
          case 32: {
            if (tag !== 258) {
              break;
            }

            message.tempDir = reader.string();
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

function createBaseGetAllNodeInfoRequest(): GetAllNodeInfoRequest {
  return { nodeSelectors: [], stateFilter: undefined };
}

export const GetAllNodeInfoRequest: MessageFns<GetAllNodeInfoRequest> = {
  encode(message: GetAllNodeInfoRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.nodeSelectors) {
      GetAllNodeInfoRequest_NodeSelector.encode(v!, writer.uint32(18).fork()).join();
    }
    if (message.stateFilter !== undefined) {
      writer.uint32(24).int32(message.stateFilter);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GetAllNodeInfoRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGetAllNodeInfoRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.nodeSelectors.push(GetAllNodeInfoRequest_NodeSelector.decode(reader, reader.uint32()));
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.stateFilter = reader.int32() as any;
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

function createBaseGetAllNodeInfoRequest_NodeSelector(): GetAllNodeInfoRequest_NodeSelector {
  return { nodeId: undefined, isHeadNode: undefined };
}

export const GetAllNodeInfoRequest_NodeSelector: MessageFns<GetAllNodeInfoRequest_NodeSelector> = {
  encode(message: GetAllNodeInfoRequest_NodeSelector, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.nodeId !== undefined) {
      writer.uint32(10).bytes(message.nodeId);
    }
    if (message.isHeadNode !== undefined) {
      writer.uint32(32).bool(message.isHeadNode);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GetAllNodeInfoRequest_NodeSelector {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGetAllNodeInfoRequest_NodeSelector();
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
          case 4: {
            if (tag !== 32) {
              break;
            }

            message.isHeadNode = reader.bool();
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

function createBaseGetAllNodeInfoReply(): GetAllNodeInfoReply {
  return { status: undefined, nodeInfoList: [] };
}

export const GetAllNodeInfoReply: MessageFns<GetAllNodeInfoReply> = {
  encode(message: GetAllNodeInfoReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.status !== undefined) {
      GcsStatus.encode(message.status, writer.uint32(10).fork()).join();
    }
    for (const v of message.nodeInfoList) {
      GcsNodeInfo.encode(v!, writer.uint32(18).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): GetAllNodeInfoReply {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGetAllNodeInfoReply();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.status = GcsStatus.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.nodeInfoList.push(GcsNodeInfo.decode(reader, reader.uint32()));
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

function createBaseDrainNodeData(): DrainNodeData {
  return { nodeId: new Uint8Array(0) };
}

export const DrainNodeData: MessageFns<DrainNodeData> = {
  encode(message: DrainNodeData, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.nodeId.length !== 0) {
      writer.uint32(10).bytes(message.nodeId);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): DrainNodeData {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseDrainNodeData();
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
  return { drainNodeData: [] };
}

export const DrainNodeRequest: MessageFns<DrainNodeRequest> = {
  encode(message: DrainNodeRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.drainNodeData) {
      DrainNodeData.encode(v!, writer.uint32(10).fork()).join();
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

            message.drainNodeData.push(DrainNodeData.decode(reader, reader.uint32()));
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

function createBaseDrainNodeStatus(): DrainNodeStatus {
  return { nodeId: new Uint8Array(0) };
}

export const DrainNodeStatus: MessageFns<DrainNodeStatus> = {
  encode(message: DrainNodeStatus, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.nodeId.length !== 0) {
      writer.uint32(10).bytes(message.nodeId);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): DrainNodeStatus {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseDrainNodeStatus();
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
  return { status: undefined, drainNodeStatus: [] };
}

export const DrainNodeReply: MessageFns<DrainNodeReply> = {
  encode(message: DrainNodeReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.status !== undefined) {
      GcsStatus.encode(message.status, writer.uint32(10).fork()).join();
    }
    for (const v of message.drainNodeStatus) {
      DrainNodeStatus.encode(v!, writer.uint32(18).fork()).join();
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
            if (tag !== 10) {
              break;
            }

            message.status = GcsStatus.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.drainNodeStatus.push(DrainNodeStatus.decode(reader, reader.uint32()));
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

function createBaseInternalKVGetRequest(): InternalKVGetRequest {
  return { key: new Uint8Array(0), namespace: new Uint8Array(0) };
}

export const InternalKVGetRequest: MessageFns<InternalKVGetRequest> = {
  encode(message: InternalKVGetRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.key.length !== 0) {
      writer.uint32(10).bytes(message.key);
    }
    if (message.namespace.length !== 0) {
      writer.uint32(18).bytes(message.namespace);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): InternalKVGetRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseInternalKVGetRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.key = reader.bytes();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.namespace = reader.bytes();
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

function createBaseInternalKVGetReply(): InternalKVGetReply {
  return { status: undefined, value: new Uint8Array(0) };
}

export const InternalKVGetReply: MessageFns<InternalKVGetReply> = {
  encode(message: InternalKVGetReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.status !== undefined) {
      GcsStatus.encode(message.status, writer.uint32(10).fork()).join();
    }
    if (message.value.length !== 0) {
      writer.uint32(18).bytes(message.value);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): InternalKVGetReply {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseInternalKVGetReply();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.status = GcsStatus.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.value = reader.bytes();
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

function createBaseInternalKVPutRequest(): InternalKVPutRequest {
  return { key: new Uint8Array(0), value: new Uint8Array(0), overwrite: false, namespace: new Uint8Array(0) };
}

export const InternalKVPutRequest: MessageFns<InternalKVPutRequest> = {
  encode(message: InternalKVPutRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.key.length !== 0) {
      writer.uint32(10).bytes(message.key);
    }
    if (message.value.length !== 0) {
      writer.uint32(18).bytes(message.value);
    }
    if (message.overwrite !== false) {
      writer.uint32(24).bool(message.overwrite);
    }
    if (message.namespace.length !== 0) {
      writer.uint32(34).bytes(message.namespace);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): InternalKVPutRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseInternalKVPutRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.key = reader.bytes();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.value = reader.bytes();
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.overwrite = reader.bool();
            continue;
          }
          case 4: {
            if (tag !== 34) {
              break;
            }

            message.namespace = reader.bytes();
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

function createBaseInternalKVPutReply(): InternalKVPutReply {
  return { status: undefined, added: false };
}

export const InternalKVPutReply: MessageFns<InternalKVPutReply> = {
  encode(message: InternalKVPutReply, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.status !== undefined) {
      GcsStatus.encode(message.status, writer.uint32(10).fork()).join();
    }
    if (message.added !== false) {
      writer.uint32(16).bool(message.added);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): InternalKVPutReply {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseInternalKVPutReply();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.status = GcsStatus.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.added = reader.bool();
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

export type NodeInfoGcsServiceDefinition = typeof NodeInfoGcsServiceDefinition;
export const NodeInfoGcsServiceDefinition = {
  name: "NodeInfoGcsService",
  fullName: "ray.rpc.NodeInfoGcsService",
  methods: {
    getClusterId: {
      name: "GetClusterId",
      requestType: GetClusterIdRequest as typeof GetClusterIdRequest,
      requestStream: false,
      responseType: GetClusterIdReply as typeof GetClusterIdReply,
      responseStream: false,
      options: {},
    },
    checkAlive: {
      name: "CheckAlive",
      requestType: CheckAliveRequest as typeof CheckAliveRequest,
      requestStream: false,
      responseType: CheckAliveReply as typeof CheckAliveReply,
      responseStream: false,
      options: {},
    },
    getAllNodeInfo: {
      name: "GetAllNodeInfo",
      requestType: GetAllNodeInfoRequest as typeof GetAllNodeInfoRequest,
      requestStream: false,
      responseType: GetAllNodeInfoReply as typeof GetAllNodeInfoReply,
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

export type InternalKVGcsServiceDefinition = typeof InternalKVGcsServiceDefinition;
export const InternalKVGcsServiceDefinition = {
  name: "InternalKVGcsService",
  fullName: "ray.rpc.InternalKVGcsService",
  methods: {
    internalKVGet: {
      name: "InternalKVGet",
      requestType: InternalKVGetRequest as typeof InternalKVGetRequest,
      requestStream: false,
      responseType: InternalKVGetReply as typeof InternalKVGetReply,
      responseStream: false,
      options: {},
    },
    internalKVPut: {
      name: "InternalKVPut",
      requestType: InternalKVPutRequest as typeof InternalKVPutRequest,
      requestStream: false,
      responseType: InternalKVPutReply as typeof InternalKVPutReply,
      responseStream: false,
      options: {},
    },
  },
} as const;

export interface MessageFns<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): T;
}
