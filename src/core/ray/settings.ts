/** What the Ray autoscaler is set to: one record, its defaults beside the variables they stand for. */

import { seconds, type DurationMs } from '../time/time.ts';
import type { Compat } from './compat.ts';
import { COMPAT } from './compat.ts';

/** Times in milliseconds. Spec: RAY-21.7. Source: v2/instance_manager/config.py (Ray 2.60.0). */
export type RaySettings = {
  /** Pause between rounds while nothing changes. */
  readonly updateIntervalMs: DurationMs;
  /** How many instances may be requested and not yet be pods, over all types. */
  readonly maxConcurrentLaunches: number;
  readonly requestTimeoutMs: DurationMs;
  readonly allocateTimeoutMs: DurationMs;
  readonly rayInstallTimeoutMs: DurationMs;
  readonly terminatingTimeoutMs: DurationMs;
  readonly rayStopTimeoutMs: DurationMs;
  /** How often an instance is requested again after its time-out. */
  readonly maxRequestRetries: number;
  /** How long after an allocation time-out a type counts less than others. */
  readonly availabilityRecoveryMs: DurationMs;
  /** How long a pending node may go unneeded, in seconds. */
  readonly pendingIdleTimeoutS: number | 'never';
  readonly gpuNodes: 'conserve' | 'use';
  readonly compat: Compat;
};

type Setting<T> = { readonly variable: string; readonly value: T };

/** Each setting's upstream variable and default. */
export const RAY_SETTINGS: { readonly [K in Exclude<keyof RaySettings, 'compat'>]: Setting<RaySettings[K]> } = {
  updateIntervalMs: { variable: 'AUTOSCALER_UPDATE_INTERVAL_S', value: seconds(5) },
  maxConcurrentLaunches: { variable: 'AUTOSCALER_MAX_CONCURRENT_LAUNCHES', value: 10 },
  requestTimeoutMs: { variable: 'RAY_AUTOSCALER_RECONCILE_REQUEST_STATUS_TIMEOUT_S', value: seconds(600) },
  allocateTimeoutMs: { variable: 'RAY_AUTOSCALER_RECONCILE_ALLOCATE_STATUS_TIMEOUT_S', value: seconds(3600) },
  rayInstallTimeoutMs: { variable: 'RAY_AUTOSCALER_RECONCILE_RAY_INSTALL_STATUS_TIMEOUT_S', value: seconds(1800) },
  terminatingTimeoutMs: { variable: 'RAY_AUTOSCALER_RECONCILE_TERMINATING_STATUS_TIMEOUT_S', value: seconds(300) },
  rayStopTimeoutMs: { variable: 'RAY_AUTOSCALER_RECONCILE_RAY_STOP_REQUESTED_STATUS_TIMEOUT_S', value: seconds(300) },
  maxRequestRetries: { variable: 'RAY_AUTOSCALER_RECONCILE_MAX_NUM_RETRY_REQUEST_TO_ALLOCATE', value: 3 },
  availabilityRecoveryMs: { variable: 'RAY_AUTOSCALER_AVAILABILITY_RECOVERY_S', value: seconds(600) },
  pendingIdleTimeoutS: { variable: 'RAY_AUTOSCALER_PENDING_NODE_IDLE_TIMEOUT_S', value: 'never' },
  gpuNodes: { variable: 'AUTOSCALER_CONSERVE_GPU_NODES', value: 'conserve' },
};

/** The settings of an autoscaler without variables, with our differences. */
export const DEFAULT_RAY_SETTINGS: RaySettings = {
  updateIntervalMs: RAY_SETTINGS.updateIntervalMs.value,
  maxConcurrentLaunches: RAY_SETTINGS.maxConcurrentLaunches.value,
  requestTimeoutMs: RAY_SETTINGS.requestTimeoutMs.value,
  allocateTimeoutMs: RAY_SETTINGS.allocateTimeoutMs.value,
  rayInstallTimeoutMs: RAY_SETTINGS.rayInstallTimeoutMs.value,
  terminatingTimeoutMs: RAY_SETTINGS.terminatingTimeoutMs.value,
  rayStopTimeoutMs: RAY_SETTINGS.rayStopTimeoutMs.value,
  maxRequestRetries: RAY_SETTINGS.maxRequestRetries.value,
  availabilityRecoveryMs: RAY_SETTINGS.availabilityRecoveryMs.value,
  pendingIdleTimeoutS: RAY_SETTINGS.pendingIdleTimeoutS.value,
  gpuNodes: RAY_SETTINGS.gpuNodes.value,
  compat: COMPAT.default,
};
