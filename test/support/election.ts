/** Candidates for one Lease on an embedded store and the jump clock, each with its own wall clock and its own way to the server. */

import { DEMO_START, EventClock } from '../../src/clock/event-clock.ts';
import { EmbeddedKubeApi } from '../../src/cluster/embedded-kube-api.ts';
import { ObjectStore } from '../../src/cluster/store.ts';
import { abortScope } from '../../src/controllers/deps.ts';
import { LeaderElection, type LeaderElectionSettings } from '../../src/controllers/leader-election.ts';
import type { Lease } from '../../src/core/kube/lease.ts';
import { LEASES } from '../../src/core/kube/resource.ts';
import { epochMs, seconds } from '../../src/core/time/time.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { KubeApi } from '../../src/ports/kube-api.ts';

export const LEASE_KEY = { namespace: 'kube-system', name: 'tandem-hpa' };

export const ELECTION: LeaderElectionSettings = {
  key: LEASE_KEY,
  leaseDurationMs: seconds(15),
  renewDeadlineMs: seconds(10),
  retryPeriodMs: seconds(2),
};

export type CandidateOptions = {
  readonly skewSeconds?: number;
  readonly wrapApi?: (api: KubeApi) => KubeApi;
  /** What it does while it leads; absent: waits for its end. */
  readonly work?: (lost: AbortSignal, stop: AbortSignal) => Promise<void>;
};

export type ElectionCandidate = {
  readonly election: LeaderElection;
  readonly lines: readonly string[];
  /** As SIGTERM does. */
  stop(): Promise<void>;
  readonly ended: Promise<void>;
};

export type ElectionStage = {
  readonly clock: EventClock;
  readonly store: ObjectStore;
  readonly signal: AbortSignal;
  wait(seconds: number): Promise<void>;
  candidate(name: string, options?: CandidateOptions): ElectionCandidate;
  /** The lease as it stands; undefined when there is none. */
  lease(): Lease | undefined;
};

export async function onElectionStage(play: (stage: ElectionStage) => Promise<void>, seed = 1): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(24 * 3600) });
  const random = new SeededRandom(seed);
  const store = new ObjectStore({ clock, random });
  const scope = abortScope();
  const { signal } = scope;
  const stage: ElectionStage = {
    clock,
    store,
    signal,
    wait: (s) => clock.sleepUntil(epochMs(clock.now() + s * 1000), signal),
    lease: () => store.list(LEASES).items.find(({ metadata }) => metadata.name === LEASE_KEY.name),
    candidate: (name, { skewSeconds = 0, wrapApi = (api: KubeApi) => api, work } = {}) => {
      const stop = abortScope(signal);
      const lines: string[] = [];
      const own = skewed(clock, skewSeconds * 1000);
      const api = wrapApi(new EmbeddedKubeApi({ store, clock, random, manager: name }));
      const log = {
        info: (text: string) => lines.push(`INFO ${text}`),
        warn: (text: string) => lines.push(`WARN ${text}`),
      };
      const deps = { api, clock: own, random: new SeededRandom(seed + name.length), log, signal: stop.signal };
      const election = new LeaderElection({ ...deps, identity: name, settings: ELECTION });
      const waits = (lost: AbortSignal): Promise<void> => eitherAborted(lost, stop.signal);
      const ended = election.lead((lost) => (work === undefined ? waits(lost) : work(lost, stop.signal)));
      ended.catch(() => undefined); // whoever waits for it sees it
      return {
        election,
        lines,
        ended,
        stop: () => {
          stop.abort(new Error(`${name} was told to stop`));
          return ended;
        },
      };
    },
  };
  await clock.run(async () => {
    await play(stage);
    scope.abort(new Error('the test is over'));
  });
}

/** Resolves as soon as one of them is aborted. */
export function eitherAborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}

/** The same time, by a wall clock that is set wrong. */
function skewed(clock: Clock, skewMs: number): Clock {
  return {
    kind: clock.kind,
    now: () => epochMs(clock.now() + skewMs),
    instant: () => {
      const { wall, mono } = clock.instant();
      return { wall: epochMs(wall + skewMs), mono };
    },
    sleepUntil: (at, signal) => clock.sleepUntil(epochMs(at - skewMs), signal),
    timer: (at, fire) => clock.timer(epochMs(at - skewMs), fire),
  };
}
