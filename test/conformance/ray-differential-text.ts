/** A differential run told to a person: a table by family, then every difference with its row. */

import type { Counts, Difference, DifferentialReport } from './ray-differential.ts';
import { caseLine } from './ray-generator.ts';

export function reportText(report: DifferentialReport): string {
  const table = [...report.families]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([family, counts]) => countsText(family, counts));
  return [
    ...table,
    countsText('all', report),
    ...report.differences.flatMap((one) => differenceText('different', one)),
    ...report.flagged.flatMap((one) => differenceText('different in a flagged case', one)),
  ].join('\n');
}

/** A line of test/vectors/ray, with the literals that the case was asked with. */
export function rowText({ case: given, want }: Difference['row']): string {
  return `{"case":${caseLine(given)},"want":${JSON.stringify(want)}}`;
}

function countsText(name: string, { cases, same, different, lastBits, sumOrder, aborted }: Counts): string {
  const flagged = `${lastBits} in the last bits of a score, ${sumOrder} by the order of a sum`;
  return `${name.padEnd(15)}${cases} cases, ${same} the same, ${different} different; ${flagged} (${aborted} aborted rounds)`;
}

function differenceText(what: string, { fields, row, want, got }: Difference): readonly string[] {
  const parts = fields.map((field) => `  ${field}\n    want ${part(want, field)}\n    got  ${part(got, field)}`);
  return [
    '',
    `${what}: ${row.case.id ?? ''}: ${fields.join(', ')}`,
    ...parts,
    '  row for test/vectors/ray:',
    rowText(row),
  ];
}

function part(result: object, field: string): string {
  const value = (result as Readonly<Record<string, unknown>>)[field]; // fields of results by name
  return JSON.stringify(value)?.slice(0, 1500) ?? 'absent';
}
