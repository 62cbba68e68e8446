/** Which resources a Ray node has that starts in a pod of a group. The simple parts of what `ray start` is told by the operator. */

import type { Container, ResourceMap } from '../kube/core-v1.ts';
import type { RayGroupSpec } from '../kube/ray.ts';
import { integerValue, parseQuantity } from '../quantity/quantity.ts';
import { err, ok, type Result } from '../../lib/result.ts';

/** Resource name and amount. CPU in cores, memory in bytes. */
export type RayResources = readonly (readonly [name: string, amount: number])[];

/** Share of the memory that Ray keeps for objects. */
const OBJECT_STORE_SHARE = 0.3;

/**
 * Resources by precedence: the group's `resources`, its `rayStartParams`, the Ray container's limits, its requests. Amounts are
 * rounded up to whole numbers; those that are 0 are left out, as Ray does.
 *
 * Returns a sentence when Ray would not start. Order: CPU, GPU, memory, custom, object_store_memory.
 * Spec: ray-runtime 3.4, ray-wire 2.1. **Differs:** no TPU and no accelerator detection.
 */
export function rayNodeResources(container: Container, group: Partial<RayGroupSpec>): Result<RayResources, string> {
  const own = group.resources ?? {};
  const params = group.rayStartParams ?? {};
  const { limits, requests } = container.resources ?? {};
  const cpu = first(
    amount(own['CPU']),
    wholeNumber(params['num-cpus']),
    amount(limits?.['cpu']),
    amount(requests?.['cpu']),
  );
  const gpu = first(amount(own['GPU']), wholeNumber(params['num-gpus']), gpuOf(limits), gpuOf(requests));
  const memory = first(
    amount(own['memory']),
    wholeNumber(params['memory']),
    amount(limits?.['memory']),
    amount(requests?.['memory']),
  );
  const custom = customResources(own, params['resources']);
  if (!custom.ok) return custom;
  const resources: (readonly [string, number | undefined])[] = [
    ['CPU', cpu],
    ['GPU', gpu],
    ['memory', memory],
    ...custom.value,
    ['object_store_memory', memory === undefined ? undefined : Math.floor(memory * OBJECT_STORE_SHARE)],
  ];
  const bad = resources.find(([, value]) => value !== undefined && !(value >= 0));
  if (bad !== undefined) return err(`resource ${bad[0]} is not a whole number that is 0 or more`);
  return ok(resources.flatMap(([name, value]) => (value === undefined || value === 0 ? [] : [[name, value] as const])));
}

const NAMED: ReadonlySet<string> = new Set(['CPU', 'GPU', 'memory']);

function customResources(
  own: Readonly<Record<string, string>>,
  text: string | undefined,
): Result<RayResources, string> {
  const names = Object.keys(own);
  if (names.length > 0) {
    return ok(names.filter((name) => !NAMED.has(name)).map((name) => [name, amount(own[name]) ?? NaN] as const));
  }
  if (text === undefined) return ok([]);
  // the text is JSON in quotes: the first and the last character and all backslashes go
  const json = text.slice(1, -1).replaceAll('\\', '');
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      return err(`rayStartParams.resources is no JSON object: ${text}`);
    return ok(Object.entries(parsed).map(([name, value]) => [name, typeof value === 'number' ? value : NaN] as const));
  } catch {
    return err(`rayStartParams.resources is not JSON in quotes: ${text}`);
  }
}

/** NaN marks what cannot be read; undefined what is not there. */
function amount(text: string | number | undefined): number | undefined {
  if (text === undefined) return undefined;
  const quantity = parseQuantity(text);
  return quantity.ok ? Number(integerValue(quantity.value)) : NaN;
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

/** The first resource, in document order, whose name ends with `gpu` and of which there is some. */
function gpuOf(resources: ResourceMap | undefined): number | undefined {
  for (const [name, text] of Object.entries(resources ?? {})) {
    const value = name.endsWith('gpu') ? amount(text) : undefined;
    if (value !== undefined && value > 0) return value;
  }
  return undefined;
}

function first(...values: readonly (number | undefined)[]): number | undefined {
  return values.find((value) => value !== undefined);
}
