/** v1 Node, Namespace and Event as the API server serves them. */

import type { KubeEvent, KubeNode, Namespace } from '../../kube/core-v1.ts';
import { EVENTS, NAMESPACES, NODES } from '../../kube/resource.ts';
import { parseQuantity } from '../../quantity/quantity.ts';
import type { FieldError } from '../../../lib/result.ts';
import { invalidField, requiredField, unsupportedField } from '../field-errors.ts';
import type { KindDefinition } from './kind.ts';
import { checkSchema, int32, withSchemaDefaults, type Schema } from './schema.ts';

const TEXT: Schema = { type: 'string' };
const QUANTITIES: Schema = { type: 'map', values: { type: 'quantity' } };

const NODE: Schema = {
  type: 'object',
  fields: {
    spec: {
      type: 'object',
      default: {},
      fields: {
        providerID: TEXT,
        unschedulable: { type: 'boolean' },
        taints: { type: 'list', items: { type: 'object', fields: { key: TEXT, value: TEXT, effect: TEXT } } },
      },
    },
    status: { type: 'object', fields: { capacity: QUANTITIES, allocatable: QUANTITIES } },
  },
};

const TAINT_EFFECTS = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];

/** Node. A kubelet registers it with its capacity, so a create keeps the status. Spec: cluster-api 9.3, 18.1. */
export const NODE_KIND: KindDefinition<KubeNode> = {
  resource: NODES,
  custom: false,
  preferredVersion: true,
  generation: 'none',
  hasStatus: true,
  statusOnCreate: 'kept',
  nameRule: 'dns-1123-subdomain',
  fields: { 'spec.unschedulable': (node) => String(node.spec?.unschedulable === true) },
  withDefaults: (object) => withSchemaDefaults(NODE, object) as KubeNode, // same shape, fields added
  validate: (node) => {
    const errors = checkSchema(NODE, node, '');
    return errors.length > 0 ? errors : validateNode(node);
  },
  validateUpdate: (node, old) => {
    const before = old.spec?.providerID ?? '';
    const now = node.spec?.providerID ?? '';
    if (before === '' || before === now) return [];
    return [invalidField('spec.providerID', now, 'node updates may not change providerID except from "" to valid')];
  },
};

function validateNode(node: KubeNode): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, taint] of (node.spec?.taints ?? []).entries()) {
    const path = `spec.taints[${i}]`;
    if ((taint.key ?? '') === '') errors.push(requiredField(`${path}.key`));
    if (!TAINT_EFFECTS.includes(taint.effect)) {
      errors.push(unsupportedField(`${path}.effect`, taint.effect ?? '', TAINT_EFFECTS));
    }
  }
  for (const part of ['capacity', 'allocatable'] as const) {
    for (const [name, text] of Object.entries(node.status?.[part] ?? {})) {
      const quantity = parseQuantity(text);
      if (!quantity.ok) errors.push(invalidField(`status.${part}.${name}`, text, quantity.error));
    }
  }
  return errors;
}

const NAMESPACE: Schema = {
  type: 'object',
  fields: { spec: { type: 'object', fields: { finalizers: { type: 'list', items: TEXT } } } },
};

/** The label every namespace carries: its own name. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** Namespace. Its two-step deletion is the store's. Spec: cluster-api 13.3. */
export const NAMESPACE_KIND: KindDefinition<Namespace> = {
  resource: NAMESPACES,
  custom: false,
  preferredVersion: true,
  generation: 'none',
  hasStatus: true,
  nameRule: 'dns-1123-label',
  fields: { 'status.phase': (namespace) => namespace.status?.phase ?? '' },
  withDefaults: (namespace) => ({
    ...namespace,
    metadata: {
      ...namespace.metadata,
      labels: { ...namespace.metadata.labels, [NAMESPACE_NAME_LABEL]: namespace.metadata.name },
    },
    spec: { ...namespace.spec, finalizers: namespace.spec?.finalizers ?? ['kubernetes'] },
    status: { phase: 'Active', ...namespace.status },
  }),
  validate: (namespace) => checkSchema(NAMESPACE, namespace, ''),
  validateUpdate: () => [],
};

const EVENT: Schema = {
  type: 'object',
  fields: {
    involvedObject: {
      type: 'object',
      fields: { apiVersion: TEXT, kind: TEXT, namespace: TEXT, name: TEXT, uid: TEXT },
    },
    type: TEXT,
    reason: TEXT,
    message: TEXT,
    count: int32(),
    firstTimestamp: TEXT,
    lastTimestamp: TEXT,
    source: { type: 'object', fields: { component: TEXT } },
    reportingComponent: TEXT,
  },
};

/** Event (core/v1). Spec: cluster-api 9.3 (fields), 21 (life of an hour). */
export const EVENT_KIND: KindDefinition<KubeEvent> = {
  resource: EVENTS,
  custom: false,
  preferredVersion: true,
  generation: 'none',
  hasStatus: false,
  nameRule: 'dns-1123-subdomain',
  fields: {
    'involvedObject.kind': (event) => event.involvedObject.kind ?? '',
    'involvedObject.namespace': (event) => event.involvedObject.namespace ?? '',
    'involvedObject.name': (event) => event.involvedObject.name ?? '',
    'involvedObject.uid': (event) => event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': (event) => event.involvedObject.apiVersion ?? '',
    reason: (event) => event.reason,
    reportingComponent: (event) => event.reportingComponent ?? '',
    source: (event) => event.source?.component ?? '',
    type: (event) => event.type,
  },
  withDefaults: (event) => event,
  validate: (event) => {
    const errors = checkSchema(EVENT, event, '');
    return errors.length > 0 ? errors : validateEvent(event);
  },
  validateUpdate: () => [],
};

function validateEvent(event: KubeEvent): readonly FieldError[] {
  if (event.involvedObject === undefined) return [requiredField('involvedObject')]; // types say present, objects from outside may lack it
  const about = event.involvedObject.namespace ?? '';
  if (about === '' || about === event.metadata.namespace) return [];
  return [invalidField('involvedObject.namespace', about, 'does not match event.namespace')];
}
