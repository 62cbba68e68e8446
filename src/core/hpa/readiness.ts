/** Which pods count: sorting the pods of a target into ready, unready, missing and ignored. */

import type { EpochMs } from '../time/time.ts';
import type { HpaConfig } from './config.ts';
import type { PodFacts } from './pod-facts.ts';
import type { Sample } from './samples.ts';

export type PodGroup = 'ready' | 'unready' | 'missing' | 'ignored';

export type ReadinessRules = {
  /** `cpu` brings in the rules for pods that are still starting. */
  readonly resource: string;
  /** Wall time. */
  readonly now: EpochMs;
  readonly config: Pick<HpaConfig, 'cpuInitializationPeriodMs' | 'initialReadinessDelayMs'>;
};

/**
 * The first group that fits a pod: ignored (terminating or failed), unready (pending), missing (no sample), unready (cpu only: still
 * starting), ready.
 *
 * Spec: HPA-4.1, HPA-4.5, HPA-4.9.   Source: pkg/controller/podautoscaler/replica_calculator.go groupPods (v1.37.2).
 */
export function groupOf(pod: PodFacts, sample: Sample | undefined, rules: ReadinessRules): PodGroup {
  if (pod.terminating || pod.phase === 'Failed') return 'ignored';
  if (pod.phase === 'Pending') return 'unready';
  if (sample === undefined) return 'missing';
  return rules.resource === 'cpu' && isCpuUnready(pod, sample, rules) ? 'unready' : 'ready';
}

/**
 * Whether a pod's CPU sample must not count because the pod is still starting. Within the initialization period a sample counts if
 * the pod is ready and all of the sample lies after it became so; later only a pod that was never ready is left out.
 *
 * Bounds: every comparison is strict; an instant exactly at a limit is past it.
 * Spec: HPA-4.2 to HPA-4.4.   Source: replica_calculator.go groupPods (v1.37.2).
 */
function isCpuUnready({ ready, startTime }: PodFacts, sample: Sample, { now, config }: ReadinessRules): boolean {
  if (ready === undefined || startTime === undefined) return true;
  if (startTime + config.cpuInitializationPeriodMs > now) {
    return ready.status === 'False' || sample.at < ready.transition + sample.windowMs;
  }
  return ready.status === 'False' && startTime + config.initialReadinessDelayMs > ready.transition;
}
