/** Kubeconfig files: read, merged as kubectl merges them, and reduced to the entries of one context. Nothing is interpreted here. */

import { dirname, isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';
import { errorText } from '../lib/error.ts';
import { isRecord, recordsOf, textOf, type JsonRecord } from './json-shape.ts';
import { configError, isReadable, readText } from './pem.ts';

export type KubeconfigFiles = {
  readonly files: readonly string[];
  /** What named the files: `--kubeconfig`, `KUBECONFIG`, `the home folder`. */
  readonly source: string;
  /** Another context than the current one. */
  readonly context?: string;
};

type Section = 'clusters' | 'users' | 'contexts';

/** By name; of entries with one name the first file's counts. Paths in them are absolute. */
export type Kubeconfig = { readonly [S in Section]: ReadonlyMap<string, JsonRecord> } & {
  readonly currentContext: string | undefined;
};

export type Entry = {
  readonly name: string;
  /** `user "admin"`. */
  readonly what: string;
  readonly fields: JsonRecord;
};

/** What one context consists of. */
export type ChosenEntries = {
  readonly cluster: Entry;
  /** Without fields when the context names no user. */
  readonly user: Entry;
  /** `kubeconfig FILE, context "c"`. */
  readonly origin: string;
};

const MEMBERS: Readonly<Record<Section, string>> = { clusters: 'cluster', users: 'user', contexts: 'context' };

export async function readKubeconfigs({ files, source }: KubeconfigFiles): Promise<Kubeconfig> {
  // kubectl ignores what KUBECONFIG lists and is not there, so long as something is
  const present = files.length === 1 ? files : await existing(files);
  if (present.length === 0)
    throw configError(`none of the files of ${source} can be read: ${files.join(', ')}; correct it`);
  const documents = await Promise.all(present.map((file) => readDocument(file, source)));
  const merged = (section: Section): ReadonlyMap<string, JsonRecord> => {
    const entries = documents.flatMap(({ file, document }) => sectionOf(document, section, file));
    // of equal keys a map keeps the last
    return new Map(entries.toReversed());
  };
  return {
    clusters: merged('clusters'),
    users: merged('users'),
    contexts: merged('contexts'),
    currentContext: documents.map(({ document }) => textOf(document, 'current-context')).find(Boolean),
  };
}

async function existing(files: readonly string[]): Promise<readonly string[]> {
  const readable = await Promise.all(files.map(isReadable));
  return files.filter((_, i) => readable[i]);
}

async function readDocument(
  file: string,
  source: string,
): Promise<{ readonly file: string; readonly document: JsonRecord }> {
  const text = await readText(file, source);
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    const [firstLine] = errorText(error).split('\n');
    throw configError(`kubeconfig ${file} is not YAML: ${firstLine}; correct it`, { cause: error });
  }
  if (!isRecord(document) || !Array.isArray(document['clusters'])) {
    throw configError(
      `${file} (${source}) is no kubeconfig: it has no list of clusters; name a file that kubectl can use`,
    );
  }
  return { file, document };
}

function sectionOf(document: JsonRecord, section: Section, file: string): readonly (readonly [string, JsonRecord])[] {
  return recordsOf(document, section).map((entry, i) => {
    const name = textOf(entry, 'name');
    if (name === undefined) throw configError(`kubeconfig ${file}: ${section}[${i}] has no name; give it one`);
    const fields = entry[MEMBERS[section]];
    return [name, absolutePaths(isRecord(fields) ? fields : {}, dirname(resolve(file)))];
  });
}

const PATH_MEMBERS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/** Paths are relative to the file they stand in; so is a plugin's command when it has a slash in it. */
function absolutePaths(fields: JsonRecord, folder: string): JsonRecord {
  const absolute = { ...fields };
  for (const member of PATH_MEMBERS) {
    const path = textOf(fields, member);
    if (path !== undefined && path !== '') absolute[member] = resolve(folder, path);
  }
  const { exec } = fields;
  if (isRecord(exec)) {
    const command = textOf(exec, 'command') ?? '';
    if (/[\\/]/.test(command) && !isAbsolute(command))
      absolute['exec'] = { ...exec, command: resolve(folder, command) };
  }
  return absolute;
}

/** The entries of the chosen context. Throws a sentence when one is missing. */
export function chosenEntries(kubeconfig: Kubeconfig, { files, source, context }: KubeconfigFiles): ChosenEntries {
  const where = `kubeconfig ${files.join(', ')}`;
  const names = [...kubeconfig.contexts.keys()].toSorted().map((name) => JSON.stringify(name));
  const known = names.length === 0 ? 'it has none' : `its contexts are ${names.join(', ')}`;
  const name = context ?? kubeconfig.currentContext;
  if (name === undefined) {
    throw configError(
      `${where} (${source}) has no current-context; choose one with kubectl config use-context: ${known}`,
    );
  }
  const chosen = kubeconfig.contexts.get(name);
  if (chosen === undefined) throw configError(`${where} (${source}) has no context ${JSON.stringify(name)}; ${known}`);
  const origin = `${where}, context ${JSON.stringify(name)}`;
  const entry = (section: 'clusters' | 'users', wanted: string): Entry => {
    const member = MEMBERS[section] ?? section;
    const what = `${member} ${JSON.stringify(wanted)}`;
    const fields = kubeconfig[section].get(wanted);
    if (fields === undefined)
      throw configError(`${origin} names the ${what}, which is not in it; add it or name another`);
    return { name: wanted, what, fields };
  };
  const user = textOf(chosen, 'user') ?? '';
  return {
    cluster: entry('clusters', textOf(chosen, 'cluster') ?? ''),
    user: user === '' ? { name: '', what: 'no user', fields: {} } : entry('users', user),
    origin,
  };
}
