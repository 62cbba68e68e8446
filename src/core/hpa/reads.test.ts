/** What a sync asks for, and in which order. */

import { describe, expect, test } from 'vitest';
import {
  averageOf,
  cpuUtilization,
  externalTarget,
  externalValues,
  hpa,
  objectTarget,
  objectValues,
  play,
  podsAverage,
  valueOf,
  type Table,
} from '../../../test/support/hpa.ts';
import type { MetricSpec } from '../kube/hpa.ts';

const READS: ReadonlySet<string> = new Set([
  'list-pod-metrics',
  'list-pods-metric',
  'get-object-metric',
  'list-external-metric',
  'list-pods',
]);

function readsOf(metrics: readonly MetricSpec[], table: Table): readonly string[] {
  return play(table, { hpa: hpa({ metrics }) })
    .requests.map(({ kind }) => kind)
    .filter((kind) => READS.has(kind));
}

describe('HPA-2.26 metrics come before pods, and pods are read again for each metric', () => {
  test.each<[string, readonly MetricSpec[], readonly string[]]>([
    ['a Resource metric', [cpuUtilization(60)], ['list-pod-metrics', 'list-pods']],
    ['a Pods metric', [podsAverage('rps', '10')], ['list-pods-metric']], // without items no pods are asked for
    [
      'two Resource metrics',
      [cpuUtilization(60), cpuUtilization(50)],
      ['list-pod-metrics', 'list-pods', 'list-pod-metrics', 'list-pods'],
    ],
    [
      'a value, then a Resource metric',
      [externalTarget('q', valueOf('10')), cpuUtilization(60)],
      ['list-external-metric', 'list-pods', 'list-pod-metrics', 'list-pods'],
    ],
  ])('%s', (_name, metrics, want) => {
    expect(readsOf(metrics, { 'list-external-metric': externalValues('50') })).toEqual(want);
  });
});

describe('HPA-2.26, HPA-12.11 pods are not read where they do not matter', () => {
  const table = (value: string): Table => ({
    'list-external-metric': externalValues(value),
    'get-object-metric': objectValues(value),
  });

  test.each<[string, MetricSpec, string, readonly string[]]>([
    ['an External share', externalTarget('q', averageOf('10')), '50', ['list-external-metric']],
    ['an Object share', objectTarget('h', averageOf('10')), '50', ['get-object-metric']],
    ['an External value within tolerance', externalTarget('q', valueOf('10')), '11', ['list-external-metric']],
    ['an External value beyond it', externalTarget('q', valueOf('10')), '12', ['list-external-metric', 'list-pods']],
    ['an Object value within tolerance', objectTarget('h', valueOf('10')), '9', ['get-object-metric']],
    ['an Object value beyond it', objectTarget('h', valueOf('10')), '12', ['get-object-metric', 'list-pods']],
  ])('%s', (_name, metric, value, want) => {
    expect(readsOf([metric], table(value))).toEqual(want);
  });
});
