import { expect, test } from 'vitest';
import { epochMs } from '../../core/time/time.ts';
import { agreesOf } from './same-inputs.ts';

const CPU = { metric: 'cpu', ratio: 2.5, toleranceRatio: 0.1, readyPods: 2, unreadyPods: 0, missingPods: 0 };
const SPEC = { minReplicas: 1, maxReplicas: 8 };

/** `from -> to` is what these numbers lead to. */
function agrees(numbers: Readonly<Record<string, number | string>>, from: number, to: number): boolean {
  return agreesOf({ ...SPEC, ...numbers }, undefined)({ at: epochMs(0), object: 'Deployment default/web', from, to });
}

const several = (first: object, second: object): Record<string, number | string> =>
  Object.fromEntries(
    [first, second].flatMap((metric, i) =>
      Object.entries(metric as Record<string, number | string>).map(([name, value]) => [
        `metrics[${i}].${name}`,
        value,
      ]),
    ),
  );

test.each([
  ['the proposal', { ...CPU, proposalReplicas: 5 }, [2, 5], true],
  ['another number', { ...CPU, proposalReplicas: 5 }, [2, 3], false],
  ['one step of growth on the way to the proposal', { ...CPU, proposalReplicas: 5 }, [1, 4], true],
  ['two of them between two looks', { ...CPU, proposalReplicas: 5 }, [1, 5], true],
  ['the other direction', { ...CPU, proposalReplicas: 5 }, [6, 4], false],
  ['maxReplicas', { ...CPU, proposalReplicas: 20 }, [4, 8], true],
  ['within tolerance: the number may stay, no more', { ...CPU, ratio: 1.05, proposalReplicas: 5 }, [2, 5], false],
  [
    'pods of the step that count as idle',
    { ...CPU, kept: 'within-tolerance', missingPods: 3, proposalReplicas: 5 },
    [2, 5],
    true,
  ],
  ['kept for another reason', { ...CPU, ratio: 0.5, kept: 'direction-changed', proposalReplicas: 5 }, [9, 5], false],
  ['no metrics at all', {}, [2, 5], false],
  ['one metric failed', several({ ...CPU, proposalReplicas: 5 }, { metric: 'memory', failure: 'no' }), [2, 5], false],
  ['the higher of two', several({ ...CPU, proposalReplicas: 5 }, { ...CPU, proposalReplicas: 3 }), [2, 5], true],
  ['the lower of two', several({ ...CPU, proposalReplicas: 5 }, { ...CPU, proposalReplicas: 3 }), [2, 3], false],
] as const)('%s', (_, numbers, [from, to], want) => {
  expect(agrees(numbers, from, to)).toBe(want);
});

/** 40 messages, 10 for each pod, as they look when there are four pods. */
const QUEUE = {
  metric: 'external metric queue(nil)',
  valueMilli: '40000',
  targetMilli: '10000',
  ratio: 1,
  toleranceRatio: 0.1,
  statusReplicas: 4,
  kept: 'within-tolerance',
};
const RATE = {
  metric: 'rps',
  valueMilli: '30000',
  targetMilli: '20000',
  ratio: 1.5,
  toleranceRatio: 0.1,
  readyPods: 3,
};

test.each([
  ['a value for each pod', QUEUE, [2, 4], true],
  ['a value for each pod, another number', QUEUE, [2, 3], false],
  ['a value for each pod, downwards', QUEUE, [7, 4], true],
  ['a value for each pod, from zero', QUEUE, [0, 4], true],
  ['a value for each pod, within tolerance where the step began', { ...QUEUE, valueMilli: '42000' }, [4, 5], false],
  ['a value for all', RATE, [2, 3], true],
  ['a value for all, another number', RATE, [2, 4], false],
  ['a value for all, from zero', RATE, [0, 2], true],
] as const)('%s', (_, numbers, [from, to], want) => {
  expect(agrees(numbers, from, to)).toBe(want);
});

const BEHAVIOR = {
  scaleUp: { selectPolicy: 'Max', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
  scaleDown: { selectPolicy: 'Disabled' },
} as const;

test.each([
  ['as far as the policy allows', [2, 3], true],
  ['two of its steps between two looks', [2, 4], true],
  ['beyond what the metrics ask for', [4, 5], false],
  ['where nothing may move', [7, 4], false],
] as const)('behavior: %s', (_, [from, to], want) => {
  const step = { at: epochMs(0), object: 'Deployment default/web', from, to };
  expect(agreesOf({ ...SPEC, ...QUEUE }, BEHAVIOR)(step)).toBe(want);
});
