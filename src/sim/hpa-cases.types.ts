/** The case form of the HPA core: a small world, what is asked of it, what came out. Wire spelling of the form throughout. */

import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus } from '../core/kube/hpa.ts';
import type { PodMetrics } from '../core/kube/metrics.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import type { HpaEvent } from '../core/hpa/conversation.ts';

export type CaseController = {
  readonly downscaleStabilizationSeconds?: number;
  readonly tolerance?: number;
  readonly cpuInitializationPeriodSeconds?: number;
  readonly initialReadinessDelaySeconds?: number;
  readonly requestLatencyMs?: number;
};

export type CaseApiError = { readonly code: number; readonly reason?: string; readonly message?: string };

export type CaseScale = {
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
  readonly specReplicas?: number;
  readonly statusReplicas?: number;
  readonly selector?: string;
  readonly statusFollowsSpec?: boolean;
};

export type CaseFault = {
  readonly method?: string;
  readonly path: string;
  readonly skip?: number;
  readonly times?: number;
  readonly error: CaseApiError;
};

export type CaseResource = {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
};

export type CaseWorld = {
  readonly hpas?: readonly HorizontalPodAutoscaler[];
  readonly deleteHpas?: readonly string[];
  readonly scales?: readonly CaseScale[];
  readonly deleteScales?: readonly string[];
  readonly pods?: readonly Pod[];
  readonly podsFollowScale?: string;
  readonly podMetrics?: { readonly items?: readonly PodMetrics[]; readonly error?: CaseApiError };
  readonly resources?: readonly CaseResource[];
  readonly faults?: readonly CaseFault[];
};

export type CaseStep = {
  readonly advanceSeconds?: number;
  readonly world?: CaseWorld;
  readonly sync?: readonly string[];
  readonly cacheLag?: boolean;
};

/** Kind `reconcile`. */
export type ReconcileCase = {
  readonly id: string;
  readonly start?: string;
  readonly controller?: CaseController;
  readonly world?: CaseWorld;
  readonly steps?: readonly CaseStep[];
};

export type CaseRequest = {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly code: number;
};

/** What one synchronized key came to. */
export type CaseSync = {
  readonly step: number;
  /** Seconds since `start`. */
  readonly at: number;
  readonly key: string;
  readonly deleted?: boolean;
  readonly error?: string;
  readonly scaleWrites: readonly { readonly path: string; readonly replicas: number; readonly code: number }[];
  readonly statusPuts: readonly { readonly key: string; readonly code: number }[];
  readonly events: readonly HpaEvent[];
  readonly requests: readonly CaseRequest[];
  readonly replicas: Readonly<Record<string, number>>;
  readonly status?: HorizontalPodAutoscalerStatus;
  readonly recommendations: readonly { readonly value: number; readonly at: number }[];
};

export type ReconcileResult = { readonly id: string; readonly syncs: readonly CaseSync[] };
