import { expect, test } from 'vitest';
import { DISCOVERED } from '../../test/support/hpa.ts';
import { durationMs, epochMs } from '../core/time/time.ts';
import { err, ok } from '../lib/result.ts';
import { DiscoveryCache } from './discovery-cache.ts';

function subject(): { readonly cache: DiscoveryCache; readonly clock: { mono: number }; asked: number } {
  const clock = { mono: 0 };
  return {
    cache: new DiscoveryCache({ instant: () => ({ wall: epochMs(0), mono: durationMs(clock.mono) }) }),
    clock,
    asked: 0,
  };
}

test('HPA-3.1 what is served is asked for again after 30 s, or when it is forgotten', async () => {
  const on = subject();
  const discover = async (): Promise<ReturnType<typeof ok<typeof DISCOVERED>>> => {
    on.asked++;
    return ok(DISCOVERED);
  };
  for (const [mono, asked] of [
    [0, 1],
    [29_999, 1],
    [30_000, 2],
  ] as const) {
    on.clock.mono = mono;
    expect(await on.cache.kinds(discover)).toEqual(ok(DISCOVERED));
    expect(on.asked, `at ${mono} ms`).toBe(asked);
  }
  on.cache.reset();
  await on.cache.kinds(discover);
  expect(on.asked).toBe(3);
});

test('a failure is not remembered', async () => {
  const { cache } = subject();
  const failed = err({ code: 500, reason: 'InternalError', message: 'boom' });
  expect(await cache.kinds(async () => failed)).toEqual(failed);
  expect(await cache.kinds(async () => ok(DISCOVERED))).toEqual(ok(DISCOVERED));
});
