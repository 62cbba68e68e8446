/** On which port the GCS of a RayCluster listens, as its spec says. */

import type { RayCluster } from '../kube/ray.ts';

export const DEFAULT_GCS_PORT = 6379;
const PORT_NAMES: ReadonlySet<unknown> = new Set(['gcs-server', 'gcs']);

/**
 * The head's start parameter, then the port of its first container that is named so, then Ray's default.
 *
 * **Differs:** the original knows only the default.
 * Spec: kuberay 2.2.
 */
export function gcsPortOf({ spec }: RayCluster): number {
  const { rayStartParams, template } = spec.headGroupSpec;
  const parameter = Number(rayStartParams?.['port'] ?? Number.NaN);
  if (isPort(parameter)) return parameter;
  for (const { name, containerPort } of portsOf(template.spec.containers[0])) {
    if (PORT_NAMES.has(name) && isPort(containerPort)) return containerPort;
  }
  return DEFAULT_GCS_PORT;
}

type Port = { readonly name?: unknown; readonly containerPort?: unknown };

function portsOf(container: unknown): readonly Port[] {
  if (typeof container !== 'object' || container === null || !('ports' in container)) return [];
  const { ports } = container;
  return Array.isArray(ports) ? ports.filter((port): port is Port => typeof port === 'object' && port !== null) : [];
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
}
