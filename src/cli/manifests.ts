/**
 * Reads manifest files into objects for the embedded cluster. Either every object of every file is good, or nothing is returned but the
 * faults, each with file, line, column, object, field and fix: a half-applied set of manifests is nothing anybody asked for.
 */

import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Node } from 'yaml';
import { isMap, isSeq, visit } from 'yaml';
import type { AnyObject } from '../core/kube/object.ts';
import { apiVersionOf, NAMESPACES } from '../core/kube/resource.ts';
import { FIRST_NAMESPACES } from '../cluster/store-namespaces.ts';
import { errorText, TandemError } from '../lib/error.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { checkObject, type CheckedObject } from './manifests/check-object.ts';
import { checkTogether } from './manifests/check-together.ts';
import { faultLines, faultText, inReadingOrder, type ManifestFault } from './manifests/fault.ts';
import { warningsAbout } from './manifests/warnings.ts';
import { isFields, sourceObject, type SourceObject } from './manifests/source.ts';
import { readYaml, type YamlDocument } from './manifests/yaml-text.ts';

const MAX_BYTES = 16 * 1024 * 1024;
/** As for kubectl: `-f -` reads what is piped in. */
const STDIN = '-';

export type LoadOptions = {
  readonly signal: AbortSignal;
  /** What `-` reads; the process's standard input when absent. */
  readonly stdin?: () => AsyncIterable<Uint8Array>;
};

/** `objects`: in the order they were written, lists taken apart, after the namespaces they need. */
export type Loaded = { readonly objects: readonly AnyObject[]; readonly warnings: readonly ManifestFault[] };

/** All objects of all files, or all faults in reading order. */
export async function loadManifests(
  files: readonly string[],
  options: LoadOptions,
): Promise<Result<Loaded, readonly ManifestFault[]>> {
  const sources: SourceObject[] = [];
  const faults: ManifestFault[] = [];
  for (const file of new Set(files)) {
    const bytes = await readBytes(file, options);
    if (!bytes.ok) {
      faults.push(bytes.error);
      continue;
    }
    const { documents, faults: broken } = readYaml(bytes.value, file === STDIN ? 'stdin' : file);
    faults.push(...broken);
    for (const document of documents) collect(document, sources, faults);
  }
  const checked: CheckedObject[] = [];
  for (const source of sources) {
    const outcome = checkObject(source);
    if (outcome.ok) checked.push(outcome.checked);
    else faults.push(...outcome.faults);
  }
  // whether a target is missing can only be told once everything that was given could be read
  if (faults.length === 0) faults.push(...checkTogether(checked));
  if (faults.length === 0 && !checked.some(({ object }) => PLAYED.includes(object.kind)))
    faults.push(nothingToPlay(files, checked.length));
  if (faults.length > 0) return err(inReadingOrder(faults));
  const objects = checked.map(({ object }) => object);
  return ok({
    objects: [...missingNamespaces(objects), ...objects],
    warnings: inReadingOrder(warningsAbout(checked)),
  });
}

/** Kinds that bring pods; without one nothing would ever happen. */
const PLAYED: readonly string[] = ['Deployment', 'RayCluster'];

/** Namespaces that objects are in and nobody gave: the cluster is empty, and whoever took the objects from theirs has them there. */
function missingNamespaces(objects: readonly AnyObject[]): readonly AnyObject[] {
  const there = new Set(FIRST_NAMESPACES);
  for (const { kind, metadata } of objects) if (kind === NAMESPACES.kind) there.add(metadata.name);
  const used = new Set(
    objects.flatMap(({ metadata }) => (metadata.namespace === undefined ? [] : [metadata.namespace])),
  );
  const missing = [...used].filter((name) => !there.has(name));
  return missing.map((name) => ({ apiVersion: apiVersionOf(NAMESPACES), kind: NAMESPACES.kind, metadata: { name } }));
}

/** All faults as one error for the user. */
export function manifestError(faults: readonly ManifestFault[]): TandemError {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return new TandemError('TANDEM_MANIFEST', `${count} in the manifests, nothing was started${faultLines(faults)}`);
}

/** Warnings as lines for a person; '' when there are none. */
export function warningTexts(warnings: readonly ManifestFault[]): string {
  return warnings.map((warning) => `Warning: ${faultText(warning)}\n`).join('');
}

async function readBytes(file: string, options: LoadOptions): Promise<Result<Uint8Array, ManifestFault>> {
  const { signal } = options;
  if (file === '') {
    const fix = 'write a path behind -f, or - for what is piped in';
    return err({ place: { file: '-f ""' }, problem: 'the name of the file is empty', fix });
  }
  if (/^https?:\/\//i.test(file)) {
    const fix = `fetch it first: curl -fsSL ${file} -o manifest.yaml, then -f manifest.yaml; or pipe it to -f -`;
    return err({ place: { file }, problem: 'this is an address, and nothing is fetched from the network', fix });
  }
  try {
    if (file === STDIN) return await readStdin(options);
    const { size } = await stat(file);
    if (size > MAX_BYTES) {
      const problem = `the file has ${Math.round(size / 1024 / 1024)} MiB, at most 16 MiB are read`;
      return err({ place: { file }, problem, fix: 'split it, or check that it is the right file' });
    }
    return ok(await readFile(file, { signal }));
  } catch (error) {
    signal.throwIfAborted();
    return err({ place: { file }, ...unreadable(error) });
  }
}

async function readStdin({ signal, stdin }: LoadOptions): Promise<Result<Uint8Array, ManifestFault>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdin?.() ?? standardInput(signal)) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      const problem = 'more than 16 MiB were piped in';
      return err({ place: { file: 'stdin' }, problem, fix: 'split it, or check that it is the right file' });
    }
    chunks.push(chunk);
  }
  return ok(Buffer.concat(chunks));
}

function standardInput(signal: AbortSignal): AsyncIterable<Uint8Array> {
  return createReadStream('', { fd: 0, autoClose: false, signal }) as AsyncIterable<Uint8Array>; // without an encoding: bytes
}

function unreadable(error: unknown): { readonly problem: string; readonly fix: string } {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return { problem: 'there is no such file', fix: 'check the path, it is taken from the current folder' };
    case 'EISDIR':
      return { problem: 'this is a folder', fix: 'name the files in it, such as -f folder/*.yaml' };
    case 'EACCES':
      return { problem: 'the file may not be read', fix: 'give yourself permission to read it' };
    default:
      return { problem: `the file cannot be read: ${errorText(error)}`, fix: 'check the path' };
  }
}

/** Adds the objects of one document, with the items of lists one by one. */
function collect(source: YamlDocument, sources: SourceObject[], faults: ManifestFault[]): void {
  const { contents } = source.document;
  let value: unknown;
  try {
    value = source.document.toJS();
  } catch (error) {
    faults.push(aliasFault(source, error));
    return;
  }
  if (value !== null && value !== undefined) addObject(source, contents, value, sources, faults);
}

/** An alias without its anchor, or so many of them that the document would grow without end. */
function aliasFault(source: YamlDocument, error: unknown): ManifestFault {
  let unknown: number | undefined;
  visit(source.document, {
    Alias: (_, alias) => {
      if (alias.resolve(source.document) === undefined) unknown ??= alias.range?.[0];
    },
  });
  const place = source.placeAt(unknown ?? source.document.contents?.range?.[0] ?? 0);
  if (unknown === undefined)
    return { place, problem: `broken YAML: ${errorText(error)}`, fix: 'write the aliased parts out' };
  const problem = 'broken YAML: no anchor (&) of this name stands before it';
  return { place, problem, fix: 'put the value in quotes if it is meant to begin with *' };
}

function addObject(
  source: YamlDocument,
  node: Node | null,
  value: unknown,
  sources: SourceObject[],
  faults: ManifestFault[],
): void {
  if (!isFields(value)) {
    const place = source.placeAt(node?.range?.[0] ?? 0);
    const what = Array.isArray(value) ? 'a list' : `${typeof value === 'string' ? 'text' : `a ${typeof value}`}`;
    const problem = `here stands ${what} where an object is expected`;
    faults.push({ place, problem, fix: 'begin with apiVersion:, kind: and metadata:' });
    return;
  }
  const { kind, items } = value;
  const isList = typeof kind === 'string' && kind.endsWith('List') && (Array.isArray(items) || items === null);
  if (!isList) {
    sources.push(sourceObject(source, node, value));
    return;
  }
  const itemNode = isMap(node) ? node.get('items', true) : undefined;
  for (const [i, item] of (items ?? []).entries()) {
    const at = isSeq(itemNode) ? (itemNode.items[i] as Node | undefined) : undefined; // items of a parsed sequence are nodes
    addObject(source, at ?? node, item, sources, faults);
  }
}

function nothingToPlay(files: readonly string[], objects: number): ManifestFault {
  return {
    place: { file: files.map((file) => (file === STDIN ? 'stdin' : file)).join(', ') },
    problem: objects === 0 ? 'there is no object in it' : 'there is nothing to play: no object here brings pods',
    fix: 'give at least a Deployment with its HPA, or a RayCluster',
  };
}
