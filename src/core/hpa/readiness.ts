/** Which pods count: sorting the pods of a target into ready, unready, missing and ignored. */

import type { Pod } from '../kube/core-v1.ts';
import type { Condition } from '../kube/object.ts';
import { epochMs, parseRfc3339, type EpochMs } from '../time/time.ts';
import type { HpaConfig } from './config.ts';
import { YEAR_ONE, type Sample } from './samples.ts';

/** Pod names by group, each in the order of the pods. */
export type PodGroups = {
  readonly ready: readonly string[];
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
};

export type ReadinessInput = {
  readonly pods: readonly Pod[];
  readonly samples: ReadonlyMap<string, Sample>;
  /** `cpu` brings in the rules for pods that are still starting. */
  readonly resource: string;
  /** Wall time. */
  readonly now: EpochMs;
  readonly config: Pick<HpaConfig, 'cpuInitializationPeriodMs' | 'initialReadinessDelayMs'>;
};

/**
 * Puts each pod into the first group that fits: ignored (terminating or failed), unready (pending), missing (no sample), unready
 * (cpu only: still starting), ready.
 *
 * Cost: O(pods). Spec: HPA-4.1, HPA-4.5, HPA-4.9.   Source: pkg/controller/podautoscaler/replica_calculator.go groupPods (v1.37.2).
 */
export function groupPods({ pods, samples, resource, now, config }: ReadinessInput): PodGroups {
  const groups = { ready: [] as string[], unready: [] as string[], missing: [] as string[], ignored: [] as string[] };
  for (const pod of pods) {
    const name = pod.metadata.name;
    const sample = samples.get(name);
    if (pod.metadata.deletionTimestamp !== undefined || pod.status?.phase === 'Failed') groups.ignored.push(name);
    else if (pod.status?.phase === 'Pending') groups.unready.push(name);
    else if (sample === undefined) groups.missing.push(name);
    else if (resource === 'cpu' && isCpuUnready(pod, sample, { now, config })) groups.unready.push(name);
    else groups.ready.push(name);
  }
  return groups;
}

/**
 * Whether a pod's CPU sample must not count because the pod is still starting. Within the initialization period a sample counts if
 * the pod is ready and all of the sample lies after it became so; later only a pod that was never ready is left out.
 *
 * Bounds: every comparison is strict; an instant exactly at a limit is past it.
 * Spec: HPA-4.2 to HPA-4.4.   Source: replica_calculator.go groupPods (v1.37.2).
 */
function isCpuUnready(pod: Pod, sample: Sample, { now, config }: Pick<ReadinessInput, 'now' | 'config'>): boolean {
  const ready = pod.status?.conditions?.find((condition) => condition.type === 'Ready');
  const startTime = pod.status?.startTime;
  if (ready === undefined || startTime === undefined) return true;
  const start = timeOf(startTime);
  const transition = transitionOf(ready);
  if (start + config.cpuInitializationPeriodMs > now) {
    return ready.status === 'False' || sample.at < transition + sample.windowMs;
  }
  return ready.status === 'False' && start + config.initialReadinessDelayMs > transition;
}

function transitionOf(condition: Condition): EpochMs {
  return condition.lastTransitionTime === undefined ? YEAR_ONE : timeOf(condition.lastTransitionTime);
}

/** The API serves only RFC 3339; text that is none counts as no time, as Go's zero time does. */
function timeOf(text: string): EpochMs {
  return epochMs(parseRfc3339(text) ?? YEAR_ONE);
}
