import { describe, expect, test } from 'vitest';
import { durationMs, seconds } from '../time/time.ts';
import { newWatch, seeMark, seeReport, verdictOf, withOwnReport, type SecondWriterWatch } from './second-writer.ts';

const report = (autoscalerStateVersion: number, lastSeenClusterResourceStateVersion: number) => ({
  autoscalerStateVersion,
  lastSeenClusterResourceStateVersion,
});
const at = (s: number) => seconds(s);

/** What a watch says after each look. */
function play(
  steps: readonly (readonly [at: number, step: (watch: SecondWriterWatch, at: number) => SecondWriterWatch])[],
): readonly string[] {
  let watch = newWatch(seconds(8), durationMs(0));
  return steps.map(([second, step]) => {
    watch = step(watch, second);
    return verdictOf(watch);
  });
}

const sees = (mark: ReturnType<typeof report> | undefined) => (watch: SecondWriterWatch, second: number) =>
  seeReport(watch, mark, at(second));
const reports = (mark: ReturnType<typeof report>) => (watch: SecondWriterWatch) => withOwnReport(watch, mark);
const marks = (value: string) => (watch: SecondWriterWatch, second: number) =>
  seeMark(watch, { name: 'address', value, evidence: 'the address changed' }, at(second));

describe('who else writes', () => {
  test('nothing is known before the first look', () => {
    expect(verdictOf(newWatch(seconds(8), durationMs(0)))).toBe('watching');
  });

  test('without any report there is nobody, at once', () => {
    expect(play([[0, sees(undefined)]])).toEqual(['alone']);
  });

  test('a report that stands still for longer than a round was left behind', () => {
    expect(
      play([
        [0, sees(report(9, 40))],
        [7, sees(report(9, 40))],
        [8, sees(report(9, 40))],
      ]),
    ).toEqual(['watching', 'watching', 'alone']);
  });

  test('a report that changes comes from somebody, even under the same number', () => {
    expect(
      play([
        [0, sees(report(9, 40))],
        [5, sees(report(9, 46))],
      ]),
    ).toEqual(['watching', 'foreign']);
  });

  test('our own reports never count, late ones neither', () => {
    expect(
      play([
        [0, sees(undefined)],
        [1, reports(report(1, 2))],
        [2, sees(report(1, 2))],
        [3, reports(report(2, 5))],
        [4, sees(report(1, 2))],
        [5, sees(report(2, 5))],
      ]),
    ).toEqual(['alone', 'alone', 'alone', 'alone', 'alone', 'alone']);
  });

  test('somebody who comes later is seen when a report is not ours', () => {
    expect(
      play([
        [0, sees(undefined)],
        [1, reports(report(1, 2))],
        [2, sees(report(1, 2))],
        [3, sees(report(1, 4))],
      ]),
    ).toEqual(['alone', 'alone', 'alone', 'foreign']);
  });

  test('whoever was seen is gone after three silences, not earlier', () => {
    expect(
      play([
        [0, sees(report(1, 2))],
        [5, sees(report(1, 7))],
        [28, sees(report(1, 7))],
        [29, sees(report(1, 7))],
      ]),
    ).toEqual(['watching', 'foreign', 'foreign', 'alone']);
  });

  test('a mark counts when it changes, not when it is first seen', () => {
    expect(
      play([
        [0, sees(undefined)],
        [1, marks('a')],
        [2, marks('a')],
        [3, marks('b')],
        [4, sees(undefined)],
        [27, marks('b')],
      ]),
    ).toEqual(['alone', 'alone', 'alone', 'foreign', 'foreign', 'alone']);
  });
});
