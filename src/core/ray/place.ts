/** Whether one request finds its place on a node, and taking it: labels, anti-affinity, resources. */

import { SchedulingAbort } from './abort.ts';
import type { LabelSelectorConstraint, ResourceRequest } from './cluster-state.ts';

const IMPLICIT_PREFIX = 'node:__internal_implicit_resource_';

/** What a node has of a resource nobody mentioned: one of each implicit resource, nothing of any other. Spec: RAY-8.3. */
export function unmentioned(name: string): number {
  return name.startsWith(IMPLICIT_PREFIX) ? 1 : 0;
}

/** What is left of a node while it is being filled. Changed in place. */
export type Remainder = { readonly free: Map<string, number>; readonly labels: Map<string, string> };

type ReadonlyRemainder = {
  readonly free: ReadonlyMap<string, number>;
  readonly labels: ReadonlyMap<string, string>;
};

/**
 * Whether one unit fits now. Checked in the original's order: selectors, anti-affinity, resources (zero amounts too).
 *
 * Cost: O(selectors + resources of the request).
 * Spec: RAY-8.1, RAY-8.2, RAY-8.3.   Source: v2/scheduler.py SchedulingNode._try_schedule_one (Ray 2.60.0).
 */
export function fits(request: ResourceRequest, { free, labels }: ReadonlyRemainder): boolean {
  if (request.labelSelectors.length > 0 && matchingSelector(request, labels) < 0) return false;
  for (const { antiAffinity } of request.placementConstraints) {
    if (antiAffinity !== undefined && labels.get(antiAffinity.labelName) === antiAffinity.labelValue) return false;
  }
  return request.resourcesBundle.every(([name, amount]) => amount <= (free.get(name) ?? unmentioned(name)));
}

/**
 * Takes one unit that fits: one subtraction per resource, as IEEE doubles do it, and the anti-affinity's labels.
 *
 * Aborts the round where the original does: a negative amount of something the node lacks, an anti-affinity whose label is there
 * with another value.
 * Spec: RAY-8.4, RAY-12.1.   Source: v2/scheduler.py SchedulingNode._try_schedule_one (Ray 2.60.0).
 */
export function take(request: ResourceRequest, { free, labels }: Remainder): void {
  for (const [name, amount] of request.resourcesBundle) {
    if (amount === 0) continue;
    const there = free.get(name) ?? unmentioned(name);
    if (there === 0 && !free.has(name))
      throw new SchedulingAbort('negative-request', `a request asks for ${amount} of ${name}, which the node lacks`);
    free.set(name, there - amount);
  }
  for (const { antiAffinity } of request.placementConstraints) {
    if (antiAffinity === undefined) continue;
    const { labelName, labelValue } = antiAffinity;
    const there = labels.get(labelName);
    if (there !== undefined && there !== labelValue)
      throw new SchedulingAbort(
        'label-clash',
        `label ${labelName} is ${there} on the node, anti-affinity sets ${labelValue}`,
      );
    labels.set(labelName, labelValue);
  }
}

/** Whether a unit that fits leaves the node as it is, so that any number of them fits. */
export function takesNothing({ resourcesBundle, placementConstraints }: ResourceRequest): boolean {
  return placementConstraints.length === 0 && resourcesBundle.every(([, amount]) => amount === 0);
}

/** Index of the first alternative that the labels satisfy, or -1. Spec: RAY-8.1, RAY-9.1. */
export function matchingSelector(request: ResourceRequest, labels: ReadonlyMap<string, string>): number {
  return request.labelSelectors.findIndex((constraints) => constraints.every((one) => holds(one, labels)));
}

/** NOT_IN holds on a missing label; an unspecified operator never holds. */
function holds(constraint: LabelSelectorConstraint, labels: ReadonlyMap<string, string>): boolean {
  const value = labels.get(constraint.key);
  switch (constraint.operator) {
    case 'IN':
      return value !== undefined && constraint.values.includes(value);
    case 'NOT_IN':
      return value === undefined || !constraint.values.includes(value);
    case 'UNSPECIFIED':
      return false;
  }
}
