/** Bodies as text: whole ones up to a size, endless ones line by line. */

export class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';
}

/** A line that the stream ended in the middle of. */
export class CutLine extends Error {
  override readonly name = 'CutLine';
}

type Chunks = AsyncIterable<Uint8Array>;

export async function readBody(chunks: Chunks, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) throw new BodyTooLong(`the answer is longer than ${maxBytes} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts, size).toString();
}

const NEWLINE = 0x0a;

/**
 * The lines of a stream, without empty ones. Nothing is read before the line before has been taken, and no more than `maxBytes` of an
 * unfinished line are kept. Throws {@link CutLine} when the stream ends inside a line.
 */
export async function* linesOf(chunks: Chunks, maxBytes: number): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      parts.push(chunk.subarray(from, end));
      from = end + 1;
      const line = Buffer.concat(parts).toString();
      parts = [];
      size = 0;
      if (line.trim() !== '') yield line;
    }
    size += chunk.length - from;
    if (size > maxBytes) throw new BodyTooLong(`a line is longer than ${maxBytes} bytes`);
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (size > 0) throw new CutLine('the stream ended in the middle of a line');
}
