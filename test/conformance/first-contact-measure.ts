/** What every script of the first contact measures, and how it waits for workers. */

import { IDLE_SECONDS, type Cost, type SampleCluster, type ScalePatch } from './first-contact-cluster.ts';

/** How long an idle worker may stay on a busy machine. */
export const IDLE_LEFT = { timeoutMs: IDLE_SECONDS * 1000 + 240_000 };
/** Rounds come every five seconds; so long nothing may happen that should not. */
const QUIET_MS = 20_000;

export type Measured = {
  readonly patches: readonly ScalePatch[];
  readonly created: number;
  /** The most workers that were wanted at any time. */
  readonly most: number;
  readonly cost: Cost;
  readonly wallMs: number;
};

/** Measures from here to the call of what it returns. `killed`: what processes that are gone have cost. */
export async function measure(cluster: SampleCluster): Promise<(killed?: readonly Cost[]) => Promise<Measured>> {
  const at = Date.now();
  const before = await cluster.cost();
  return async (killed = []) => {
    const costs = [...killed, await cluster.cost()];
    const patches = cluster.patchesSince(at);
    return {
      patches,
      created: cluster.createdSince(at),
      most: Math.max(0, ...patches.map(({ replicas = 0 }) => replicas)),
      cost: {
        vmHwmMb: Math.max(...costs.map(({ vmHwmMb }) => vmHwmMb)),
        cpuSeconds: costs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) - before.cpuSeconds,
      },
      wallMs: Date.now() - at,
    };
  };
}

/** Waits until so many worker pods are there. */
export async function podsAre(cluster: SampleCluster, count: number): Promise<void> {
  const are = async (): Promise<boolean> => (await cluster.workers()).length === count;
  await cluster.bed.waitFor(`${count} worker pods`, are, IDLE_LEFT);
}

/** Watches for a while that the number of workers stays; the most that were there. */
export async function quietly(cluster: SampleCluster, count: number): Promise<number> {
  const until = Date.now() + QUIET_MS;
  let most = 0;
  const seen = async (): Promise<boolean> => {
    most = Math.max(most, (await cluster.workers()).length);
    return Date.now() >= until;
  };
  await cluster.bed.waitFor(`${count} worker pods stay`, seen, { timeoutMs: 2 * QUIET_MS, everyMs: 500 });
  return most;
}
