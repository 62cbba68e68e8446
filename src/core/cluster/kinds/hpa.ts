/** autoscaling/v2 HorizontalPodAutoscaler as the API server serves it: types and defaults. What a spec may say is `hpa-validation.ts`. */

import type { HorizontalPodAutoscaler, MetricSpec } from '../../kube/hpa.ts';
import { quantityEcho } from '../../quantity/quantity.ts';
import { HORIZONTAL_POD_AUTOSCALERS } from '../../kube/resource.ts';
import { validateHpaSpec, validateHpaStatus } from './hpa-validation.ts';
import { HPA_V2_SPEC } from './hpa-wire-types.ts';
import type { KindDefinition } from './kind.ts';
import { checkSchema, int32, isRecord, withSchemaDefaults, type Schema } from './schema.ts';
import { meansSame } from './wire-type.ts';

const TEXT: Schema = { type: 'string' };
/** Text or a number; what it says is checked with the spec, so that the message names the quantity's syntax. */
const QUANTITY: Schema = { type: 'any' };
const REFERENCE: Schema = { type: 'object', fields: { apiVersion: TEXT, kind: TEXT, name: TEXT } };
const IDENTIFIER: Schema = { type: 'object', fields: { name: TEXT, selector: { type: 'any' } } };
const TARGET: Schema = {
  type: 'object',
  fields: { type: TEXT, averageUtilization: int32(), averageValue: QUANTITY, value: QUANTITY },
};

const METRIC: Schema = {
  type: 'object',
  fields: {
    type: TEXT,
    resource: { type: 'object', fields: { name: TEXT, target: TARGET } },
    containerResource: { type: 'object', fields: { name: TEXT, container: TEXT, target: TARGET } },
    pods: { type: 'object', fields: { metric: IDENTIFIER, target: TARGET } },
    object: { type: 'object', fields: { describedObject: REFERENCE, metric: IDENTIFIER, target: TARGET } },
    external: { type: 'object', fields: { metric: IDENTIFIER, target: TARGET } },
  },
};

/** Fields that are left out get the default; an empty list of policies stays, and is refused. Spec: HPA-13.5, HPA-13.6, HPA-13.8. */
function rules(policies: readonly unknown[], window: Schema): Schema {
  return {
    type: 'object',
    default: {},
    fields: {
      stabilizationWindowSeconds: window,
      selectPolicy: { type: 'string', default: 'Max' },
      policies: {
        type: 'list',
        default: policies,
        items: { type: 'object', fields: { type: TEXT, value: int32(), periodSeconds: int32() } },
      },
      tolerance: QUANTITY,
    },
  };
}

const PODS_4 = { type: 'Pods', value: 4, periodSeconds: 15 };
const PERCENT_100 = { type: 'Percent', value: 100, periodSeconds: 15 };

const HPA: Schema = {
  type: 'object',
  fields: {
    spec: {
      type: 'object',
      default: {},
      fields: {
        scaleTargetRef: REFERENCE,
        minReplicas: int32({ default: 1 }),
        maxReplicas: int32(),
        metrics: { type: 'list', items: METRIC },
        behavior: {
          type: 'object',
          fields: {
            scaleUp: rules([PODS_4, PERCENT_100], int32({ default: 0 })),
            scaleDown: rules([PERCENT_100], int32()),
          },
        },
      },
    },
  },
};

const CPU_80: MetricSpec = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
};

/** Objects from outside may hold anything here; a spec that is no object stays what it is, for validation to name. Spec: HPA-13.2. */
function hasNoMetrics(spec: unknown): boolean {
  if (!isRecord(spec)) return false;
  const metrics = spec['metrics'] ?? [];
  return Array.isArray(metrics) && metrics.length === 0;
}

/** The defaults of the spec alone; what is given stays as it was written. Never changes its argument. Spec: HPA-13.1 to HPA-13.8. */
export function withHpaDefaults(object: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const hpa = withSchemaDefaults(HPA, object) as HorizontalPodAutoscaler; // same shape, fields added
  return hasNoMetrics(hpa.spec) ? { ...hpa, spec: { ...hpa.spec, metrics: [CPU_80] } } : hpa;
}

/** Spec: HPA-13 (defaults), HPA-14 (validation), HPA-14.43 (generation). */
export const HPA_KIND: KindDefinition<HorizontalPodAutoscaler> = {
  resource: HORIZONTAL_POD_AUTOSCALERS,
  custom: false,
  preferredVersion: true,
  generation: 'spec',
  sameSpec: (a, b) => meansSame(HPA_V2_SPEC, a, b),
  hasStatus: true,
  nameRule: 'dns-1123-subdomain',
  fields: {},
  withDefaults: (object) => {
    const filled = withHpaDefaults(object);
    const whole =
      filled.status === undefined ? { ...filled, status: { desiredReplicas: 0, currentMetrics: null } } : filled;
    const { spec, status } = whole;
    return {
      ...whole,
      ...(withEchoedQuantities({ spec, status }) as Pick<HorizontalPodAutoscaler, 'spec' | 'status'>),
    }; // only texts change
  },
  validate: (hpa, old) => {
    const errors = checkSchema(HPA, hpa, '');
    return errors.length > 0 ? errors : validateHpaSpec(hpa.spec, old === undefined ? {} : { old: old.spec });
  },
  validateUpdate: ({ status }) => validateHpaStatus(status), // nothing in the spec is immutable: HPA-14.41
};

const QUANTITY_FIELDS: ReadonlySet<string> = new Set(['averageValue', 'value', 'tolerance']);
/** Parts whose members are named like quantities and are none: numbers of policies, labels of a selector. */
const WITHOUT_QUANTITIES: ReadonlySet<string> = new Set(['policies', 'selector']);

/**
 * A copy in which every quantity is printed as the server prints it (`0.5` as `500m`); what is no quantity stays, for validation to
 * name.
 *
 * Cost: O(size). Spec: HPA-10.7, HPA-18.10, HPA-18.13.
 */
function withEchoedQuantities(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withEchoedQuantities);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([name, part]) => {
    if (WITHOUT_QUANTITIES.has(name)) return [name, part] as const;
    return [name, QUANTITY_FIELDS.has(name) ? echoedQuantity(part) : withEchoedQuantities(part)] as const;
  });
  return Object.fromEntries(entries);
}

function echoedQuantity(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const echo = quantityEcho(String(value).trim());
  return echo.ok ? echo.value : value;
}
