/** The items of the three metrics APIs, as the original's clients read them. */

import {
  always,
  ANY,
  INT64,
  listOf,
  MAP,
  omitZero,
  optional,
  QUANTITY,
  STRING,
  struct,
  TIME,
  type WireType,
} from '../core/cluster/kinds/wire-type.ts';
import { METADATA } from '../core/cluster/kinds/hpa-wire-types.ts';

/** `usage` is read where it is used: a pod needs only the resource that is asked for. */
export const POD_METRICS: WireType = listOf(
  struct('v1beta1.PodMetrics', {
    metadata: always(METADATA),
    timestamp: optional(TIME),
    window: optional(ANY),
    containers: always(
      listOf(struct('v1beta1.ContainerMetrics', { name: always(STRING), usage: always({ kind: 'quantities' }) })),
    ),
  }),
);

export const METRIC_VALUES: WireType = listOf(
  struct('v1beta2.MetricValue', {
    describedObject: always(
      struct('v1.ObjectReference', {
        kind: omitZero(STRING),
        namespace: omitZero(STRING),
        name: always(STRING),
      }),
    ),
    metric: always(struct('v1beta2.MetricIdentifier', { name: always(STRING) })),
    timestamp: optional(TIME),
    windowSeconds: optional(INT64),
    value: always(QUANTITY),
  }),
);

export const EXTERNAL_METRICS: WireType = listOf(
  struct('v1beta1.ExternalMetricValue', {
    metricName: always(STRING),
    metricLabels: omitZero(MAP),
    timestamp: optional(TIME),
    windowSeconds: optional(INT64),
    value: always(QUANTITY),
  }),
);
