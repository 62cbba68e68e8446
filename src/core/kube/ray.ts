/** Wire shape of ray.io/v1 RayCluster: what the autoscaler and the embedded operator read and write. */

import type { Condition, KubeObject } from './object.ts';
import type { PodTemplate } from './core-v1.ts';

export type RayGroupSpec = {
  readonly rayStartParams?: Readonly<Record<string, string>>;
  readonly resources?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly template: PodTemplate;
};

export type WorkerGroupSpec = RayGroupSpec & {
  readonly groupName: string;
  readonly replicas?: number;
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly numOfHosts?: number;
  readonly idleTimeoutSeconds?: number;
  readonly priority?: number;
  readonly suspend?: boolean;
  readonly scaleStrategy?: { readonly workersToDelete?: readonly string[] };
};

export type RayCluster = KubeObject & {
  readonly spec: {
    readonly rayVersion?: string;
    readonly enableInTreeAutoscaling?: boolean;
    readonly suspend?: boolean;
    readonly autoscalerOptions?: {
      readonly idleTimeoutSeconds?: number;
      readonly upscalingMode?: string;
      readonly version?: string;
      readonly [field: string]: unknown;
    };
    readonly headGroupSpec: RayGroupSpec;
    readonly workerGroupSpecs?: readonly WorkerGroupSpec[];
    readonly [field: string]: unknown;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly state?: string;
    readonly desiredWorkerReplicas?: number;
    readonly minWorkerReplicas?: number;
    readonly maxWorkerReplicas?: number;
    readonly readyWorkerReplicas?: number;
    readonly availableWorkerReplicas?: number;
    readonly conditions?: readonly Condition[];
    readonly [field: string]: unknown;
  };
};
