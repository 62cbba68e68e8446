/** Metrics of autoscaling/v1's annotations to and from those of v2. The type of a target is not kept there; it follows from the values. */

import type {
  CrossVersionObjectReference,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../kube/hpa.ts';
import type { LabelSelector } from '../../kube/object.ts';
import { parseJsonQuantity, quantitySign } from '../../quantity/quantity.ts';

type ResourceMetric = {
  readonly name?: string;
  readonly container?: string;
  readonly targetAverageUtilization?: number;
  readonly targetAverageValue?: string;
};

/** As it is read from the annotation. */
export type V1Metric = {
  readonly type?: MetricSpec['type'];
  readonly object?: {
    readonly target?: CrossVersionObjectReference;
    readonly metricName?: string;
    readonly targetValue?: string;
    readonly selector?: LabelSelector;
    readonly averageValue?: string;
  };
  readonly pods?: {
    readonly metricName?: string;
    readonly targetAverageValue?: string;
    readonly selector?: LabelSelector;
  };
  readonly resource?: ResourceMetric;
  readonly containerResource?: ResourceMetric;
  readonly external?: {
    readonly metricName?: string;
    readonly metricSelector?: LabelSelector;
    readonly targetValue?: string;
    readonly targetAverageValue?: string;
  };
};

/** Spec: HPA-15.6. */
export function metricToV1({ type, object, pods, resource, containerResource, external }: MetricSpec): unknown {
  return {
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric?.name,
      targetValue: object.target?.value,
      selector: object.metric?.selector,
      averageValue: object.target?.averageValue,
    },
    pods: pods && {
      metricName: pods.metric?.name,
      targetAverageValue: pods.target?.averageValue,
      selector: pods.metric?.selector,
    },
    resource: resource && {
      name: resource.name,
      targetAverageUtilization: resource.target?.averageUtilization,
      targetAverageValue: resource.target?.averageValue,
    },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      targetAverageUtilization: containerResource.target?.averageUtilization,
      targetAverageValue: containerResource.target?.averageValue,
    },
    external: external && {
      metricName: external.metric?.name,
      metricSelector: external.metric?.selector,
      targetValue: external.target?.value,
      targetAverageValue: external.target?.averageValue,
    },
  };
}

/** Spec: HPA-15.6, the table of types. */
export function metricFromV1(metric: V1Metric): MetricSpec {
  const { object, pods, resource, containerResource, external } = metric;
  return {
    type: metric.type ?? ('' as MetricSpec['type']), // for validation to name
    ...(object === undefined
      ? {}
      : {
          object: {
            describedObject: object.target ?? NOTHING,
            metric: identifier(object.metricName, object.selector),
            target: objectTarget(object.targetValue ?? '0', object.averageValue),
          },
        }),
    ...(pods === undefined
      ? {}
      : {
          pods: {
            metric: identifier(pods.metricName, pods.selector),
            target: { type: 'AverageValue' as const, averageValue: pods.targetAverageValue ?? '0' },
          },
        }),
    ...(resource === undefined ? {} : { resource: { name: resource.name ?? '', target: resourceTarget(resource) } }),
    ...(containerResource === undefined
      ? {}
      : {
          containerResource: {
            name: containerResource.name ?? '',
            container: containerResource.container ?? '',
            target: resourceTarget(containerResource),
          },
        }),
    ...(external === undefined
      ? {}
      : {
          external: {
            metric: identifier(external.metricName, external.metricSelector),
            target: {
              type: external.targetValue === undefined ? ('AverageValue' as const) : ('Value' as const),
              ...values(external.targetValue, external.targetAverageValue),
            },
          },
        }),
  };
}

const NOTHING: CrossVersionObjectReference = { kind: '', name: '' };

function identifier(name = '', selector?: LabelSelector): { readonly name: string; readonly selector?: LabelSelector } {
  return { name, ...(selector === undefined ? {} : { selector }) };
}

function values(
  value: string | undefined,
  averageValue: string | undefined,
): { readonly value?: string; readonly averageValue?: string } {
  return { ...(value === undefined ? {} : { value }), ...(averageValue === undefined ? {} : { averageValue }) };
}

function objectTarget(value: string, averageValue: string | undefined): MetricTarget {
  if (averageValue === undefined) return { type: 'Value', value };
  return { type: 'AverageValue', ...values(isZero(value) ? undefined : value, averageValue) };
}

function isZero(text: string): boolean {
  const quantity = parseJsonQuantity(text);
  return quantity.ok && quantitySign(quantity.value) === 0;
}

function resourceTarget({ targetAverageUtilization, targetAverageValue }: ResourceMetric): MetricTarget {
  return {
    type: targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    ...values(undefined, targetAverageValue),
    ...(targetAverageUtilization === undefined ? {} : { averageUtilization: targetAverageUtilization }),
  };
}

type ResourceStatus = {
  readonly name?: string;
  readonly container?: string;
  readonly currentAverageUtilization?: number;
  readonly currentAverageValue?: string;
};

/** As it is read from the annotation. */
export type V1MetricStatus = {
  readonly type?: MetricStatus['type'];
  readonly object?: {
    readonly target?: CrossVersionObjectReference;
    readonly metricName?: string;
    readonly currentValue?: string;
    readonly selector?: LabelSelector;
    readonly averageValue?: string;
  };
  readonly pods?: {
    readonly metricName?: string;
    readonly currentAverageValue?: string;
    readonly selector?: LabelSelector;
  };
  readonly resource?: ResourceStatus;
  readonly containerResource?: ResourceStatus;
  readonly external?: {
    readonly metricName?: string;
    readonly metricSelector?: LabelSelector;
    readonly currentValue?: string;
    readonly currentAverageValue?: string;
  };
};

/** Spec: HPA-15.4. */
export function metricStatusToV1(status: MetricStatus): unknown {
  const { type, object, pods, resource, containerResource, external } = status;
  return {
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric?.name,
      currentValue: object.current?.value,
      selector: object.metric?.selector,
      averageValue: object.current?.averageValue,
    },
    pods: pods && {
      metricName: pods.metric?.name,
      currentAverageValue: pods.current?.averageValue,
      selector: pods.metric?.selector,
    },
    resource: resource && { name: resource.name, ...resourceStatus(resource.current) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      ...resourceStatus(containerResource.current),
    },
    external: external && {
      metricName: external.metric?.name,
      metricSelector: external.metric?.selector,
      currentValue: external.current?.value,
      currentAverageValue: external.current?.averageValue,
    },
  };
}

function resourceStatus(current: MetricValueStatus | undefined): Readonly<Record<string, unknown>> {
  return { currentAverageUtilization: current?.averageUtilization, currentAverageValue: current?.averageValue };
}

/** Spec: HPA-15.8. */
export function metricStatusFromV1(status: V1MetricStatus): MetricStatus {
  const { object, pods, resource, containerResource, external } = status;
  return {
    type: status.type ?? '',
    ...(object === undefined
      ? {}
      : {
          object: {
            metric: identifier(object.metricName, object.selector),
            current: values(object.currentValue ?? '0', object.averageValue),
            describedObject: object.target ?? NOTHING,
          },
        }),
    ...(pods === undefined
      ? {}
      : {
          pods: {
            metric: identifier(pods.metricName, pods.selector),
            current: { averageValue: pods.currentAverageValue ?? '0' },
          },
        }),
    ...(resource === undefined ? {} : { resource: { name: resource.name ?? '', current: currentOf(resource) } }),
    ...(containerResource === undefined
      ? {}
      : {
          containerResource: {
            name: containerResource.name ?? '',
            container: containerResource.container ?? '',
            current: currentOf(containerResource),
          },
        }),
    ...(external === undefined
      ? {}
      : {
          external: {
            metric: identifier(external.metricName, external.metricSelector),
            current: values(external.currentValue ?? '0', external.currentAverageValue),
          },
        }),
  };
}

function currentOf({ currentAverageUtilization, currentAverageValue }: ResourceStatus): MetricValueStatus {
  return {
    averageValue: currentAverageValue ?? '0',
    ...(currentAverageUtilization === undefined ? {} : { averageUtilization: currentAverageUtilization }),
  };
}
