/** Bodies as text: whole, and line by line. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyTooLong, CutLine, linesOf, readBody } from './body.ts';

async function* chunks(texts: Iterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function linesIn(texts: Iterable<string | Uint8Array>, maxBytes = 100): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(chunks(texts), maxBytes)) lines.push(line);
  return lines;
}

describe('lines', () => {
  test('come whole, however the stream was cut', async () => {
    const line = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .filter((text) => /^[^\r\n]*\S[^\r\n]*$/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), async (lines, sizes) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const pieces: Uint8Array[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % Math.max(1, sizes.length)] ?? 3;
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(await linesIn(pieces, 1000)).toEqual(lines);
      }),
    );
  });

  test('that are empty are left out', async () => {
    expect(await linesIn(['a\n\n \nb\n'])).toEqual(['a', 'b']);
  });

  test('an end inside a line is an error, and not a shorter line', async () => {
    await expect(linesIn(['a\nb'])).rejects.toThrow(CutLine);
  });

  test('an endless line is given up', async () => {
    const endless = function* (): Generator<string> {
      for (;;) yield 'xxxxxxxxxx';
    };
    await expect(linesIn(endless())).rejects.toThrow(BodyTooLong);
  });

  test('nothing is read ahead of the reader', async () => {
    let taken = 0;
    const counted = (async function* () {
      for (const text of ['a\n', 'b\n', 'c\n']) {
        taken += 1;
        yield Buffer.from(text);
      }
    })();
    const lines = linesOf(counted, 100);
    await lines.next();
    expect(taken).toBe(1);
    await lines.return(undefined);
  });
});

test('a whole body has a largest size', async () => {
  expect(await readBody(chunks(['ab', 'c']), 3)).toBe('abc');
  await expect(readBody(chunks(['ab', 'cd']), 3)).rejects.toThrow('longer than 3 bytes');
});
