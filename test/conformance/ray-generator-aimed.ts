/** Cases aimed at one rule each that cases at random hardly ever meet. */

import type {
  CaseDemand,
  CaseInstance,
  CaseNodeType,
  CaseRequest,
  CaseSelector,
  RayCase,
} from '../../src/sim/ray-cases.types.ts';
import type { Dice } from './ray-dice.ts';

/**
 * Running nodes whose scores are equal on paper: t * (u / t)^3 stays the same when t grows by m^3 and u by m^2. What decides is the last
 * bit of the cube.
 */
export function makePaperTie(dice: Dice): RayCase {
  const scale = dice.pick([1, 1, 0.1, 0.3, 3]);
  const smallest = dice.whole(1, 9);
  const used = dice.whole(1, smallest);
  const sizes = dice.shuffled(dice.some([1, 2, 3, 4, 5], 0.6));
  const demand: CaseDemand = { resources: [['CPU', scale]], count: dice.whole(1, 3) };
  const types = sizes.map((m) => ({ name: `t${m}`, max: 5, resources: [['CPU', smallest * m ** 3 * scale]] as const }));
  const instances = sizes.map((m, index): CaseInstance => {
    const total = smallest * m ** 3 * scale;
    const free = Math.min(total, total - used * m ** 2 * scale + scale);
    return {
      id: `i${index}`,
      node_type: `t${m}`,
      status: 'RAY_RUNNING',
      cloud_id: `c${index}`,
      ray_node_id: `r${index}`,
      ray_node: { total: [['CPU', total]], available: [['CPU', free]], idle_ms: 0 },
    };
  });
  return { node_types: types, instances, demands: [demand] };
}

const ZONES = ['a', 'b', 'c'];

/**
 * Pending nodes that look alike but host something already: requests that take nothing, yet name GPU or settle the label preference.
 * Which of the nodes is looked at first decides what the next request sees.
 */
export function makeLookAlikes(dice: Dice): RayCase {
  const types = dice.times(dice.whole(1, 3), (i): CaseNodeType => {
    const gpu = dice.chance(0.6) ? [['GPU', 1] as const] : [];
    return {
      name: `t${i}`,
      max: dice.whole(0, 5),
      resources: [['CPU', dice.pick([4, 4, 8])], ...gpu],
      ...(dice.chance(0.7) ? { labels: { zone: dice.pick(ZONES) } } : {}),
    };
  });
  const instances = dice.times(dice.whole(2, 6), (i): CaseInstance => {
    const type = dice.pick(types);
    const status = dice.pick(['QUEUED', 'REQUESTED', 'ALLOCATED', 'RAY_STOP_REQUESTED', 'RAY_RUNNING'] as const);
    const [total, labels] = [type.resources ?? [], type.labels ?? {}];
    return {
      id: `i${i}`,
      cloud_id: `c${i}`,
      node_type: type.name,
      status,
      ...(status === 'RAY_RUNNING' ? { ray_node_id: `r${i}`, ray_node: { total, available: total, labels } } : {}),
    };
  });
  const selectors = (): readonly CaseSelector[] =>
    dice.times(dice.whole(1, 3), () => [['zone', dice.pick(['IN', 'IN', 'NOT_IN'] as const), [dice.pick(ZONES)]]]);
  const request = (resources: CaseRequest['resources'] & object): CaseRequest => ({
    resources,
    ...(dice.chance(0.6) ? { selectors: selectors() } : {}),
  });
  const gangs = dice.times(dice.whole(1, 3), () => ({
    bundle_selectors: [
      dice.times(dice.whole(1, 2), () => request(dice.pick([[], [['GPU', 0]], [['CPU', 0]]] as const))),
    ],
  }));
  const demands = dice.times(dice.whole(1, 3), () => ({
    ...request(dice.pick([[['CPU', 1]], [['CPU', 4]], [], [['GPU', 0]]] as const)),
    count: dice.whole(1, 3),
  }));
  return { node_types: types, instances, gangs, demands };
}

/** Nodes with GPUs would fit better, but are a last resort for requests that do not name GPU, if only to ask for none. */
export function makeGpuLast(dice: Dice): RayCase {
  const gpu = {
    name: 'gpu',
    max: dice.whole(0, 3),
    resources: [
      ['CPU', dice.pick([2, 4])],
      ['GPU', dice.pick([1, 0, 2])],
    ],
  } as const;
  const other = dice.perhaps(0.5, () => [['memory', 8] as const]) ?? [];
  const cpu = { name: 'cpu', max: dice.whole(0, 3), resources: [['CPU', dice.pick([16, 64])], ...other] } as const;
  const demands = dice.times(dice.whole(1, 3), (): CaseDemand => {
    const named = dice.perhaps(0.5, () => [['GPU', dice.pick([0, 0, 0.5, 1])] as const]) ?? [];
    return { resources: [['CPU', dice.whole(0, 2)], ...named], count: dice.whole(1, 4) };
  });
  const types = dice.shuffled([gpu, cpu]);
  const instances = dice.times(dice.whole(0, 3), (i): CaseInstance => {
    return {
      id: `i${i}`,
      cloud_id: `c${i}`,
      node_type: dice.pick(types).name,
      status: dice.pick(['QUEUED', 'ALLOCATED']),
    };
  });
  return {
    node_types: types,
    instances,
    demands,
    ...(dice.chance(0.2) ? { config: { conserve_gpu_nodes: false } } : {}),
  };
}
