/** Metrics as the HPA sees them, and the raw transport that the real adapter stands on. */

import type { ExternalMetricValue, MetricValue, PodMetrics } from '../core/kube/metrics.ts';
import type { CallOptions } from './kube-api.ts';

/** Implemented by src/metrics over {@link RawGet}. Rejects with the server's KubeError. */
export interface MetricsApi {
  /** GET metrics.k8s.io pods of a namespace by selector text ('' = all). Items as served, order kept. */
  listPodMetrics(
    query: { readonly namespace: string; readonly labelSelector: string },
    options: CallOptions,
  ): Promise<readonly PodMetrics[]>;
}

/** custom.metrics.k8s.io, in whichever version the server prefers. Selectors are texts, '' asks for all. Rejects as {@link MetricsApi} does. */
export interface CustomMetricsApi {
  /** Rejects when the API cannot be spoken with at all. Absent: each request finds out for itself. */
  find?(options: CallOptions): Promise<void>;
  /** One metric of all pods of a namespace that match. */
  listPodsMetric(
    query: {
      readonly namespace: string;
      readonly metric: string;
      readonly labelSelector: string;
      readonly metricLabelSelector: string;
    },
    options: CallOptions,
  ): Promise<readonly MetricValue[]>;
  /** One metric of one object: `resource` is `<resource>` or `<resource>.<group>`; `namespaces` is the namespace itself, without a name. */
  getObjectMetric(
    query: {
      readonly namespace: string;
      readonly resource: string;
      readonly name: string;
      readonly metric: string;
      readonly metricLabelSelector: string;
    },
    options: CallOptions,
  ): Promise<readonly MetricValue[]>;
}

/** external.metrics.k8s.io. Rejects as {@link MetricsApi} does. */
export interface ExternalMetricsApi {
  listExternalMetric(
    query: { readonly namespace: string; readonly metric: string; readonly labelSelector: string },
    options: CallOptions,
  ): Promise<readonly ExternalMetricValue[]>;
}

/** An authenticated GET of any path of the API server. Returns the parsed JSON body. */
export interface RawGet {
  get(path: string, query: Readonly<Record<string, string>>, options: CallOptions): Promise<unknown>;
}
