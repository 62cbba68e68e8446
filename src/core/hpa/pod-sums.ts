/** The pods of a target and their samples, added up group by group: all that a proposal is computed from. */

import { err, ok, type Result } from '../../lib/result.ts';
import { add64, type Int64 } from './int64.ts';
import type { PodFacts, PodRequests } from './pod-facts.ts';
import { groupOf, type ReadinessRules } from './readiness.ts';
import { assumedUsage, type PodsTarget } from './replicas.ts';
import type { Samples } from './samples.ts';
import { requestOf, type RequestRules } from './pod-requests.ts';

/** Units: milli-units, int64. Requests are 0 where the target does not ask for them. */
export type PodSums = {
  readonly ready: { readonly count: number; readonly usage: Int64; readonly request: Int64 };
  /** Samples of names that no listed pod has. Spec: HPA-4.7, HPA-5.15. */
  readonly unknown: { readonly count: number; readonly usage: Int64 };
  readonly unready: { readonly count: number; readonly request: Int64 };
  /** `assumed`: what they are taken to use when the others ask for fewer replicas. */
  readonly missing: { readonly count: number; readonly request: Int64; readonly assumed: Int64 };
};

/** Who is meant, by name in the order of the pods. */
export type PodGroups = {
  readonly readyPods: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
};

export type PodSumsInput = {
  readonly pods: readonly PodFacts[];
  readonly samples: Samples;
  readonly readiness: ReadinessRules;
  readonly target: PodsTarget;
  /** Absent for a target in absolute terms. */
  readonly requests?: RequestRules;
};

/**
 * Adds up. Samples of ignored and unready pods are dropped; when no sample is left, that is the error, and after it the first pod without a
 * request, ignored and unready ones included.
 *
 * Cost: O(pods + samples).
 * Spec: HPA-4.1, HPA-4.7, HPA-4.8, HPA-5.3, HPA-5.8.   Source: replica_calculator.go GetResourceReplicas, calcPlainMetricReplicas (v1.37.2).
 */
export function sumPods(input: PodSumsInput): Result<{ readonly sums: PodSums; readonly groups: PodGroups }, string> {
  const { pods, samples, readiness, target } = input;
  const ready = { count: 0, usage: 0 as Int64, request: 0 as Int64 };
  const unready = { count: 0, request: 0 as Int64 };
  const missing = { count: 0, request: 0 as Int64, assumed: 0 as Int64 };
  const groups = { unready: [] as string[], missing: [] as string[], ignored: [] as string[] };
  const requests = new RequestReader(input.requests);
  let known = 0;
  for (const pod of pods) {
    const sample = samples.get(pod.name);
    if (sample !== undefined) known++;
    const request = requests.of(pod);
    const group = groupOf(pod, sample, readiness);
    switch (group) {
      case 'ready':
        ready.count++;
        ready.usage = add64(ready.usage, sample?.usageMilli ?? 0);
        ready.request = add64(ready.request, request);
        break;
      case 'unready':
        unready.count++;
        unready.request = add64(unready.request, request);
        groups.unready.push(pod.name);
        break;
      case 'missing':
        missing.count++;
        missing.request = add64(missing.request, request);
        missing.assumed = add64(missing.assumed, assumedUsage(target, request));
        groups.missing.push(pod.name);
        break;
      case 'ignored':
        groups.ignored.push(pod.name);
        break;
    }
  }
  const unknown = known === samples.size ? NONE : sumOfUnknown(pods, samples);
  if (ready.count + unknown.count === 0)
    return err('did not receive metrics for targeted pods (pods might be unready)');
  if (requests.error !== undefined) return err(requests.error);
  return ok({ sums: { ready, unready, missing, unknown }, groups: { readyPods: ready.count, ...groups } });
}

const NONE = { count: 0, usage: 0 } as const;

function sumOfUnknown(pods: readonly PodFacts[], samples: Samples): PodSums['unknown'] {
  const names = new Set(pods.map(({ name }) => name));
  let count = 0;
  let usage: Int64 = 0;
  for (const [name, { usageMilli }] of samples) {
    if (names.has(name)) continue;
    count++;
    usage = add64(usage, usageMilli);
  }
  return { count, usage };
}

/** Requests of one pod after the other; pods of one template are looked at once. */
class RequestReader {
  readonly #rules: RequestRules | undefined;
  #last: PodRequests | undefined;
  #lastMilli: Int64 = 0;
  /** Of the first pod that has none. */
  error: string | undefined;

  constructor(rules: RequestRules | undefined) {
    this.#rules = rules;
  }

  of(pod: PodFacts): Int64 {
    if (this.#rules === undefined || this.error !== undefined) return 0;
    if (pod.requests === this.#last) return this.#lastMilli;
    const request = requestOf(pod, this.#rules);
    if (!request.ok) {
      this.error = request.error;
      return 0;
    }
    this.#last = pod.requests;
    this.#lastMilli = request.value;
    return request.value;
  }
}
