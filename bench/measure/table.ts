/** A table for the eye and the same as Markdown, to paste. */

export type Column = { readonly title: string; readonly align: 'left' | 'right' };

/** Rows as long as `columns`. */
export type Table = { readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] };

export type Form = 'text' | 'markdown';

export function tableText(table: Table, form: Form): string {
  return form === 'text' ? alignedText(table) : markdownText(table);
}

/** Columns padded to their widest cell, two spaces apart, a line under the titles. */
function alignedText({ columns, rows }: Table): string {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const lineOf = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) =>
        align === 'left' ? (cells[i] ?? '').padEnd(widths[i] ?? 0) : (cells[i] ?? '').padStart(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [
    lineOf(columns.map(({ title }) => title)),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...rows.map(lineOf),
  ].join('\n');
}

function markdownText({ columns, rows }: Table): string {
  const lineOf = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [
    lineOf(columns.map(({ title }) => title)),
    `|${columns.map(({ align }) => (align === 'left' ? '---' : '---:')).join('|')}|`,
    ...rows.map(lineOf),
  ].join('\n');
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
