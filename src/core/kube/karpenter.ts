/** Wire shapes of karpenter.sh/v1 NodePool and NodeClaim. */

import type { Condition, KubeObject } from './object.ts';
import type { ResourceMap, Taint } from './core-v1.ts';

export type NodeRequirement = {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt' | 'Gte' | 'Lte';
  readonly values?: readonly string[];
};

export type NodeClassRef = { readonly group: string; readonly kind: string; readonly name: string };

export type NodeTemplateSpec = {
  readonly nodeClassRef: NodeClassRef;
  readonly requirements?: readonly NodeRequirement[];
  readonly taints?: readonly Taint[];
  readonly startupTaints?: readonly Taint[];
  readonly expireAfter?: string;
  readonly terminationGracePeriod?: string;
};

export type NodePool = KubeObject & {
  readonly spec: {
    readonly template: {
      readonly metadata?: {
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
      };
      readonly spec: NodeTemplateSpec;
    };
    readonly disruption?: {
      readonly consolidationPolicy?: 'WhenEmpty' | 'WhenEmptyOrUnderutilized' | 'Balanced';
      readonly consolidateAfter?: string;
      readonly budgets?: readonly { readonly nodes: string; readonly reasons?: readonly string[] }[];
    };
    readonly limits?: ResourceMap;
    readonly weight?: number;
  };
  readonly status?: {
    readonly resources?: ResourceMap;
    readonly nodes?: number;
    readonly conditions?: readonly Condition[];
  };
};

export type NodeClaim = KubeObject & {
  readonly spec: NodeTemplateSpec & { readonly resources?: { readonly requests?: ResourceMap } };
  readonly status?: {
    readonly nodeName?: string;
    readonly providerID?: string;
    readonly capacity?: ResourceMap;
    readonly allocatable?: ResourceMap;
    readonly lastPodEventTime?: string;
    readonly conditions?: readonly Condition[];
  };
};
