import { expect, test } from 'vitest';
import type { HorizontalPodAutoscalerSpec } from '../kube/hpa.ts';
import { isWithinTolerance, toleranceOf } from './tolerance.ts';

const spec = (behavior?: HorizontalPodAutoscalerSpec['behavior']): HorizontalPodAutoscalerSpec => ({
  scaleTargetRef: { kind: 'Deployment', name: 'web' },
  maxReplicas: 10,
  ...(behavior === undefined ? {} : { behavior }),
});

test.each([
  ['without behavior that of the flag', undefined, { down: 0.1, up: 0.1 }],
  ['one direction by itself', { scaleUp: { tolerance: '500m' }, scaleDown: {} }, { down: 0.1, up: 0.5 }],
  ['0 is a value', { scaleUp: {}, scaleDown: { tolerance: '0' } }, { down: 0, up: 0.1 }],
  ['HPA-18.9 thousandths times 0.001', { scaleUp: { tolerance: '570m' } }, { down: 0.1, up: 0.5700000000000001 }],
  ['HPA-18.9 tenths times 0.1', { scaleUp: { tolerance: '0.3' } }, { down: 0.1, up: 0.30000000000000004 }],
])('HPA-7.2 %s', (_name, behavior, want) => {
  expect(toleranceOf(spec(behavior), 0.1)).toEqual(want);
});

test.each([
  ['HPA-7.1 the upper end belongs to it', 1.1, { down: 0.1, up: 0.1 }, true],
  ['HPA-7.1 the lower end belongs to it', 0.9, { down: 0.1, up: 0.1 }, true],
  ['HPA-7.1 one step above does not', 1.1000000000000003, { down: 0.1, up: 0.1 }, false],
  ['HPA-7.1 one step below does not', 0.8999999999999999, { down: 0.1, up: 0.1 }, false],
  ['HPA-7.1 no number never is', NaN, { down: 1, up: 1 }, false],
  ['HPA-7.1 infinity never is', Infinity, { down: 1, up: 1 }, false],
  ['HPA-7.2 each side has its own: above', 1.2, { down: 0.5, up: 0.1 }, false],
  ['HPA-7.2 each side has its own: below', 0.6, { down: 0.5, up: 0.1 }, true],
  ['HPA-7.5 1 on the way down: nothing is too low', 0, { down: 1, up: 0.1 }, true],
  ['HPA-7.5 1 on the way down: but something is too high', 1.11, { down: 1, up: 0.1 }, false],
])('%s', (_name, ratio, tolerance, want) => {
  expect(isWithinTolerance(ratio, tolerance)).toBe(want);
});
