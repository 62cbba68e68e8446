/** Metrics as the HPA sees them, and the raw transport that the real adapter stands on. */

import type { PodMetrics } from '../core/kube/metrics.ts';
import type { CallOptions } from './kube-api.ts';

/** Implemented by src/metrics over {@link RawGet}. Rejects with the server's KubeError; custom and external metrics follow. */
export interface MetricsApi {
  /** GET metrics.k8s.io pods of a namespace by selector text ('' = all). Items as served, order kept. */
  listPodMetrics(
    query: { readonly namespace: string; readonly labelSelector: string },
    options: CallOptions,
  ): Promise<readonly PodMetrics[]>;
}

/** An authenticated GET of any path of the API server. Returns the parsed JSON body. */
export interface RawGet {
  get(path: string, query: Readonly<Record<string, string>>, options: CallOptions): Promise<unknown>;
}
