import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readList } from './list-stream.ts';

async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  for (const cut of [...at, bytes.length]) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
}

async function read(
  text: string,
  cuts: readonly number[] = [],
  maxBytes = 2 ** 20,
): Promise<readonly [unknown, unknown]> {
  const items: unknown[] = [];
  const rest = await readList(inPieces(Buffer.from(text), cuts), { maxBytes, take: (some) => items.push(...some) });
  return [rest, items];
}

const json = fc.jsonValue({ depthSize: 'small' });
const head = fc.dictionary(
  fc
    .oneof(fc.constantFrom('kind', 'metadata', 'Items', 'item', 'items\\"'), fc.string())
    .filter((key) => key !== 'items' && key !== '__proto__'),
  fc.oneof(json, fc.constant('items'), fc.constant(['items', { items: [1] }])),
  { maxKeys: 3 },
);

test('a document in any pieces gives the items and the rest that JSON.parse gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      head,
      fc.array(json, { maxLength: 5 }),
      head,
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.constantFrom(0, 2),
      async (before, items, after, cuts, indent) => {
        const text = JSON.stringify({ ...before, items, ...after }, null, indent);
        const whole = JSON.parse(text) as { items: unknown[] };
        expect(await read(text, cuts)).toEqual([{ ...whole, items: [] }, whole.items]);
      },
    ),
    { numRuns: 500 },
  );
});

test('no items, null and an absent member stay what they are', async () => {
  expect(await read('{"items":[ ],"kind":"L"}')).toEqual([{ items: [], kind: 'L' }, []]);
  expect(await read('{"items":null}')).toEqual([{ items: null }, []]);
  expect(await read('{"kind":"L"}')).toEqual([{ kind: 'L' }, []]);
  expect(await read('[1]')).toEqual([[1], []]);
});

test.each([
  ['{"items":[1,2', 'the list ended among its items'],
  ['{"items":[ ,1]}', undefined],
  ['{"items":[1,2]', undefined],
  ['{"items":[1,]}', undefined],
  ['{"items":[,1]}', undefined],
  ['{"items":[{"a":1}}', undefined],
  ['{"items":[{"a":1] }', undefined],
  ['', undefined],
])('what is no document is an error: %s', async (text, message) => {
  await expect(read(text)).rejects.toThrow(message ?? SyntaxError);
  for (let cut = 1; cut < text.length; cut++) await expect(read(text, [cut])).rejects.toThrow(SyntaxError);
});

test('an item that is too long is given up, however many short ones there are', async () => {
  const short = JSON.stringify({ items: Array.from({ length: 100 }, (_, i) => ({ i })) });
  const every = Array.from({ length: short.length }, (_, i) => i);
  expect((await read(short, every, 40))[1]).toHaveLength(100);
  const long = JSON.stringify({ items: ['x'.repeat(100)] });
  await expect(read(long, [20, 60, 80], 40)).rejects.toThrow('one item of a list is longer than 40 bytes');
});
