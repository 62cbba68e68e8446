/**
 * JSON as cases are written in: like JSON.parse, but it remembers which whole numbers were written as fractions (`60.0`, `6e1`). The
 * original prints `60` and `60.0` differently, and people compare those texts.
 */

import { err, ok, type Result } from '../lib/result.ts';

export type JsonDocument = {
  readonly value: unknown;
  /** Whether the number at `key` of `container` (an object or array of this document) was written with a point or an exponent. */
  writtenAsFraction(container: object, key: string | number): boolean;
};

/** Where the text stops being JSON. `column` counts from 1. */
export type JsonFault = { readonly column: number; readonly expected: string };

/** Deeper nesting is refused: no case needs it, and the stack has an end. */
const MAX_DEPTH = 64;

/** Cost: O(text). Of members with equal names the last one counts. */
export function parseJson(text: string): Result<JsonDocument, JsonFault> {
  const parser = new Parser(text);
  try {
    const value = parser.document();
    return ok({ value, writtenAsFraction: (container, key) => parser.fractions.get(container)?.has(key) ?? false });
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return err({ column: error.at + 1, expected: error.expected });
  }
}

class NotJson extends Error {
  override readonly name = 'NotJson';
  readonly at: number;
  readonly expected: string;

  constructor(at: number, expected: string) {
    super(expected);
    this.at = at;
    this.expected = expected;
  }
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
/** The usual string: nothing escaped. The other form is left to JSON.parse. */
const PLAIN_STRING = /"[^"\\\p{Cc}]*"/uy;
const ESCAPED_STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/suy;
const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

class Parser {
  readonly fractions: Map<object, Set<string | number>> = new Map();
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const holder: unknown[] = [];
    const value = this.#value(holder, 0);
    if (this.#at < this.#text.length) throw new NotJson(this.#at, 'nothing more on this line');
    return value;
  }

  #value(container: object, key: string | number): unknown {
    this.#skipSpace();
    const value = this.#bareValue(container, key);
    this.#skipSpace();
    return value;
  }

  #bareValue(container: object, key: string | number): unknown {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case undefined:
        throw new NotJson(this.#at, 'a value, but the line ends');
      default:
        return this.#wordOrNumber(container, key);
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new NotJson(this.#at, `at most ${MAX_DEPTH} levels of nesting`);
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): object {
    const members: Record<string, unknown> = {};
    this.#skipSpace();
    if (this.#take('}')) return members;
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw new NotJson(this.#at, 'a member name in double quotes');
      const name = this.#string();
      this.#skipSpace();
      if (!this.#take(':')) throw new NotJson(this.#at, '`:` after a member name');
      this.fractions.get(members)?.delete(name);
      const value = this.#value(members, name);
      // a plain assignment would change the prototype for one name
      Object.defineProperty(members, name, { value, enumerable: true, writable: true, configurable: true });
      if (this.#take('}')) return members;
      if (!this.#take(',')) throw new NotJson(this.#at, '`,` or `}`');
    }
  }

  #array(): readonly unknown[] {
    const items: unknown[] = [];
    this.#skipSpace();
    if (this.#take(']')) return items;
    for (;;) {
      items.push(this.#value(items, items.length));
      if (this.#take(']')) return items;
      if (!this.#take(',')) throw new NotJson(this.#at, '`,` or `]`');
    }
  }

  #string(): string {
    const plain = this.#match(PLAIN_STRING);
    if (plain !== undefined) return plain[0].slice(1, -1);
    const from = this.#at;
    const token = this.#match(ESCAPED_STRING);
    if (token === undefined) throw new NotJson(from, 'a string that ends on this line');
    try {
      return JSON.parse(token[0]) as string; // a JSON string token
    } catch {
      throw new NotJson(from, 'a string with valid escapes and without control characters');
    }
  }

  #wordOrNumber(container: object, key: string | number): unknown {
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number(container, key);
  }

  #number(container: object, key: string | number): number {
    const from = this.#at;
    const token = this.#match(NUMBER);
    if (token === undefined) throw new NotJson(from, 'a value');
    const value = Number(token[0]);
    if (!Number.isFinite(value)) throw new NotJson(from, 'a number that a double can hold');
    if (Number.isInteger(value) && (token[1] !== undefined || token[2] !== undefined)) {
      const known = this.fractions.get(container);
      if (known === undefined) this.fractions.set(container, new Set([key]));
      else known.add(key);
    }
    return value;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}
