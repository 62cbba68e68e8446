/**
 * Plays a load on one Ray cluster as its drivers would: each step at its time, placement groups removed when they have stood long
 * enough. Tells what is asked for, what finds its place and what ends, and remembers it for the end.
 */

import type { RayStandIn } from '../cluster/ray-stand-in.ts';
import { epochMs, type EpochMs } from '../core/time/time.ts';
import type { Timer } from '../ports/clock.ts';
import type { RayPlan } from './plan.ts';
import { bundlesText, workText, type FloorAsk, type GroupAsk, type RayAsk } from './ray-load.ts';
import type { RayAskOutcome } from './scenario-types.ts';
import type { ScriptDeps } from './script-deps.ts';
import { counted } from './words.ts';

type Outcome<Ask> = { -readonly [K in keyof RayAskOutcome]: RayAskOutcome[K] } & { readonly ask: Ask };

export class RayDriver {
  readonly #deps: ScriptDeps;
  readonly #ray: RayPlan;
  readonly #standIn: RayStandIn | undefined;
  readonly #outcomes: RayAskOutcome[] = [];
  readonly #groups = new Set<Outcome<GroupAsk>>();
  #floor: Outcome<FloorAsk> | undefined;
  /** Steps and removals whose time has yet to come. */
  readonly #due = new Set<Timer>();

  constructor(deps: ScriptDeps, ray: RayPlan) {
    this.#deps = deps;
    this.#ray = ray;
    this.#standIn = deps.world.ray(ray.cluster);
  }

  get ray(): RayPlan {
    return this.#ray;
  }

  /** Plays what is due now, and the rest at its time. */
  start(): void {
    const standIn = this.#standIn;
    if (standIn === undefined) return;
    standIn.onProgress(() => this.#look(standIn));
    this.#deps.signal.addEventListener('abort', () => this.#stop(), { once: true });
    for (const { at, ask } of this.#ray.load) {
      if (at === 0) this.#ask(standIn, ask);
      else this.#after(at, () => this.#ask(standIn, ask));
    }
  }

  /** Every step has been played, and no placement group waits or stands. */
  get isDone(): boolean {
    return this.#due.size === 0 && this.#groups.size === 0;
  }

  /** Whether time alone brings something. */
  get isTimed(): boolean {
    return this.#due.size > 0;
  }

  /** Placement groups and calls of `request_resources` that asked for something, in the order they were asked for. */
  outcomes(): readonly RayAskOutcome[] {
    return this.#outcomes;
  }

  #ask(standIn: RayStandIn, ask: RayAsk): void {
    switch (ask.kind) {
      case 'task':
      case 'actor': {
        const { kind, resources, count } = ask;
        standIn.submit({ kind, resources, count, durationMs: ask.seconds * 1000 });
        return this.#say(`${workText(ask)}, submitted to ${this.#ray.cluster.name}`);
      }
      case 'placement-group':
        return this.#askForGroup(standIn, ask);
      case 'request-resources':
        return this.#askForFloor(standIn, ask);
    }
  }

  #askForGroup(standIn: RayStandIn, ask: GroupAsk): void {
    const { name, strategy, bundles, inside } = ask;
    const id = standIn.createGroup({ strategy, bundles });
    const within = inside === undefined ? '' : `, inside ${workText(inside)}`;
    const { cluster } = this.#ray;
    this.#say(`placement group ${name} (${strategy}, ${bundlesText(bundles)}) asked for at ${cluster.name}${within}`);
    if (inside !== undefined) {
      const { kind, resources, count } = inside;
      standIn.submit({ kind, resources, count, durationMs: inside.seconds * 1000, groupId: id });
    }
    const outcome = this.#remember(ask, id);
    this.#groups.add(outcome);
    this.#look(standIn);
  }

  #askForFloor(standIn: RayStandIn, ask: FloorAsk): void {
    const { cluster } = this.#ray;
    if (this.#floor !== undefined) this.#floor.endedAt = this.#now();
    const isEmpty = ask.bundles.length === 0;
    this.#floor = isEmpty ? undefined : this.#remember(ask, '');
    const what = isEmpty ? 'nothing any more' : `room for ${bundlesText(ask.bundles)}, whatever runs`;
    this.#say(`request_resources at ${cluster.name}: ${what}`);
    standIn.requestResources(ask.bundles);
    this.#look(standIn);
  }

  /** What has come about since it was looked last. Called by the stand-in: must not ask it for anything at once. */
  #look(standIn: RayStandIn): void {
    for (const group of this.#groups) this.#lookAtGroup(standIn, group);
    if (this.#floor === undefined || this.#floor.metAt !== undefined || !standIn.floor().isMet) return;
    this.#floor.metAt = this.#now();
    this.#say(`request_resources at ${this.#floor.cluster.name}: there is room for it, ${waitText(this.#floor)}`);
  }

  #lookAtGroup(standIn: RayStandIn, outcome: Outcome<GroupAsk>): void {
    const progress = standIn.groups().find(({ id }) => id === outcome.groupId);
    if (progress === undefined) return;
    const { name, seconds } = outcome.ask;
    if (outcome.metAt === undefined) {
      if (progress.state !== 'CREATED') return;
      outcome.metAt = this.#now();
      outcome.nodes = new Set(progress.nodeIds).size;
      this.#say(`placement group ${name} has its place on ${counted(outcome.nodes, 'node')}, ${waitText(outcome)}`);
      return this.#after(seconds, () => this.#look(standIn));
    }
    const isOver = this.#now() - outcome.metAt >= seconds * 1000 && progress.workInside === 0;
    if (!isOver || !this.#groups.delete(outcome)) return;
    this.#after(0, () => {
      outcome.endedAt = this.#now();
      this.#say(`placement group ${name} removed`);
      standIn.removeGroup(outcome.groupId);
    });
  }

  #remember<Ask extends GroupAsk | FloorAsk>(ask: Ask, groupId: string): Outcome<Ask> {
    const { cluster } = this.#ray;
    const outcome = { cluster, ask, groupId, askedAt: this.#now(), metAt: undefined, endedAt: undefined, nodes: 0 };
    this.#outcomes.push(outcome);
    return outcome;
  }

  #after(delaySeconds: number, run: () => void): void {
    const { clock } = this.#deps;
    const timer = clock.timer(epochMs(clock.now() + delaySeconds * 1000), () => {
      this.#due.delete(timer);
      run();
    });
    this.#due.add(timer);
  }

  #stop(): void {
    for (const timer of this.#due) timer.cancel();
  }

  #now(): EpochMs {
    return this.#deps.clock.now();
  }

  #say(text: string): void {
    this.#deps.observer.step(this.#now(), text);
  }
}

function waitText({ askedAt, metAt = askedAt }: Pick<RayAskOutcome, 'askedAt' | 'metAt'>): string {
  const seconds = Math.round((metAt - askedAt) / 1000);
  return seconds === 0 ? 'at once' : `after ${seconds} s`;
}
