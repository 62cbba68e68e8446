/** Lines over time as a few rows of characters. Every chart shows its peak and its unit; the time axis is shared. */

import type { Series } from '../../sim/scenario-types.ts';
import type { Paint, Style } from './paint.ts';
import { elapsedText } from './time-text.ts';

export type ChartOptions = {
  readonly startedAt: number;
  readonly endedAt: number;
  /** The whole width, labels included. */
  readonly columns: number;
  readonly charset: 'unicode' | 'ascii';
  readonly paint: Paint;
};

const MOST_COLUMNS = 100;
const LEAST_PLOT = 24;
const MOST_LABEL = 30;
/** More lines than this are no longer compact; the rest is counted. */
const MOST_SERIES = 12;

/** Characters of one cell from a trace of something to full; nothing is a blank. */
const CELLS = { unicode: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'], ascii: ['.', ':', '#'] } as const;
const ROWS = 2;

const STYLE: Readonly<Record<Series['kind'], Style>> = {
  load: 'bold',
  replicas: 'hpa',
  tasks: 'bold',
  groups: 'bold',
  floor: 'bold',
  workers: 'ray',
  nodes: 'nodes',
};

/** The chart without a line end after its last line. Cost: O(points + lines x columns). */
export function renderChart(series: readonly Series[], options: ChartOptions): string {
  const shown = series.slice(0, MOST_SERIES);
  if (shown.length === 0) return '';
  const label = Math.min(MOST_LABEL, Math.max(...shown.flatMap((line) => [line.name.length, belowName(line).length])));
  const scale = Math.max(...shown.map((line) => numberText(peakOf(line)).length), 1);
  const plot = Math.max(LEAST_PLOT, Math.min(MOST_COLUMNS, options.columns) - label - scale - 4);
  const gutter = ' '.repeat(label + scale + 1);
  const rows = shown.flatMap((line) => chartRows(line, { label, scale, plot }, options));
  const more = series.length > shown.length ? [`${gutter}   and ${series.length - shown.length} lines more`] : [];
  return [...rows, ...axis(plot, options).map((row) => `${gutter} ${row}`), ...more].join('\n');
}

type Widths = { readonly label: number; readonly scale: number; readonly plot: number };

/** Two rows: the name beside the peak, the unit beside zero. */
function chartRows(line: Series, { label, scale, plot }: Widths, options: ChartOptions): readonly string[] {
  const cells = CELLS[options.charset];
  const peak = peakOf(line);
  const levels = highest(line, plot, options).map((value) =>
    value <= 0 || peak <= 0 ? 0 : Math.max(1, Math.round((value / peak) * ROWS * cells.length)),
  );
  return Array.from({ length: ROWS }, (_, row) => {
    const floor = (ROWS - 1 - row) * cells.length;
    const text = levels
      .map((level) => (level <= floor ? ' ' : (cells[Math.min(level - floor, cells.length) - 1] ?? ' ')))
      .join('');
    const name = clipped(row === 0 ? line.name : belowName(line), label).padEnd(label);
    const mark = (row === 0 ? numberText(peak) : '0').padStart(scale);
    return `${options.paint(row === 0 ? STYLE[line.kind] : 'dim', name)} ${mark} |${options.paint(STYLE[line.kind], text)}|`;
  });
}

/** The unit, and of what, where the name does not say it. */
function belowName({ name, kind, unit }: Series): string {
  return name.includes(kind) ? unit : `${kind}, ${unit}`;
}

/** The highest value in force within each column's span of time. */
function highest({ points }: Series, plot: number, { startedAt, endedAt }: ChartOptions): readonly number[] {
  const span = Math.max(1, endedAt - startedAt) / plot;
  const columns: number[] = [];
  let next = 0;
  let inForce = 0;
  for (let column = 0; column < plot; column++) {
    const from = startedAt + column * span;
    const to = column === plot - 1 ? Infinity : from + span;
    // a value set exactly at the start of the span replaces the one before it
    for (; (points[next]?.[0] ?? Infinity) <= from; next++) inForce = points[next]?.[1] ?? inForce;
    let top = inForce;
    for (; (points[next]?.[0] ?? Infinity) < to; next++) {
      inForce = points[next]?.[1] ?? inForce;
      top = Math.max(top, inForce);
    }
    columns.push(top);
  }
  return columns;
}

const TICKS_S: readonly number[] = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** A ruler and its times: the finest ticks whose labels do not touch. */
function axis(plot: number, { startedAt, endedAt }: ChartOptions): readonly string[] {
  const seconds = Math.max(1, endedAt - startedAt) / 1000;
  const width = elapsedText(seconds * 1000).length + 3;
  const tick = TICKS_S.find((step) => (step / seconds) * plot >= width) ?? seconds;
  const ruler = Array.from({ length: plot }, () => '-');
  let labels = '';
  for (let at = 0; at <= seconds; at += tick) {
    const column = Math.floor((at / seconds) * plot);
    const text = elapsedText(at * 1000);
    if (column + text.length > plot) break;
    ruler[column] = '+';
    labels = labels.padEnd(column) + text;
  }
  return [`+${ruler.join('')}+`, ` ${labels}`];
}

function peakOf({ points }: Series): number {
  return points.reduce((peak, [, value]) => Math.max(peak, value), 0);
}

/** At most one digit behind the point. */
function numberText(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}~`;
}
