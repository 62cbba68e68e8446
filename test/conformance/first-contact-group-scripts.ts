/** Placement groups and `request_resources` of real Ray: what the scripts do, and what was seen. What has to be so, the test says. */

import { IDLE_SECONDS, type SampleCluster, type ScalePatch } from './first-contact-cluster.ts';
import type { Strategy } from './first-contact-groups.ts';
import { measure, podsAre, type Measured } from './first-contact-measure.ts';

const DECIDED = { timeoutMs: 180_000 };
const JOINED = { timeoutMs: 600_000, everyMs: 1000 };
/** An idle worker that nothing kept would have left well before this. */
const KEPT_MS = IDLE_SECONDS * 1000 + 20_000;

/** What either script saw. */
type Served = Measured & {
  /** The worker counts that were written, in order. */
  readonly numbers: readonly number[];
  readonly firstPatchMs: number;
  /** From the end of the demand to the last worker's end. */
  readonly allGoneMs: number;
  /** `ray status` between the decision and the workers, and with the workers. */
  readonly statuses: readonly string[];
};

export type GroupPlayed = Served & {
  readonly strategy: Strategy;
  readonly readyMs: number;
  /** The node of each bundle. */
  readonly nodeIds: readonly string[];
};

/** A group of two bundles of one CPU: from nothing to ready, removed, to nothing. */
export async function playGroup(cluster: SampleCluster, strategy: Strategy): Promise<GroupPlayed> {
  const finish = await measure(cluster);
  const run = cluster.placementGroup(strategy, 2);
  const at = await run.submittedAt();
  const statuses = [await statusOnceDecided(cluster, at)];
  const ready = await run.ready();
  statuses.push(await cluster.status());
  const removedAt = await run.remove();
  await podsAre(cluster, 0);
  const allGoneMs = Date.now() - removedAt;
  const measured = await finish();
  const readyMs = ready.at - at;
  const { nodeIds } = ready;
  return { ...measured, ...counts(measured, at), strategy, readyMs, nodeIds, allGoneMs, statuses };
}

export type RequestPlayed = Served & {
  readonly joinedMs: number;
  /** How long the idle workers were watched, and the fewest that were there. */
  readonly keptMs: number;
  readonly fewest: number;
};

/** `request_resources` for so many CPUs, which are `workers` workers: nothing runs on them; then for none. */
export async function playRequest(
  cluster: SampleCluster,
  { cpus, workers }: { readonly cpus: number; readonly workers: number },
): Promise<RequestPlayed> {
  const { bed } = cluster;
  const finish = await measure(cluster);
  const at = await cluster.requestCpus(cpus);
  const statuses = [await statusOnceDecided(cluster, at)];
  const joined = async (): Promise<boolean> =>
    (await cluster.nodes()).filter(({ alive, pod }) => alive && pod !== cluster.head.pod).length === workers;
  await bed.waitFor(`${workers} workers in Ray`, joined, JOINED);
  const joinedAt = Date.now();

  let fewest = workers;
  const watched = async (): Promise<boolean> => {
    fewest = Math.min(fewest, (await cluster.workers()).length);
    return Date.now() - joinedAt >= KEPT_MS;
  };
  await bed.waitFor(`${workers} idle workers stay`, watched, { timeoutMs: 2 * KEPT_MS, everyMs: 500 });
  const keptMs = Date.now() - joinedAt;
  statuses.push(await cluster.status());

  const freedAt = await cluster.requestCpus(0);
  await podsAre(cluster, 0);
  const allGoneMs = Date.now() - freedAt;
  const measured = await finish();
  return { ...measured, ...counts(measured, at), joinedMs: joinedAt - at, keptMs, fewest, allGoneMs, statuses };
}

async function statusOnceDecided(cluster: SampleCluster, at: number): Promise<string> {
  await cluster.bed.waitFor('a first decision', () => scaled(cluster.patchesSince(at)).length > 0, DECIDED);
  return await cluster.status();
}

function counts({ patches }: Measured, at: number): Pick<Served, 'numbers' | 'firstPatchMs'> {
  const steps = scaled(patches);
  return { numbers: steps.map(({ replicas }) => replicas), firstPatchMs: (steps[0]?.at ?? Number.NaN) - at };
}

/** Patches that set the number of workers. Another one, from before perhaps, only clears the names of workers that have gone. */
function scaled(patches: readonly ScalePatch[]): readonly (ScalePatch & { readonly replicas: number })[] {
  return patches.flatMap((patch) => (patch.replicas === undefined ? [] : [{ ...patch, replicas: patch.replicas }]));
}
