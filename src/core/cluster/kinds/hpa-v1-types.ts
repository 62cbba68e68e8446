/** The types of autoscaling/v1 HorizontalPodAutoscaler, and of what it keeps in annotations because it has no members for it. */

import { METADATA, referenceOf, SELECTOR } from './hpa-wire-types.ts';
import {
  always,
  INT32,
  INT64,
  listOf,
  nullable,
  omitZero,
  optional,
  QUANTITY,
  STRING,
  struct,
  text,
  TIME,
  type WireType,
} from './wire-type.ts';

const REFERENCE = referenceOf('v1');

export const HPA_V1: WireType = struct('v1.HorizontalPodAutoscaler', {
  kind: omitZero(STRING),
  apiVersion: omitZero(STRING),
  metadata: always(METADATA),
  spec: always(
    struct('v1.HorizontalPodAutoscalerSpec', {
      scaleTargetRef: always(REFERENCE),
      minReplicas: optional(INT32),
      maxReplicas: always(INT32),
      targetCPUUtilizationPercentage: optional(INT32),
    }),
  ),
  status: always(
    struct('v1.HorizontalPodAutoscalerStatus', {
      observedGeneration: optional(INT64),
      lastScaleTime: optional(TIME),
      currentReplicas: always(INT32),
      desiredReplicas: always(INT32),
      currentCPUUtilizationPercentage: optional(INT32),
    }),
  ),
});

const RESOURCE_TARGET = {
  name: always(text('v1.ResourceName')),
  targetAverageUtilization: optional(INT32),
  targetAverageValue: optional(QUANTITY),
};

const RESOURCE_CURRENT = {
  name: always(text('v1.ResourceName')),
  currentAverageUtilization: optional(INT32),
  currentAverageValue: always(QUANTITY),
};

/** Annotation `metrics`. Spec: HPA-15.6. */
export const V1_METRICS: WireType = listOf(
  struct('v1.MetricSpec', {
    type: always(text('v1.MetricSourceType')),
    object: optional(
      struct('v1.ObjectMetricSource', {
        target: always(REFERENCE),
        metricName: always(STRING),
        targetValue: always(QUANTITY),
        selector: optional(SELECTOR),
        averageValue: optional(QUANTITY),
      }),
    ),
    pods: optional(
      struct('v1.PodsMetricSource', {
        metricName: always(STRING),
        targetAverageValue: always(QUANTITY),
        selector: optional(SELECTOR),
      }),
    ),
    resource: optional(struct('v1.ResourceMetricSource', RESOURCE_TARGET)),
    containerResource: optional(
      struct('v1.ContainerResourceMetricSource', { ...RESOURCE_TARGET, container: always(STRING) }),
    ),
    external: optional(
      struct('v1.ExternalMetricSource', {
        metricName: always(STRING),
        metricSelector: optional(SELECTOR),
        targetValue: optional(QUANTITY),
        targetAverageValue: optional(QUANTITY),
      }),
    ),
  }),
);

/** Annotation `current-metrics`. */
export const V1_METRIC_STATUSES: WireType = listOf(
  struct('v1.MetricStatus', {
    type: always(text('v1.MetricSourceType')),
    object: optional(
      struct('v1.ObjectMetricStatus', {
        target: always(REFERENCE),
        metricName: always(STRING),
        currentValue: always(QUANTITY),
        selector: optional(SELECTOR),
        averageValue: optional(QUANTITY),
      }),
    ),
    pods: optional(
      struct('v1.PodsMetricStatus', {
        metricName: always(STRING),
        currentAverageValue: always(QUANTITY),
        selector: optional(SELECTOR),
      }),
    ),
    resource: optional(struct('v1.ResourceMetricStatus', RESOURCE_CURRENT)),
    containerResource: optional(
      struct('v1.ContainerResourceMetricStatus', { ...RESOURCE_CURRENT, container: always(STRING) }),
    ),
    external: optional(
      struct('v1.ExternalMetricStatus', {
        metricName: always(STRING),
        metricSelector: optional(SELECTOR),
        currentValue: always(QUANTITY),
        currentAverageValue: optional(QUANTITY),
      }),
    ),
  }),
);

/** Annotation `conditions`. */
export const V1_CONDITIONS: WireType = listOf(
  struct('v1.HorizontalPodAutoscalerCondition', {
    type: always(text('v1.HorizontalPodAutoscalerConditionType')),
    status: always(text('v1.ConditionStatus')),
    lastTransitionTime: always(TIME),
    reason: omitZero(STRING),
    message: omitZero(STRING),
    observedGeneration: optional(INT64),
  }),
);

const RULES = struct('autoscaling.HPAScalingRules', {
  StabilizationWindowSeconds: nullable(INT32),
  SelectPolicy: nullable(text('autoscaling.ScalingPolicySelect')),
  Policies: nullable(
    listOf(
      struct('autoscaling.HPAScalingPolicy', {
        Type: always(text('autoscaling.HPAScalingPolicyType')),
        Value: always(INT32),
        PeriodSeconds: always(INT32),
      }),
    ),
  ),
  Tolerance: nullable(QUANTITY),
});

/** Annotation `behavior`: the original prints its internal type there. Spec: HPA-15.5. */
export const INTERNAL_BEHAVIOR: WireType = struct('autoscaling.HorizontalPodAutoscalerBehavior', {
  ScaleUp: nullable(RULES),
  ScaleDown: nullable(RULES),
});
