/** The case form of the HPA core: a small world, what is asked of it, what came out. Wire spelling of the form throughout. */

import type { HpaEvent } from '../core/hpa/conversation.ts';
import type { LabelSelector } from '../core/kube/object.ts';

export type CaseController = {
  readonly syncPeriodSeconds?: number;
  readonly downscaleStabilizationSeconds?: number;
  readonly tolerance?: number;
  readonly cpuInitializationPeriodSeconds?: number;
  readonly initialReadinessDelaySeconds?: number;
  readonly requestLatencyMs?: number;
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** HPA objects are taken as they are, without the defaults of the API. */
  readonly rawHpa?: boolean;
};

/** `body`: the raw answer instead of a Status object. */
export type CaseApiError = {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly body?: string;
};

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
  readonly scale?: boolean;
};

/** Overrides discovery of one group. */
export type CaseApiGroup = {
  readonly versions?: readonly string[];
  readonly preferred?: string;
  readonly removed?: boolean;
};

/** What one path of a metrics API answers. */
export type CaseMetrics = {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly items?: readonly unknown[];
  readonly error?: CaseApiError;
};

/** Kubernetes objects and metrics items inside are as they came: they are read by their types where they are used. */
export type CaseWorld = {
  readonly hpas?: readonly unknown[];
  readonly deleteHpas?: readonly string[];
  readonly scales?: readonly CaseScale[];
  readonly deleteScales?: readonly string[];
  readonly pods?: readonly unknown[];
  readonly podsFollowScale?: string;
  readonly podMetrics?: { readonly items?: readonly unknown[]; readonly error?: CaseApiError };
  readonly customMetrics?: readonly CaseMetrics[];
  readonly externalMetrics?: readonly CaseMetrics[];
  readonly apiGroups?: Readonly<Record<string, CaseApiGroup>>;
  readonly resources?: readonly CaseResource[];
  readonly faults?: readonly CaseFault[];
};

export type CaseStep = {
  readonly advanceSeconds?: number;
  readonly world?: CaseWorld;
  readonly sync?: readonly string[];
  readonly cacheLag?: boolean;
  readonly resetDiscovery?: boolean;
};

type Run = {
  readonly id: string;
  readonly start?: string;
  readonly controller?: CaseController;
  readonly world?: CaseWorld;
  readonly steps?: readonly CaseStep[];
};

export type ReconcileCase = Run & { readonly kind?: 'reconcile' };

export type LoopCase = Run & { readonly kind: 'loop'; readonly durationSeconds?: number; readonly workers?: number };

export type ValidateCase = {
  readonly id: string;
  readonly kind: 'validate';
  readonly controller?: CaseController;
  readonly hpa?: unknown;
  readonly old?: unknown;
  readonly version?: 'v1' | 'v2' | '';
  readonly subresource?: 'status' | '';
};

export type ConvertCase = {
  readonly id: string;
  readonly kind: 'convert';
  readonly hpa?: unknown;
  readonly version?: 'v1' | 'v2' | '';
};

export type MilliQuantity = { readonly milli: string; readonly format: string };

export type QuantityCase = {
  readonly id: string;
  readonly kind: 'quantity';
  readonly quantities?: readonly string[];
  readonly milliQuantities?: readonly MilliQuantity[];
};

export type SelectorCase = {
  readonly id: string;
  readonly kind: 'selector';
  readonly selectors?: readonly string[];
  readonly labelSelectors?: readonly (LabelSelector | null)[];
  readonly labels?: readonly Readonly<Record<string, string>>[];
};

export type HpaCase = ReconcileCase | LoopCase | ValidateCase | ConvertCase | QuantityCase | SelectorCase;

export type CaseMethod = 'GET' | 'PUT' | 'POST' | 'PATCH';

export type CaseRequest = {
  readonly method: CaseMethod;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly code: number;
};

export type ScaleWrite = { readonly path: string; readonly replicas: number; readonly code: number };

/** `status`: what was sent, where it was refused. */
export type StatusPut = { readonly key: string; readonly code: number; readonly status?: unknown };

/** An event write that arrived. A patch says only what changes. */
export type EventWrite = {
  readonly op: 'create' | 'patch';
  readonly type?: string;
  readonly reason?: string;
  /** Absent when empty. */
  readonly message?: string;
  readonly count: number;
};

/** Counters and gauges by series. */
export type PrometheusValues = Readonly<Record<string, number>>;

/** What one synchronized key came to. */
export type CaseSync = {
  readonly step: number;
  /** Seconds since `start`. */
  readonly at: number;
  readonly key: string;
  readonly deleted?: boolean;
  readonly error?: string;
  readonly scaleWrites: readonly ScaleWrite[];
  readonly statusPuts: readonly StatusPut[];
  readonly events: readonly HpaEvent[];
  readonly eventWrites: readonly EventWrite[];
  readonly requests: readonly CaseRequest[];
  readonly handledErrors: readonly string[];
  readonly replicas: Readonly<Record<string, number>>;
  readonly status?: unknown;
  readonly recommendations: readonly { readonly value: number; readonly at: number }[];
  readonly scaleUpEvents: readonly CaseScaleEvent[];
  readonly scaleDownEvents: readonly CaseScaleEvent[];
};

export type CaseScaleEvent = { readonly value: number; readonly at: number; readonly outdated?: boolean };

export type ReconcileResult = {
  readonly id: string;
  readonly syncs: readonly CaseSync[];
  readonly prometheus: PrometheusValues;
};

export type TimelineEntry = {
  readonly at: number;
  readonly do: string;
  readonly code: number;
  readonly replicas?: number;
};

export type LoopResult = {
  readonly id: string;
  readonly timeline: readonly TimelineEntry[];
  readonly events: readonly HpaEvent[] | null;
  readonly eventWrites: readonly EventWrite[] | null;
  readonly final: Readonly<Record<string, unknown>>;
  readonly prometheus: PrometheusValues;
};
