/** Why a sync decided what it decided: the numbers, as data, enough to repeat the computation by hand. */

import type { MetricSpec } from '../kube/hpa.ts';
import type { DurationMs } from '../time/time.ts';
import type { LimitReason } from './limits.ts';
import type { PolicyLimits } from './policy-limits.ts';
import type { KeepReason } from './replicas.ts';
import type { Tolerance } from './tolerance.ts';

/** Units: thousandths of what the metric measures; utilization and its target in percent; ratios of value to target. */
export type MetricExplanation = FailedExplanation | PodsExplanation | ValueExplanation;

export type FailedExplanation = {
  readonly kind: 'failed';
  readonly metric: string;
  readonly reason: string;
  readonly message: string;
};

/** One value per pod: Resource, ContainerResource and Pods metrics. */
export type PodsExplanation = {
  readonly kind: 'proposal';
  readonly metric: string;
  /** What is measured, for a person: `cpu`, `cpu of container app`, `requests-per-second`. */
  readonly subject: string;
  /** `cpu`, `memory`, ..., '' for Pods metrics: decides how amounts are printed. */
  readonly resource: string;
  readonly target:
    | { readonly kind: 'utilization'; readonly targetPercent: number; readonly utilizationPercent: number }
    | { readonly kind: 'average-value'; readonly targetMilli: bigint };
  readonly averageUsageMilli: bigint;
  readonly ratio: number;
  /** With assumed values for pods that did not report. */
  readonly rebalancedRatio?: number;
  readonly tolerance: Tolerance;
  /** What the ratio was multiplied with. */
  readonly podCount: number;
  readonly readyPods: number;
  readonly unreadyPods: readonly string[];
  readonly missingPods: readonly string[];
  readonly ignoredPods: readonly string[];
  readonly proposalReplicas: number;
  readonly kept?: KeepReason;
};

/** What a value of one object, or of none in the cluster, was compared with. */
export type ValueBase =
  /** The whole of it with the target: the ratio times the pods that are ready and running; without them within tolerance. */
  | { readonly kind: 'value'; readonly readyPods?: number }
  /** The same at 0 replicas: the ratio is the number, without tolerance. Spec: HPA-12.7. */
  | { readonly kind: 'value-at-zero' }
  /** Its share per replica of `status.replicas` with the target. */
  | { readonly kind: 'average-value'; readonly statusReplicas: number; readonly averageMilli: bigint };

/** One value for all pods: Object and External metrics. */
export type ValueExplanation = {
  readonly kind: 'value-proposal';
  readonly source: Extract<MetricSpec['type'], 'Object' | 'External'>;
  readonly metric: string;
  /** `h of Service web`, `queue-length`. */
  readonly subject: string;
  readonly base: ValueBase;
  /** As read; the sum of all series of an External metric. */
  readonly valueMilli: bigint;
  readonly targetMilli: bigint;
  readonly ratio: number;
  readonly tolerance: Tolerance;
  readonly proposalReplicas: number;
  readonly kept?: Extract<KeepReason, 'within-tolerance'>;
};

/** Which way through a sync was taken. Spec: HPA-2.13, HPA-2.39. */
export type SyncBranch =
  'scale-unreadable' | 'scaling-disabled' | 'above-max-replicas' | 'below-min-replicas' | 'metrics' | 'field-missing';

/** One sync. Fields that a branch did not reach are absent. */
export type HpaExplanation = {
  readonly branch: SyncBranch;
  readonly currentReplicas?: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly MetricExplanation[];
  /** The metric whose proposal counts. */
  readonly winner?: string;
  readonly candidateReplicas?: number;
  readonly stabilization?: StabilizationExplanation;
  readonly limit?: {
    readonly reason: LimitReason;
    /** The lowest and the highest number that was allowed; an end that was not looked at is absent. */
    readonly low?: number;
    readonly high?: number;
    readonly replicas: number;
    /** What the policies of `behavior` allowed. */
    readonly policy?: PolicyLimits;
  };
  /** What raised the number at last, from 0 replicas. Spec: HPA-2.18. */
  readonly liftedToMin?: number;
  readonly desiredReplicas?: number;
  /** The field that the spec lacks, by path. */
  readonly missingField?: string;
};

export type StabilizationExplanation = {
  /** Which way the candidate goes, and so which window may hold it back. */
  readonly direction: 'up' | 'down';
  readonly windowMs: DurationMs;
  readonly replicas: number;
  /** The recommendation that held the candidate back, and how old it is; absent when none did. */
  readonly heldBy?: { readonly replicas: number; readonly ageMs: DurationMs };
};
