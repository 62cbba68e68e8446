/** Written by `npm run generate` from proto/common.proto; not for editing. Sources and options: 1709655cae6cbb539ace0e25275d8efd1f5349a2aad164c6434cfbaa60009690.
 * Its `any` is the printer's own: it counts the depth of nested messages on the library's reader, which has no field for that. */

import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

export const protobufPackage = "ray.rpc";

export const protobufFileName = "common.proto";

export const LabelSelectorOperator = {
  LABEL_OPERATOR_UNSPECIFIED: 0,
  LABEL_OPERATOR_IN: 1,
  LABEL_OPERATOR_NOT_IN: 2,
} as const;

export type LabelSelectorOperator = typeof LabelSelectorOperator[keyof typeof LabelSelectorOperator];

export namespace LabelSelectorOperator {
  export type LABEL_OPERATOR_UNSPECIFIED = typeof LabelSelectorOperator.LABEL_OPERATOR_UNSPECIFIED;
  export type LABEL_OPERATOR_IN = typeof LabelSelectorOperator.LABEL_OPERATOR_IN;
  export type LABEL_OPERATOR_NOT_IN = typeof LabelSelectorOperator.LABEL_OPERATOR_NOT_IN;
}

export interface LabelSelectorConstraint {
  labelKey: string;
  operator: LabelSelectorOperator;
  labelValues: string[];
}

export interface LabelSelector {
  labelConstraints: LabelSelectorConstraint[];
}

function createBaseLabelSelectorConstraint(): LabelSelectorConstraint {
  return { labelKey: "", operator: 0, labelValues: [] };
}

export const LabelSelectorConstraint: MessageFns<LabelSelectorConstraint> = {
  encode(message: LabelSelectorConstraint, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.labelKey !== "") {
      writer.uint32(10).string(message.labelKey);
    }
    if (message.operator !== 0) {
      writer.uint32(16).int32(message.operator);
    }
    for (const v of message.labelValues) {
      writer.uint32(26).string(v!);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): LabelSelectorConstraint {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseLabelSelectorConstraint();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.labelKey = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.operator = reader.int32() as any;
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.labelValues.push(reader.string());
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

function createBaseLabelSelector(): LabelSelector {
  return { labelConstraints: [] };
}

export const LabelSelector: MessageFns<LabelSelector> = {
  encode(message: LabelSelector, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.labelConstraints) {
      LabelSelectorConstraint.encode(v!, writer.uint32(10).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): LabelSelector {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseLabelSelector();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.labelConstraints.push(LabelSelectorConstraint.decode(reader, reader.uint32()));
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

export interface MessageFns<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): T;
}
