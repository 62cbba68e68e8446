/** Wire shape of metrics.k8s.io/v1beta1. */

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
