/** Why a sync decided what it decided: the numbers, as data, enough to repeat the computation by hand. */

import type { DurationMs } from '../time/time.ts';
import type { LimitReason } from './limits.ts';
import type { KeepReason } from './replicas.ts';

/** One metric of one sync. Units: usage per pod in thousandths of the resource's unit, utilization and its target in percent. */
export type MetricExplanation =
  | { readonly kind: 'failed'; readonly metric: string; readonly reason: string; readonly message: string }
  | {
      readonly kind: 'proposal';
      readonly metric: string;
      /** `cpu`, `memory`, ...: decides how amounts are printed. */
      readonly resource: string;
      readonly target:
        | { readonly kind: 'utilization'; readonly targetPercent: number; readonly utilizationPercent: number }
        | { readonly kind: 'average-value'; readonly targetMilli: bigint };
      readonly averageUsageMilli: bigint;
      readonly ratio: number;
      /** With assumed values for pods that did not report. */
      readonly rebalancedRatio?: number;
      readonly toleranceRatio: number;
      /** What the ratio was multiplied with. */
      readonly podCount: number;
      readonly readyPods: number;
      readonly unreadyPods: readonly string[];
      readonly missingPods: readonly string[];
      readonly ignoredPods: readonly string[];
      readonly proposalReplicas: number;
      readonly kept?: KeepReason;
    };

/** Which way through a sync was taken. Spec: HPA-2.13. */
export type SyncBranch =
  | 'feature-not-supported'
  | 'scale-unreadable'
  | 'scaling-disabled'
  | 'above-max-replicas'
  | 'below-min-replicas'
  | 'metrics';

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
  readonly stabilization?: {
    readonly windowMs: DurationMs;
    readonly replicas: number;
    /** The recommendation that held the candidate up, and how old it is; absent when none did. */
    readonly heldBy?: { readonly replicas: number; readonly ageMs: DurationMs };
  };
  readonly limit?: {
    readonly reason: LimitReason;
    readonly low: number;
    readonly high: number;
    readonly replicas: number;
  };
  readonly desiredReplicas?: number;
};
