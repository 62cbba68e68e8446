/** The types of autoscaling/v2 HorizontalPodAutoscaler and of what it shares with others: metadata, selectors, references. */

import {
  always,
  ANY,
  BOOL,
  INT32,
  INT64,
  listOf,
  MAP,
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

const OWNER = struct('v1.OwnerReference', {
  apiVersion: always(STRING),
  kind: always(STRING),
  name: always(STRING),
  uid: always(text('types.UID')),
  controller: optional(BOOL),
  blockOwnerDeletion: optional(BOOL),
});

const MANAGED_FIELDS = struct('v1.ManagedFieldsEntry', {
  manager: omitZero(STRING),
  operation: omitZero(text('v1.ManagedFieldsOperationType')),
  apiVersion: omitZero(STRING),
  time: optional(TIME),
  fieldsType: omitZero(STRING),
  fieldsV1: optional(ANY),
  subresource: omitZero(STRING),
});

export const METADATA: WireType = struct('v1.ObjectMeta', {
  name: omitZero(STRING),
  generateName: omitZero(STRING),
  namespace: omitZero(STRING),
  selfLink: omitZero(STRING),
  uid: omitZero(text('types.UID')),
  resourceVersion: omitZero(STRING),
  generation: omitZero(INT64),
  creationTimestamp: optional(TIME),
  deletionTimestamp: optional(TIME),
  deletionGracePeriodSeconds: optional(INT64),
  labels: omitZero(MAP),
  annotations: omitZero(MAP),
  ownerReferences: omitZero(listOf(OWNER)),
  finalizers: omitZero(listOf(STRING)),
  managedFields: omitZero(listOf(MANAGED_FIELDS)),
});

const REQUIREMENT = struct('v1.LabelSelectorRequirement', {
  key: always(STRING),
  operator: always(text('v1.LabelSelectorOperator')),
  values: omitZero(listOf(STRING)),
});

export const SELECTOR: WireType = struct('v1.LabelSelector', {
  matchLabels: omitZero(MAP),
  matchExpressions: omitZero(listOf(REQUIREMENT)),
});

/** A reference, as the named version calls it. */
export function referenceOf(version: 'v1' | 'v2'): WireType {
  return struct(`${version}.CrossVersionObjectReference`, {
    kind: always(STRING),
    name: always(STRING),
    apiVersion: omitZero(STRING),
  });
}

const REFERENCE = referenceOf('v2');

const IDENTIFIER = struct('v2.MetricIdentifier', { name: always(STRING), selector: optional(SELECTOR) });

const TARGET = struct('v2.MetricTarget', {
  type: always(text('v2.MetricTargetType')),
  value: optional(QUANTITY),
  averageValue: optional(QUANTITY),
  averageUtilization: optional(INT32),
});

const CURRENT = struct('v2.MetricValueStatus', {
  value: optional(QUANTITY),
  averageValue: optional(QUANTITY),
  averageUtilization: optional(INT32),
});

const METRIC_SPEC = struct('v2.MetricSpec', {
  type: always(text('v2.MetricSourceType')),
  object: optional(
    struct('v2.ObjectMetricSource', {
      describedObject: always(REFERENCE),
      target: always(TARGET),
      metric: always(IDENTIFIER),
    }),
  ),
  pods: optional(struct('v2.PodsMetricSource', { metric: always(IDENTIFIER), target: always(TARGET) })),
  resource: optional(
    struct('v2.ResourceMetricSource', { name: always(text('v1.ResourceName')), target: always(TARGET) }),
  ),
  containerResource: optional(
    struct('v2.ContainerResourceMetricSource', {
      name: always(text('v1.ResourceName')),
      target: always(TARGET),
      container: always(STRING),
    }),
  ),
  external: optional(struct('v2.ExternalMetricSource', { metric: always(IDENTIFIER), target: always(TARGET) })),
});

const METRIC_STATUS = struct('v2.MetricStatus', {
  type: always(text('v2.MetricSourceType')),
  object: optional(
    struct('v2.ObjectMetricStatus', {
      metric: always(IDENTIFIER),
      current: always(CURRENT),
      describedObject: always(REFERENCE),
    }),
  ),
  pods: optional(struct('v2.PodsMetricStatus', { metric: always(IDENTIFIER), current: always(CURRENT) })),
  resource: optional(
    struct('v2.ResourceMetricStatus', { name: always(text('v1.ResourceName')), current: always(CURRENT) }),
  ),
  containerResource: optional(
    struct('v2.ContainerResourceMetricStatus', {
      name: always(text('v1.ResourceName')),
      current: always(CURRENT),
      container: always(STRING),
    }),
  ),
  external: optional(struct('v2.ExternalMetricStatus', { metric: always(IDENTIFIER), current: always(CURRENT) })),
});

const POLICY = struct('v2.HPAScalingPolicy', {
  type: always(text('v2.HPAScalingPolicyType')),
  value: always(INT32),
  periodSeconds: always(INT32),
});

const RULES = struct('v2.HPAScalingRules', {
  stabilizationWindowSeconds: optional(INT32),
  selectPolicy: optional(text('v2.ScalingPolicySelect')),
  policies: omitZero(listOf(POLICY)),
  tolerance: optional(QUANTITY),
});

const CONDITION = struct('v2.HorizontalPodAutoscalerCondition', {
  type: always(text('v2.HorizontalPodAutoscalerConditionType')),
  status: always(text('v1.ConditionStatus')),
  lastTransitionTime: always(TIME),
  reason: omitZero(STRING),
  message: omitZero(STRING),
  observedGeneration: optional(INT64),
});

/** Spec of autoscaling/v2: what generations are compared by. */
export const HPA_V2_SPEC: WireType = struct('v2.HorizontalPodAutoscalerSpec', {
  scaleTargetRef: always(REFERENCE),
  minReplicas: optional(INT32),
  maxReplicas: always(INT32),
  metrics: omitZero(listOf(METRIC_SPEC)),
  behavior: optional(
    struct('v2.HorizontalPodAutoscalerBehavior', { scaleUp: optional(RULES), scaleDown: optional(RULES) }),
  ),
});

export const HPA_V2_STATUS: WireType = struct('v2.HorizontalPodAutoscalerStatus', {
  observedGeneration: optional(INT64),
  lastScaleTime: optional(TIME),
  currentReplicas: omitZero(INT32),
  desiredReplicas: always(INT32),
  currentMetrics: nullable(listOf(METRIC_STATUS)),
  conditions: omitZero(listOf(CONDITION)),
});

export const HPA_V2: WireType = struct('v2.HorizontalPodAutoscaler', {
  kind: omitZero(STRING),
  apiVersion: omitZero(STRING),
  metadata: always(METADATA),
  spec: always(HPA_V2_SPEC),
  status: always(HPA_V2_STATUS),
});
