/**
 * Pod metrics of metrics.k8s.io over an authenticated GET. It checks the shape of what it hands on: a body that is not a list of pod
 * metrics is an error, never an empty list and never zeros. What the numbers mean is the core's.
 */

import type { PodMetrics } from '../core/kube/metrics.ts';
import { TandemError } from '../lib/error.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import type { MetricsApi, RawGet } from '../ports/metrics-api.ts';

export class ResourceMetrics implements MetricsApi {
  readonly #transport: RawGet;

  constructor(transport: RawGet) {
    this.#transport = transport;
  }

  /** Spec: HPA-20.1, HPA-20.6, HPA-20.21. */
  async listPodMetrics(
    { namespace, labelSelector }: { readonly namespace: string; readonly labelSelector: string },
    options: CallOptions,
  ): Promise<readonly PodMetrics[]> {
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/pods`;
    const body = await this.#transport.get(path, labelSelector === '' ? {} : { labelSelector }, options);
    if (!isRecord(body) || !Array.isArray(body['items'])) throw malformed(path, 'it has no list of items');
    return body['items'].map((item: unknown, i) => {
      const wrong = itemProblem(item);
      if (wrong !== undefined) throw malformed(path, `items[${i}]${wrong}`);
      return item as PodMetrics; // its shape was checked
    });
  }
}

function malformed(path: string, why: string): TandemError {
  return new TandemError('TANDEM_METRICS_UNAVAILABLE', `the answer of ${path} is not a PodMetricsList: ${why}`);
}

/** What is wrong with one item, with its path below the item; undefined when it can be read. */
function itemProblem(item: unknown): string | undefined {
  if (!isRecord(item)) return ' is not an object';
  const { metadata, timestamp, window, containers } = item;
  if (!isRecord(metadata) || typeof metadata['name'] !== 'string') return '.metadata.name is not text';
  if (typeof timestamp !== 'string') return '.timestamp is not text';
  if (typeof window !== 'string') return '.window is not text';
  if (!Array.isArray(containers)) return '.containers is not a list';
  for (const [i, container] of containers.entries()) {
    const wrong = containerProblem(container);
    if (wrong !== undefined) return `.containers[${i}]${wrong}`;
  }
  return undefined;
}

function containerProblem(container: unknown): string | undefined {
  if (!isRecord(container) || typeof container['name'] !== 'string') return '.name is not text';
  const { usage } = container;
  if (!isRecord(usage)) return '.usage is not an object';
  const bad = Object.entries(usage).find(([, amount]) => typeof amount !== 'string' && typeof amount !== 'number');
  return bad === undefined ? undefined : `.usage.${bad[0]} is not a quantity`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
