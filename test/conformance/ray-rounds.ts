/**
 * Sequences of rounds: what one round decides is the world of the next. Launches become instances, instances come up, loads move,
 * resizes run, terminations drain, and the scheduler's own state is handed on.
 */

import type { InstanceStatus } from '../../src/core/ray/instance-status.ts';
import type {
  CaseInstance,
  CaseNodeType,
  CaseResizeStatus,
  RayCase,
  RayDecided,
  RayResult,
} from '../../src/sim/ray-cases.types.ts';
import { Dice } from './ray-dice.ts';
import { makeConstraint, makeGang } from './ray-generator-extras.ts';
import { makeCase } from './ray-generator.ts';
import { makeDemands, makeRayNode, type Dials } from './ray-generator-parts.ts';

const DIALS: Dials = {
  kits: ['basic', 'gpu', 'fractional'],
  types: [1, 3],
  instances: [0, 4],
  demands: [0, 4],
  count: 4,
  labels: 0.2,
  gangs: 0.25,
  constraints: 0.2,
  limits: 0.3,
  idle: 0.7,
  outdated: 0.15,
  pending: 0.8,
  resize: 0.3,
  availability: 0.1,
};

/** Where an instance may stand a round later, if it moves; those that are not named are gone then. */
const NEXT: Partial<Readonly<Record<CaseInstance['status'], readonly InstanceStatus[]>>> = {
  QUEUED: ['REQUESTED'],
  REQUESTED: ['ALLOCATED'],
  ALLOCATED: ['RAY_INSTALLING', 'RAY_RUNNING'],
  RAY_INSTALLING: ['RAY_INSTALLING', 'RAY_RUNNING'],
  RAY_RUNNING: ['RAY_RUNNING'],
  RAY_STOP_REQUESTED: ['RAY_STOPPING', 'RAY_RUNNING'],
};

/** One sequence. Every round but the first follows from the answer to the one before. */
export class Rounds {
  readonly #dice: Dice;
  readonly #name: string;
  #round = 0;
  #born = 0;
  #current: RayCase;

  constructor(seed: number, index: number) {
    this.#name = `rounds-${seed}-${index}`;
    this.#dice = new Dice(seed, `rounds/${index}`);
    const first = makeCase(this.#dice, DIALS);
    this.#born = first.instances?.length ?? 0;
    this.#current = { ...first, id: `${this.#name}-0`, family: 'rounds' };
  }

  /** The round to be decided now. */
  get current(): RayCase {
    return this.#current;
  }

  /** Goes on to the round after `result`. An aborted round changes nothing but the time and the load. */
  advance(result: RayResult): void {
    const before = this.#current;
    const dice = this.#dice;
    const types = before.node_types ?? [];
    const decided = result.ok ? result : undefined;
    const instances = this.#instancesAfter(before, decided);
    const gangs = dice.chance(DIALS.gangs)
      ? dice.times(dice.whole(1, 2), (index) => makeGang(dice, DIALS, { types, index }))
      : [];
    const steady = dice.chance(0.5);
    this.#round++;
    this.#current = {
      ...before,
      id: `${this.#name}-${this.#round}`,
      now_s: (before.now_s ?? 0) + dice.pick([5, 5, 29.9, 60, 0.1]),
      instances,
      demands: steady ? (before.demands ?? []) : makeDemands(dice, DIALS, types),
      gangs: steady ? (before.gangs ?? []) : gangs,
      constraints: dice.chance(0.8) ? (before.constraints ?? []) : [makeConstraint(dice, DIALS, types)],
      ...(decided === undefined ? {} : { state: decided.state }),
      ...(before.ippr
        ? { ippr: { ...before.ippr, statuses: this.#resizesAfter(before.ippr, instances, decided) } }
        : {}),
    };
  }

  #instancesAfter(before: RayCase, decided: RayDecided | undefined): readonly CaseInstance[] {
    const types = before.node_types ?? [];
    const leaving = new Set((decided?.terminations ?? []).map(({ instance_id: id }) => id));
    const kept = (before.instances ?? []).flatMap((instance) => this.#moved(instance, types, leaving));
    const launched = (decided?.launches ?? []).flatMap(([type, count]) =>
      this.#dice.times(Math.min(count, 6), (): CaseInstance => {
        const id = `i${this.#born++}`;
        return { id, node_type: type, status: 'QUEUED' };
      }),
    );
    return [...kept, ...launched];
  }

  #moved(
    instance: CaseInstance,
    types: readonly CaseNodeType[],
    leaving: ReadonlySet<string>,
  ): readonly CaseInstance[] {
    const dice = this.#dice;
    if (leaving.has(instance.id)) {
      if (instance.status !== 'RAY_RUNNING' || dice.chance(0.3)) return [];
      return [{ ...instance, status: dice.pick(['RAY_STOP_REQUESTED', 'RAY_STOPPING'] as const) }];
    }
    const status = this.#next(instance.status);
    if (status === undefined) return [];
    const type = types.find(({ name }) => name === instance.node_type);
    if (status !== 'RAY_RUNNING' || type === undefined) {
      const cloudId = status === 'QUEUED' || status === 'REQUESTED' ? {} : { cloud_id: `c-${instance.id}` };
      return [{ ...instance, ...cloudId, status }];
    }
    const fresh = makeRayNode(dice, DIALS, type);
    const known = instance.ray_node;
    // a node that nobody uses stays idle and grows older
    const node =
      known && dice.chance(0.5) ? { ...known, idle_ms: (known.idle_ms ?? 0) + dice.pick([0, 5000, 29_900]) } : fresh;
    return [{ ...instance, cloud_id: `c-${instance.id}`, ray_node_id: `r-${instance.id}`, status, ray_node: node }];
  }

  /** Undefined: it is gone. */
  #next(status: CaseInstance['status']): InstanceStatus | undefined {
    const next = NEXT[status];
    if (next === undefined || status === 'UNKNOWN') return undefined;
    return this.#dice.chance(0.5) ? this.#dice.pick(next) : status;
  }

  #resizesAfter(
    { groups, statuses }: NonNullable<RayCase['ippr']>,
    instances: readonly CaseInstance[],
    decided: RayDecided | undefined,
  ): readonly CaseResizeStatus[] {
    const sent = new Map((decided?.resizes ?? []).map((resize) => [resize.cloud_id, resize]));
    const moved = statuses.map((status): CaseResizeStatus => {
      const resize = sent.get(status.cloud_id);
      if (resize !== undefined) {
        const { desired_cpu, desired_memory } = resize;
        return { ...status, desired_cpu, desired_memory, k8s_resize_status: 'inprogress', resizing_at: 1000 };
      }
      if (status.k8s_resize_status !== 'inprogress' || this.#dice.chance(0.5)) return status;
      const done = { current_cpu: status.desired_cpu, current_memory: status.desired_memory };
      return { ...status, ...done, k8s_resize_status: null, resizing_at: null };
    });
    const known = new Set(statuses.map(({ cloud_id: id }) => id));
    const added = instances.flatMap((instance): CaseResizeStatus[] => {
      const group = groups.find(([name]) => name === instance.node_type);
      const cloudId = instance.cloud_id;
      if (group === undefined || typeof cloudId !== 'string' || known.has(cloudId)) return [];
      const [name, { min_cpu: cpu, min_memory: memory }] = group;
      const size = { current_cpu: cpu, current_memory: memory, desired_cpu: cpu, desired_memory: memory };
      return [{ cloud_id: cloudId, group: name, ...size, raylet_id: `raylet-${cloudId}` }];
    });
    return [...moved, ...added];
  }
}
