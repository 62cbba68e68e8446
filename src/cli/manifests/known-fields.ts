/**
 * Which fields the kinds people write have, so that a misspelt one is refused like kubectl does, with the name that was meant.
 * Only complete lists stand here; where a value is `{}` nothing below it is checked.
 *
 * Source: API descriptions of Kubernetes 1.37 (autoscaling/v2, apps/v1, core/v1), KubeRay 1.7 (ray.io/v1), Karpenter 1 (karpenter.sh/v1).
 */

import { nearest } from '../nearest.ts';
import { isFields, type Fields } from './source.ts';

/** A field to what lies below it; of a list: below each item. */
type Known = { readonly [field: string]: Known };

export type UnknownField = { readonly path: string; readonly name: string; readonly meant: string | undefined };

/** Fields of `object` that its kind does not have, in the order they were written. O(size of object). */
export function unknownFields(kind: string, object: Fields): readonly UnknownField[] {
  const known = KNOWN[kind];
  return known === undefined ? [] : below(known, object, '');
}

function below(known: Known, value: unknown, path: string): readonly UnknownField[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, i) => below(known, item, `${path}[${i}]`));
  const names = Object.keys(known);
  if (!isFields(value) || names.length === 0) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const inside = known[name];
    return inside === undefined ? [{ path: at, name, meant: nearest(name, names) }] : below(inside, part, at);
  });
}

function fields(names: string): Known {
  return Object.fromEntries(names.split(' ').map((name) => [name, {}]));
}

const METADATA: Known = fields(
  'name generateName namespace labels annotations ownerReferences finalizers uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds managedFields selfLink',
);

function kind(spec: Known): Known {
  return { ...fields('apiVersion kind status'), metadata: METADATA, spec };
}

const CONTAINER: Known = {
  ...fields(
    'name image command args workingDir ports envFrom env resizePolicy restartPolicy restartPolicyRules volumeMounts volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty',
  ),
  resources: fields('limits requests claims'),
};

const POD_TEMPLATE: Known = {
  metadata: METADATA,
  spec: {
    ...fields(
      'volumes ephemeralContainers restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount automountServiceAccountToken nodeName hostNetwork hostPID hostIPC shareProcessNamespace securityContext imagePullSecrets hostname subdomain affinity schedulerName tolerations hostAliases priorityClassName priority dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources hostnameOverride workloadRef schedulingGroup',
    ),
    containers: CONTAINER,
    initContainers: CONTAINER,
  },
};

const SELECTOR: Known = { matchLabels: {}, matchExpressions: fields('key operator values') };
const TARGET: Known = fields('type averageUtilization averageValue value');
const REFERENCE: Known = fields('apiVersion kind name');
const METRIC_IDENTIFIER: Known = { name: {}, selector: SELECTOR };
const SCALING_RULES: Known = {
  ...fields('stabilizationWindowSeconds selectPolicy tolerance'),
  policies: fields('type value periodSeconds'),
};

const HPA: Known = {
  ...fields('minReplicas maxReplicas'),
  scaleTargetRef: REFERENCE,
  metrics: {
    type: {},
    resource: { name: {}, target: TARGET },
    containerResource: { ...fields('name container'), target: TARGET },
    pods: { metric: METRIC_IDENTIFIER, target: TARGET },
    object: { describedObject: REFERENCE, metric: METRIC_IDENTIFIER, target: TARGET },
    external: { metric: METRIC_IDENTIFIER, target: TARGET },
  },
  behavior: { scaleUp: SCALING_RULES, scaleDown: SCALING_RULES },
};

const DEPLOYMENT: Known = {
  ...fields('replicas minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds'),
  selector: SELECTOR,
  template: POD_TEMPLATE,
  strategy: { type: {}, rollingUpdate: fields('maxUnavailable maxSurge') },
};

const RAY_CLUSTER: Known = {
  ...fields(
    'rayVersion enableInTreeAutoscaling suspend managedBy headServiceAnnotations gcsFaultToleranceOptions authOptions tlsOptions networkPolicy upgradeStrategy historyServerOptions',
  ),
  autoscalerOptions: fields(
    'version idleTimeoutSeconds upscalingMode image imagePullPolicy resources securityContext env envFrom volumeMounts command args',
  ),
  headGroupSpec: {
    ...fields('rayStartParams resources labels enableIngress ingressOptions headService serviceType'),
    template: POD_TEMPLATE,
  },
  workerGroupSpecs: {
    ...fields(
      'groupName replicas minReplicas maxReplicas numOfHosts idleTimeoutSeconds priority suspend rayStartParams resources labels',
    ),
    scaleStrategy: fields('workersToDelete scaleGate'),
    template: POD_TEMPLATE,
  },
};

const NODE_POOL: Known = {
  ...fields('limits weight replicas'),
  template: {
    metadata: METADATA,
    spec: {
      ...fields('expireAfter terminationGracePeriod'),
      nodeClassRef: fields('group kind name'),
      requirements: fields('key operator values minValues'),
      taints: fields('key value effect timeAdded'),
      startupTaints: fields('key value effect timeAdded'),
    },
  },
  disruption: {
    ...fields('consolidationPolicy consolidateAfter'),
    budgets: fields('nodes reasons schedule duration'),
  },
};

const KNOWN: Readonly<Record<string, Known>> = {
  HorizontalPodAutoscaler: kind(HPA),
  Deployment: kind(DEPLOYMENT),
  RayCluster: kind(RAY_CLUSTER),
  NodePool: kind(NODE_POOL),
};
