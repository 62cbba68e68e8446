/** What a pod's spec may say, and which of its fields may change afterwards (cluster-api 18.3). Types have been checked before. */

import type { Container, Pod, PodSpec, ResourceMap } from '../../kube/core-v1.ts';
import { compareQuantity, milliValue, parseQuantity, quantitySign, quantityText } from '../../quantity/quantity.ts';
import { deepEqual } from '../../../lib/json.ts';
import type { FieldError } from '../../../lib/result.ts';
import { duplicateField, forbiddenField, invalidField, requiredField } from '../field-errors.ts';
import { nameProblems, validateLabels } from '../metadata.ts';

/**
 * Everything wrong with a pod's spec at `path`, in field order.
 *
 * Cost: O(containers x resources).   Source: pkg/apis/core/validation (v1.37.2), the part that the kinds here use.
 */
export function validatePodSpec(spec: PodSpec | undefined, path: string): readonly FieldError[] {
  const containers = spec?.containers ?? []; // types say present, objects from outside may lack it
  const initContainers = spec?.initContainers ?? [];
  const errors: FieldError[] = [];
  if (containers.length === 0) errors.push(requiredField(`${path}.containers`));
  const names = new Set<string>();
  for (const [i, container] of containers.entries()) {
    errors.push(...validateContainer(container, `${path}.containers[${i}]`, names));
  }
  for (const [i, container] of initContainers.entries()) {
    errors.push(...validateContainer(container, `${path}.initContainers[${i}]`, names));
  }
  const grace = spec?.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0) {
    errors.push(invalidField(`${path}.terminationGracePeriodSeconds`, grace, NOT_NEGATIVE));
  }
  errors.push(...validateLabels(spec?.nodeSelector, `${path}.nodeSelector`));
  errors.push(...validateAmounts(spec?.overhead, `${path}.overhead`));
  return errors;
}

/** The API server's words for a number below 0. */
export const NOT_NEGATIVE = 'must be greater than or equal to 0';

function validateContainer(container: Container, path: string, names: Set<string>): readonly FieldError[] {
  const errors: FieldError[] = [];
  const name = container.name ?? ''; // types say present, objects from outside may lack it
  if (name === '') errors.push(requiredField(`${path}.name`));
  else if (names.has(name)) errors.push(duplicateField(`${path}.name`, name));
  else
    for (const problem of nameProblems(name, 'dns-1123-label'))
      errors.push(invalidField(`${path}.name`, name, problem));
  names.add(name);
  const image = container.image ?? '';
  if (image === '') errors.push(requiredField(`${path}.image`));
  else if (image !== image.trim()) {
    errors.push(invalidField(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  }
  const limits = container.resources?.limits;
  const requests = container.resources?.requests;
  errors.push(...validateAmounts(limits, `${path}.resources.limits`));
  errors.push(...validateAmounts(requests, `${path}.resources.requests`));
  errors.push(...validateRequests(requests ?? {}, limits ?? {}, `${path}.resources`));
  return errors;
}

function validateAmounts(amounts: ResourceMap | undefined, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, text] of Object.entries(amounts ?? {})) {
    const quantity = parseQuantity(text);
    if (!quantity.ok) errors.push(invalidField(`${path}.${name}`, text, quantity.error));
    else if (quantitySign(quantity.value) < 0) errors.push(invalidField(`${path}.${name}`, text, NOT_NEGATIVE));
    else if (isCounted(name) && milliValue(quantity.value) % 1000n !== 0n) {
      errors.push(invalidField(`${path}.${name}`, text, 'must be an integer'));
    }
  }
  return errors;
}

/** A request stays within its limit; devices are not shared, so there both are equal. */
function validateRequests(requests: ResourceMap, limits: ResourceMap, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, text] of Object.entries(requests)) {
    const request = parseQuantity(text);
    const limitText = limits[name];
    if (limitText === undefined) {
      if (isCounted(name))
        errors.push({
          ...requiredField(`${path}.limits`, 'Limit must be set for non overcommitable resources'),
          fix: `add ${path}.limits, such as limits: {${name}: ${String(text)}}`,
        });
      continue;
    }
    const limit = parseQuantity(limitText);
    if (!request.ok || !limit.ok) continue;
    const order = compareQuantity(request.value, limit.value);
    if (isCounted(name) && order !== 0) {
      const why = `must be equal to ${name} limit of ${quantityText(limit.value)}`;
      errors.push(invalidField(`${path}.requests`, quantityText(request.value), why));
    } else if (order > 0) {
      const why = `must be less than or equal to ${name} limit of ${quantityText(limit.value)}`;
      errors.push(invalidField(`${path}.requests`, quantityText(request.value), why));
    }
  }
  return errors;
}

/** Extended resources (`nvidia.com/gpu`, `google.com/tpu`): whole devices. */
function isCounted(resource: string): boolean {
  return resource.includes('/') && !resource.startsWith('kubernetes.io/') && !resource.includes('.kubernetes.io/');
}

/**
 * A pod's spec hardly ever changes: images, a shorter deadline, further tolerations. Binding sets the node on its own path.
 * Spec: cluster-api 18.3.
 */
export function validatePodUpdate(pod: Pod, old: Pod): readonly FieldError[] {
  if (pod.spec === old.spec) return [];
  if (deepEqual(fixedPart(pod.spec), fixedPart(old.spec)) && keepsTolerations(pod.spec, old.spec)) return [];
  const fields =
    '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
    '`spec.tolerations` (only additions to existing tolerations),' +
    '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [forbiddenField('spec', `pod updates may not change fields other than ${fields}`)];
}

function fixedPart(spec: PodSpec): unknown {
  const { tolerations: _, activeDeadlineSeconds: __, schedulingGates: ___, ...rest } = spec;
  const withoutImages = (containers: readonly Container[] | undefined): unknown =>
    containers?.map(({ image: ____, ...container }) => container);
  return { ...rest, containers: withoutImages(spec.containers), initContainers: withoutImages(spec.initContainers) };
}

function keepsTolerations(spec: PodSpec, old: PodSpec): boolean {
  return (old.tolerations ?? []).every((toleration) =>
    (spec.tolerations ?? []).some((other) => deepEqual(other, toleration)),
  );
}
