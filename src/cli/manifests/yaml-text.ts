/**
 * Bytes of a file to YAML documents, read as kubectl reads them: YAML 1.1 numbers (`010` is 8, `0o14` is 12, `6_0` is 60), no dates and
 * no base 60, any number of documents, a byte order mark and CRLF allowed. A doubled key is refused, where kubectl silently takes the last.
 */

import { LineCounter, parseAllDocuments, type Document, type ScalarTag, type Tags } from 'yaml';
import type { ManifestFault } from './fault.ts';
import { syntaxFault, type Text } from './yaml-syntax.ts';

export type YamlDocument = Text & { readonly document: Document.Parsed };

export type YamlFile = { readonly documents: readonly YamlDocument[]; readonly faults: readonly ManifestFault[] };

/** Reads all documents; those that are broken become faults, one each, and are left out. */
export function readYaml(bytes: Uint8Array, file: string): YamlFile {
  const content = decode(bytes);
  if (content === undefined) return unread(file, 'this is not text in UTF-8', 'save the file as UTF-8');
  const lineCounter = new LineCounter();
  const parsed = parse(content, lineCounter);
  if (parsed === undefined)
    return unread(file, 'the file is nested too deeply to be read', 'check that it is the right file');
  const lines = content.split('\n');
  const text: Text = {
    placeAt: (offset) => {
      const { line, col } = lineCounter.linePos(offset);
      return { file, line: Math.max(1, line), column: Math.max(1, col) };
    },
    lineText: (line) => lines[line - 1] ?? '',
  };
  const documents: YamlDocument[] = [];
  const faults: ManifestFault[] = [];
  for (const document of parsed) {
    if (document.errors.length > 0) faults.push(syntaxFault(document, text));
    else documents.push({ document, ...text });
  }
  return { documents, faults };
}

function unread(file: string, problem: string, fix: string): YamlFile {
  return { documents: [], faults: [{ place: { file }, problem, fix }] };
}

/** undefined when the parser ran out of stack. */
function parse(text: string, lineCounter: LineCounter): readonly Document.Parsed[] | undefined {
  try {
    return parseAllDocuments(text, { version: '1.1', customTags, lineCounter, prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** UTF-8, or UTF-16 when the byte order mark says so (PowerShell writes it). The mark itself is dropped. */
function decode(bytes: Uint8Array): string | undefined {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** kubectl's scalars: those of YAML 1.1 without dates and base 60, with `0o` octals. */
function customTags(tags: Tags): Tags {
  const octal: ScalarTag = {
    identify: () => false,
    default: true,
    tag: 'tag:yaml.org,2002:int',
    format: 'OCT',
    test: /^[-+]?0o[0-7_]+$/,
    resolve: (text) => Number.parseInt(text.replace(/_|0o/g, ''), 8),
  };
  const kept = tags.filter(
    (tag) =>
      typeof tag === 'object' &&
      tag.tag !== 'tag:yaml.org,2002:timestamp' &&
      !('format' in tag && tag.format === 'TIME'),
  );
  return [...kept, octal];
}
