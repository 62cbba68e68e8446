/**
 * ray.io/v1 RayCluster as its CRD describes it: what is refused at apply and what is filled in. What only the operator refuses
 * (with an event, after the object was accepted) is in `../ray-cluster-rules.ts`. There is no scale subresource.
 */

import type { RayCluster } from '../../kube/ray.ts';
import { RAY_CLUSTERS } from '../../kube/resource.ts';
import type { FieldError } from '../../../lib/result.ts';
import type { KindDefinition } from './kind.ts';
import { checkSchema, int32, withSchemaDefaults, type Schema } from './schema.ts';

const TEXT: Schema = { type: 'string' };
const TEXT_MAP: Schema = { type: 'map', values: TEXT };
const QUANTITIES: Schema = {
  type: 'map',
  values: { type: 'quantity', fix: 'write a quantity, such as 500m, 2 or 4Gi' },
};

const CONTAINER: Schema = {
  type: 'object',
  required: ['name'],
  fields: {
    name: { type: 'string', fix: 'give the container a name, such as ray-worker' },
    image: TEXT,
    resources: { type: 'object', fields: { limits: QUANTITIES, requests: QUANTITIES } },
    env: { type: 'list', items: { type: 'object', required: ['name'], fields: { name: TEXT, value: TEXT } } },
  },
};

/** `spec` is required: the CRD lets it pass, and the operator then refuses the cluster for want of a container. */
const TEMPLATE: Schema = {
  type: 'object',
  required: ['spec'],
  fix: 'describe the pods of the group: template.spec.containers with one container that runs Ray',
  fields: {
    metadata: { type: 'object', fields: { labels: TEXT_MAP, annotations: TEXT_MAP } },
    spec: {
      type: 'object',
      required: ['containers'],
      fields: {
        containers: { type: 'list', items: CONTAINER, fix: 'list at least the container that runs Ray' },
        initContainers: { type: 'list', items: CONTAINER },
        nodeSelector: TEXT_MAP,
      },
    },
  },
};

const RAY_START_PARAMS: Schema = {
  type: 'map',
  nullable: 'nullable',
  values: { type: 'string', fix: 'Ray start parameters are text: put the value in quotes, such as num-cpus: "0"' },
};

const GROUP_FIELDS = {
  rayStartParams: RAY_START_PARAMS,
  resources: TEXT_MAP,
  labels: TEXT_MAP,
  template: TEMPLATE,
} as const;

const WORKER_GROUP: Schema = {
  type: 'object',
  required: ['groupName', 'minReplicas', 'maxReplicas', 'template'],
  fields: {
    groupName: { type: 'string', fix: 'give the worker group a name, such as small-group' },
    replicas: int32({ default: 0 }),
    minReplicas: int32({ default: 0 }),
    maxReplicas: int32({ default: 2_147_483_647 }),
    numOfHosts: int32({ default: 1 }),
    priority: int32({ default: 0 }),
    idleTimeoutSeconds: int32(),
    suspend: { type: 'boolean' },
    scaleStrategy: { type: 'object', fields: { workersToDelete: { type: 'list', items: TEXT } } },
    ...GROUP_FIELDS,
  },
};

const RAY_CLUSTER: Schema = {
  type: 'object',
  required: ['spec'],
  fields: {
    spec: {
      type: 'object',
      required: ['headGroupSpec'],
      fix: 'describe the cluster: spec.headGroupSpec and, for workers, spec.workerGroupSpecs',
      fields: {
        rayVersion: { type: 'string', fix: 'write the version in quotes, such as "2.60.0"' },
        enableInTreeAutoscaling: { type: 'boolean', fix: 'write true or false without quotes' },
        suspend: { type: 'boolean', fix: 'write true or false without quotes' },
        managedBy: { type: 'string', oneOf: ['kueue.x-k8s.io/multikueue', 'ray.io/kuberay-operator'] },
        autoscalerOptions: {
          type: 'object',
          fields: {
            version: { type: 'string', oneOf: ['v1', 'v2'] },
            idleTimeoutSeconds: int32(),
            image: TEXT,
            resources: { type: 'object', fields: { limits: QUANTITIES, requests: QUANTITIES } },
            upscalingMode: { type: 'string', oneOf: ['Aggressive', 'Conservative', 'Default'] },
          },
        },
        upgradeStrategy: { type: 'object', fields: { type: { type: 'string', oneOf: ['None', 'Recreate'] } } },
        headGroupSpec: {
          type: 'object',
          required: ['template'],
          fix: 'describe the head: headGroupSpec.template.spec.containers',
          fields: GROUP_FIELDS,
        },
        workerGroupSpecs: { type: 'list', items: WORKER_GROUP },
      },
    },
  },
};

/** RayCluster. Spec: kuberay 1.1-1.4, 2.12 "Schema". Source: ray.io_rayclusters.yaml (KubeRay 1.7). */
export const RAY_CLUSTER_KIND: KindDefinition<RayCluster> = {
  resource: RAY_CLUSTERS,
  custom: true,
  preferredVersion: true,
  generation: 'all-but-metadata-and-status',
  hasStatus: true,
  // the operator wants a DNS-1035 label of at most 53 characters; the CRD does not
  nameRule: 'dns-1123-subdomain',
  fields: {},
  withDefaults: (object) => withSchemaDefaults(RAY_CLUSTER, object) as RayCluster, // same shape, fields added
  validate: (object) => checkSchema(RAY_CLUSTER, object, ''),
  validateUpdate: managedByStays,
};

function managedByStays(object: RayCluster, old: RayCluster): readonly FieldError[] {
  const { managedBy } = object.spec;
  if (managedBy === old.spec.managedBy) return [];
  const path = 'spec.managedBy';
  const message = `Invalid value: ${JSON.stringify(managedBy ?? null)}: the managedBy field is immutable`;
  return [
    { path, type: 'FieldValueInvalid', message, fix: 'delete the RayCluster and create it with the other value' },
  ];
}
