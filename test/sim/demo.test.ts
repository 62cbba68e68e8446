/** The main job at full speed: the guide's scenario comes out as promised, the same way each time, at every speed. */

import { describe, expect, test } from 'vitest';
import { instantWall, play, scalesByObject, type Run } from '../support/scenario.ts';

let guide: Promise<Run> | undefined;
const guideRun = (): Promise<Run> => (guide ??= play());

describe('the guide scenario', () => {
  test('holds every expectation', async () => {
    const { result } = await guideRun();
    expect(result.expectations.filter(({ held }) => !held)).toEqual([]);
    expect(result.expectations.length).toBeGreaterThanOrEqual(7);
  });

  test('HPA 1 -> 5 -> 1, workers 0 -> 10 -> 0, nodes grow for both and shrink', async () => {
    const { result } = await guideRun();
    expect(result.layers.map(({ layer, first, peak, last }) => ({ layer, first, peak, last }))).toMatchObject([
      { layer: 'hpa', first: 1, peak: 5, last: 1 },
      { layer: 'ray', first: 0, peak: 10, last: 0 },
      { layer: 'nodes', first: 0 },
    ]);
    const nodes = result.layers[2];
    expect(nodes?.peak).toBeGreaterThan(nodes?.last ?? Infinity);
    expect(nodes?.note).toContain('raycluster-head');
  });

  test('every decision has a reason, a sentence and its numbers', async () => {
    const { result } = await guideRun();
    expect(result.decisions.length).toBeGreaterThan(50);
    for (const record of result.decisions) {
      expect(record.reason, JSON.stringify(record)).not.toBe('');
      expect(record.message, JSON.stringify(record)).not.toBe('');
      expect(Object.keys(record.numbers).length, JSON.stringify(record)).toBeGreaterThan(0);
    }
  });

  test('nothing had to be survived', async () => {
    const { warnings } = await guideRun();
    expect(warnings).toEqual([]);
  });

  test('one seed gives one run, another seed another with the same outcome', async () => {
    const { result, steps } = await guideRun();
    const again = await play();
    expect(JSON.stringify(again.result)).toBe(JSON.stringify(result));
    expect(again.steps).toEqual(steps);
    const other = await play({ seed: 2 });
    expect(JSON.stringify(other.result)).not.toBe(JSON.stringify(result));
    expect(other.result.expectations.filter(({ held }) => !held)).toEqual([]);
  });

  test('at speed 20 each object goes through the same sequence', async () => {
    const { result } = await guideRun();
    const paced = await play({ speed: 20 }, { wall: instantWall() });
    expect(scalesByObject(paced.result.decisions)).toEqual(scalesByObject(result.decisions));
    expect(Object.keys(scalesByObject(result.decisions)).length).toBeGreaterThanOrEqual(3);
  });

  test('many seeds: no outcome hangs on a tick', async () => {
    for (let seed = 10; seed < 30; seed++) {
      const { result } = await play({ seed });
      expect(
        result.expectations.filter(({ held }) => !held),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });
});
