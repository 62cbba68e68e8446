/** What decisions read of a pod, and nothing else: a million of these must fit where a million Pods would not. */

import type { Container, Pod, PodSpec } from '../kube/core-v1.ts';
import { containerRequest, isPodLevelResource, isSidecar, podRequests } from '../quantity/resources.ts';
import { epochMs, parseRfc3339, type EpochMs } from '../time/time.ts';
import { int64, type Int64 } from './int64.ts';
import { YEAR_ONE } from './samples.ts';

/** What one container requests, in milli-units by resource name. */
export type ContainerRequests = { readonly name: string; readonly milli: ReadonlyMap<string, Int64> };

/** Requests of a pod. Pods of one template have equal ones, so a cache may share them. */
export type PodRequests = {
  /** Containers, then sidecars, in the order of the spec. Spec: HPA-5.5. */
  readonly containers: readonly ContainerRequests[];
  /** Of the whole pod, with overhead; present when `spec.resources.requests` names a resource that may stand there. Spec: HPA-5.4. */
  readonly podLevel?: ReadonlyMap<string, Int64>;
};

export type PodLabels = Readonly<Record<string, string>>;

/** The condition `Ready`. */
export type PodReady = { readonly status: string; readonly transition: EpochMs };

export type PodFacts = {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly labels: PodLabels | undefined;
  /** Whether `deletionTimestamp` is set. */
  readonly terminating: boolean;
  /** '' when the status has none yet. */
  readonly phase: string;
  readonly startTime: EpochMs | undefined;
  readonly ready: PodReady | undefined;
  readonly requests: PodRequests;
};

/** What a pod has in common with others, where that is kept once for all of them. */
export type SharedFacts = Pick<PodFacts, 'labels' | 'requests'>;

/** Reads a pod once. Cost: O(containers x resources). Spec: HPA-4, HPA-5.2. */
export function podFacts(pod: Pod): PodFacts {
  return podFactsWith(pod, { labels: pod.metadata.labels, requests: requestsOfSpec(pod.spec) });
}

/** The same, with what was read before of a pod like it. Cost: O(1). */
export function podFactsWith({ metadata, status }: Pod, { labels, requests }: SharedFacts): PodFacts {
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  const { startTime } = status ?? {};
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    resourceVersion: metadata.resourceVersion ?? '',
    labels,
    terminating: metadata.deletionTimestamp !== undefined,
    phase: wellKnown(status?.phase ?? ''),
    startTime: startTime === undefined ? undefined : timeOf(startTime),
    ready:
      ready === undefined
        ? undefined
        : { status: wellKnown(ready.status), transition: timeOf(ready.lastTransitionTime) },
    requests,
  };
}

const WELL_KNOWN: ReadonlyMap<string, string> = new Map(
  ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown', 'True', 'False', ''].map((word) => [word, word]),
);

/** The same word, once in memory for all pods. */
function wellKnown(word: string): string {
  return WELL_KNOWN.get(word) ?? word;
}

/** Equal for specs that {@link requestsOfSpec} reads alike. */
export function requestsKey({ containers, initContainers, resources, overhead }: PodSpec): string {
  const own = ({ name, restartPolicy, resources: of }: Container): unknown => [name, restartPolicy, of?.requests];
  return JSON.stringify([containers.map(own), initContainers?.map(own), resources?.requests, overhead]);
}

/** Spec: HPA-5.4, HPA-5.5, HPA-5.6. */
export function requestsOfSpec(spec: PodSpec): PodRequests {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  const containers = [...spec.containers, ...sidecars].map(containerRequests);
  const hasPodLevel = Object.keys(spec.resources?.requests ?? {}).some(isPodLevelResource);
  return hasPodLevel ? { containers, podLevel: podLevelRequests(spec) } : { containers };
}

function podLevelRequests(spec: PodSpec): ReadonlyMap<string, Int64> {
  return new Map([...podRequests(spec)].map(([resource, milli]) => [resource, int64(milli)]));
}

function containerRequests(container: Container): ContainerRequests {
  const milli = new Map<string, Int64>();
  for (const resource of Object.keys(container.resources?.requests ?? {})) {
    const request = containerRequest(container, resource);
    if (request !== undefined) milli.set(resource, int64(request));
  }
  return { name: container.name, milli };
}

/** No time is the year 1, as Go's zero time is; the API serves only RFC 3339, and text that is none counts as none. Spec: HPA-4.4. */
function timeOf(text: string | undefined): EpochMs {
  return epochMs((text === undefined ? undefined : parseRfc3339(text)) ?? YEAR_ONE);
}
