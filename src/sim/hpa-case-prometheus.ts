/** Counters of a case as its result shows them: one number per series, histograms by their count. */

import type { HpaCounters, HpaSeries } from '../core/hpa/counters.ts';
import type { PrometheusValues } from './hpa-cases.types.ts';

export function prometheusValues(counters: HpaCounters): PrometheusValues {
  return Object.fromEntries(counters.series().map(valueOf));
}

function valueOf(series: HpaSeries): readonly [string, number] {
  const labels = series.labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',');
  const id = `${series.name}{${labels}}`;
  return series.kind === 'histogram' ? [`${id}_count`, series.count] : [id, series.value];
}
