/** Answers of `/healthz` and `/readyz`, in the form of the original's. */

import type { PageAnswer } from '../process/http-server.ts';

export type HealthCheck = {
  readonly name: string;
  /** Why it fails; undefined when it does not. */
  readonly trouble: () => string | undefined;
};

export type HealthPage = { readonly name: 'healthz' | 'readyz'; readonly checks: readonly HealthCheck[] };

/** For those who only want an answer. */
const PING: HealthCheck = { name: 'ping', trouble: () => undefined };

/**
 * `ok`, or with `?verbose` and where one fails a line for each check; `/healthz/<check>` asks for one. Undefined: another page is meant.
 *
 * **Differs:** the reason of a failure is told; it names nothing that is secret.
 * Spec: HPA-17.9, HPA-17.10.   Source: apiserver server/healthz/healthz.go (v0.37.2).
 */
export function healthAnswer(page: HealthPage, path: string, query: URLSearchParams): PageAnswer | undefined {
  const [root, one, ...more] = path.split('/').slice(1);
  if (root !== page.name || more.length > 0) return undefined;
  const known = [PING, ...page.checks];
  const asked = one === undefined || one === '' ? known : known.filter(({ name }) => name === one);
  if (asked.length === 0) return { status: 404, body: `there is no check ${one}\n` };
  const results = asked.map(({ name, trouble }) => ({ name, why: trouble() }));
  const isHealthy = results.every(({ why }) => why === undefined);
  const status = isHealthy ? 200 : 500;
  if (isHealthy && !query.has('verbose')) return { status, body: 'ok' };
  const lines = results.map(({ name, why }) => (why === undefined ? `[+]${name} ok` : `[-]${name} failed: ${why}`));
  return { status, body: `${[...lines, `${page.name} check ${isHealthy ? 'passed' : 'failed'}`].join('\n')}\n` };
}
