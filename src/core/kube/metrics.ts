/** Wire shapes of metrics.k8s.io/v1beta1, custom.metrics.k8s.io/v1beta2 and external.metrics.k8s.io/v1beta1. */

import type { ObjectMeta } from './object.ts';

export type PodMetrics = {
  readonly metadata: ObjectMeta;
  /** RFC 3339, whole seconds: the end of the window. */
  readonly timestamp: string;
  /** Go duration text: how long the CPU average looks back from `timestamp`. */
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[];
};

export type PodMetricsList = {
  readonly kind: 'PodMetricsList';
  readonly apiVersion: 'metrics.k8s.io/v1beta1';
  readonly metadata: Record<string, never>;
  readonly items: readonly PodMetrics[];
};

/** One item of a custom metric, in the form of v1beta2; what v1beta1 serves is turned into it. */
export type MetricValue = {
  readonly describedObject: { readonly kind?: string; readonly namespace?: string; readonly name: string };
  readonly metric: { readonly name: string };
  readonly timestamp?: string;
  readonly windowSeconds?: number;
  readonly value: string | number;
};

/** One item of an external metric. */
export type ExternalMetricValue = {
  readonly metricName: string;
  readonly metricLabels?: Readonly<Record<string, string>>;
  readonly timestamp?: string;
  readonly windowSeconds?: number;
  readonly value: string | number;
};
