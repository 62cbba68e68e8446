/** Leader election on a store and the jump clock: who leads when, and what is lost, given back and told. */

import { describe, expect, test } from 'vitest';
import {
  eitherAborted,
  ELECTION,
  LEASE_KEY,
  onElectionStage,
  type ElectionCandidate,
} from '../../test/support/election.ts';
import { overriding } from '../../test/support/hpa-process.ts';
import { LEASES } from '../core/kube/resource.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { KubeError, type KubeApi } from '../ports/kube-api.ts';

const DOWN = new KubeError({ code: 0, reason: '', message: 'connection refused' });

/** A switch in front of the server. */
function breakable() {
  const line = { isDown: false, asked: 0 };
  const through =
    <A extends readonly unknown[], T>(call: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> => {
      line.asked++;
      return line.isDown ? Promise.reject(DOWN) : call(...args);
    };
  const wrapApi = (api: KubeApi): KubeApi =>
    overriding(api, {
      get: through((...args) => api.get(...args)) as KubeApi['get'],
      create: through((...args) => api.create(...args)) as KubeApi['create'],
      update: through((...args) => api.update(...args)) as KubeApi['update'],
    });
  return { line, wrapApi };
}

const leading = (...candidates: readonly ElectionCandidate[]): readonly boolean[] =>
  candidates.map(({ election }) => election.isLeading);

describe('HPA-17.3 one candidate', () => {
  test('leads at once, renews every two seconds and gives back', async () => {
    await onElectionStage(async (stage) => {
      const a = stage.candidate('a');
      await stage.wait(1);
      expect(leading(a)).toEqual([true]);
      expect(stage.lease()?.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
      const first = Number(stage.lease()?.metadata.resourceVersion);
      await stage.wait(20);
      const writes = Number(stage.lease()?.metadata.resourceVersion) - first;
      expect(writes).toBeGreaterThanOrEqual(9);
      expect(writes).toBeLessThanOrEqual(10);
      expect([a.election.heldBack(), a.election.trouble()]).toEqual([undefined, undefined]);
      await a.stop();
      expect(stage.lease()?.spec).toMatchObject({ leaseDurationSeconds: 1, leaseTransitions: 0 });
      expect(stage.lease()?.spec?.holderIdentity).toBeUndefined();
      expect(a.lines).toEqual(['INFO leading: the lease kube-system/tandem-hpa is held by this process']);
    });
  });

  test('goes on renewing while the work ends, and gives back after it', async () => {
    await onElectionStage(async (stage) => {
      let holderAtTheEnd: string | undefined;
      const a = stage.candidate('a', {
        work: async (_, stop) => {
          await eitherAborted(stop);
          await stage.clock.sleepUntil(epochMs(stage.clock.now() + 60_000), stage.signal);
          holderAtTheEnd = stage.lease()?.spec?.holderIdentity;
        },
      });
      await stage.wait(5);
      await a.stop();
      expect(holderAtTheEnd).toBe('a');
      expect(a.election.heldBack()).toBeUndefined();
      expect(stage.lease()?.spec?.holderIdentity).toBeUndefined();
    });
  });

  test('work that fails gives the lease back, and its error is told', async () => {
    await onElectionStage(async (stage) => {
      const a = stage.candidate('a', { work: () => Promise.reject(new Error('broken work')) });
      await expect(a.ended).rejects.toThrow('broken work');
      expect(stage.lease()?.spec?.holderIdentity).toBeUndefined();
    });
  });

  test('before it leads a stop is its end, and nothing is given back that is not ours', async () => {
    await onElectionStage(async (stage) => {
      stage.candidate('a');
      await stage.wait(1);
      const b = stage.candidate('b');
      await stage.wait(5);
      await expect(b.stop()).rejects.toThrow('b was told to stop');
      expect(stage.lease()?.spec?.holderIdentity).toBe('a');
      expect(b.lines).toEqual(['INFO waiting for the lease kube-system/tandem-hpa: a holds it']);
    });
  });
});

describe('HPA-17.3 two candidates', () => {
  test('of two that start together one leads', async () => {
    await onElectionStage(async (stage) => {
      const both = [stage.candidate('a'), stage.candidate('b')];
      await stage.wait(60);
      expect(leading(...both).filter(Boolean)).toHaveLength(1);
    });
  });

  test('when the leader is stopped the other one follows within one retry', async () => {
    await onElectionStage(async (stage) => {
      const a = stage.candidate('a');
      await stage.wait(1);
      const b = stage.candidate('b');
      await stage.wait(30);
      expect(leading(a, b)).toEqual([true, false]);
      await a.stop();
      await stage.wait(4.6); // a retry and its jitter: 2 s to 4.4 s
      expect(leading(a, b)).toEqual([false, true]);
      expect(stage.lease()?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
    });
  });

  test.each([0, -3600, 3600])(
    'a leader that falls silent is waited out, by a clock that is %i s off',
    async (skewSeconds) => {
      await onElectionStage(async (stage) => {
        const { line, wrapApi } = breakable();
        const a = stage.candidate('a', { wrapApi, skewSeconds });
        await stage.wait(1);
        const b = stage.candidate('b');
        await stage.wait(60);
        expect(leading(a, b)).toEqual([true, false]);
        line.isDown = true;
        const begin = stage.clock.now();
        await expect(a.ended).rejects.toMatchObject({
          code: 'TANDEM_LEASE_LOST',
          message:
            'the lease kube-system/tandem-hpa could not be renewed for 10s (connection refused): another process may lead now, so this one ends; start it again to take its turn',
        });
        const lostAfter = (stage.clock.now() - begin) / 1000;
        expect(lostAfter).toBeGreaterThan(9.9);
        expect(lostAfter).toBeLessThan(12.1);
        expect(leading(a, b)).toEqual([false, false]);
        while (!b.election.isLeading) await stage.wait(0.1);
        const takenAfter = (stage.clock.now() - begin) / 1000;
        expect(takenAfter).toBeGreaterThan(13);
        expect(takenAfter).toBeLessThan(15 + 2 * 4.5);
      });
    },
  );

  test('a renewal that fails for less than the deadline keeps the lead, and both are told once', async () => {
    await onElectionStage(async (stage) => {
      const { line, wrapApi } = breakable();
      const a = stage.candidate('a', { wrapApi });
      const b = stage.candidate('b');
      await stage.wait(10);
      line.isDown = a.election.isLeading;
      await stage.wait(7);
      line.isDown = false;
      await stage.wait(60);
      expect(leading(a, b)).toEqual([true, false]);
      expect(a.lines.slice(1)).toEqual([
        'WARN the lease kube-system/tandem-hpa could not be renewed: connection refused',
        'INFO the lease kube-system/tandem-hpa is renewed again',
      ]);
    });
  });

  test('a lease that somebody else is seen to hold is lost at once', async () => {
    await onElectionStage(async (stage) => {
      const a = stage.candidate('a');
      await stage.wait(1);
      const taken = stage.lease();
      const spec = { ...taken?.spec, holderIdentity: 'thief' };
      if (taken !== undefined)
        stage.store.update(LEASES, { ...taken, spec }, { manager: 'thief', operation: 'Update' });
      const begin = stage.clock.now();
      await expect(a.ended).rejects.toThrow('the lease kube-system/tandem-hpa was taken by thief: another process');
      expect(stage.clock.now() - begin).toBeLessThan(2500);
      expect(stage.lease()?.spec?.holderIdentity).toBe('thief');
    });
  });
});

describe('HPA-17.3 a server that is no good', () => {
  test('refusals are told once while it waits, and it leads when they end', async () => {
    await onElectionStage(async (stage) => {
      let isRefused = true;
      const refusal = new KubeError({ code: 403, reason: 'Forbidden', message: 'leases is forbidden' });
      const a = stage.candidate('a', {
        wrapApi: (api) =>
          overriding(api, {
            get: ((...args: Parameters<KubeApi['get']>) =>
              isRefused ? Promise.reject(refusal) : api.get(...args)) as KubeApi['get'],
          }),
      });
      await stage.wait(60);
      isRefused = false;
      await stage.wait(5);
      expect(leading(a)).toEqual([true]);
      expect(a.lines).toEqual([
        'WARN the lease kube-system/tandem-hpa could not be taken: leases is forbidden',
        'INFO leading: the lease kube-system/tandem-hpa is held by this process',
      ]);
    });
  });

  test('an answer that does not come is cut, and the deadline holds', async () => {
    await onElectionStage(async (stage) => {
      let hangs = false;
      const a = stage.candidate('a', {
        wrapApi: (api) =>
          overriding(api, {
            update: ((...args: Parameters<KubeApi['update']>) =>
              hangs
                ? new Promise((_, reject) =>
                    args[2].signal.addEventListener('abort', () => reject(args[2].signal.reason)),
                  )
                : api.update(...args)) as KubeApi['update'],
          }),
      });
      await stage.wait(1);
      hangs = true;
      const begin = stage.clock.now();
      await expect(a.ended).rejects.toThrow(
        'could not be renewed for 10s (the write of the lease kube-system/tandem-hpa was not answered within',
      );
      expect(stage.clock.now() - begin).toBeLessThan(12_100);
    });
  });

  test('a renewal whose reply was lost counts when it is read again', async () => {
    await onElectionStage(async (stage) => {
      let losses = 0;
      const a = stage.candidate('a', {
        wrapApi: (api) =>
          overriding(api, {
            update: (async (...args: Parameters<KubeApi['update']>) => {
              const answer = await api.update(...args);
              if (losses++ < 3) throw DOWN;
              return answer;
            }) as KubeApi['update'],
          }),
      });
      await stage.wait(60);
      expect(leading(a)).toEqual([true]);
      expect(losses).toBeGreaterThan(10);
    });
  });

  test('a lease that cannot be given back is told of and runs out', async () => {
    await onElectionStage(async (stage) => {
      const { line, wrapApi } = breakable();
      const a = stage.candidate('a', { wrapApi });
      await stage.wait(3);
      line.isDown = true;
      await a.stop();
      expect(a.lines.at(-1)).toBe(
        'WARN the lease kube-system/tandem-hpa was not given back and runs out in 15s: connection refused',
      );
    });
  });

  test('a renewal that a stop broke off does not keep it from being given back', async () => {
    await onElectionStage(async (stage) => {
      const slow = { ms: 0 };
      const a = stage.candidate('a', {
        wrapApi: (api) =>
          overriding(api, {
            update: (async (...args: Parameters<KubeApi['update']>) => {
              const answer = await api.update(args[0], args[1], { signal: stage.signal });
              const { ms } = slow;
              slow.ms = 0;
              await stage.clock.sleepUntil(epochMs(stage.clock.now() + ms), args[2].signal);
              return answer;
            }) as KubeApi['update'],
          }),
      });
      await stage.wait(1);
      slow.ms = 3000;
      await stage.wait(2.5);
      await a.stop();
      expect(stage.lease()?.spec?.holderIdentity).toBeUndefined();
    });
  });
});

test('a process that was held up past its time writes nothing, and its health check says so', async () => {
  await onElectionStage(async (stage) => {
    // renewals stand still, as those of a stopped process do
    const never = new Promise<never>(() => undefined);
    let stands = false;
    const a = stage.candidate('a', {
      wrapApi: (api) =>
        overriding(api, {
          update: ((...args: Parameters<KubeApi['update']>) =>
            stands ? never : api.update(...args)) as KubeApi['update'],
        }),
    });
    await stage.wait(1);
    stands = true;
    const mono = stage.clock.instant().mono;
    const { election } = a;
    expect(election.heldBack()).toBeUndefined();
    // asked at a later time than its renewals were woken at
    const late = (s: number): string | undefined => {
      const real = stage.clock.instant.bind(stage.clock);
      stage.clock.instant = () => ({ ...real(), mono: seconds(mono / 1000 + s) });
      const said = [election.heldBack(), election.trouble()].join('; ');
      stage.clock.instant = real;
      return said;
    };
    expect(late(16)).toBe('the lease kube-system/tandem-hpa ran out; ');
    expect(late(36)).toMatch(/ran out; the lease kube-system\/tandem-hpa was not renewed for 3[67]s$/);
    await expect(a.ended).rejects.toMatchObject({ code: 'TANDEM_LEASE_LOST' });
  });
});

test('the settings here are the defaults of kube-controller-manager', () => {
  expect(ELECTION).toEqual({ key: LEASE_KEY, leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 });
});
