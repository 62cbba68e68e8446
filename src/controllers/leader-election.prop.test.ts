/** Leader election under faults: never two that may write, and one that leads once the faults are over. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onElectionStage, type ElectionCandidate } from '../../test/support/election.ts';
import { overriding } from '../../test/support/hpa-process.ts';
import { epochMs } from '../core/time/time.ts';
import { KubeError, type CallOptions, type KubeApi } from '../ports/kube-api.ts';

/** From `from` to `from + lasts` seconds each call of one candidate is refused, answered late, or done with its reply lost. */
type Fault = {
  readonly who: number;
  readonly kind: 'refused' | 'late' | 'lost reply';
  readonly from: number;
  readonly lasts: number;
};
/** A candidate that is stopped, and comes back after a while. */
type Stop = { readonly who: number; readonly at: number; readonly away: number };

const CANDIDATES = 3;
const CALM_AFTER = 120;

const who = fc.integer({ min: 0, max: CANDIDATES - 1 });
const fault: fc.Arbitrary<Fault> = fc.record({
  who,
  kind: fc.constantFrom('refused', 'late', 'lost reply'),
  from: fc.integer({ min: 0, max: 90 }),
  lasts: fc.integer({ min: 1, max: 30 }),
});
const stop: fc.Arbitrary<Stop> = fc.record({
  who,
  at: fc.integer({ min: 1, max: 100 }),
  away: fc.integer({ min: 0, max: 20 }),
});

test('HPA-17.3 never two that may write, and one that leads once the faults are over', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(),
        skews: fc.array(fc.integer({ min: -7200, max: 7200 }), { minLength: CANDIDATES, maxLength: CANDIDATES }),
        faults: fc.array(fault, { maxLength: 6 }),
        stops: fc.array(stop, { maxLength: 3 }),
      }),
      play,
    ),
    { numRuns: 25 },
  );
});

type Plan = {
  readonly seed: number;
  readonly skews: readonly number[];
  readonly faults: readonly Fault[];
  readonly stops: readonly Stop[];
};

async function play({ seed, skews, faults, stops }: Plan): Promise<void> {
  await onElectionStage(async (stage) => {
    const begin = stage.clock.now();
    const elapsed = (): number => (stage.clock.now() - begin) / 1000;
    const current: (ElectionCandidate | undefined)[] = [];
    const faulty = (index: number) => (api: KubeApi) => {
      const call = async <T>(signal: AbortSignal, real: () => Promise<T>): Promise<T> => {
        const lost = new KubeError({ code: 0, reason: '', message: 'lost' });
        const kinds = faults
          .filter((one) => one.who === index && elapsed() >= one.from && elapsed() < one.from + one.lasts)
          .map(({ kind }) => kind);
        if (kinds.includes('refused')) throw lost;
        const answer = await real();
        if (kinds.includes('late')) await stage.clock.sleepUntil(epochMs(stage.clock.now() + 7000), signal);
        if (kinds.includes('lost reply')) throw lost;
        return answer;
      };
      // what was sent arrives, whether its caller still waits or not
      const sent: CallOptions = { signal: stage.signal };
      return overriding(api, {
        get: ((...args: Parameters<KubeApi['get']>) =>
          call(args[2].signal, () => api.get(args[0], args[1], sent))) as KubeApi['get'],
        create: (resource, object, { signal }) => call(signal, () => api.create(resource, object, sent)),
        update: (resource, object, { signal }) => call(signal, () => api.update(resource, object, sent)),
      });
    };
    let generation = 0;
    const run = async (index: number): Promise<void> => {
      while (!stage.signal.aborted) {
        const name = `${'abc'[index]}${generation++}`;
        const skewSeconds = skews[index] ?? 0;
        const candidate = stage.candidate(name, { skewSeconds, wrapApi: faulty(index) });
        current[index] = candidate;
        await candidate.ended.catch(() => undefined);
        current[index] = undefined;
        await stage.wait(away[index] ?? 1).catch(() => undefined);
      }
    };
    const away: number[] = [];
    for (let index = 0; index < CANDIDATES; index++) void run(index);
    for (const one of stops) {
      stage.clock.timer(epochMs(begin + one.at * 1000), () => {
        away[one.who] = one.away;
        void current[one.who]?.stop().catch(() => undefined);
      });
    }
    while (elapsed() < CALM_AFTER + 60) {
      const writers = current.filter(
        (one) => one?.election.isLeading === true && one.election.heldBack() === undefined,
      );
      expect(writers.length, `${elapsed()} s`).toBeLessThanOrEqual(1);
      await stage.wait(0.1);
    }
    expect(current.filter((one) => one?.election.isLeading === true)).toHaveLength(1);
  }, seed);
}
