/** The scripts of the first contact, the same for either autoscaler: what they do, and what was seen. What has to be so, the test says. */

import type { PodObject } from './bed/bed.ts';
import { type Cost, type RayActor, type RayNode, type SampleCluster } from './first-contact-cluster.ts';
import { IDLE_LEFT, measure, podsAre, quietly, type Measured } from './first-contact-measure.ts';
import { placesOf } from './first-contact-tasks.ts';

const DECIDED = { timeoutMs: 180_000 };
const STARTED = { timeoutMs: 300_000 };

/** A worker that left: how Ray and the operator saw it. */
export type Leaving = {
  readonly pod: string;
  readonly node: RayNode | undefined;
  /** When the autoscaler named it for deletion. */
  readonly patchedAt: number;
  readonly deletedAt: number | undefined;
};

export type ActorsPlayed = Measured & {
  /** The operator's wish after each step. */
  readonly desired: readonly number[];
  /** From each command to the write that answers it. */
  readonly stepsMs: readonly number[];
  readonly statusWhilePending: string;
  readonly metricsWithTwo: string;
  readonly firstWorker: string;
  /** Actor 2, while both ran and after the other's worker had gone. */
  readonly other: readonly (RayActor | undefined)[];
  readonly leavings: readonly Leaving[];
};

/**
 * Evidence 1, A1 of KubeRay's own suite: actors 0 -> 1 -> 2 -> 1 -> 0. The workers of the cluster are held, so that each can be seen
 * while it is pending: `pending` says whether `ray status` shows that.
 */
export async function playActors(
  cluster: SampleCluster,
  pending: (status: string, pod: string) => boolean,
): Promise<ActorsPlayed> {
  const { bed } = cluster;
  const finish = await measure(cluster);
  const desired = [await cluster.desired()];
  const stepsMs: number[] = [];
  const left: { readonly pod: string; readonly patchedAt: number }[] = [];

  const step = async (script: string, name: string, want: number): Promise<void> => {
    const at = Date.now();
    const limit = want < (desired.at(-1) ?? 0) ? IDLE_LEFT : DECIDED;
    await cluster.sampleScript(script, name);
    await bed.waitFor(`desired ${want}`, async () => (await cluster.desired()) === want, limit);
    await podsAre(cluster, want);
    desired.push(await cluster.desired());
    const patch = cluster.patchesSince(at).find(({ replicas }) => replicas === want);
    stepsMs.push((patch?.at ?? Number.NaN) - at);
    for (const pod of patch?.delete ?? []) left.push({ pod, patchedAt: patch?.at ?? 0 });
  };
  const actor = async (name: string): Promise<RayActor | undefined> =>
    (await cluster.actors()).find((each) => each.name === name && each.state === 'ALIVE');
  const alive = async (name: string): Promise<RayActor> =>
    (await bed.waitFor(`${name} lives`, () => actor(name), { ...STARTED, everyMs: 1000 })).value;

  await step('detached_actor.py', 'actor1', 1);
  const firstWorker = (await cluster.workers())[0]?.metadata.name ?? '';
  const shown = async (): Promise<string | false> => {
    const text = await cluster.status();
    return pending(text, firstWorker) && text;
  };
  const statusWhilePending = (
    await bed.waitFor('ray status shows a pending worker', shown, { ...DECIDED, everyMs: 1000 })
  ).value;
  await cluster.release(firstWorker);
  await alive('actor1');

  await step('detached_actor.py', 'actor2', 2);
  await cluster.release(
    ...(await cluster.workers()).map(({ metadata }) => metadata.name).filter((name) => name !== firstWorker),
  );
  const before = await alive('actor2');
  const metricsWithTwo = await activeWorkers(cluster, 2);

  await step('terminate_detached_actor.py', 'actor1', 1);
  const after = await actor('actor2');
  await step('terminate_detached_actor.py', 'actor2', 0);

  const nodes = await cluster.nodes();
  const leavings = left.map(({ pod, patchedAt }) => ({
    pod,
    patchedAt,
    node: nodes.find((node) => node.pod === pod),
    deletedAt: cluster.deletedAt(pod),
  }));
  const other = [before, after];
  return { ...(await finish()), desired, stepsMs, statusWhilePending, metricsWithTwo, firstWorker, other, leavings };
}

export type BurstPlayed = Measured & {
  readonly firstPatchMs: number;
  readonly lastPatchMs: number;
  /** Until the last worker's containers ran, and until the last task did. */
  readonly allRunningMs: number;
  readonly allBegunMs: number;
  readonly upPatches: number;
  readonly lost: number;
};

/** Evidence 2: `count` tasks at once. */
export async function playBurst(cluster: SampleCluster, count: number): Promise<BurstPlayed> {
  const { bed } = cluster;
  const finish = await measure(cluster);
  const run = cluster.submit(count);
  const at = await run.submittedAt();
  const running = async (): Promise<boolean> => (await cluster.workers()).filter(isRunning).length === count;
  await bed.waitFor(`${count} workers run`, running, { timeoutMs: 600_000 });
  const allRunningMs = Date.now() - at;
  const begun = await run.begun();
  const up = cluster.patchesSince(at).filter(({ replicas }) => replicas !== undefined);
  await run.free();
  await run.done();
  await podsAre(cluster, 0);
  return {
    ...(await finish()),
    firstPatchMs: (up[0]?.at ?? Number.NaN) - at,
    lastPatchMs: (up.at(-1)?.at ?? Number.NaN) - at,
    allRunningMs,
    allBegunMs: Math.max(...begun.map((place) => place.at)) - at,
    upPatches: up.length,
    lost: run.lost,
  };
}

export type MinimumPlayed = Measured & {
  /** From kubectl's patch to the autoscaler's (which may leave that to the operator), and to the last worker in Ray. */
  readonly raisedPatchMs: number;
  readonly raisedRunningMs: number;
  /** From kubectl's patch to the last idle worker's end. */
  readonly loweredGoneMs: number;
  readonly begunAt: readonly string[];
  readonly endedAt: readonly string[];
  readonly lost: number;
};

/** Evidence 3: a task runs, the minimum goes to `minimum` and back to 0; only then the task ends. */
export async function playMinimum(cluster: SampleCluster, minimum: number): Promise<MinimumPlayed> {
  const { bed } = cluster;
  const finish = await measure(cluster);
  const run = cluster.submit(1);
  const begun = await run.begun();

  const raisedAt = Date.now();
  await cluster.setMinimum(minimum);
  const joined = async (): Promise<boolean> =>
    (await cluster.nodes()).filter(({ alive, pod }) => alive && pod !== cluster.head.pod).length === minimum;
  await bed.waitFor(`${minimum} workers in Ray`, joined, { timeoutMs: 600_000, everyMs: 2000 });
  const raisedRunningMs = Date.now() - raisedAt;
  const raisedPatch = cluster.patchesSince(raisedAt).find(({ replicas }) => replicas === minimum);

  const loweredAt = Date.now();
  await cluster.setMinimum(0);
  await podsAre(cluster, 1);
  const loweredGoneMs = Date.now() - loweredAt;
  await quietly(cluster, 1);
  await run.free();
  await run.done();
  await podsAre(cluster, 0);
  return {
    ...(await finish()),
    raisedPatchMs: (raisedPatch?.at ?? Number.NaN) - raisedAt,
    raisedRunningMs,
    loweredGoneMs,
    begunAt: placesOf(begun),
    endedAt: placesOf(run.ended),
    lost: run.lost,
  };
}

export type CrashPlayed = Measured & {
  /** From each kill to the next start. */
  readonly restartsMs: readonly number[];
  /** Rounds of each new process while nothing may happen. */
  readonly rounds: readonly number[];
  readonly mostPods: number;
  readonly begunAt: readonly string[];
  readonly endedAt: readonly string[];
  readonly lost: number;
};

/**
 * Evidence 4: three tasks bring three workers, which are held. The autoscaler is killed right after its patch, and again while two tasks
 * run and the third worker is still pending.
 */
export async function playCrash(cluster: SampleCluster): Promise<CrashPlayed> {
  const { bed } = cluster;
  const finish = await measure(cluster);
  const killed: Cost[] = [];
  const restartsMs: number[] = [];
  const kill = async (): Promise<void> => {
    killed.push(await cluster.cost());
    restartsMs.push(await cluster.killAutoscaler());
  };
  const run = cluster.submit(3);
  const at = await run.submittedAt();
  await bed.waitFor('replicas 3', async () => (await cluster.replicas()) === 3, DECIDED);
  await kill();
  let mostPods = await quietly(cluster, 3);
  const rounds = [await roundsOf(cluster)];

  const [first, second, third] = (await cluster.workers()).map(({ metadata }) => metadata.name);
  await cluster.release(...[first, second].filter((name) => name !== undefined));
  const two = await run.begun(2);
  await kill();
  mostPods = Math.max(mostPods, await quietly(cluster, 3));
  rounds.push(await roundsOf(cluster));
  if (third !== undefined) await cluster.release(third);
  const begun = await run.begun();
  mostPods = Math.max(mostPods, await quietly(cluster, 3));
  await run.free();
  await run.done();
  await podsAre(cluster, 0);
  const measured = await finish(killed);
  return {
    ...measured,
    created: cluster.createdSince(at),
    restartsMs,
    rounds,
    mostPods,
    begunAt: placesOf([...two, ...begun.filter(({ number }) => !two.some((place) => place.number === number))]),
    endedAt: placesOf(run.ended),
    lost: run.lost,
  };
}

/** `span`: from the first scale patch to the last. */
export type TogetherPlayed = Measured & { readonly span: { readonly from: number; readonly to: number } };

/** Evidence 6: the same number of tasks in several clusters at once, then nothing in any of them. */
export async function playTogether(
  clusters: readonly SampleCluster[],
  count: number,
): Promise<readonly TogetherPlayed[]> {
  return await Promise.all(
    clusters.map(async (cluster) => {
      const finish = await measure(cluster);
      const run = cluster.submit(count);
      await run.begun();
      await run.free();
      await run.done();
      await podsAre(cluster, 0);
      const measured = await finish();
      const instants = measured.patches.map(({ at }) => at);
      return { ...measured, span: { from: Math.min(...instants), to: Math.max(...instants) } };
    }),
  );
}

/** The metrics page of the pod's address, once it counts so many workers. */
async function activeWorkers(cluster: SampleCluster, count: number): Promise<string> {
  const counted = new RegExp(`^autoscaler_active_nodes\\{NodeType="small-group".*\\} ${count}(\\.0)?$`, 'm');
  const page = async (): Promise<string | false> => {
    const text = await cluster.metrics();
    return counted.test(text) && text;
  };
  return (await cluster.bed.waitFor(`metrics count ${count} workers`, page, { ...DECIDED, everyMs: 1000 })).value;
}

/** Rounds of the process that runs now. */
async function roundsOf(cluster: SampleCluster): Promise<number> {
  return Number(/^autoscaler_update_time_seconds_count.* (\S+)$/m.exec(await cluster.metrics())?.[1]);
}

function isRunning({ status }: PodObject): boolean {
  return status.phase === 'Running';
}
