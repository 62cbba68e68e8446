/** What a Pod requests, per resource: the sums that the scheduler, node packing and the HPA share. */

import { assert } from '../../lib/assert.ts';
import { addQuantities, compareQuantity, milliValue, parseQuantity, type Quantity } from './quantity.ts';

/** Resource name to quantity text, as in `resources.requests`. */
export type ResourceTexts = Readonly<Record<string, string | number>>;

/** The part of a container that counts here. `restartPolicy: Always` on an init container makes it a sidecar. */
export type RequestingContainer = {
  readonly restartPolicy?: string;
  readonly resources?: { readonly requests?: ResourceTexts };
};

/** The part of a PodSpec that counts here; core/kube's PodSpec fits. */
export type RequestingPodSpec = {
  readonly containers: readonly RequestingContainer[];
  readonly initContainers?: readonly RequestingContainer[];
  readonly resources?: { readonly requests?: ResourceTexts };
  readonly overhead?: ResourceTexts;
};

/**
 * Requests of a whole Pod in milli-units (cpu: millicores, memory: thousandths of a byte): per resource the larger of
 * (containers + sidecars) and the peak while init containers run, overridden by pod-level requests, plus overhead.
 * A resource nobody mentions is not in the map, which is not the same as 0.
 *
 * Cost: O(containers x resources).
 * Spec: HPA-5.4.   Source: component-helpers resource/helpers.go PodRequests (v0.37.2), gate PodLevelResources on.
 */
export function podRequests(spec: RequestingPodSpec): Map<string, bigint> {
  const requests = new Map<string, bigint>();
  for (const [name, quantity] of podRequestQuantities(spec)) requests.set(name, milliValue(quantity));
  return requests;
}

function podRequestQuantities(spec: RequestingPodSpec): Map<string, Quantity> {
  const total: Map<string, Quantity> = new Map();
  for (const container of spec.containers) addAll(total, requestsOf(container));
  const sidecars: Map<string, Quantity> = new Map();
  const peak: Map<string, Quantity> = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = requestsOf(container);
    if (isSidecar(container)) {
      addAll(total, own);
      addAll(sidecars, own);
      raiseTo(peak, sidecars);
    } else {
      const running = new Map(sidecars);
      addAll(running, own);
      raiseTo(peak, running);
    }
  }
  raiseTo(total, peak);
  for (const [name, quantity] of quantities(spec.resources?.requests)) {
    if (isPodLevelResource(name)) total.set(name, quantity);
  }
  addAll(total, quantities(spec.overhead));
  return total;
}

/** An init container that keeps running beside the others. Spec: HPA-5.5. */
export function isSidecar(container: RequestingContainer): boolean {
  return container.restartPolicy === 'Always';
}

/** Names that may stand in a Pod's own `spec.resources`. Spec: HPA-5.4. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

/** The request of one container in milli-units; undefined when it has none for `resource`. Spec: HPA-5.5, HPA-18.8. */
export function containerRequest(container: RequestingContainer, resource: string): bigint | undefined {
  const text = container.resources?.requests?.[resource];
  return text === undefined ? undefined : milliValue(admitted(resource, text));
}

function requestsOf(container: RequestingContainer): Iterable<readonly [string, Quantity]> {
  return quantities(container.resources?.requests);
}

function quantities(texts: ResourceTexts | undefined): readonly (readonly [string, Quantity])[] {
  return Object.entries(texts ?? {}).map(([name, text]) => [name, admitted(name, text)] as const);
}

/** The API server admits no object whose quantities do not parse, so one that does not is a defect on the way here. */
function admitted(name: string, text: string | number): Quantity {
  const quantity = parseQuantity(text);
  assert(quantity.ok, `a stored request is no quantity: ${name}: ${text}`);
  return quantity.value;
}

function addAll(total: Map<string, Quantity>, more: Iterable<readonly [string, Quantity]>): void {
  for (const [name, quantity] of more) {
    const so = total.get(name);
    total.set(name, so === undefined ? quantity : addQuantities(so, quantity));
  }
}

function raiseTo(total: Map<string, Quantity>, floor: ReadonlyMap<string, Quantity>): void {
  for (const [name, quantity] of floor) {
    const so = total.get(name);
    if (so === undefined || compareQuantity(quantity, so) > 0) total.set(name, quantity);
  }
}
