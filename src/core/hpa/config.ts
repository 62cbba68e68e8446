/** What the HPA controller is set to: one record, its defaults beside the flags they stand for. */

import { seconds, type DurationMs } from '../time/time.ts';

/**
 * Settings of the HPA controller; times in milliseconds, `tolerance` a ratio (0.1 = 10 %).
 *
 * Spec: HPA-17.1 (flags), HPA-16, HPA-9, HPA-7.2, HPA-4.2.   Source: pkg/controller/podautoscaler/config/types.go (v1.37.2).
 */
export type HpaConfig = {
  /** From the end of one sync of an HPA to its next. */
  readonly syncPeriodMs: DurationMs;
  /** How long a higher recommendation holds back a lower one. */
  readonly downscaleStabilizationMs: DurationMs;
  /** How far from 1 the ratio of usage to target may be before anything moves. */
  readonly tolerance: number;
  /** From a Pod's start: how long its CPU sample counts only if all of it lies after the Pod became ready. */
  readonly cpuInitializationPeriodMs: DurationMs;
  /** From a Pod's start: how long "not ready" is taken to mean that it was never ready. */
  readonly initialReadinessDelayMs: DurationMs;
  /** How many HPAs are synchronized at once. */
  readonly concurrentSyncs: number;
  readonly gates: HpaGates;
};

/** Upstream's feature gates that decide something, by upstream's names. Spec: HPA-24.2 to HPA-24.6. */
export type HpaGates = {
  readonly HPAScaleToZero: boolean;
  readonly HPAGeneration: boolean;
  readonly HPAOptimizedSelectorStore: boolean;
  readonly StaleControllerConsistencyHPA: boolean;
  readonly PodLevelResources: boolean;
};

/** As Kubernetes 1.37 has them. */
export const DEFAULT_HPA_GATES: HpaGates = {
  HPAScaleToZero: true,
  HPAGeneration: true,
  HPAOptimizedSelectorStore: true,
  StaleControllerConsistencyHPA: true,
  PodLevelResources: true,
};

type Setting<T> = { readonly flag: string; readonly value: T };

/** Each setting's upstream flag and default. Spec: HPA-17.1. */
export const HPA_SETTINGS: { readonly [K in Exclude<keyof HpaConfig, 'gates'>]: Setting<HpaConfig[K]> } = {
  syncPeriodMs: { flag: '--horizontal-pod-autoscaler-sync-period', value: seconds(15) },
  downscaleStabilizationMs: { flag: '--horizontal-pod-autoscaler-downscale-stabilization', value: seconds(300) },
  tolerance: { flag: '--horizontal-pod-autoscaler-tolerance', value: 0.1 },
  cpuInitializationPeriodMs: { flag: '--horizontal-pod-autoscaler-cpu-initialization-period', value: seconds(300) },
  initialReadinessDelayMs: { flag: '--horizontal-pod-autoscaler-initial-readiness-delay', value: seconds(30) },
  concurrentSyncs: { flag: '--concurrent-horizontal-pod-autoscaler-syncs', value: 5 },
};

/** The configuration of a kube-controller-manager without flags. */
export const DEFAULT_HPA_CONFIG: HpaConfig = {
  syncPeriodMs: HPA_SETTINGS.syncPeriodMs.value,
  downscaleStabilizationMs: HPA_SETTINGS.downscaleStabilizationMs.value,
  tolerance: HPA_SETTINGS.tolerance.value,
  cpuInitializationPeriodMs: HPA_SETTINGS.cpuInitializationPeriodMs.value,
  initialReadinessDelayMs: HPA_SETTINGS.initialReadinessDelayMs.value,
  concurrentSyncs: HPA_SETTINGS.concurrentSyncs.value,
  gates: DEFAULT_HPA_GATES,
};
