/** What the pods of a target request of one resource: the base of a utilization. */

import { err, ok, type Result } from '../../lib/result.ts';
import type { Pod } from '../kube/core-v1.ts';
import { containerRequest, isPodLevelResource, isSidecar, podRequests } from '../quantity/resources.ts';
import { wrapInt64 } from './numbers.ts';

/**
 * Requests per pod name in milli-units, of all pods given, ignored and unready ones included. The first pod that has none is the
 * error: a utilization without a base cannot be told.
 *
 * Cost: O(pods x containers). Spec: HPA-5.3 to HPA-5.6.   Source: replica_calculator.go calculateRequests (v1.37.2).
 */
export function requestsOf(pods: readonly Pod[], resource: string): Result<ReadonlyMap<string, bigint>, string> {
  const requests = new Map<string, bigint>();
  for (const pod of pods) {
    const request = hasPodLevelRequests(pod) ? podLevelRequest(pod, resource) : sumOfContainers(pod, resource);
    if (!request.ok) return request;
    requests.set(pod.metadata.name, request.value);
  }
  return ok(requests);
}

function hasPodLevelRequests(pod: Pod): boolean {
  return Object.keys(pod.spec.resources?.requests ?? {}).some(isPodLevelResource);
}

function podLevelRequest(pod: Pod, resource: string): Result<bigint, string> {
  const request = podRequests(pod.spec).get(resource);
  return request === undefined
    ? err(`missing pod-level request for ${resource} in Pod ${pod.metadata.name}`)
    : ok(request);
}

function sumOfContainers(pod: Pod, resource: string): Result<bigint, string> {
  let sum = 0n;
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const request = containerRequest(container, resource);
    if (request === undefined) {
      return err(`missing request for ${resource} in container ${container.name} of Pod ${pod.metadata.name}`);
    }
    sum += request;
  }
  return ok(wrapInt64(sum));
}
