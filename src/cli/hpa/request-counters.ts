/** Requests to the API server, counted as the original's client counts them. */

import type { HpaSeries } from '../../core/hpa/counters.ts';
import type { RequestClient } from '../../controllers/request-pace.ts';

export class RequestCounters {
  readonly #counts = new Map<string, { readonly code: number; readonly method: string; count: number }>();
  #host = '';

  /** Of the server. */
  setHost(host: string): void {
    this.#host = host;
  }

  /** `code` 0: no answer came. */
  count(method: string, code: number): void {
    const key = `${method} ${code}`;
    const entry = this.#counts.get(key) ?? { code, method, count: 0 };
    this.#counts.set(key, entry);
    entry.count++;
  }

  /** Spec: HPA-23.15.   Source: component-base metrics/prometheus/restclient (v0.37.2). */
  series(): readonly HpaSeries[] {
    return [...this.#counts.values()].map(({ code, method, count }) => ({
      name: 'rest_client_requests_total',
      labels: [
        ['code', code === 0 ? '<error>' : String(code)],
        ['host', this.#host],
        ['method', method],
      ],
      kind: 'counter',
      value: count,
    }));
  }
}

/** Which of the original's clients sends a request of this path. Spec: HPA-17.6. */
export function clientOfPath(path: string): RequestClient {
  if (path.startsWith('/apis/metrics.k8s.io/')) return 'resource-metrics';
  if (path.startsWith('/apis/custom.metrics.k8s.io/')) return 'custom-metrics';
  if (path.startsWith('/apis/external.metrics.k8s.io/')) return 'external-metrics';
  return path.endsWith('/scale') ? 'scales' : 'objects';
}
