/**
 * What is told of worlds that were measured on both sides: a table with goals and ratios, a table of counted work, the goals that were
 * missed, and whether the run as a whole is in order. It knows nothing of what was measured.
 */

import type { Failed, Measured, Stopped, Timed } from './child.ts';
import { atLeastRatioText, durationText, grouped, median, ratioText } from './figures.ts';
import type { Column, Table } from './table.ts';

/** Of the median of warm rounds, and of the peak of the process over all its rounds. */
export type Goal = { readonly ms?: number; readonly peakMib?: number };

export type Row = {
  /** A short name. */
  readonly world: string;
  /** What it is. */
  readonly about: string;
  readonly goal: Goal;
  readonly ours: Measured;
  /** Absent: there is no original here, or it knows no such world. */
  readonly original: Measured | { readonly kind: 'absent' };
  /** Where the answers differ; undefined when they could not be compared. */
  readonly differences: readonly string[] | undefined;
};

/** `original`: name and version of what ours is compared with; where no world has one, its columns are left out. */
export function comparisonTable(rows: readonly Row[], { original }: { readonly original: string }): Table {
  const right = (title: string): Column => ({ title, align: 'right' });
  const isCompared = rows.some((row) => row.original.kind !== 'absent');
  return {
    columns: [
      { title: 'World', align: 'left' },
      { title: 'What it is', align: 'left' },
      right('Goal'),
      right('First (cold)'),
      right('Warm, median (range)'),
      right('Peak MiB, first (all)'),
      ...(isCompared ? [right(original), right('Ratio'), { title: 'Equal', align: 'left' } as const] : []),
    ],
    rows: rows.map((row) => [
      row.world,
      row.about,
      goalText(row.goal),
      row.ours.kind === 'timed' ? durationText(row.ours.coldMs) : unfinishedText(row.ours),
      row.ours.kind === 'timed' ? warmText(row.ours) : '-',
      row.ours.kind === 'timed' ? peakText(row.ours) : '-',
      ...(isCompared ? [originalText(row.original), rowRatio(row), equalText(row)] : []),
    ]),
  };
}

/** Counts that are the same on every machine; a column per name, in the order in which names first appear. */
export function countedTable(rows: readonly Row[]): Table {
  const counted = rows.map(({ world, ours }) => ({ world, counts: ours.kind === 'timed' ? ours.counted : {} }));
  const names = [...new Set(counted.flatMap(({ counts }) => Object.keys(counts)))];
  return {
    columns: [{ title: 'World', align: 'left' }, ...names.map((title): Column => ({ title, align: 'right' }))],
    rows: counted.map(({ world, counts }) => [
      world,
      ...names.map((name) => {
        const count = counts[name];
        return count === undefined ? '-' : grouped(count);
      }),
    ]),
  };
}

/** One world on one line, told as soon as it is known. */
export function rowText(row: Row, { original }: { readonly original: string }): string {
  const ours =
    row.ours.kind === 'timed' ? `${warmText(row.ours)}, ${peakText(row.ours)} MiB` : unfinishedText(row.ours);
  const side = row.original.kind === 'absent' ? [] : [`${original} ${originalText(row.original)}`];
  const ratio = rowRatio(row) === '-' ? [] : [`ratio ${rowRatio(row)}`];
  const equal = row.differences === undefined ? [] : [`equal: ${equalText(row)}`];
  return `${row.world}: ${[`ours ${ours}`, ...side, ...ratio, ...equal].join('; ')}`;
}

/** Goals are told and do not fail a run: what fails it are answers that differ and sides that did not run. */
export function verdict(rows: readonly Row[]): { readonly lines: readonly string[]; readonly exitCode: 0 | 1 } {
  const goals = rows.flatMap(({ world, goal, ours }) => goalChecks(goal, ours).map((check) => ({ world, ...check })));
  const missed = goals.filter(({ isMet }) => !isMet);
  const different = rows.filter(({ differences }) => differences !== undefined && differences.length > 0);
  const compared = rows.filter(({ differences }) => differences !== undefined).length;
  const failures = rows.flatMap(({ world, ours, original }) =>
    [ours, original].flatMap((side) => (side.kind === 'failed' ? [`${world} failed: ${side.reason}`] : [])),
  );
  return {
    lines: [
      `goals: ${goals.length - missed.length} of ${goals.length} met`,
      ...missed.map(({ world, text }) => `  missed: ${world}, ${text}`),
      ...(compared === 0 ? [] : [`answers: ${compared - different.length} of ${compared} compared are equal`]),
      ...different.map(({ world, differences }) => `  different: ${world}: ${(differences ?? []).join(', ')}`),
      ...failures,
    ],
    exitCode: different.length > 0 || failures.length > 0 ? 1 : 0,
  };
}

/** What a side that finished usually takes. */
function typicalMs({ coldMs, warmMs }: Timed): number {
  return warmMs.length === 0 ? coldMs : median(warmMs);
}

function rowRatio({ ours, original }: Row): string {
  if (ours.kind !== 'timed') return '-';
  if (original.kind === 'timed') return ratioText(typicalMs(original) / typicalMs(ours));
  return original.kind === 'stopped' ? atLeastRatioText(leastMs(original) / typicalMs(ours)) : '-';
}

/** By the clock that the rounds of the other side are timed with. */
function leastMs({ limitMs, spentMs = limitMs }: Stopped): number {
  return spentMs;
}

function goalChecks(goal: Goal, ours: Measured): readonly { readonly isMet: boolean; readonly text: string }[] {
  if (ours.kind !== 'timed') {
    return goal.ms === undefined && goal.peakMib === undefined ? [] : [{ isMet: false, text: unfinishedText(ours) }];
  }
  const ms = typicalMs(ours);
  const mib = ours.peakMib.all;
  return [
    ...(goal.ms === undefined
      ? []
      : [{ isMet: ms <= goal.ms, text: `${durationText(ms)}, goal ${durationText(goal.ms)}` }]),
    ...(goal.peakMib === undefined
      ? []
      : [{ isMet: mib < goal.peakMib, text: `${Math.round(mib)} MiB, goal under ${Math.round(goal.peakMib)} MiB` }]),
  ];
}

function goalText({ ms, peakMib }: Goal): string {
  const parts = [
    ...(ms === undefined ? [] : [durationText(ms)]),
    ...(peakMib === undefined ? [] : [`under ${Math.round(peakMib)} MiB`]),
  ];
  return parts.length === 0 ? '-' : parts.join(', ');
}

function warmText({ warmMs }: Timed): string {
  if (warmMs.length === 0) return '-';
  const range = `${durationText(Math.min(...warmMs))} to ${durationText(Math.max(...warmMs))}`;
  return `${durationText(median(warmMs))} (${range})`;
}

function peakText({ peakMib }: Timed): string {
  return `${Math.round(peakMib.first)} (${Math.round(peakMib.all)})`;
}

function originalText(original: Row['original']): string {
  if (original.kind === 'absent') return '-';
  if (original.kind !== 'timed') return unfinishedText(original);
  return `${durationText(typicalMs(original))}, ${Math.round(original.peakMib.all)} MiB`;
}

function unfinishedText(side: Stopped | Failed): string {
  return side.kind === 'stopped' ? `more than ${durationText(leastMs(side))} (stopped)` : 'failed';
}

function equalText({ differences }: Row): string {
  if (differences === undefined) return '-';
  return differences.length === 0 ? 'yes' : `NO: ${differences.join(', ')}`;
}
