/** What a case's controller is set to. */

import { DEFAULT_HPA_CONFIG, DEFAULT_HPA_GATES, type HpaConfig, type HpaGates } from '../core/hpa/config.ts';
import { epochMs, parseRfc3339, seconds, type DurationMs, type EpochMs } from '../core/time/time.ts';
import type { CaseController } from './hpa-cases.types.ts';

const DEFAULT_START = '2026-01-01T00:00:00Z';

export const DEFAULT_LATENCY_MS = 1;

/** Gates that a case may name; one is locked. Spec: HPA-24.1 to HPA-24.6. */
export const CASE_GATES: readonly string[] = [...Object.keys(DEFAULT_HPA_GATES), 'HPAConfigurableTolerance'];

export function startOf(text: string | undefined): EpochMs {
  return parseRfc3339(text === undefined || text === '' ? DEFAULT_START : text) ?? epochMs(NaN); // the form was checked
}

export function configOf(given: CaseController, workers?: number): HpaConfig {
  const or = (value: number | undefined, fallback: DurationMs): DurationMs =>
    value === undefined ? fallback : seconds(value);
  const base = DEFAULT_HPA_CONFIG;
  return {
    syncPeriodMs: or(given.syncPeriodSeconds, base.syncPeriodMs),
    downscaleStabilizationMs: or(given.downscaleStabilizationSeconds, base.downscaleStabilizationMs),
    tolerance: given.tolerance ?? base.tolerance,
    cpuInitializationPeriodMs: or(given.cpuInitializationPeriodSeconds, base.cpuInitializationPeriodMs),
    initialReadinessDelayMs: or(given.initialReadinessDelaySeconds, base.initialReadinessDelayMs),
    concurrentSyncs: workers ?? base.concurrentSyncs,
    gates: gatesOf(given),
  };
}

export function gatesOf({ featureGates = {} }: CaseController): HpaGates {
  return { ...DEFAULT_HPA_GATES, ...featureGates };
}

/** As times of a case are cut: to milliseconds, the product taken in double precision. */
export function cutToMs(given: number | undefined): number {
  return Math.trunc((given ?? 0) * 1000);
}

/** Seconds for a result, rounded to milliseconds. */
export function shownSeconds(ms: number): number {
  return Math.round(ms) / 1000;
}
