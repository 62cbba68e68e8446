/** An object as the user wrote it, and where each of its fields stands. */

import { isAlias, isMap, isScalar, isSeq, type Document, type Node } from 'yaml';
import type { Place } from './fault.ts';
import type { YamlDocument } from './yaml-text.ts';

/** A JSON object whose shape nobody has checked. */
export type Fields = Readonly<Record<string, unknown>>;

export type SourceObject = {
  readonly fields: Fields;
  /** `Deployment web`, as far as kind and name can be read. */
  readonly title: string;
  /** The value of a field by its path; undefined when it is not there. */
  valueAt(path: string): unknown;
  /** A simple value as it was typed (`1.0`); undefined when the field holds no such value. */
  textAt(path: string): string | undefined;
  /** The place of a field; the nearest thing around it when it is not there. '' is the object itself. */
  placeOf(path: string): Place;
  /** The text of the line where a field stands. */
  lineOf(path: string): string;
};

/** The object at `node`. `fields` is its plain value. */
export function sourceObject(source: YamlDocument, node: Node | null, fields: Fields): SourceObject {
  const find = (path: string): Found => findNode(source.document, node, walk(fields, path).keys);
  const placeOf = (path: string): Place => source.placeAt(find(path).offset);
  return {
    fields,
    title: titleOf(fields),
    valueAt: (path) => walk(fields, path).value,
    textAt: (path) => {
      const found = find(path).node;
      return isScalar(found) && found.type === 'PLAIN' ? found.source : undefined;
    },
    placeOf,
    lineOf: (path) => source.lineText(placeOf(path).line ?? 1),
  };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function titleOf(fields: Fields): string {
  const { kind, metadata } = fields;
  const { name, namespace } = isFields(metadata) ? metadata : {};
  const what = typeof kind === 'string' && kind !== '' ? kind : 'object';
  if (typeof name !== 'string' || name === '') return `${what} without a name`;
  const elsewhere = typeof namespace === 'string' && namespace !== '' && namespace !== 'default';
  return `${what} ${elsewhere ? `${namespace}/` : ''}${name}`;
}

type Walk = { readonly keys: readonly (string | number)[]; readonly value: unknown };

/**
 * Follows a path (`spec.metrics[0].resource.name`) as far as it goes; `value` is undefined when that is not to its end. Keys may hold
 * dots themselves (`requests.nvidia.com/gpu`), so the longest key that fits is taken.
 */
function walk(fields: Fields, path: string): Walk {
  const keys: (string | number)[] = [];
  let value: unknown = fields;
  let rest = path;
  while (rest !== '') {
    const step = Array.isArray(value) ? indexIn(value, rest) : keyIn(value, rest);
    if (step === undefined) return { keys, value: undefined };
    keys.push(step.key);
    value = (value as Record<string | number, unknown>)[step.key]; // just found in it
    rest = step.rest.replace(/^\./, '');
  }
  return { keys, value };
}

type Step = { readonly key: string | number; readonly rest: string };

function indexIn(list: readonly unknown[], path: string): Step | undefined {
  const [text, index] = /^\[(\d+)\]/.exec(path) ?? [];
  if (text === undefined || Number(index) >= list.length) return undefined;
  return { key: Number(index), rest: path.slice(text.length) };
}

/** `key`, `key.more`, `key[0]` or `[key]`. */
function keyIn(value: unknown, path: string): Step | undefined {
  if (!isFields(value)) return undefined;
  let best: Step | undefined;
  for (const key of Object.keys(value)) {
    if (path.startsWith(`[${key}]`)) return { key, rest: path.slice(key.length + 2) };
    const rest = path.slice(key.length);
    const fits = key !== '' && path.startsWith(key) && (rest === '' || rest.startsWith('.') || rest.startsWith('['));
    if (fits && rest.length < (best?.rest.length ?? Infinity)) best = { key, rest };
  }
  return best;
}

type Found = { readonly node: Node | null; readonly offset: number };

/** The last of `keys` that the text has; a key that came in by a YAML merge is not in it, its object is. */
function findNode(document: Document.Parsed, root: Node | null, keys: readonly (string | number)[]): Found {
  let node = resolved(document, root);
  let offset = startOf(node) ?? 0;
  for (const key of keys) {
    const pair = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      : undefined;
    if (isMap(node) && pair === undefined) return { node, offset };
    const item = isSeq(node) && typeof key === 'number' ? node.items[key] : pair?.value;
    node = resolved(document, (item ?? null) as Node | null); // what a parsed document holds are nodes
    offset = startOf((pair?.key ?? node) as Node | null) ?? offset;
  }
  // a simple value is shown where it stands, everything else where its key is
  return { node, offset: isScalar(node) ? (startOf(node) ?? offset) : offset };
}

function resolved(document: Document.Parsed, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function startOf(node: Node | null): number | undefined {
  return node?.range?.[0];
}
