/** Lines of a byte stream in bounded memory: what is too long to be kept is counted and dropped, and reading goes on behind it. */

export type ByteLine =
  | { readonly kind: 'text'; readonly number: number; readonly text: string }
  | { readonly kind: 'too-long'; readonly number: number }
  | { readonly kind: 'not-utf8'; readonly number: number };

const NEW_LINE = 0x0a;

/** Lines counted from 1 without their ends (LF or CRLF) and without a byte order mark. A last line without an end counts. */
export async function* byteLines(
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes }: { readonly maxBytes: number },
): AsyncGenerator<ByteLine> {
  const line = new Line(maxBytes);
  let number = 1;
  for await (const chunk of chunks) {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEW_LINE, from);
      if (end < 0) break;
      line.add(chunk.subarray(from, end));
      yield line.take(number++);
      from = end + 1;
    }
    line.add(chunk.subarray(from));
  }
  if (line.hasBytes) yield line.take(number);
}

class Line {
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get hasBytes(): boolean {
    return this.#size > 0;
  }

  add(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size > this.#maxBytes) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  take(number: number): ByteLine {
    const [parts, size] = [this.#parts, this.#size];
    [this.#parts, this.#size] = [[], 0];
    if (size > this.#maxBytes) return { kind: 'too-long', number };
    try {
      return { kind: 'text', number, text: this.#decoder.decode(Buffer.concat(parts)).replace(/\r$/, '') };
    } catch {
      return { kind: 'not-utf8', number };
    }
  }
}
