/** What one node of a group offers, as Ray's autoscaler derives it from the group's three places: `resources`, `rayStartParams`, the first container. */

import { err, ok, type FieldError, type Result } from '../../lib/result.ts';
import type { ResourceMap } from '../kube/core-v1.ts';
import type { RayGroupSpec } from '../kube/ray.ts';
import { integerValue, parseQuantity } from '../quantity/quantity.ts';
import type { Resources } from './cluster-state.ts';
import { parseCustomResources } from './custom-resources.ts';
import { tpuHeadResource } from './tpu.ts';

/** Where a value was found: for messages. */
type Found = { readonly path: string; readonly amount: Result<number, string> };

/**
 * The resources of one node of a group in the original's order: CPU, GPU, TPU, TPU head, memory, custom ones (which overwrite).
 *
 * Units: CPU in whole cores, rounded up; memory in bytes. `path` is the group's place in the RayCluster, for messages.
 * Returns every field that cannot be read. **Differs:** the original raises and the whole round is lost.
 * Spec: RAY-23.5 to RAY-23.9.   Source: _private/kuberay/autoscaling_config.py _get_ray_resources_from_group_spec (Ray 2.60.0).
 */
export function parseGroupResources(group: RayGroupSpec, path: string): Result<Resources, readonly FieldError[]> {
  const errors: FieldError[] = [];
  const amount = (found: Found | undefined): number | undefined => {
    if (found === undefined) return undefined;
    if (found.amount.ok && found.amount.value >= 0) return found.amount.value;
    const message = found.amount.ok ? `Invalid value: ${found.amount.value}: must be 0 or more` : found.amount.error;
    errors.push({
      path: found.path,
      type: 'FieldValueInvalid',
      message,
      fix: 'write a whole number or a quantity of 0 or more',
    });
    return undefined;
  };
  const places = placesOf(group, path);
  const custom = customResources(group, places, amount, errors);

  const resources = new Map<string, number>();
  const put = (name: string, found: Found | undefined): void => {
    const value = amount(found);
    if (value !== undefined) resources.set(name, value);
  };
  const cpu = places.grouped('CPU') ?? places.startParam('num-cpus') ?? places.contained('cpu');
  if (cpu === undefined) errors.push(cpuMissing(path));
  put('CPU', cpu);
  put('GPU', places.grouped('GPU') ?? places.startParam('num-gpus') ?? places.firstGpu());
  const tpu = amount(places.grouped('TPU')) ?? custom.get('TPU') ?? amount(places.containedTpu());
  if (tpu !== undefined) {
    resources.set('TPU', tpu);
    const head = tpuHeadResource(group.template.spec.nodeSelector);
    if (head !== undefined) resources.set(head, 1);
  }
  put('memory', places.grouped('memory') ?? places.startParam('memory') ?? places.contained('memory'));
  for (const [name, value] of custom) resources.set(name, value);
  return errors.length > 0 ? err(errors) : ok([...resources]);
}

function cpuMissing(path: string): FieldError {
  return {
    path: `${path}.template.spec.containers[0].resources.limits.cpu`,
    type: 'FieldValueRequired',
    message: 'Required value: the number of CPUs of a node is not known',
    fix: 'set it here, such as cpu: "1", or in rayStartParams, such as num-cpus: "1"',
  };
}

/** Names with a place of their own; any other key of the group's `resources` is a custom resource. */
const BUILT_IN: ReadonlySet<string> = new Set(['CPU', 'GPU', 'TPU', 'memory']);

function customResources(
  group: RayGroupSpec,
  places: Places,
  amount: (found: Found | undefined) => number | undefined,
  errors: FieldError[],
): ReadonlyMap<string, number> {
  const names = Object.keys(group.resources ?? {});
  if (names.length > 0) {
    const custom = new Map<string, number>();
    for (const name of names.filter((one) => !BUILT_IN.has(one))) custom.set(name, amount(places.grouped(name)) ?? 0);
    return custom;
  }
  const text = group.rayStartParams?.['resources'];
  if (text === undefined) return new Map();
  const parsed = parseCustomResources(text);
  if (parsed.ok) return parsed.value;
  errors.push({
    path: places.startParamPath('resources'),
    type: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(text)}: ${parsed.error}`,
    fix: `write JSON with whole numbers in quotes within quotes, such as '"{\\"blue\\": 1}"'`,
  });
  return new Map();
}

type Places = ReturnType<typeof placesOf>;

/** The three places, each asked by name. */
function placesOf(group: RayGroupSpec, path: string) {
  const container = group.template.spec.containers[0]?.resources;
  const containerPath = `${path}.template.spec.containers[0].resources`;
  const params = group.rayStartParams ?? {};
  const startParamPath = (name: string): string => `${path}.rayStartParams[${name}]`;
  const lists: readonly (readonly [path: string, resources: ResourceMap])[] = [
    [`${containerPath}.limits`, container?.limits ?? {}],
    [`${containerPath}.requests`, container?.requests ?? {}],
  ];
  const positive = (accepts: (name: string) => boolean): Found | undefined => {
    for (const [listPath, list] of lists) {
      for (const [name, text] of Object.entries(list)) {
        if (!accepts(name)) continue;
        const found = { path: `${listPath}[${name}]`, amount: wholeQuantity(text) };
        if (!found.amount.ok || found.amount.value > 0) return found;
      }
    }
    return undefined;
  };
  return {
    startParamPath,
    grouped(name: string): Found | undefined {
      const text = group.resources?.[name];
      return text === undefined ? undefined : { path: `${path}.resources[${name}]`, amount: wholeQuantity(text) };
    },
    startParam(name: string): Found | undefined {
      const text = params[name];
      return text === undefined ? undefined : { path: startParamPath(name), amount: plainInteger(text) };
    },
    contained(name: string): Found | undefined {
      for (const [listPath, list] of lists) {
        const text = list[name];
        if (text !== undefined) return { path: `${listPath}[${name}]`, amount: wholeQuantity(text) };
      }
      return undefined;
    },
    /** The first key that ends with `gpu` and is more than 0, limits before requests. */
    firstGpu: () => positive((name) => name.endsWith('gpu')),
    containedTpu: () => positive((name) => name === 'google.com/tpu'),
  };
}

/** A quantity as whole units, away from zero. Ray also reads `K`, and text with white space around it. Spec: RAY-23.9. */
function wholeQuantity(text: string | number): Result<number, string> {
  const quantity = parseQuantity(typeof text === 'number' ? text : text.trim().replace(/K$/, 'k'));
  return quantity.ok
    ? ok(Number(integerValue(quantity.value)))
    : err(`Invalid value: ${JSON.stringify(text)}: ${quantity.error}`);
}

/** As Ray reads start parameters: digits, no unit, no fraction. */
function plainInteger(text: string): Result<number, string> {
  return /^\s*[+-]?\d+(_\d+)*\s*$/.test(text)
    ? ok(Number(text.replaceAll('_', '')))
    : err(`Invalid value: ${JSON.stringify(text)}: must be a whole number`);
}
