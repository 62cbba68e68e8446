/** Which rights a Ray autoscaler lacks: asked once, so that a missing one is a sentence and not a refusal in every round. */

import type { AnyObject, ObjectKey } from '../core/kube/object.ts';
import { groupResourceText, PODS, RAY_CLUSTERS, type Resource } from '../core/kube/resource.ts';
import { seconds } from '../core/time/time.ts';
import type { KubeApi } from '../ports/kube-api.ts';
import { callWithin } from './call.ts';
import { isAbort, type ControllerDeps } from './deps.ts';
import type { Safety } from './ray-second-writer.ts';

const REVIEWS: Resource<AnyObject> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
};

const NEEDED = [
  { verb: 'get', resource: RAY_CLUSTERS, without: 'nothing is scaled' },
  { verb: 'patch', resource: RAY_CLUSTERS, without: 'decisions are made and cannot be carried out' },
  { verb: 'list', resource: PODS, without: 'nothing is scaled' },
  { verb: 'watch', resource: PODS, without: 'pods that come and go are not seen' },
] as const;

/** What to do about a missing right. */
export const GRANT =
  "grant it in the account's Role (deploy/ray-outside/1-rights.yaml, for a dry run deploy/ray-dry-run/1-rights.yaml)";

const TIMEOUT = seconds(10);

export type PermissionDeps = Pick<ControllerDeps, 'clock' | 'signal'> & {
  readonly api: KubeApi;
  readonly cluster: ObjectKey;
  /** A dry run needs no right to write. */
  readonly safety: Safety;
};

export type MissingRight = {
  /** `patch rayclusters.ray.io`. */
  readonly text: string;
  readonly sentence: string;
};

/** What the account may not do and would need. Where the server does not tell, it is taken to have every right. */
export async function missingRights(deps: PermissionDeps): Promise<readonly MissingRight[]> {
  const { api, cluster, clock, signal, safety } = deps;
  const missing: MissingRight[] = [];
  for (const { verb, resource, without } of NEEDED) {
    if (verb === 'patch' && safety === 'dry-run') continue;
    const text = `${verb} ${groupResourceText(resource)}`;
    try {
      const what = `the question for the right to ${text}`;
      const { status } = await callWithin(what, { clock, timeout: TIMEOUT, signal }, (options) =>
        api.create(REVIEWS, reviewOf({ verb, resource, cluster }), options),
      );
      if (status?.['allowed'] !== false) continue;
      const sentence = `this account must not ${text} in namespace ${cluster.namespace}: ${without}; ${GRANT}`;
      missing.push({ text, sentence });
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      return missing; // a server without reviews: the refusal itself will say it
    }
  }
  return missing;
}

function reviewOf({ verb, resource, cluster }: Asked): AnyObject {
  const { group, version, resource: plural } = resource;
  const name = resource.kind === RAY_CLUSTERS.kind ? { name: cluster.name } : {};
  const resourceAttributes = { namespace: cluster.namespace, verb, group, version, resource: plural, ...name };
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: REVIEWS.kind,
    metadata: { name: '' },
    spec: { resourceAttributes },
  };
}

type Asked = { readonly cluster: ObjectKey } & Pick<(typeof NEEDED)[number], 'verb' | 'resource'>;
