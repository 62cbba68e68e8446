/** external.metrics.k8s.io over an authenticated GET. It checks the shape of what it hands on; what the values mean is the core's. */

import type { ExternalMetricValue } from '../core/kube/metrics.ts';
import { pathResource } from '../core/kube/path-resource.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import type { ExternalMetricsApi, RawGet } from '../ports/metrics-api.ts';
import { isRecord, itemsIn, valueProblem } from './answer-shape.ts';
import { checkSegment, namespacedPath, selectorsIn } from './paths.ts';

export class ExternalMetrics implements ExternalMetricsApi {
  readonly #transport: RawGet;

  constructor(transport: RawGet) {
    this.#transport = transport;
  }

  /** Spec: HPA-20.5, HPA-20.6, HPA-20.21. */
  async listExternalMetric(
    {
      namespace,
      metric,
      labelSelector,
    }: { readonly namespace: string; readonly metric: string; readonly labelSelector: string },
    options: CallOptions,
  ): Promise<readonly ExternalMetricValue[]> {
    checkSegment('resource', metric);
    const path = namespacedPath('external.metrics.k8s.io/v1beta1', [namespace, pathResource(metric)]);
    const body = await this.#transport.get(path, selectorsIn({ labelSelector }), options);
    const items = itemsIn(body, {
      path,
      kind: 'ExternalMetricValueList',
      problemOf: (item) => (isRecord(item) ? valueProblem(item) : ' is not an object'),
    });
    return items as readonly ExternalMetricValue[]; // their shape was checked
  }
}
