/**
 * Pod metrics of metrics.k8s.io over an authenticated GET. It checks the shape of what it hands on: a body that is not a list of pod
 * metrics is an error, never an empty list and never zeros. What the numbers mean is the core's.
 */

import type { PodMetrics } from '../core/kube/metrics.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import type { MetricsApi, RawGet } from '../ports/metrics-api.ts';
import { isQuantity, isRecord, itemsIn } from './answer-shape.ts';

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
    const items = itemsIn(body, { path, kind: 'PodMetricsList', problemOf: itemProblem });
    return items as readonly PodMetrics[]; // their shape was checked
  }
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
  for (const name in usage) if (!isQuantity(usage[name])) return `.usage.${name} is not a quantity`;
  return undefined;
}
