/** Which rights a Ray autoscaler lacks: asked once, so that a missing one is a sentence and not a refusal in every round. */

import type { AnyObject, ObjectKey } from '../core/kube/object.ts';
import { groupResourceText, PODS, RAY_CLUSTERS, type Resource } from '../core/kube/resource.ts';
import { seconds } from '../core/time/time.ts';
import type { KubeApi } from '../ports/kube-api.ts';
import { callWithin } from './call.ts';
import { isAbort, type ControllerDeps } from './deps.ts';

const REVIEWS: Resource<AnyObject> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
};

const NEEDED = [
  { verb: 'patch', resource: RAY_CLUSTERS, without: 'decisions are made and cannot be carried out' },
  { verb: 'watch', resource: PODS, without: 'pods that come and go are not seen' },
] as const;

const TIMEOUT = seconds(10);

/**
 * One sentence per right that the account lacks, beside get and list, which the start tries. Where the server does not tell, nothing
 * is said.
 */
export async function missingPermissions(
  deps: Pick<ControllerDeps, 'clock' | 'signal'> & {
    readonly api: KubeApi;
    readonly cluster: ObjectKey;
    readonly writes: 'made' | 'withheld';
  },
): Promise<readonly string[]> {
  const { api, cluster, clock, signal, writes } = deps;
  const sentences: string[] = [];
  for (const { verb, resource, without } of NEEDED) {
    if (verb === 'patch' && writes === 'withheld') continue;
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: REVIEWS.kind,
      metadata: { name: '' },
      spec: {
        resourceAttributes: {
          namespace: cluster.namespace,
          verb,
          group: resource.group,
          version: resource.version,
          resource: resource.resource,
          ...(resource === RAY_CLUSTERS ? { name: cluster.name } : {}),
        },
      },
    };
    try {
      const what = `the question for the right to ${verb} ${groupResourceText(resource)}`;
      const { status } = await callWithin(what, { clock, timeout: TIMEOUT, signal }, (options) =>
        api.create(REVIEWS, review, options),
      );
      if (status?.['allowed'] !== false) continue;
      sentences.push(
        `this account must not ${verb} ${groupResourceText(resource)} in namespace ${cluster.namespace}: ${without}; grant it in the account's Role`,
      );
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      return sentences; // a server without reviews: the refusal itself will say it
    }
  }
  return sentences;
}
