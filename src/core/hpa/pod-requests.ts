/** What a pod of a target requests of one resource: the base of a utilization. */

import { err, ok, type Result } from '../../lib/result.ts';
import { add64, type Int64 } from './int64.ts';
import type { PodFacts } from './pod-facts.ts';
import type { Measured } from './samples.ts';

export type RequestRules = Measured & {
  /** Whether requests of a whole pod count where it has some. Spec: HPA-24.6. */
  readonly podLevel: 'counts' | 'ignored';
};

/**
 * The request in milli-units, or why there is none: a utilization without a base cannot be told. Two pods with the same `requests` have
 * the same.
 *
 * Cost: O(containers). Spec: HPA-5.3 to HPA-5.6, HPA-6.3.   Source: replica_calculator.go calculateRequests (v1.37.2).
 */
export function requestOf(pod: PodFacts, { resource, container, podLevel }: RequestRules): Result<Int64, string> {
  if (container !== undefined) return requestOfContainer(pod, resource, container);
  const ofPod = podLevel === 'counts' ? pod.requests.podLevel : undefined;
  return ofPod === undefined ? sumOfContainers(pod, resource) : podLevelRequest(pod, ofPod, resource);
}

function podLevelRequest(
  { name }: PodFacts,
  podLevel: ReadonlyMap<string, Int64>,
  resource: string,
): Result<Int64, string> {
  const request = podLevel.get(resource);
  return request === undefined ? err(`missing pod-level request for ${resource} in Pod ${name}`) : ok(request);
}

function sumOfContainers({ name, requests }: PodFacts, resource: string): Result<Int64, string> {
  let sum: Int64 = 0;
  for (const container of requests.containers) {
    const request = container.milli.get(resource);
    if (request === undefined) return missing(resource, container.name, name);
    sum = add64(sum, request);
  }
  return ok(sum);
}

/** Spec: HPA-6.3. */
function requestOfContainer({ name, requests }: PodFacts, resource: string, wanted: string): Result<Int64, string> {
  const container = requests.containers.find((candidate) => candidate.name === wanted);
  if (container === undefined) return err(`container ${wanted} not found in Pod ${name}`);
  const request = container.milli.get(resource);
  return request === undefined ? missing(resource, wanted, name) : ok(request);
}

function missing(resource: string, container: string, pod: string): Result<never, string> {
  return err(`missing request for ${resource} in container ${container} of Pod ${pod}`);
}
