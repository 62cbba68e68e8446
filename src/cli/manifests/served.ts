/** Kinds that are not taken here, and what to do instead: other versions of the ones that are, their relatives, misspellings. */

import { apiVersionOf } from '../../core/kube/resource.ts';
import { groupOfApiVersion, KINDS, kindOfGroupKind, type AnyKind } from '../../core/cluster/kinds/table.ts';
import { nearest } from '../nearest.ts';

/** What people write themselves. The cluster makes the objects of its other kinds. */
const GIVEN: readonly string[] = ['Deployment', 'HorizontalPodAutoscaler', 'RayCluster', 'NodePool', 'Namespace'];
const GIVEN_KINDS: readonly AnyKind[] = GIVEN.flatMap((name) => KINDS.filter(({ resource }) => resource.kind === name));

export type Unserved = { readonly field: 'apiVersion' | 'kind'; readonly problem: string; readonly fix: string };

/** The kind behind `apiVersion` and `kind`, or why there is none. */
export function findKind(
  apiVersion: string,
  kind: string,
): { readonly served: AnyKind } | { readonly unserved: Unserved } {
  const inGroup = kindOfGroupKind({ group: groupOfApiVersion(apiVersion), kind });
  const isOwn = inGroup !== undefined && apiVersionOf(inGroup.resource) === apiVersion;
  if (isOwn && GIVEN_KINDS.includes(inGroup)) return { served: inGroup };
  const relative = RELATIVES[kind];
  const problem = isOwn
    ? `objects of kind ${kind} are not taken from a manifest`
    : `no kind ${kind} is served in ${apiVersion}`;
  const named = GIVEN_KINDS.find((known) => known.resource.kind === kind);
  if (named !== undefined) {
    const served = apiVersionOf(named.resource);
    const changed = CHANGES[`${apiVersion} ${kind}`];
    const fix = `write apiVersion: ${served}${changed === undefined ? '' : `; ${changed}`}`;
    return { unserved: { field: 'apiVersion', problem, fix } };
  }
  if (relative !== undefined) return { unserved: { field: 'kind', problem, fix: relative } };
  const meant = nearest(kind, GIVEN);
  const fix = meant === undefined ? `leave it out; taken are ${servedText()}` : `write kind: ${meant}`;
  return { unserved: { field: 'kind', problem, fix } };
}

/** `Deployment (apps/v1), ...`: what people write first, in that order. */
function servedText(): string {
  const names = GIVEN_KINDS.map(({ resource }) => `${resource.kind} (${apiVersionOf(resource)})`);
  return names.join(', ');
}

/** What became of the fields of an older version. */
const CHANGES: Readonly<Record<string, string>> = {
  'autoscaling/v1 HorizontalPodAutoscaler':
    'targetCPUUtilizationPercentage: 60 became metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]',
  'autoscaling/v2beta1 HorizontalPodAutoscaler':
    'in each metric targetAverageUtilization: 60 became target: {type: Utilization, averageUtilization: 60}, and targetAverageValue: 400Mi became target: {type: AverageValue, averageValue: 400Mi}',
  'autoscaling/v2beta2 HorizontalPodAutoscaler': 'the fields are the same',
  'extensions/v1beta1 Deployment': 'spec.selector must be given now and match the labels of the template',
  'apps/v1beta1 Deployment': 'spec.selector must be given now and match the labels of the template',
  'apps/v1beta2 Deployment': 'the fields are the same',
  'ray.io/v1alpha1 RayCluster': 'the fields are the same',
  'karpenter.sh/v1beta1 NodePool':
    'nodeClassRef takes group instead of apiVersion, expireAfter moved from disruption to template.spec, and WhenUnderutilized is called WhenEmptyOrUnderutilized',
};

/** Kinds people bring along, and how to say the same with what is served. */
const RELATIVES: Readonly<Record<string, string>> = {
  Pod: 'give a Deployment (apps/v1) with this template: that is what an HPA scales here',
  ReplicaSet: 'leave it out, its Deployment makes it; or give its template as a Deployment (apps/v1)',
  Node: 'leave it out: nodes come when pods need them; a NodePool (karpenter.sh/v1) says which',
  NodeClaim: 'leave it out: nodes come when pods need them; a NodePool (karpenter.sh/v1) says which',
  Event: 'leave it out: the cluster writes its own',
  RayService: 'give its spec.rayClusterConfig as the spec of a RayCluster (ray.io/v1)',
  RayJob: 'give its spec.rayClusterSpec as the spec of a RayCluster (ray.io/v1)',
  RayCronJob: 'give its spec.jobTemplate.rayClusterSpec as the spec of a RayCluster (ray.io/v1)',
  StatefulSet: 'give its template as a Deployment (apps/v1): that is what an HPA scales here',
  DaemonSet: 'leave it out: nodes here run only what is scheduled on them',
  ScaledObject: 'give the HorizontalPodAutoscaler (autoscaling/v2) that KEDA would make of it',
  Provisioner: 'write a NodePool (karpenter.sh/v1): Provisioner was its name until v1alpha5',
  KWOKNodeClass: 'leave it out: the embedded nodes need no class object',
  EC2NodeClass: 'leave it out: the embedded nodes need no class object',
  AKSNodeClass: 'leave it out: the embedded nodes need no class object',
  Service: 'leave it out: the load reaches the pods without it',
  Ingress: 'leave it out: the load reaches the pods without it',
  ConfigMap: 'leave it out: containers here only use what they request',
  Secret: 'leave it out: containers here only use what they request',
  ServiceAccount: 'leave it out: nobody is asked for permissions here',
};
