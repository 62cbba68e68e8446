import { describe, expect, test } from 'vitest';
import { readYaml } from './yaml-text.ts';

const TEXT = 'kind: A\nvalue: 010\n---\nkind: B\n';

function read(bytes: Uint8Array): { readonly values: readonly unknown[]; readonly faults: readonly string[] } {
  const { documents, faults } = readYaml(bytes, 'x.yaml');
  return {
    values: documents.map(({ document }) => document.toJS() as unknown),
    faults: faults.map(({ problem }) => problem),
  };
}

describe('encodings', () => {
  const utf16 = (text: string, order: 'le' | 'be'): Uint8Array => {
    const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
    return order === 'le' ? bytes : bytes.swap16();
  };
  test.each([
    { name: 'plain', bytes: Buffer.from(TEXT) },
    { name: 'byte order mark', bytes: Buffer.from(`\uFEFF${TEXT}`) },
    { name: 'CRLF', bytes: Buffer.from(TEXT.replaceAll('\n', '\r\n')) },
    { name: 'byte order mark and CRLF', bytes: Buffer.from(`\uFEFF${TEXT.replaceAll('\n', '\r\n')}`) },
    { name: 'UTF-16, little end first', bytes: utf16(TEXT, 'le') },
    { name: 'UTF-16, big end first', bytes: utf16(TEXT, 'be') },
  ])('$name', ({ bytes }) => {
    expect(read(bytes)).toEqual({ values: [{ kind: 'A', value: 8 }, { kind: 'B' }], faults: [] });
  });

  test('what is no text is refused', () => {
    expect(read(Uint8Array.of(0x89, 0x50, 0xff)).faults).toEqual(['this is not text in UTF-8']);
  });
});

describe('scalars are those of kubectl', () => {
  test.each([
    { text: '010', want: 8 },
    { text: '0o14', want: 12 },
    { text: '-0o14', want: -12 },
    { text: '6_0', want: 60 },
    { text: '0x1F', want: 31 },
    { text: '0b11', want: 3 },
    { text: '08', want: 8 },
    { text: '1e3', want: 1000 },
    { text: '0.5', want: 0.5 },
    { text: 'yes', want: true },
    { text: 'Off', want: false },
    { text: '~', want: null },
    { text: '"010"', want: '010' },
    { text: '500m', want: '500m' },
    { text: '2026-01-02', want: '2026-01-02' },
    { text: '2026-01-02T03:04:05Z', want: '2026-01-02T03:04:05Z' },
    { text: '1:30', want: '1:30' },
    { text: '1:30.5', want: '1:30.5' },
    { text: '2.60.0', want: '2.60.0' },
  ])('$text', ({ text, want }) => {
    expect(read(Buffer.from(`value: ${text}`)).values).toEqual([{ value: want }]);
  });
});

test('the other documents of a file are read although one is broken', () => {
  expect(read(Buffer.from('a: 1\n---\nb: [\n---\nc: 3\n'))).toMatchObject({
    values: [{ a: 1 }, { c: 3 }],
    faults: [/./],
  });
});

test('absurd nesting is a fault, not a crash', () => {
  expect(read(Buffer.from('['.repeat(20_000))).faults).toHaveLength(1);
});
