import { expect, test } from 'vitest';
import { RESULT } from '../../../test/support/sample-run.ts';
import { createPaint } from './paint.ts';
import { allHeld, renderExpectations, renderLength, renderSummary, renderUnserved } from './summary.ts';

const plain = createPaint('plain');
const broken = { name: 'nodes shrink again', held: false, detail: '0 -> 4 -> 4' };

test('one line per layer: first, peak, last, and why what is left is left', () => {
  expect(`\n${renderSummary(RESULT.layers, plain)}`).toMatchInlineSnapshot(`
    "
    First, peak and last of each layer:
    hpa    HPA web on Deployment web                          1 -> 5 -> 1 replicas
    ray    worker group small-group of RayCluster raycluster  0 -> 10 -> 0 workers
    nodes  nodes                                              0 -> 4 -> 1 nodes     default-1 holds the head and 1 replica"
  `);
});

test('expectations with their detail, then how many held', () => {
  expect(`\n${renderExpectations(RESULT.expectations, 'guide', plain)}`).toMatchInlineSnapshot(`
    "
    held      HPA web: 1 -> 5 -> 1 (1 -> 5 -> 1)
    held      no running task lost (30 finished, 0 lost)
    2 of 2 expectations held."
  `);
  expect(`\n${renderExpectations([...RESULT.expectations, broken], 'guide', plain)}`).toMatchInlineSnapshot(`
    "
    held      HPA web: 1 -> 5 -> 1 (1 -> 5 -> 1)
    held      no running task lost (30 finished, 0 lost)
    NOT HELD  nodes shrink again (0 -> 4 -> 4)
    1 of 3 expectations did not hold."
  `);
});

test('nothing expected is not everything held', () => {
  expect(renderExpectations([], 'manifests', plain)).toBe('Nothing here scales by itself, so nothing was expected.');
});

test("what the guide is held to, and one's own manifests are not, is said", () => {
  const text = renderExpectations(RESULT.expectations, 'manifests', plain);
  expect(text.split('\n').at(-1)).toBe(
    '2 of 2 expectations held. Your own manifests are held to bounds and tasks only, not to the figures of the guide.',
  );
});

test('what did not work is said with its reason, a long list is cut', () => {
  const one = { object: 'HPA web on Deployment web', problem: 'never got a number', reason: 'missing request for cpu' };
  expect(renderUnserved([], plain)).toBe('');
  expect(renderUnserved([one], plain)).toBe(
    'Not everything worked:\n- HPA web on Deployment web: never got a number: missing request for cpu',
  );
  const lines = renderUnserved(
    Array.from({ length: 40 }, () => one),
    plain,
  ).split('\n');
  expect(lines.length).toBeLessThan(15);
  expect(lines.at(-1)).toBe('- and 28 more');
});

test('a run succeeds when all that was expected held', () => {
  expect(allHeld(RESULT)).toBe(true);
  expect(allHeld({ ...RESULT, expectations: [...RESULT.expectations, broken] })).toBe(false);
});

test('how long it was', () => {
  expect(renderLength(RESULT)).toBe('20:00 of virtual time, 5 decisions.');
});
