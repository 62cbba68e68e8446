/** The main job as a person watches it: paced by the real wall, with Ray's autoscaler behind a real connection. */

import { expect, test } from 'vitest';
import { play } from '../support/scenario.ts';

test('every expectation holds when the autoscaler asks over gRPC, and no port stays open', async () => {
  const servers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
  const before = servers();
  let most = 0;
  const warnings: string[] = [];
  const { result } = await play({
    speed: 200,
    observer: {
      step: () => undefined,
      decision: () => (most = Math.max(most, servers())),
      warning: (at, text) => warnings.push(`${at} ${text}`),
    },
  });
  expect(result.expectations.filter(({ held }) => !held)).toEqual([]);
  expect(result.layers.map(({ layer, first, peak, last }) => ({ layer, first, peak, last }))).toMatchObject([
    { layer: 'hpa', first: 1, peak: 5, last: 1 },
    { layer: 'ray', first: 0, peak: 10, last: 0 },
    { layer: 'nodes', first: 0 },
  ]);
  expect(warnings).toEqual([]);
  expect(most).toBeGreaterThan(before);
  expect(servers()).toBe(before);
});
