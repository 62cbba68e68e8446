import { describe, expect, test } from 'vitest';
import { byteLines, type ByteLine } from './byte-lines.ts';

async function linesOf(chunks: readonly (string | Uint8Array)[], maxBytes = 100): Promise<readonly ByteLine[]> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
  }
  const lines: ByteLine[] = [];
  for await (const line of byteLines(bytes(), { maxBytes })) lines.push(line);
  return lines;
}

const text = (number: number, content: string): ByteLine => ({ kind: 'text', number, text: content });

describe('lines of a byte stream', () => {
  test('are put together over the chunks; the last one needs no end', async () => {
    expect(await linesOf(['a', 'b\ncd\n\ne', 'f'])).toEqual([text(1, 'ab'), text(2, 'cd'), text(3, ''), text(4, 'ef')]);
    expect(await linesOf(['ab\r\n'])).toEqual([text(1, 'ab')]);
    expect(await linesOf([])).toEqual([]);
  });

  test('a character may lie across two chunks', async () => {
    const [first, second] = [new Uint8Array([0x61, 0xc3]), new Uint8Array([0xa4, 0x0a])];
    expect(await linesOf([first, second])).toEqual([text(1, 'aä')]);
  });

  test('one that is too long is dropped, and the next one is read', async () => {
    const lines = await linesOf(['12345', '67890', '1', '\nok\n1234567890\n'], 10);
    expect(lines).toEqual([{ kind: 'too-long', number: 1 }, text(2, 'ok'), text(3, '1234567890')]);
  });

  test('one that is not UTF-8 is told, and the next one is read', async () => {
    const lines = await linesOf([new Uint8Array([0xff, 0x0a]), 'ok\n']);
    expect(lines).toEqual([{ kind: 'not-utf8', number: 1 }, text(2, 'ok')]);
  });

  test('keeps no more than the limit of an endless line', async () => {
    const chunk = new Uint8Array(1024 * 1024).fill(0x61);
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 300; i++) yield chunk.slice();
    }
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    async function* watched(): AsyncGenerator<Uint8Array> {
      for await (const part of endless()) {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        yield part;
      }
    }
    const lines: ByteLine[] = [];
    for await (const line of byteLines(watched(), { maxBytes: 4 * 1024 * 1024 })) lines.push(line);
    expect(lines).toEqual([{ kind: 'too-long', number: 1 }]);
    expect(most).toBeLessThan(200 * 1024 * 1024);
  });
});
