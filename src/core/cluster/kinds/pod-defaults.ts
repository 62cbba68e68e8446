/** Defaults of a pod's spec that follow from its other fields (cluster-api 18.2). Plain ones are in `pod-schema.ts`. */

import type { Container, PodSpec, ResourceMap } from '../../kube/core-v1.ts';
import { compareQuantity, parseQuantity, quantitySign, type Quantity } from '../../quantity/quantity.ts';
import { isRecord } from './schema.ts';

/**
 * The spec with what a Pod and a pod template derive: the pull policy from the image's tag, host ports on the host's network.
 * Must not throw on any JSON: parts of a wrong shape are left for validation to name.
 */
export function withDerivedSpec(spec: PodSpec): PodSpec {
  return mapContainers(spec, (container) => ({
    ...container,
    ...(container['imagePullPolicy'] === undefined && container.image !== undefined
      ? { imagePullPolicy: pullPolicyOf(container.image) }
      : {}),
    ...(spec['hostNetwork'] === true ? { ports: withHostPorts(container['ports']) } : {}),
  }));
}

/** What only a Pod itself derives: requests that are not written follow the limits. */
export function withDerivedRequests(spec: PodSpec): PodSpec {
  return mapContainers(spec, (container) => {
    const { limits, requests } = container.resources ?? {};
    if (!isRecord(limits) || (requests !== undefined && !isRecord(requests))) return container;
    return { ...container, resources: { ...container.resources, requests: { ...limits, ...requests } } };
  });
}

/** `Guaranteed`: every container limits cpu and memory to what it requests. `BestEffort`: nobody asks for anything. */
export function qosClassOf(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...listOf(spec.containers), ...listOf(spec.initContainers)];
  const asked = containers.map(({ resources }) => ({
    requests: computeQuantities(resources?.requests),
    limits: computeQuantities(resources?.limits),
  }));
  if (asked.every(({ requests, limits }) => requests.size === 0 && limits.size === 0)) return 'BestEffort';
  const guaranteed = asked.every(({ requests, limits }) =>
    ['cpu', 'memory'].every((name) => {
      const limit = limits.get(name);
      const request = requests.get(name) ?? limit;
      return limit !== undefined && request !== undefined && compareQuantity(limit, request) === 0;
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** Positive amounts of cpu and memory: the only ones that count for the class. */
function computeQuantities(resources: ResourceMap | undefined): ReadonlyMap<string, Quantity> {
  const quantities = new Map<string, Quantity>();
  for (const name of ['cpu', 'memory']) {
    const text = resources?.[name];
    const quantity = text === undefined ? undefined : parseQuantity(text);
    if (quantity?.ok === true && quantitySign(quantity.value) > 0) quantities.set(name, quantity.value);
  }
  return quantities;
}

/** `Always` for the tag `latest`, which is meant where there is neither tag nor digest. */
function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  const [reference = '', digest] = image.split('@');
  const last = reference.slice(reference.lastIndexOf('/') + 1);
  const tag = last.includes(':') ? last.slice(last.indexOf(':') + 1) : digest === undefined ? 'latest' : '';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function withHostPorts(ports: unknown): unknown {
  if (!Array.isArray(ports)) return ports;
  return ports.map((port: unknown) =>
    isRecord(port) && port['hostPort'] === undefined ? { ...port, hostPort: port['containerPort'] } : port,
  );
}

function mapContainers(spec: PodSpec, change: (container: Container) => Container): PodSpec {
  const changed = (containers: unknown): unknown =>
    Array.isArray(containers)
      ? containers.map((container: unknown) => (isContainer(container) ? change(container) : container))
      : containers;
  return {
    ...spec,
    ...('containers' in spec ? { containers: changed(spec.containers) } : {}),
    ...('initContainers' in spec ? { initContainers: changed(spec.initContainers) } : {}),
  } as PodSpec; // the same shape as before, whatever that was
}

/** Enough of one to derive from. */
function isContainer(value: unknown): value is Container {
  if (!isRecord(value)) return false;
  const { image, resources } = value;
  return (image === undefined || typeof image === 'string') && (resources === undefined || isRecord(resources));
}

function listOf(containers: readonly Container[] | undefined): readonly Container[] {
  return Array.isArray(containers) ? containers.filter(isContainer) : [];
}
