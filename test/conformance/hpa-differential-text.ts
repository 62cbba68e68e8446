/** A differential run told to a person: a table by family, then one small case for every kind of difference. */

import type { Counts, DifferentialReport, Found } from './hpa-differential.ts';
import { caseLine, type Json } from './hpa-generator-types.ts';

export function reportText(report: DifferentialReport): string {
  const table = [...report.families]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([family, counts]) => countsText(family, counts));
  const most = [...report.kinds].toSorted(([, a], [, b]) => b - a).slice(0, 12);
  const kinds = most.map(([kind, n]) => `${String(n).padStart(7)} ${kind.slice(0, 200)}`);
  const each = (ms: number): string => (report.cases / (ms / 1000)).toFixed(0);
  return [
    ...table,
    countsText('all', report),
    `ours ${each(report.oursMs)} cases/s, both beside each other ${each(report.wallMs)} cases/s`,
    ...(kinds.length > 0 ? ['kinds of differences:', ...kinds] : []),
    ...report.found.flatMap(foundText),
    ...report.unsettledCases.slice(0, 3).map((given) => `unsettled: ${caseLine(given)}`),
  ].join('\n');
}

/** A line of test/vectors/hpa. */
export function rowText({ case: given, want }: Found['row']): string {
  return `{"case":${caseLine(given)},"want":${JSON.stringify(want)}}`;
}

function countsText(name: string, { cases, same, different, unsettled, refused, syncs }: Counts): string {
  const rest = `${unsettled} unsettled, ${refused} refused by the original; ${syncs} syncs`;
  return `${name.padEnd(15)}${cases} cases, ${same} the same, ${different} different, ${rest}`;
}

function foundText({ differences, row }: Found): readonly string[] {
  const parts = differences
    .slice(0, 12)
    .map(({ path, want, got }) => `  ${path}\n    want ${part(want)}\n    got  ${part(got)}`);
  return ['', `different: ${row.case.id}`, ...parts, '  row for test/vectors/hpa:', rowText(row)];
}

function part(value: Json | undefined): string {
  return JSON.stringify(value)?.slice(0, 1500) ?? 'absent';
}
