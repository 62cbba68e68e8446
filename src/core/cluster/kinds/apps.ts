/** apps/v1 Deployment and ReplicaSet as the API server serves them. */

import type { Deployment, ReplicaSet } from '../../kube/apps.ts';
import type { PodTemplate } from '../../kube/core-v1.ts';
import type { LabelSelector } from '../../kube/object.ts';
import { DEPLOYMENTS, REPLICA_SETS } from '../../kube/resource.ts';
import { matchesSelector, selectorFrom, selectorText } from '../../selector/selector.ts';
import { deepEqual } from '../../../lib/json.ts';
import type { FieldError } from '../../../lib/result.ts';
import { invalidField, requiredField, unsupportedField } from '../field-errors.ts';
import { validateLabels } from '../metadata.ts';
import type { KindDefinition } from './kind.ts';
import { withDerivedSpec } from './pod-defaults.ts';
import { LABEL_SELECTOR, POD_TEMPLATE } from './pod-schema.ts';
import { NOT_NEGATIVE, validatePodSpec } from './pod-validation.ts';
import { checkSchema, int32, isRecord, withSchemaDefaults, type Schema } from './schema.ts';

const DEPLOYMENT: Schema = {
  type: 'object',
  required: ['spec'],
  fields: {
    spec: {
      type: 'object',
      fields: {
        replicas: int32({ default: 1 }),
        selector: LABEL_SELECTOR,
        template: POD_TEMPLATE,
        minReadySeconds: int32(),
        revisionHistoryLimit: int32({ default: 10 }),
        progressDeadlineSeconds: int32({ default: 600 }),
        paused: { type: 'boolean' },
        strategy: {
          type: 'object',
          default: {},
          fields: {
            type: { type: 'string', default: 'RollingUpdate', oneOf: ['Recreate', 'RollingUpdate'] },
            rollingUpdate: { type: 'object', fields: { maxSurge: { type: 'any' }, maxUnavailable: { type: 'any' } } },
          },
        },
      },
    },
  },
};

const REPLICA_SET: Schema = {
  type: 'object',
  required: ['spec'],
  fields: {
    spec: {
      type: 'object',
      fields: {
        replicas: int32({ default: 1 }),
        selector: LABEL_SELECTOR,
        template: POD_TEMPLATE,
        minReadySeconds: int32(),
      },
    },
  },
};

/** Deployment. Spec: cluster-api 8.3 (generation), 14 (scale), 18.2, 18.3. */
export const DEPLOYMENT_KIND: KindDefinition<Deployment> = {
  resource: DEPLOYMENTS,
  custom: false,
  preferredVersion: true,
  generation: 'spec-or-annotations',
  hasStatus: true,
  scale: {
    replicasOf: (deployment) => deployment.spec.replicas ?? 0,
    statusReplicasOf: (deployment) => deployment.status?.replicas ?? 0,
    selectorOf: (deployment) => textOfSelector(deployment.spec.selector),
    withReplicas: (deployment, replicas) => ({ ...deployment, spec: { ...deployment.spec, replicas } }),
  },
  nameRule: 'dns-1123-subdomain',
  fields: {},
  withDefaults: (object) => {
    const deployment = withTemplateDefaults(withSchemaDefaults(DEPLOYMENT, object) as Deployment); // same shape, fields added
    const strategy: unknown = isRecord(deployment.spec) ? deployment.spec.strategy : undefined;
    if (!isRecord(strategy) || strategy['type'] !== 'RollingUpdate') return deployment;
    const given = strategy['rollingUpdate'] ?? {};
    if (!isRecord(given)) return deployment;
    const rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%', ...given };
    return { ...deployment, spec: { ...deployment.spec, strategy: { ...strategy, rollingUpdate } } };
  },
  validate: (deployment) => {
    const errors = checkSchema(DEPLOYMENT, deployment, '');
    return errors.length > 0
      ? errors
      : [...validateReplicated(deployment, 'deployment'), ...validateStrategy(deployment)];
  },
  validateUpdate: selectorStays,
};

/** ReplicaSet. Spec: cluster-api 8.3 (generation), 14 (scale), 18.2, 18.3. */
export const REPLICA_SET_KIND: KindDefinition<ReplicaSet> = {
  resource: REPLICA_SETS,
  custom: false,
  preferredVersion: true,
  generation: 'spec',
  hasStatus: true,
  scale: {
    replicasOf: (replicaSet) => replicaSet.spec.replicas ?? 0,
    statusReplicasOf: (replicaSet) => replicaSet.status?.replicas ?? 0,
    selectorOf: (replicaSet) => textOfSelector(replicaSet.spec.selector),
    withReplicas: (replicaSet, replicas) => ({ ...replicaSet, spec: { ...replicaSet.spec, replicas } }),
  },
  nameRule: 'dns-1123-subdomain',
  fields: { 'status.replicas': (replicaSet) => String(replicaSet.status?.replicas ?? 0) },
  // the schema's defaults keep the shape
  withDefaults: (object) => {
    const replicaSet = withTemplateDefaults(withSchemaDefaults(REPLICA_SET, object) as ReplicaSet);
    return replicaSet.status === undefined ? { ...replicaSet, status: { replicas: 0 } } : replicaSet;
  },
  validate: (replicaSet) => {
    const errors = checkSchema(REPLICA_SET, replicaSet, '');
    return errors.length > 0 ? errors : validateReplicated(replicaSet, 'replicaset');
  },
  validateUpdate: selectorStays,
};

type Replicated = {
  readonly spec: { readonly replicas?: number; readonly selector?: LabelSelector; readonly template?: PodTemplate };
};

function withTemplateDefaults<T extends Replicated>(object: T): T {
  const template: unknown = isRecord(object.spec) ? object.spec.template : undefined;
  if (!isRecord(template) || !isRecord(template['spec'])) return object;
  const spec = withDerivedSpec(object.spec.template?.spec ?? { containers: [] });
  return { ...object, spec: { ...object.spec, template: { ...template, spec } } };
}

/** What every kind with replicas, a selector and a template has to keep. Types have been checked. */
function validateReplicated({ spec }: Replicated, what: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { replicas = 0, selector, template } = spec;
  if (replicas < 0) errors.push(invalidField('spec.replicas', replicas, NOT_NEGATIVE));
  const parsed = selectorFrom(selector);
  if (selector === undefined) errors.push(requiredField('spec.selector'));
  else if (isEmpty(selector))
    errors.push(invalidField('spec.selector', selector, `empty selector is invalid for ${what}`));
  else if (!parsed.ok) errors.push(invalidField('spec.selector', selector, parsed.error));
  const labels = template?.metadata?.labels ?? {};
  if (selector !== undefined && parsed.ok && !matchesSelector(parsed.value, labels)) {
    const why = '`selector` does not match template `labels`';
    errors.push(invalidField('spec.template.metadata.labels', labels, why));
  }
  errors.push(...validateLabels(labels, 'spec.template.labels'));
  errors.push(...validatePodSpec(template?.spec, 'spec.template.spec'));
  const restartPolicy = template?.spec?.restartPolicy; // types say present, objects from outside may lack the spec
  if (restartPolicy !== undefined && restartPolicy !== 'Always') {
    errors.push(unsupportedField('spec.template.spec.restartPolicy', restartPolicy, ['Always']));
  }
  return errors;
}

function isEmpty(selector: LabelSelector): boolean {
  const labels = Object.keys(selector.matchLabels ?? {}).length;
  return labels + (selector.matchExpressions ?? []).length === 0;
}

function validateStrategy(deployment: Deployment): readonly FieldError[] {
  const { strategy } = deployment.spec;
  const path = 'spec.strategy.rollingUpdate';
  if (strategy?.type === 'Recreate') {
    if (strategy.rollingUpdate === undefined) return [];
    const message = "Forbidden: may not be specified when strategy `type` is 'Recreate'";
    return [{ path, type: 'FieldValueForbidden', message }];
  }
  const surge: unknown = strategy?.rollingUpdate?.maxSurge;
  const unavailable: unknown = strategy?.rollingUpdate?.maxUnavailable;
  const errors = [
    ...validateCountOrPercent(unavailable, `${path}.maxUnavailable`),
    ...validateCountOrPercent(surge, `${path}.maxSurge`),
  ];
  if (errors.length === 0 && isNone(unavailable) && isNone(surge)) {
    errors.push(invalidField(`${path}.maxUnavailable`, unavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return errors;
}

function validateCountOrPercent(value: unknown, path: string): readonly FieldError[] {
  if (value === undefined) return [];
  if (typeof value === 'number' && Number.isInteger(value)) {
    return value < 0 ? [invalidField(path, value, NOT_NEGATIVE)] : [];
  }
  if (typeof value === 'string' && /^[0-9]+%$/.test(value)) return [];
  const why =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalidField(path, value, why)];
}

function isNone(value: unknown): boolean {
  return value === 0 || (typeof value === 'string' && Number.parseInt(value, 10) === 0);
}

function selectorStays(object: Replicated, old: Replicated): readonly FieldError[] {
  if (deepEqual(object.spec.selector, old.spec.selector)) return [];
  return [invalidField('spec.selector', object.spec.selector, 'field is immutable')];
}

/** Stored selectors were parsed on the way in. */
function textOfSelector(selector: LabelSelector | undefined): string {
  const parsed = selectorFrom(selector);
  return parsed.ok ? selectorText(parsed.value) : '';
}
