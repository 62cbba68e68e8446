/** One member of an HPA object after another made what it should not be, or only just may be. */

import { isObject, type Fields, type Json } from './hpa-generator-types.ts';
import { quantityText } from './hpa-generator-texts.ts';
import type { Dice } from './ray-dice.ts';

/** One place of an object and what to put there; undefined takes it away. */
type Change = readonly [path: readonly (string | number)[], values: readonly (Json | undefined)[]];

const PATHS = ['', '.', '..', 'a/b', 'a%b', 'web', 'A', undefined];
const COUNTS = [0, 1, -1, 2_147_483_647, -2_147_483_648, undefined];
const METRIC = ['spec', 'metrics', 0];
const TARGET_FIELDS = ['type', 'value', 'averageValue', 'averageUtilization'] as const;

export const CHANGES: readonly Change[] = [
  [
    ['metadata', 'name'],
    ['', 'Web', 'web_1', '-a', 'a'.repeat(254), 'a'.repeat(253), undefined],
  ],
  [
    ['metadata', 'generation'],
    [0, 5],
  ],
  [
    ['metadata', 'labels'],
    [{ 'bad key': 'x' }, { a: 'ok' }, { a: '-bad-' }, {}],
  ],
  [
    ['metadata', 'annotations'],
    [{ 'autoscaling.alpha.kubernetes.io/metrics': '[]' }, { 'a b': 'x' }, { ok: 'x' }],
  ],
  [['spec', 'minReplicas'], COUNTS],
  [['spec', 'maxReplicas'], COUNTS],
  [
    ['spec', 'scaleTargetRef', 'kind'],
    [...PATHS, 'ReplicationController'],
  ],
  [['spec', 'scaleTargetRef', 'name'], PATHS],
  [
    ['spec', 'scaleTargetRef', 'apiVersion'],
    ['', '/', 'v1', 'a/b/c', 'apps', 'apps/', '/v1', 'apps/v1', undefined],
  ],
  [
    ['spec', 'scaleTargetRef'],
    [undefined, {}],
  ],
  [
    ['spec', 'metrics'],
    [[], null, [{}], [null], undefined],
  ],
  [
    [...METRIC, 'type'],
    ['', 'Bogus', 'resource', 'Pods', 'Object', 'External', 'Resource', 'ContainerResource', undefined],
  ],
  [
    [...METRIC, 'resource'],
    [undefined, {}, { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } }],
  ],
  [
    [...METRIC, 'pods'],
    [undefined, {}, { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1' } }],
  ],
  [
    [...METRIC, 'external'],
    [undefined, {}, { metric: { name: '' }, target: {} }],
  ],
  [
    [...METRIC, 'object'],
    [undefined, {}, { metric: { name: 'm' }, describedObject: {}, target: { type: 'Value' } }],
  ],
  [
    [...METRIC, 'containerResource'],
    [undefined, {}, { name: 'x', container: 'c', target: {} }],
  ],
  [
    [...METRIC, 'resource', 'name'],
    ['', 'CPU', 'anything goes', 'a/b/c', undefined],
  ],
  [
    [...METRIC, 'containerResource', 'name'],
    ['', 'foo', 'a/b', 'a/b/c', 'hugepages-2Mi', 'hugepages-x', 'requests.cpu', 'kubernetes.io/x', 'pods'],
  ],
  [
    [...METRIC, 'containerResource', 'container'],
    ['', 'C', 'a.b', 'a'.repeat(64), 'ok', undefined],
  ],
  [
    [...METRIC, 'object', 'describedObject', 'apiVersion'],
    ['a/b/c', '', 'v1', undefined],
  ],
  [[...METRIC, 'object', 'describedObject', 'kind'], PATHS],
  [[...METRIC, 'object', 'describedObject', 'name'], PATHS],
  ...['pods', 'object', 'external'].flatMap((source): readonly Change[] => [
    [
      [...METRIC, source, 'metric', 'name'],
      [...PATHS, 'a/b%c'],
    ],
    [
      [...METRIC, source, 'metric', 'selector'],
      [{ matchExpressions: [{ key: 'a', operator: 'Like' }] }, null, {}],
    ],
  ]),
  ...['pods', 'object', 'external', 'resource', 'containerResource'].flatMap((source): readonly Change[] => [
    [
      [...METRIC, source, 'target', 'type'],
      ['', 'Utilization', 'Value', 'AverageValue', 'value', undefined],
    ],
    [
      [...METRIC, source, 'target', 'value'],
      ['0', '-1', '1', '1n', '2', undefined],
    ],
    [
      [...METRIC, source, 'target', 'averageValue'],
      ['0', '-1m', '1', '0.0000000001', '3', undefined],
    ],
    [
      [...METRIC, source, 'target', 'averageUtilization'],
      [0, -1, 1, 50, undefined],
    ],
  ]),
  ...['scaleUp', 'scaleDown'].flatMap((way): readonly Change[] => [
    [
      ['spec', 'behavior', way, 'stabilizationWindowSeconds'],
      [-1, 0, 3600, 3601, undefined],
    ],
    [
      ['spec', 'behavior', way, 'selectPolicy'],
      ['', 'Max', 'Min', 'Disabled', 'max', null],
    ],
    [
      ['spec', 'behavior', way, 'policies'],
      [[], null, [{}], undefined],
    ],
    [
      ['spec', 'behavior', way, 'policies', 0],
      [
        { type: 'Pods', value: 1, periodSeconds: 1801 },
        { type: '', value: 0, periodSeconds: 0 },
        { type: 'percent', value: -1, periodSeconds: -1 },
        { type: 'Percent', value: 100, periodSeconds: 1800 },
      ],
    ],
    [
      ['spec', 'behavior', way, 'tolerance'],
      ['-0.1', '0', '1', '-1n', '100', null],
    ],
  ]),
  [
    ['spec', 'behavior'],
    [{}, null, { scaleUp: {}, scaleDown: {} }, undefined],
  ],
  [
    ['status', 'currentReplicas'],
    [-1, 0, 5],
  ],
  [
    ['status', 'desiredReplicas'],
    [-1, 0, 5],
  ],
  [
    ['status', 'conditions'],
    [[{ type: 'X', status: 'True', observedGeneration: -1 }], [{}], null],
  ],
];

/** What does not decode, and what decodes otherwise than it looks. */
export const ODD_TYPES: readonly Change[] = [
  [
    ['spec', 'maxReplicas'],
    ['5', 1.5, 5.0, 2_147_483_648, true, [], {}],
  ],
  [
    ['spec', 'minReplicas'],
    ['1', -2_147_483_649, false, null],
  ],
  [
    ['spec', 'metrics'],
    ['x', {}, [1], [[]]],
  ],
  [
    ['spec', 'scaleTargetRef'],
    ['Deployment/web', [], null],
  ],
  [
    ['spec', 'scaleTargetRef', 'kind'],
    [1, null],
  ],
  [['spec', 'metrics', 0, 'type'], [5]],
  [
    ['spec', 'metrics', 0, 'resource', 'target', 'averageValue'],
    [5, 1.5, 'x', '1 k', '', true, ' 5 ', '1K', null, {}],
  ],
  [
    ['spec', 'metrics', 0, 'resource', 'target', 'averageUtilization'],
    ['50', 50.5],
  ],
  [
    ['spec', 'metrics', 0, 'external', 'target', 'value'],
    [5, 'abc', '-', '.'],
  ],
  [
    ['spec', 'behavior', 'scaleUp', 'tolerance'],
    [0.1, '10%', 1],
  ],
  [
    ['spec', 'behavior', 'scaleUp', 'policies'],
    ['x', [1]],
  ],
  [
    ['spec', 'behavior'],
    [[], 'x'],
  ],
  [['spec'], [[], null, 'x', undefined]],
  [['metadata'], [[], null, undefined]],
  [
    ['metadata', 'name'],
    [5, null],
  ],
  [
    ['metadata', 'labels'],
    [{ a: 1 }, []],
  ],
  [
    ['metadata', 'creationTimestamp'],
    ['x', '2026-01-01T00:00:00Z'],
  ],
  [
    ['status', 'lastScaleTime'],
    ['yesterday', 5],
  ],
  [['apiVersion'], ['autoscaling/v2beta2', 'autoscaling/v9', 'autoscaling/v1', 'autoscaling/v2', 5, 'a/b/c', '']],
  [['kind'], ['Scale', 'Nothing', 'HorizontalPodAutoscaler', '', 5]],
  [['unknown'], ['x']],
  [['spec', 'unknown'], [{ a: 1 }]],
];

/** The object with one member, on an existing path only: what is not there is not made up, but for the last step. */
function changed(value: Json | undefined, path: readonly (string | number)[], to: Json | undefined): Json | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return to;
  if (typeof first === 'number') {
    if (!Array.isArray(value) || value.length === 0) return value;
    const list = value as readonly Json[]; // Array.isArray forgets that it is read-only
    return list.with(first, changed(list[first], rest, to) ?? null);
  }
  if (!isObject(value)) return value;
  if (rest.length > 0 && value[first] === undefined) return value;
  return { ...value, [first]: changed(value[first], rest, to) };
}

export function spoiled(dice: Dice, given: Fields, changes: readonly Change[]): Fields {
  let object: Json | undefined = given;
  for (let i = dice.pick([0, 1, 1, 1, 2, 3, 4]); i > 0; i--) {
    const fitting = changes.filter(([path]) => path.length < 2 || changed(object, path, 'probe') !== object);
    const [path, values] = dice.pick(fitting.length > 0 ? fitting : changes);
    const last = path.at(-1);
    const random = TARGET_FIELDS.some((field) => field === last && field !== 'type' && field !== 'averageUtilization');
    object = changed(object, path, random && dice.chance(0.15) ? quantityText(dice) : dice.pick(values));
  }
  return isObject(object) ? object : given;
}
