/** A file line by line in bounded memory: the file may be larger than the machine's. */

import { createReadStream } from 'node:fs';

export type Line = { readonly number: number; readonly text: string };

/** Longest line that is kept; what goes beyond is cut off and the line is marked by its length. */
const MAX_LINE = 64 * 1024;

/** Lines counted from 1 without their ends (LF or CRLF) and without a byte order mark. A last line without an end counts. */
export async function* readLines(path: string, signal: AbortSignal): AsyncGenerator<Line> {
  const chunks: AsyncIterable<string> = createReadStream(path, { encoding: 'utf8', signal });
  let number = 1;
  let rest = '';
  let first = true;
  for await (const chunk of chunks) {
    const text = rest + (first ? chunk.replace(/^\uFEFF/, '') : chunk);
    first = false;
    const parts = text.split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > MAX_LINE) rest = rest.slice(0, MAX_LINE);
    for (const part of parts) yield { number: number++, text: part.replace(/\r$/, '') };
  }
  if (rest !== '') yield { number, text: rest.replace(/\r$/, '') };
}
