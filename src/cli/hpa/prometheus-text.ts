/** Counted series as a page in Prometheus' text format. */

import { DURATION_BUCKETS, type HpaSeries } from '../../core/hpa/counters.ts';
import { compareText } from '../../lib/compare.ts';

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Families in the order of their names; `helpOf` says what each is. Cost: O(n log n) of the series. */
export function prometheusText(series: readonly HpaSeries[], helpOf: (name: string) => string): string {
  const families = new Map<string, HpaSeries[]>();
  for (const one of series) {
    const family = families.get(one.name);
    if (family === undefined) families.set(one.name, [one]);
    else family.push(one);
  }
  const names = [...families.keys()].toSorted(compareText);
  return names
    .flatMap((name) => {
      const family = families.get(name) ?? [];
      return [`# HELP ${name} ${helpOf(name)}`, `# TYPE ${name} ${family[0]?.kind}`, ...family.flatMap(samplesOf), ''];
    })
    .join('\n');
}

function samplesOf(series: HpaSeries): readonly string[] {
  const { name, labels } = series;
  if (series.kind !== 'histogram') return [`${name}${labelText(labels)} ${numberText(series.value)}`];
  const { count, sumSeconds, buckets, bounds = DURATION_BUCKETS } = series;
  const bucket = (bound: string, value: number): string =>
    `${name}_bucket${labelText([...labels, ['le', bound]])} ${value}`;
  return [
    ...bounds.map((bound, i) => bucket(numberText(bound), buckets[i] ?? 0)),
    bucket('+Inf', count),
    `${name}_sum${labelText(labels)} ${numberText(sumSeconds)}`,
    `${name}_count${labelText(labels)} ${count}`,
  ];
}

function labelText(labels: HpaSeries['labels']): string {
  if (labels.length === 0) return '';
  return `{${labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** As Go prints it: a bound is part of its series' identity. */
function numberText(value: number): string {
  const text = value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
