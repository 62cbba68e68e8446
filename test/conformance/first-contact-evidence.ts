/** The lines that the side-by-side table is made of: `evidence: NAME side=... patches=... ...`, units in the names, the same names for either side. */

import type { SampleCluster } from './first-contact-cluster.ts';
import type { GroupPlayed, RequestPlayed } from './first-contact-group-scripts.ts';
import type { Measured } from './first-contact-measure.ts';
import type { ActorsPlayed, BurstPlayed, CrashPlayed, MinimumPlayed } from './first-contact-scripts.ts';

type Values = Readonly<Record<string, string | number>>;

export function tellActors(cluster: SampleCluster, played: ActorsPlayed): void {
  const [up1, up2, down1, down0] = played.stepsMs;
  tell('actors', cluster, played, {
    steps: played.desired.join('-'),
    firstPatchMs: whole(up1),
    secondPatchMs: whole(up2),
    firstIdlePatchMs: whole(down1),
    lastIdlePatchMs: whole(down0),
    deaths: played.leavings.map(({ node }) => node?.reason ?? 'none').join(','),
  });
}

export function tellBurst(cluster: SampleCluster, played: BurstPlayed): void {
  const { upPatches, firstPatchMs, lastPatchMs, allRunningMs, allBegunMs, lost } = played;
  tell('burst', cluster, played, {
    upPatches,
    firstPatchMs: whole(firstPatchMs),
    lastPatchMs: whole(lastPatchMs),
    allRunningMs: whole(allRunningMs),
    allBegunMs: whole(allBegunMs),
    lost,
  });
}

export function tellMinimum(cluster: SampleCluster, played: MinimumPlayed): void {
  const { raisedPatchMs, raisedRunningMs, loweredGoneMs, lost } = played;
  tell('minimum', cluster, played, {
    firstPatchMs: whole(raisedPatchMs),
    allRunningMs: whole(raisedRunningMs),
    allGoneMs: whole(loweredGoneMs),
    lost,
  });
}

export function tellCrash(cluster: SampleCluster, played: CrashPlayed): void {
  const { restartsMs, rounds, mostPods, lost } = played;
  tell('crash', cluster, played, { restartsMs: restartsMs.join(','), rounds: rounds.join(','), mostPods, lost });
}

export function tellGroup(cluster: SampleCluster, played: GroupPlayed): void {
  const { strategy, readyMs, firstPatchMs, allGoneMs, numbers } = played;
  tell(`group-${strategy.toLowerCase().replace('_', '-')}`, cluster, played, {
    steps: numbers.join('-'),
    firstPatchMs: whole(firstPatchMs),
    readyMs: whole(readyMs),
    allGoneMs: whole(allGoneMs),
  });
}

export function tellRequest(cluster: SampleCluster, played: RequestPlayed): void {
  const { joinedMs, keptMs, firstPatchMs, allGoneMs, numbers } = played;
  tell('request-resources', cluster, played, {
    steps: numbers.join('-'),
    firstPatchMs: whole(firstPatchMs),
    allJoinedMs: whole(joinedMs),
    keptIdleMs: whole(keptMs),
    allGoneMs: whole(allGoneMs),
  });
}

export function tellTogether(cluster: SampleCluster, played: Measured): void {
  tell('together', cluster, played, {});
}

function tell(
  name: string,
  { side }: SampleCluster,
  { patches, created, most, cost, wallMs }: Measured,
  values: Values,
): void {
  const all: Values = {
    side,
    patches: patches.length,
    ...values,
    podsMade: created,
    mostWanted: most,
    vmHwmMb: cost.vmHwmMb.toFixed(1),
    cpuSeconds: cost.cpuSeconds.toFixed(2),
    wallSeconds: (wallMs / 1000).toFixed(1),
  };
  const parts = Object.entries(all).map(([key, value]) => `${key}=${value}`);
  process.stderr.write(`evidence: ${name} ${parts.join(' ')}\n`);
}

/** `none` where the step was not seen. */
function whole(ms: number | undefined): string {
  return ms === undefined || Number.isNaN(ms) ? 'none' : String(Math.round(ms));
}
