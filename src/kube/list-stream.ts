/**
 * Long lists as they arrive: `{..., "items": [...], ...}` whose items are handed over batch by batch and never held together, as one
 * text or as one array. Splitting is by brackets and quotation marks only; what lies between is read by JSON.parse.
 */

import { BodyTooLong } from './body.ts';

type Chunks = AsyncIterable<Uint8Array>;

export type ListStreamOptions = {
  /** Of one item, and of all that is not an item. */
  readonly maxBytes: number;
  /** Takes some items, in their order. */
  readonly take: (items: readonly unknown[]) => void;
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Reads a document and hands over its items. Returns the rest of it, with `items` empty (or null, or absent, as it came).
 *
 * Throws what JSON.parse throws when the document is none, or ends early; items may have been handed over by then.
 * Cost: O(bytes). Memory: one chunk, one unfinished item, and the rest of the document.
 */
export async function readList(chunks: Chunks, options: ListStreamOptions): Promise<unknown> {
  const splitter = new Splitter(options);
  for await (const chunk of chunks) splitter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  return splitter.end();
}

type Position = {
  /** Up to here everything is kept or handed over. */
  readonly done: number;
  /** Here the next scan begins. */
  readonly next: number;
};

/** Inside the document and inside the brackets of `items`. */
const ITEM_DEPTH = 2;

class Splitter {
  readonly #options: ListStreamOptions;
  /** What is no item, in pieces. */
  readonly #rest: Buffer[] = [];
  #restBytes = 0;
  /** The present chunk, behind what the last one left. */
  #bytes: Buffer = Buffer.alloc(0);
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inItems = false;
  /** Whether a comma came that another item must follow. */
  #owed = false;
  /** The last text at depth 1: before a colon it is a key. */
  #key = '';
  /** What earlier chunks held of a text at depth 1 that is not over; undefined outside of one. */
  #keyParts: Buffer[] | undefined;

  constructor(options: ListStreamOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): void {
    let next = this.#bytes.length;
    this.#bytes = next === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let done = 0;
    while (next < this.#bytes.length) ({ done, next } = this.#inItems ? this.#items(done, next) : this.#outside(next));
    this.#bytes = this.#bytes.subarray(done);
    if (Math.max(this.#bytes.length, this.#restBytes) > this.#options.maxBytes)
      throw new BodyTooLong(`one item of a list is longer than ${this.#options.maxBytes} bytes`);
  }

  end(): unknown {
    if (this.#inItems) throw new SyntaxError('the list ended among its items');
    return JSON.parse(Buffer.concat(this.#rest).toString());
  }

  /** Keeps what comes before the items, or behind them. */
  #outside(from: number): Position {
    const bytes = this.#bytes;
    let text = from;
    for (let i = from; i < bytes.length; i++) {
      const byte = bytes[i];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) {
          this.#inString = false;
          if (this.#keyParts !== undefined) this.#key = this.#keyText(bytes.subarray(text, i));
        }
      } else if (byte === QUOTE) {
        this.#inString = true;
        if (this.#depth === 1) {
          this.#keyParts = [];
          text = i + 1;
        }
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#depth++;
        if (byte === OPEN_BRACKET && this.#depth === ITEM_DEPTH && this.#key === 'items') {
          this.#inItems = true;
          this.#owed = false;
          return this.#keep(from, i + 1);
        }
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth--;
      else if (byte === COMMA && this.#depth === 1) this.#key = '';
    }
    this.#keyParts?.push(Buffer.from(bytes.subarray(text)));
    return this.#keep(from, bytes.length);
  }

  /** Hands over the items that are complete. */
  #items(start: number, from: number): Position {
    const bytes = this.#bytes;
    // in variables of its own: this loop sees every byte of a list
    let inString = this.#inString;
    let escaped = this.#escaped;
    let depth = this.#depth;
    let complete = -1;
    for (let i = from; i < bytes.length; i++) {
      const byte = bytes[i];
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (depth === ITEM_DEPTH) {
          this.#inItems = false;
          this.#inString = false;
          this.#depth = depth;
          this.#handOver(start, i, 'last');
          return { done: i, next: i };
        }
        depth--;
      } else if (byte === COMMA && depth === ITEM_DEPTH) complete = i;
    }
    this.#inString = inString;
    this.#escaped = escaped;
    this.#depth = depth;
    if (complete === -1) return { done: start, next: bytes.length };
    this.#handOver(start, complete, 'more follow');
    return { done: complete + 1, next: bytes.length };
  }

  #handOver(start: number, end: number, what: 'more follow' | 'last'): void {
    const items = JSON.parse(`[${this.#bytes.toString('utf8', start, end)}]`) as unknown[]; // an array's text
    const expected = what === 'more follow' || this.#owed;
    if (expected && items.length === 0) throw new SyntaxError('an item of the list is missing beside a comma');
    this.#owed = what === 'more follow';
    if (items.length > 0) this.#options.take(items);
  }

  #keep(from: number, end: number): Position {
    this.#restBytes += end - from;
    this.#rest.push(Buffer.from(this.#bytes.subarray(from, end)));
    return { done: end, next: end };
  }

  #keyText(last: Buffer): string {
    const text = Buffer.concat([...(this.#keyParts ?? []), last]).toString();
    this.#keyParts = undefined;
    return text;
  }
}
