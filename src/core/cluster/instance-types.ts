/** The machines that the embedded cluster can rent: the generator of Karpenter's KWOK provider, as a formula. */

import type { ResourceMap } from '../kube/core-v1.ts';
import { compareNumber, compareText } from '../../lib/compare.ts';
import { ARCH, CAPACITY_TYPE, hasValue, INSTANCE_TYPE, OS, ZONE, type Requirements } from './node-requirements.ts';

/** Resource name to milli-units. */
export type Amounts = ReadonlyMap<string, bigint>;

export type InstanceType = {
  readonly name: string;
  readonly cpuCount: number;
  readonly memoryGiB: number;
  readonly capacity: ResourceMap;
  /** Capacity less the system's share. */
  readonly allocatable: ResourceMap;
  readonly capacityMilli: Amounts;
  readonly allocatableMilli: Amounts;
  /** Labels of every node of this type; zone and capacity type come from the offering. */
  readonly labels: Readonly<Record<string, string>>;
  readonly onDemandPrice: number;
};

/** A type in a zone under a way to pay, with its price per hour. */
export type Offering = {
  readonly type: InstanceType;
  readonly zone: string;
  readonly capacityType: 'on-demand' | 'spot';
  readonly price: number;
};

const CPU_COUNTS = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256];
const FAMILIES = [
  ['c', 2],
  ['s', 4],
  ['m', 8],
] as const;
const ZONES = ['test-zone-a', 'test-zone-b', 'test-zone-c', 'test-zone-d'];
const MAX_PODS = 1024;
const PODS_PER_CPU = 16;
const STORAGE_GIB = 20;
const PRICE_PER_CPU = 0.025;
const PRICE_PER_GB = 0.001;
const SPOT_SHARE = 0.7;
const OVERHEAD_CPU_MILLI = 100;
const OVERHEAD_MEMORY_MIB = 10;

const MIB = 1024n * 1024n;

/**
 * Every type, ordered by price and name. CPU in cores, memory in GiB, prices per hour.
 * Spec: karpenter 9. Source: kwok/tools/gen_instance_types.go (karpenter, August 2026).
 */
export const INSTANCE_TYPES: readonly InstanceType[] = CPU_COUNTS.flatMap((cpuCount) =>
  FAMILIES.flatMap(([family, factor]) =>
    ['amd64', 'arm64'].flatMap((arch) =>
      ['linux', 'windows'].map((os) => instanceType(cpuCount, family, factor, arch, os)),
    ),
  ),
).toSorted((a, b) => compareNumber(a.onDemandPrice, b.onDemandPrice) || compareText(a.name, b.name));

function instanceType(cpuCount: number, family: string, factor: number, arch: string, os: string): InstanceType {
  const memoryGiB = cpuCount * factor;
  const pods = Math.min(cpuCount * PODS_PER_CPU, MAX_PODS);
  const name = `${family}-${cpuCount}x-${arch}-${os}`;
  const allocatableCpuMilli = cpuCount * 1000 - OVERHEAD_CPU_MILLI;
  const memoryMib = memoryGiB * 1024;
  const shared = { pods: String(pods), 'ephemeral-storage': `${STORAGE_GIB}Gi` };
  const amounts = (cpuMilli: number, memory: number): Amounts =>
    new Map([
      ['cpu', BigInt(cpuMilli)],
      ['memory', BigInt(memory) * MIB * 1000n],
      ['pods', BigInt(pods) * 1000n],
      ['ephemeral-storage', BigInt(STORAGE_GIB) * 1024n * MIB * 1000n],
    ]);
  return {
    name,
    cpuCount,
    memoryGiB,
    capacity: { cpu: String(cpuCount), memory: `${memoryGiB}Gi`, ...shared },
    allocatable: { cpu: `${allocatableCpuMilli}m`, memory: `${memoryMib - OVERHEAD_MEMORY_MIB}Mi`, ...shared },
    capacityMilli: amounts(cpuCount * 1000, memoryMib),
    allocatableMilli: amounts(allocatableCpuMilli, memoryMib - OVERHEAD_MEMORY_MIB),
    labels: {
      [INSTANCE_TYPE]: name,
      [ARCH]: arch,
      [OS]: os,
      'karpenter.kwok.sh/instance-family': family,
      'karpenter.kwok.sh/instance-size': `${cpuCount}x`,
      'karpenter.kwok.sh/instance-cpu': String(cpuCount),
      'karpenter.kwok.sh/instance-memory': String(memoryMib),
    },
    onDemandPrice: PRICE_PER_CPU * cpuCount + (PRICE_PER_GB * memoryGiB * 1024 ** 3) / 1e9,
  };
}

/** The cheapest offering of `type` within the requirements: price, then zone. O(zones). */
export function cheapestOffering(type: InstanceType, requirements: Requirements): Offering | undefined {
  const zones = requirements.get(ZONE);
  const payment = requirements.get(CAPACITY_TYPE);
  const zone = ZONES.find((name) => zones === undefined || hasValue(zones, name));
  // spot is always the cheaper one
  const capacityType = (['spot', 'on-demand'] as const).find(
    (name) => payment === undefined || hasValue(payment, name),
  );
  if (zone === undefined || capacityType === undefined) return undefined;
  const price = capacityType === 'spot' ? type.onDemandPrice * SPOT_SHARE : type.onDemandPrice;
  return { type, zone, capacityType, price };
}

/** Types that can satisfy the requirements with some offering, cheapest first. O(types x keys). */
export function compatibleTypes(requirements: Requirements): readonly InstanceType[] {
  return INSTANCE_TYPES.filter((type) => isCompatible(type, requirements));
}

/** Requirements on keys that the type does not decide (the pool's own labels) are not its concern. */
export function isCompatible(type: InstanceType, requirements: Requirements): boolean {
  for (const [key, value] of Object.entries(type.labels)) {
    const set = requirements.get(key);
    if (set !== undefined && !hasValue(set, value)) return false;
  }
  return cheapestOffering(type, requirements) !== undefined;
}

/** Every value that some offering has for a label, in the order of the types; empty for labels that no type decides. */
export function offeredValues(key: string): readonly string[] {
  if (key === ZONE) return ZONES;
  if (key === CAPACITY_TYPE) return ['on-demand', 'spot'];
  return [...new Set(INSTANCE_TYPES.flatMap(({ labels }) => labels[key] ?? []))];
}

/** All labels of a node that an offering gives within the requirements. */
export function offeringLabels(offering: Offering): Readonly<Record<string, string>> {
  return { ...offering.type.labels, [ZONE]: offering.zone, [CAPACITY_TYPE]: offering.capacityType };
}

/** Whether `amounts` fit into `room`, resource by resource; what `room` does not name has none. */
export function fits(amounts: Amounts, room: Amounts): boolean {
  for (const [name, amount] of amounts) if (amount > (room.get(name) ?? 0n)) return false;
  return true;
}
