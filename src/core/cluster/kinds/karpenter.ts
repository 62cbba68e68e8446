/** karpenter.sh/v1 NodePool and NodeClaim as their CRDs describe them: what is refused at apply and what is filled in. */

import type { NodeClaim, NodePool } from '../../kube/karpenter.ts';
import { NODE_CLAIMS, NODE_POOLS } from '../../kube/resource.ts';
import { deepEqual } from '../../../lib/json.ts';
import type { FieldError } from '../../../lib/result.ts';
import type { KindDefinition } from './kind.ts';
import { checkSchema, int32, withSchemaDefaults, type Schema } from './schema.ts';

const TEXT: Schema = { type: 'string' };
const TEXT_MAP: Schema = { type: 'map', values: TEXT };
const QUANTITIES: Schema = {
  type: 'map',
  values: { type: 'quantity', fix: 'write a quantity, such as 16 or 64Gi' },
};
const DURATION_OR_NEVER = '^(([0-9]+(s|m|h))+|Never)$';
const DURATION_FIX = 'write a duration in s, m and h, such as 30s or 1h30m, or Never';

const TAINTS: Schema = {
  type: 'list',
  items: {
    type: 'object',
    required: ['key', 'effect'],
    fields: {
      key: TEXT,
      value: TEXT,
      effect: { type: 'string', oneOf: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'] },
    },
  },
};

const REQUIREMENTS: Schema = {
  type: 'list',
  maxItems: 100,
  fix: 'list what a node must be, such as {key: node.kubernetes.io/instance-type, operator: In, values: [s-4x-amd64-linux]}',
  items: {
    type: 'object',
    required: ['key', 'operator'],
    fields: {
      key: TEXT,
      operator: { type: 'string', oneOf: ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt', 'Gte', 'Lte'] },
      values: { type: 'list', items: TEXT, fix: 'write the values as a list of texts, such as ["4"]' },
    },
  },
};

const NODE_TEMPLATE_FIELDS = {
  nodeClassRef: {
    type: 'object',
    required: ['group', 'kind', 'name'],
    fix: 'name the node class, such as {group: karpenter.kwok.sh, kind: KWOKNodeClass, name: default}',
    fields: { group: TEXT, kind: TEXT, name: TEXT },
  },
  requirements: REQUIREMENTS,
  taints: TAINTS,
  startupTaints: TAINTS,
  expireAfter: { type: 'string', pattern: DURATION_OR_NEVER, default: '720h', fix: DURATION_FIX },
  terminationGracePeriod: {
    type: 'string',
    pattern: '^([0-9]+(s|m|h))+$',
    fix: 'write a duration in s, m and h, such as 30s or 1h30m',
  },
} as const satisfies Readonly<Record<string, Schema>>;

const BUDGET: Schema = {
  type: 'object',
  required: ['nodes'],
  fields: {
    nodes: {
      type: 'string',
      pattern: '^((100|[0-9]{1,2})%|[0-9]+)$',
      default: '10%',
      fix: 'write a number of nodes or a percentage in quotes, such as "1" or "10%"',
    },
    reasons: { type: 'list', items: { type: 'string', oneOf: ['Drifted', 'Empty', 'Underutilized'] } },
    schedule: TEXT,
    duration: TEXT,
  },
};

const NODE_POOL: Schema = {
  type: 'object',
  required: ['spec'],
  fields: {
    spec: {
      type: 'object',
      required: ['template'],
      fields: {
        template: {
          type: 'object',
          required: ['spec'],
          fields: {
            metadata: { type: 'object', fields: { labels: TEXT_MAP, annotations: TEXT_MAP } },
            spec: { type: 'object', required: ['nodeClassRef', 'requirements'], fields: NODE_TEMPLATE_FIELDS },
          },
        },
        disruption: {
          type: 'object',
          default: {},
          fields: {
            consolidationPolicy: {
              type: 'string',
              oneOf: ['Balanced', 'WhenEmpty', 'WhenEmptyOrUnderutilized'],
              default: 'WhenEmptyOrUnderutilized',
            },
            consolidateAfter: { type: 'string', pattern: DURATION_OR_NEVER, default: '0s', fix: DURATION_FIX },
            budgets: { type: 'list', maxItems: 50, items: BUDGET, default: [{ nodes: '10%' }] },
          },
        },
        limits: QUANTITIES,
        weight: int32({ min: 1, max: 100 }),
      },
    },
  },
};

const NODE_CLAIM: Schema = {
  type: 'object',
  required: ['spec'],
  fields: {
    spec: {
      type: 'object',
      required: ['nodeClassRef', 'requirements'],
      fields: { ...NODE_TEMPLATE_FIELDS, resources: { type: 'object', fields: { requests: QUANTITIES } } },
    },
  },
};

/** NodePool. Spec: karpenter 1.1. Source: karpenter.sh_nodepools.yaml (karpenter.sh/v1). */
export const NODE_POOL_KIND: KindDefinition<NodePool> = {
  resource: NODE_POOLS,
  custom: true,
  preferredVersion: true,
  generation: 'all-but-metadata-and-status',
  hasStatus: true,
  nameRule: 'dns-1123-subdomain',
  fields: {},
  withDefaults: (object) => withSchemaDefaults(NODE_POOL, object) as NodePool, // same shape, fields added
  validate: (object) => {
    const errors = checkSchema(NODE_POOL, object, '');
    return errors.length > 0 ? errors : checkPoolRules(object);
  },
  validateUpdate: nodeClassStays,
};

/** NodeClaim: its spec never changes. Spec: karpenter 1.2. Source: karpenter.sh_nodeclaims.yaml (karpenter.sh/v1). */
export const NODE_CLAIM_KIND: KindDefinition<NodeClaim> = {
  resource: NODE_CLAIMS,
  custom: true,
  preferredVersion: true,
  generation: 'all-but-metadata-and-status',
  hasStatus: true,
  nameRule: 'dns-1123-subdomain',
  fields: {},
  withDefaults: (object) => withSchemaDefaults(NODE_CLAIM, object) as NodeClaim, // same shape, fields added
  validate: (object) => checkSchema(NODE_CLAIM, object, ''),
  validateUpdate: (object, old) =>
    deepEqual(object.spec, old.spec)
      ? []
      : [{ path: 'spec', type: 'FieldValueInvalid', message: 'Invalid value: "object": spec is immutable' }],
};

/** What the CRD says in CEL and patterns: labels that users may not set, bounds that take one number. */
function checkPoolRules(pool: NodePool): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { template, disruption } = pool.spec;
  for (const [index, requirement] of (template.spec.requirements ?? []).entries()) {
    const path = `spec.template.spec.requirements[${index}]`;
    const values = requirement.values ?? [];
    if ((requirement.operator === 'In' || requirement.operator === 'NotIn') && values.length === 0) {
      const message = `Invalid value: "object": requirements with operator '${requirement.operator}' must have a value defined`;
      errors.push({ path, type: 'FieldValueInvalid', message });
    }
    if (isBound(requirement.operator) && !(values.length === 1 && /^\d+$/.test(values[0] ?? ''))) {
      const message = `Invalid value: "object": requirements operator '${requirement.operator}' must have a single positive integer value`;
      errors.push({ path, type: 'FieldValueInvalid', message, fix: 'write one whole number in quotes: values: ["4"]' });
    }
    if (isRestricted(requirement.key)) errors.push(restricted(`${path}.key`, requirement.key));
  }
  for (const key of Object.keys(template.metadata?.labels ?? {})) {
    if (isRestricted(key)) errors.push(restricted('spec.template.metadata.labels', key));
  }
  for (const [index, budget] of (disruption?.budgets ?? []).entries()) {
    if (!('schedule' in budget) && !('duration' in budget)) continue;
    const path = `spec.disruption.budgets[${index}].schedule`;
    const message = 'Forbidden: budgets with a schedule are not supported by the embedded cluster yet';
    errors.push({ path, type: 'FieldValueForbidden', message, fix: 'leave schedule and duration out' });
  }
  return errors;
}

function isBound(operator: string): boolean {
  return operator === 'Gt' || operator === 'Lt' || operator === 'Gte' || operator === 'Lte';
}

const OPEN_KARPENTER_LABELS: ReadonlySet<string> = new Set(['karpenter.sh/nodepool', 'karpenter.sh/capacity-type']);

function isRestricted(key: string): boolean {
  if (key === 'kubernetes.io/hostname') return true;
  const domain = key.slice(0, Math.max(0, key.indexOf('/')));
  return (domain === 'karpenter.sh' || domain.endsWith('.karpenter.sh')) && !OPEN_KARPENTER_LABELS.has(key);
}

function restricted(path: string, key: string): FieldError {
  const message = `Invalid value: ${JSON.stringify(key)}: label is restricted`;
  return { path, type: 'FieldValueInvalid', message, fix: 'leave it out: the node provisioner sets it' };
}

function nodeClassStays(object: NodePool, old: NodePool): readonly FieldError[] {
  const now = object.spec.template.spec.nodeClassRef;
  const before = old.spec.template.spec.nodeClassRef;
  const path = 'spec.template.spec.nodeClassRef';
  const errors: FieldError[] = [];
  for (const field of ['group', 'kind'] as const) {
    if (now[field] === before[field]) continue;
    const message = `Invalid value: "object": nodeClassRef.${field} is immutable`;
    errors.push({ path, type: 'FieldValueInvalid', message, fix: 'create another NodePool with the other node class' });
  }
  return errors;
}
