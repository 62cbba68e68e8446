/** Worlds measured one after the other, told line by line as they come and as tables at the end. */

import { comparisonTable, countedTable, rowText, verdict, type Row } from './comparison.ts';
import { tableText, type Form } from './table.ts';

export type Comparison<World> = {
  readonly worlds: readonly World[];
  /** Never throws for what the world does; gives up when `signal` is aborted. */
  readonly rowOf: (world: World, signal: AbortSignal) => Promise<Row>;
  /** Name and version of what ours is compared with. */
  readonly original: string;
  /** Machine, versions, conditions. */
  readonly header: readonly string[];
  readonly form: Form;
};

/**
 * Tables go to stdout, progress to stderr.
 * @returns the exit code: 0 measured and equal, 1 some difference or a side that did not run, 128 + number after a signal
 */
export async function runComparison<World>(comparison: Comparison<World>): Promise<number> {
  const { worlds, rowOf, original, header, form } = comparison;
  const interruption = interruptible();
  say(header.join('\n'));
  const rows: Row[] = [];
  for (const world of worlds) {
    const row = await rowOf(world, interruption.signal);
    if (interruption.signal.aborted) break;
    rows.push(row);
    process.stderr.write(`${rowText(row, { original })}\n`);
  }
  if (rows.length === 0) return interruption.exitCode() ?? 0;
  const { lines, exitCode } = verdict(rows);
  const tables = [comparisonTable(rows, { original }), countedTable(rows)].map((table) => tableText(table, form));
  say(`\n${[...tables, lines.join('\n')].join('\n\n')}`);
  return interruption.exitCode() ?? exitCode;
}

function interruptible(): { readonly signal: AbortSignal; exitCode(): number | undefined } {
  const stop = new AbortController();
  let code: number | undefined;
  const signals = [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const;
  for (const [name, number] of signals) {
    process.once(name, () => {
      code ??= 128 + number;
      stop.abort();
    });
  }
  return { signal: stop.signal, exitCode: () => code };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
