/**
 * What containers use, as functions: a request rate is shared by the ready pods of a Deployment and costs CPU time; between two changes
 * usage is constant, so the counters of CPU time are exact. Requests beyond what the pods can serve are lost: there is no queue, and
 * a pod at its CPU limit does not get slower or fail.
 */

import type { Container, Pod } from '../kube/core-v1.ts';
import { integerValue, milliValue, parseQuantity } from '../quantity/quantity.ts';
import { isSidecar } from '../quantity/resources.ts';
import type { EpochMs } from '../time/time.ts';

/** CPU per container that wins over the model, as KWOK reads it. */
export const USAGE_CPU = 'kwok.x-k8s.io/usage-cpu';
/** Bytes per container that win over the model. */
export const USAGE_MEMORY = 'kwok.x-k8s.io/usage-memory';

/** The numbers of the model; CPU in millicores, memory in bytes. */
export type UsageModel = {
  /** CPU time of one request, in CPU-milliseconds: 10 requests/s at 20 CPU-ms are 200 millicores. */
  readonly cpuMsPerRequest: number;
  /** What the serving container of a loaded Deployment uses without any request. */
  readonly baseCpuMilli: number;
  readonly baseMemoryBytes: number;
  /** Every other container. Never zero: metrics-server takes a zero for a missing sample. */
  readonly idleCpuMilli: number;
  readonly idleMemoryBytes: number;
};

/** Assumptions: a small service, whose requests take a tenth of a CPU second each. */
export const DEFAULT_USAGE: UsageModel = {
  cpuMsPerRequest: 100,
  baseCpuMilli: 2,
  baseMemoryBytes: 32 * 1024 * 1024,
  idleCpuMilli: 1,
  idleMemoryBytes: 1024 * 1024,
};

/** A counter that grows steadily: `total` at `since`, and `rate` per millisecond from then on. */
export type Counter = { readonly total: number; readonly rate: number; readonly since: EpochMs };

/** The counter's value at `now`; before `since` it stands. */
export function counterAt(counter: Counter, now: EpochMs): number {
  return counter.total + counter.rate * Math.max(0, now - counter.since);
}

/** The same counter, growing at another rate from `now` on. */
export function withRate(counter: Counter, rate: number, now: EpochMs): Counter {
  return rate === counter.rate ? counter : { total: counterAt(counter, now), rate, since: now };
}

/** Per container in the order of the spec. CPU in millicores, which are microseconds of CPU time per millisecond. */
export type ContainerUsage = { readonly name: string; readonly cpuMilli: number; readonly memoryBytes: number };

/** What is read once from a pod: the usage of its containers without load, and how the first of them answers to load. */
export type UsageProfile = {
  readonly idle: readonly ContainerUsage[];
  /** As `idle`, for a pod whose Deployment has a load: the first container is at its base. */
  readonly base: readonly ContainerUsage[];
  /** The CPU limit of the first container; Infinity without one. */
  readonly limitMilli: number;
  /** Whether annotations say what CPU is used, whatever the load. */
  readonly cpu: 'modelled' | 'annotated';
  /** {@link UsageModel.cpuMsPerRequest}. */
  readonly cpuMsPerRequest: number;
};

/** O(containers). */
export function usageProfile(pod: Pod, model: UsageModel): UsageProfile {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const idle = [...pod.spec.containers, ...sidecars].map(({ name }) =>
    annotated(pod, { name, cpuMilli: model.idleCpuMilli, memoryBytes: model.idleMemoryBytes }),
  );
  const [serving] = pod.spec.containers;
  const limitMilli = serving === undefined ? Infinity : cpuLimitMilli(serving);
  const cpuMilli = Math.min(limitMilli, model.baseCpuMilli);
  const base = idle.map((usage, i) =>
    i === 0 ? annotated(pod, { name: usage.name, cpuMilli, memoryBytes: model.baseMemoryBytes }) : usage,
  );
  const cpu = parseQuantity(pod.metadata.annotations?.[USAGE_CPU] ?? '').ok ? 'annotated' : 'modelled';
  return { idle, base, limitMilli, cpu, cpuMsPerRequest: model.cpuMsPerRequest };
}

/** Usage per container, and requests served per second. */
export type PodUsage = { readonly containers: readonly ContainerUsage[]; readonly servedPerSecond: number };

/**
 * What a pod uses and serves. `load` is its share of its Deployment's requests per second: 0 while it is not ready, undefined when
 * its Deployment (if any) has no load at all. The first container serves. O(1) without load, O(containers) with it.
 */
export function podUsage(profile: UsageProfile, load: number | undefined): PodUsage {
  const { base, idle, limitMilli, cpu, cpuMsPerRequest } = profile;
  const [serving, ...others] = base;
  if (load === undefined || serving === undefined) return { containers: idle, servedPerSecond: 0 };
  if (cpu === 'annotated') return { containers: base, servedPerSecond: load };
  const servedPerSecond = Math.min(load, Math.max(0, limitMilli - serving.cpuMilli) / cpuMsPerRequest);
  const cpuMilli = serving.cpuMilli + servedPerSecond * cpuMsPerRequest;
  return { containers: [{ ...serving, cpuMilli }, ...others], servedPerSecond };
}

/** The annotations of the pod hold for each of its containers. Texts that are no quantities are passed over. */
function annotated(pod: Pod, usage: ContainerUsage): ContainerUsage {
  const cpu = parseQuantity(pod.metadata.annotations?.[USAGE_CPU] ?? '');
  const memory = parseQuantity(pod.metadata.annotations?.[USAGE_MEMORY] ?? '');
  return {
    name: usage.name,
    cpuMilli: cpu.ok ? Number(milliValue(cpu.value)) : usage.cpuMilli,
    memoryBytes: memory.ok ? Number(integerValue(memory.value)) : usage.memoryBytes,
  };
}

function cpuLimitMilli(container: Container): number {
  const text = container.resources?.limits?.['cpu'];
  const limit = text === undefined ? undefined : parseQuantity(text);
  return limit?.ok === true ? Number(milliValue(limit.value)) : Infinity;
}

/** The even share of each of `pods` ready pods; 0 when there is none. */
export function shareOf(requestsPerSecond: number, pods: number): number {
  return pods === 0 ? 0 : requestsPerSecond / pods;
}

/** One measurement of a container, as the kubelet's endpoint gives it. */
export type ContainerSample = {
  readonly name: string;
  readonly startTime: EpochMs;
  /** When it was measured. */
  readonly at: EpochMs;
  /** CPU time used since the container started. */
  readonly cpuSeconds: number;
  readonly workingSetBytes: number;
};

/** One measurement of a pod's running containers. */
export type PodSample = {
  readonly namespace: string;
  readonly name: string;
  readonly containers: readonly ContainerSample[];
};
