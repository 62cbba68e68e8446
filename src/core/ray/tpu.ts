/** The extra resource by which Ray finds the first host of a TPU slice, from the pod's node selector. */

const GENERATIONS: Readonly<Record<string, { readonly name: string; readonly coresPerChip: number }>> = {
  'tpu-v4-podslice': { name: 'v4', coresPerChip: 2 },
  'tpu-v5-lite-device': { name: 'v5litepod', coresPerChip: 1 },
  'tpu-v5-lite-podslice': { name: 'v5litepod', coresPerChip: 1 },
  'tpu-v5p-slice': { name: 'v5p', coresPerChip: 2 },
  'tpu-v6e-slice': { name: 'v6e', coresPerChip: 1 },
  tpu7x: { name: 'v7x', coresPerChip: 2 },
};

/**
 * `TPU-<generation>-<cores>-head`, or undefined when the selector does not name a known accelerator and a topology.
 *
 * Spec: RAY-23.7.   Source: _private/accelerators/tpu.py and autoscaling_config.py (Ray 2.60.0).
 */
export function tpuHeadResource(nodeSelector: Readonly<Record<string, string>> | undefined): string | undefined {
  const topology = nodeSelector?.['cloud.google.com/gke-tpu-topology'];
  const accelerator = nodeSelector?.['cloud.google.com/gke-tpu-accelerator'];
  if (topology === undefined || accelerator === undefined || !/^\d+(x\d+)*$/.test(topology)) return undefined;
  const generation = Object.hasOwn(GENERATIONS, accelerator) ? GENERATIONS[accelerator] : undefined;
  if (generation === undefined) return undefined;
  const chips = topology.split('x').reduce((product, dimension) => product * Number(dimension), 1);
  return `TPU-${generation.name}-${chips * generation.coresPerChip}-head`;
}
