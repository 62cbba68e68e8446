/** What deploy.test.ts asks a bed: for rights, for pods of deploy/, for the sidecar of a head. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { mergePatch } from '../../src/core/cluster/patch.ts';
import type { AnyObject } from '../../src/core/kube/object.ts';
import {
  rightText,
  the,
  type DeployedContainer,
  type DeploymentObject,
  type Right,
  type SetName,
} from '../support/deploy.ts';
import type { Bed } from './bed/bed.ts';
import { autoscalerSample } from './bed/samples.ts';

export const DEPLOY: string = fileURLToPath(new URL('../../deploy', import.meta.url));
export const WITHIN = { timeoutMs: 60_000 };
/** The sample's RayCluster, which the manifests name. */
export const CLUSTER = 'raycluster-autoscaler';

export async function applied(bed: Bed, set: SetName): Promise<void> {
  await bed.kubectl(['apply', '-f', join(DEPLOY, set)]);
}

/** Where a set's rights hold; undefined: in all namespaces. */
export function scopeOf(set: SetName): string | undefined {
  return set.startsWith('hpa') ? undefined : 'default';
}

/** As the API server calls the account of a set. */
export function accountOf(set: SetName): string {
  const { name, namespace } = the(set, 'ServiceAccount').metadata;
  return `system:serviceaccount:${namespace}:${name}`;
}

/** A right for any kind, as the right for two of them. */
export function examples(right: Right): readonly Right[] {
  if (right.group !== '*') return [right];
  const [, subresource] = right.resource.split('/');
  return [
    { ...right, group: 'apps', resource: `deployments/${subresource}` },
    { ...right, group: 'example.com', resource: `gadgets/${subresource}` },
  ];
}

type Question = {
  readonly set: SetName;
  readonly rights: readonly Right[];
  readonly namespace: string | undefined;
  /** Of the one object that they are about; absent: of all. */
  readonly name?: string;
};

/** Those of the rights that the API server does not give the set's account. */
export async function refused(bed: Bed, { set, rights, namespace, name }: Question): Promise<readonly string[]> {
  const account = accountOf(set);
  const own = account.split(':')[2];
  const reviews = rights.map(({ group, resource: path, verb }) => {
    const [resource, subresource] = path.split('/');
    return {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: account,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${own}`, 'system:authenticated'],
        resourceAttributes: {
          namespace,
          group,
          resource,
          subresource,
          verb,
          name: verb === 'create' ? undefined : name,
        },
      },
    };
  });
  const stdin = reviews.map((review) => JSON.stringify(review)).join('\n---\n');
  const answers = await bed.kubectl(['create', '-f', '-', '-o', 'jsonpath={.status.allowed}{"\\n"}'], { stdin });
  const allowed = answers.trim().split('\n');
  expect(allowed).toHaveLength(rights.length);
  return rights.filter((_, i) => allowed[i] !== 'true').map(rightText);
}

/** What each pod of a set has written; undefined while there are too few, or older ones too. */
export async function logsOf(bed: Bed, set: SetName): Promise<readonly string[] | undefined> {
  const { metadata, spec } = the<DeploymentObject>(set, 'Deployment');
  const { name, namespace = '' } = metadata;
  const pods = await bed.pods(namespace, `app.kubernetes.io/name=${name}`);
  if (pods.length !== spec.replicas) return undefined;
  return pods.map((pod) => bed.logs({ pod: pod.metadata.name, namespace, container: name }));
}

/** The same of a set of one pod. */
export async function logOf(bed: Bed, set: SetName): Promise<string | undefined> {
  return (await logsOf(bed, set))?.[0];
}

/** The sample's RayCluster, with a head that stays Pending: enough to see how the operator makes it. */
export function heldSample(bed: Bed): string {
  const sample = JSON.parse(autoscalerSample(bed, { idleTimeoutSeconds: 60 })) as {
    readonly items: readonly AnyObject[];
  }; // a list of objects
  const annotate = { headGroupSpec: { template: { metadata: { annotations: { 'bed.tandem/hold': 'true' } } } } };
  const items = sample.items.map((item) => (item.kind === 'RayCluster' ? mergePatch(item, { spec: annotate }) : item));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

export type Head = { readonly pod: string; readonly sidecar: DeployedContainer };

export async function headOf(bed: Bed, namespace: string): Promise<Head | undefined> {
  const args = ['get', 'pods', '-n', namespace, '-l', 'ray.io/node-type=head', '-o', 'json'];
  const { items } = JSON.parse(await bed.kubectl(args)) as {
    readonly items: readonly (AnyObject & { readonly spec: { readonly containers: readonly DeployedContainer[] } })[];
  }; // a list of pods
  const pod = items.find(({ metadata }) => metadata.deletionTimestamp === undefined);
  const sidecar = pod?.spec.containers.find(({ name }) => name === 'autoscaler');
  return pod === undefined || sidecar === undefined ? undefined : { pod: pod.metadata.name, sidecar };
}

/** Ends the head as the guide says, and waits for the operator's next one: its sidecar. */
export async function replacedHead(bed: Bed, namespace: string): Promise<DeployedContainer> {
  const before = await headOf(bed, namespace);
  const selector = `ray.io/cluster=${CLUSTER},ray.io/node-type=head`;
  await bed.kubectl(['delete', 'pod', '-n', namespace, '-l', selector, '--wait=false']);
  const isNext = async (): Promise<Head | undefined> => {
    const head = await headOf(bed, namespace);
    return head?.pod === before?.pod ? undefined : head;
  };
  return (await bed.waitFor('the next head pod is made', isNext, WITHIN)).value.sidecar;
}

/** `kubectl patch` of the sample's RayCluster by a file of deploy/ray. */
export function patched(
  bed: Bed,
  {
    namespace,
    file,
    more = [],
  }: { readonly namespace: string; readonly file: string; readonly more?: readonly string[] },
): ReturnType<Bed['tryKubectl']> {
  const patch = ['--type=merge', '--patch-file', join(DEPLOY, 'ray', file)];
  return bed.tryKubectl(['patch', '-n', namespace, 'raycluster', CLUSTER, ...patch, ...more]);
}
