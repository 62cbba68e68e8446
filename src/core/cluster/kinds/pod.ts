/** v1 Pod as the API server serves it. */

import type { Pod } from '../../kube/core-v1.ts';
import { PODS } from '../../kube/resource.ts';
import type { KindDefinition } from './kind.ts';
import { qosClassOf, withDerivedRequests, withDerivedSpec } from './pod-defaults.ts';
import { POD_SPEC } from './pod-schema.ts';
import { validatePodSpec, validatePodUpdate } from './pod-validation.ts';
import { checkSchema, isRecord, withSchemaDefaults, type Schema } from './schema.ts';

const POD: Schema = { type: 'object', required: ['spec'], fields: { spec: POD_SPEC } };

/** Pod. Spec: cluster-api 9.3 (fields), 13.1 (grace), 14 (binding, eviction), 18.2, 18.3. */
export const POD_KIND: KindDefinition<Pod> = {
  resource: PODS,
  custom: false,
  preferredVersion: true,
  generation: 'spec',
  hasStatus: true,
  subresources: ['binding', 'eviction'],
  nameRule: 'dns-1123-subdomain',
  fields: {
    'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
    'spec.host': (pod) => pod.spec.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => textOf(pod.spec['serviceAccountName']),
    'spec.hostNetwork': (pod) => String(pod.spec['hostNetwork'] === true),
    'status.phase': (pod) => pod.status?.phase ?? '',
    'status.podIP': (pod) => pod.status?.podIP ?? '',
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
  },
  graceSecondsOf: (pod, asked) => {
    const { phase } = pod.status ?? {};
    const running = (pod.spec.nodeName ?? '') !== '' && phase !== 'Succeeded' && phase !== 'Failed';
    return running ? (asked ?? pod.spec.terminationGracePeriodSeconds ?? 30) : 0;
  },
  withDefaults,
  validate: (pod) => {
    const errors = checkSchema(POD, pod, '');
    return errors.length > 0 ? errors : validatePodSpec(pod.spec, 'spec');
  },
  validateUpdate: validatePodUpdate,
};

function withDefaults(object: Pod): Pod {
  const pod = withSchemaDefaults(POD, object) as Pod; // same shape, fields added
  if (!isRecord(pod.spec)) return pod;
  const spec = withDerivedRequests(withDerivedSpec(pod.spec));
  const serviceAccountName = textOf(spec['serviceAccountName']) || 'default';
  return {
    ...pod,
    spec: {
      ...spec,
      serviceAccountName,
      serviceAccount: serviceAccountName,
      enableServiceLinks: spec['enableServiceLinks'] ?? true,
      priority: spec.priority ?? 0,
      preemptionPolicy: spec['preemptionPolicy'] ?? 'PreemptLowerPriority',
    },
    status: pod.status ?? { phase: 'Pending', qosClass: qosClassOf(spec) },
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
