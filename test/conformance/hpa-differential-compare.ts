/**
 * What of two answers must be equal, and where the original's own text is random: which pod without a usable request is named, the order
 * of two rivals, the order of validation errors. Since such a text may change from sync to sync, the original may then write the status
 * again: in those cases status writes and what follows from them are left out, and of a loop its times.
 */

import { isObject, type Json } from './hpa-generator-types.ts';

const RIVALS = /\(e\.g\. \[([^\]]*)\]\)/g;
const PODS =
  /missing request for \S+ in container \S+ of Pod \S+|missing pod-level request for \S+ in Pod \S+|container \S+ not found in Pod \S+/g;

/** Where two answers differ: the place with indices, and what stands there. */
export type Difference = { readonly path: string; readonly want: Json | undefined; readonly got: Json | undefined };

export type Answer = { readonly [field: string]: Json | undefined };

/** Everything is compared: requests, written events, errors that are only logged, counters. */
export function differences(want: Answer, got: Answer): readonly Difference[] {
  const found: Difference[] = [];
  if (want['oracleError'] !== undefined || got['oracleError'] !== undefined) {
    if (want['oracleError'] === undefined || got['oracleError'] === undefined) {
      found.push({ path: 'oracleError', want: want['oracleError'], got: got['oracleError'] });
    }
    return found;
  }
  const random = isRandom(want);
  if ('syncs' in want) {
    const [ours, theirs] = [listOf(got['syncs']), listOf(want['syncs'])];
    if (ours.length !== theirs.length) found.push({ path: 'syncs.length', want: theirs.length, got: ours.length });
    for (const [i, sync] of theirs.entries()) {
      if (i < ours.length) compare(viewOf(sync, random), viewOf(ours[i], random), { path: `syncs[${i}]`, found });
    }
    compare(want['prometheus'], got['prometheus'], { path: 'prometheus', found });
    return found;
  }
  const left = new Set(['nondeterministic', 'otherResult']);
  if ('timeline' in want && random) {
    for (const field of ['prometheus', 'eventWrites', 'events', 'timeline']) left.add(field);
    compare(scaleWrites(want), scaleWrites(got), { path: 'scale writes', found });
  }
  compare(settled(without(want, left)), settled(without(got, left)), { path: '', found });
  return found;
}

/** Without indices: differences of one kind have one name. */
export function kindOf({ path }: Difference): string {
  return path.replace(/\[\d+\]/g, '[]').replace(/\{.*\}/, '{}');
}

function isRandom(want: Answer): boolean {
  const text = JSON.stringify(want);
  return text.includes('AmbiguousSelector') || text.search(PODS) >= 0;
}

/** The part of a sync that must be equal, with its defaults. */
function viewOf(sync: Json | undefined, random: boolean): Json {
  const given = isObject(sync) ? sync : {};
  const status = statusOf(given['status']);
  const requests = listOf(given['requests']).map((one) => {
    const request = isObject(one) ? one : {};
    return [request['method'] ?? null, request['path'] ?? null, request['query'] ?? {}, request['code'] ?? null];
  });
  const writes = listOf(given['statusPuts']).map((one) =>
    isObject(one) ? [one['key'] ?? null, one['code'] ?? null] : one,
  );
  return {
    deleted: given['deleted'] === true,
    desiredReplicas: status['desiredReplicas'],
    currentReplicas: status['currentReplicas'],
    scaleWrites: listOf(given['scaleWrites']),
    replicas: given['replicas'] ?? {},
    status,
    events: settled(listOf(given['events'])),
    error: settled(given['error'] ?? ''),
    statusPuts: random ? '-' : writes,
    requests: requests.filter(([, path]) => !random || typeof path !== 'string' || !path.endsWith('/status')),
    handledErrors: settled(listOf(given['handledErrors'])),
    ...(random ? {} : { eventWrites: settled(listOf(given['eventWrites'])) }),
  };
}

function statusOf(given: Json | undefined): { readonly [field: string]: Json | undefined } {
  if (!isObject(given)) return {};
  const status = settled(given);
  if (!isObject(status)) return {};
  const orEmpty = (list: Json | undefined): Json => (Array.isArray(list) ? list : []);
  return {
    ...status,
    currentMetrics: orEmpty(status['currentMetrics']),
    conditions: orEmpty(status['conditions']),
    currentReplicas: status['currentReplicas'] ?? 0,
  };
}

function scaleWrites(answer: Answer): Json {
  return listOf(answer['timeline']).flatMap((entry) => {
    const did = isObject(entry) ? entry['do'] : undefined;
    if (!isObject(entry) || typeof did !== 'string' || !/^PUT.*\/scale$/.test(did)) return [];
    return [[did, entry['replicas'] ?? null, entry['code'] ?? null]];
  });
}

/** Absent equals null. Lists must be as long and in the same order, except causes, which are a set. */
function compare(
  want: Json | undefined,
  got: Json | undefined,
  at: { readonly path: string; readonly found: Difference[] },
): void {
  const { path, found } = at;
  if (isObject(want) && isObject(got)) {
    for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
      compare(want[key], got[key], { path: path === '' ? key : `${path}.${key}`, found });
    }
  } else if (Array.isArray(want) && Array.isArray(got) && want.length === got.length) {
    const [wants, gots] = path === 'causes' ? [sortedList(want), sortedList(got)] : [listOf(want), listOf(got)];
    for (const [i, item] of wants.entries()) compare(item, gots[i], { path: `${path}[${i}]`, found });
  } else if (typeof want === 'string' && typeof got === 'string') {
    if (want !== got && loose(want) !== loose(got)) found.push({ path, want, got });
  } else if ((want ?? null) !== (got ?? null)) {
    found.push({ path, want, got });
  }
}

function sortedList(list: readonly Json[]): readonly Json[] {
  const text = (value: Json): string => JSON.stringify(value, Object.keys(isObject(value) ? value : {}).toSorted());
  return list.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** The two names of an ambiguity in one order, wherever they stand. */
function settled(value: Json): Json {
  if (typeof value === 'string') {
    return value.replace(RIVALS, (_, names: string) => `(e.g. [${names.split(/\s+/).toSorted().join(' ')}])`);
  }
  if (Array.isArray(value)) return listOf(value).map(settled);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, settled(member ?? null)]));
}

/** Which pod is complained of first; the order of validation errors. */
function loose(text: string): string {
  const somePod = text.replace(PODS, '<a pod without a usable request>');
  const [head, tail] = splitOnce(somePod, ' is invalid: [');
  if (tail === undefined) return somePod;
  return `${head} is invalid: ${tail.replace(/\]+$/, '').split(', ').toSorted().join(', ')}`;
}

function splitOnce(text: string, at: string): readonly [string, string | undefined] {
  const index = text.indexOf(at);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + at.length)];
}

function without(answer: Answer, left: ReadonlySet<string>): Json {
  return Object.fromEntries(Object.entries(answer).filter(([field]) => !left.has(field)));
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []; // Array.isArray forgets that the list is read-only
}
