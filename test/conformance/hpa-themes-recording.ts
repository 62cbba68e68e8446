/**
 * What loops are compared by, per HPA, and what runs of the original have in common. Nothing in here knows a clock or a cluster.
 *
 * Compared: scale writes, events, rests, and what the status said one after the other: numbers of replicas, and each condition. Masked for all:
 * instants, namespaces, which of two rivals is named first, how often a warning was repeated (once per sync, so time decides), and what is
 * told when a hand comes in the middle of a sync (FailedUpdateStatus after an edit; `was deleted during reconciliation`).
 * Masked by the recording itself: an entry of a sequence that not every run of the original has.
 */

/** One play under one loop. Texts, oldest first; repetitions that follow each other are one. */
export type HpaRun = {
  /** `1 -> 3: cpu resource ... above target`. */
  readonly scales: readonly string[];
  /** `Normal SuccessfulRescale x2: New size ...`, `Warning FailedGetScale: ...`. */
  readonly events: readonly string[];
  /** Numbers of the status, `1 of 3`. */
  readonly replicas: readonly string[];
  /** By type: `True ReadyForNewScale: recommended ...`. */
  readonly conditions: Readonly<Record<string, readonly string[]>>;
  /** By the rest's name: the whole status. */
  readonly rests: Readonly<Record<string, readonly string[]>>;
};

/** By `theme/hpa`. */
export type Run = Readonly<Record<string, HpaRun>>;

/** A sequence: the same in all runs; or what all runs have in this order, and what some have beside it. */
export type Sequence =
  readonly string[] | { readonly always: readonly string[]; readonly sometimes: readonly string[] };

export type HpaRecording = {
  readonly scales: Sequence;
  readonly events: Sequence;
  readonly replicas: Sequence;
  readonly conditions: Readonly<Record<string, Sequence>>;
  readonly rests: Readonly<Record<string, Sequence>>;
};

export type Recording = Readonly<Record<string, HpaRecording>>;

/** What the runs have in common, and where they differ. */
export function merged(runs: readonly Run[]): Recording {
  const names = keysOf(runs);
  return Object.fromEntries(names.map((name) => [name, mergedHpa(runs.map((run) => run[name] ?? NOTHING))]));
}

/** Where a run is none of the recording's, a line each: `theme/hpa events: ...`; none when it is one. */
export function differences(recording: HpaRecording | undefined, run: HpaRun | undefined): readonly string[] {
  if (recording === undefined || run === undefined)
    return [recording === run ? 'neither is there' : 'only one is there'];
  const parts = (['scales', 'events', 'replicas'] as const).map((part) => of(part, recording[part], run[part]));
  const groups = (['conditions', 'rests'] as const).flatMap((part) =>
    keysOf([recording[part], run[part]]).map((key) =>
      of(`${part} ${key}`, recording[part][key] ?? [], run[part][key] ?? []),
    ),
  );
  return [...parts, ...groups].flat();
}

const NOTHING: HpaRun = { scales: [], events: [], replicas: [], conditions: {}, rests: {} };

function mergedHpa(runs: readonly HpaRun[]): HpaRecording {
  const group = (part: 'conditions' | 'rests'): Readonly<Record<string, Sequence>> => {
    const keys = keysOf(runs.map((run) => run[part]));
    return Object.fromEntries(keys.map((key) => [key, sequenceOf(runs.map((run) => run[part][key] ?? []))]));
  };
  return {
    scales: sequenceOf(runs.map(({ scales }) => scales)),
    events: sequenceOf(runs.map(({ events }) => events)),
    replicas: sequenceOf(runs.map(({ replicas }) => replicas)),
    conditions: group('conditions'),
    rests: group('rests'),
  };
}

function keysOf(records: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function sequenceOf(lists: readonly (readonly string[])[]): Sequence {
  const [first = [], ...others] = lists;
  const always = others.reduce(commonSubsequence, first);
  const sometimes = new Set(lists.flatMap((list) => beside(always, list)));
  return sometimes.size === 0 ? always : { always, sometimes: [...sometimes].toSorted() };
}

function of(what: string, sequence: Sequence, seen: readonly string[]): readonly string[] {
  const exact = isExact(sequence);
  const always = exact ? sequence : sequence.always;
  const common = commonSubsequence(always, seen);
  const missing = beside(common, always).map((text) => `${what}: missing or out of order: ${text}`);
  const known = new Set(exact ? [] : [...sequence.sometimes, ...always]);
  const surplus = beside(common, seen)
    .filter((text) => !known.has(text))
    .map((text) => `${what}: the original has none such: ${text}`);
  return [...missing, ...surplus];
}

function isExact(sequence: Sequence): sequence is readonly string[] {
  return Array.isArray(sequence);
}

/** A longest list whose entries both have in this order. O(n m). */
function commonSubsequence(a: readonly string[], b: readonly string[]): readonly string[] {
  // best[i][j]: how long it is for what follows i in a, and j in b
  const best = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  const at = (i: number, j: number): number => best[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    const row = best[i] ?? [];
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const common: string[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const entry = a[i];
    if (entry !== undefined && entry === b[j]) {
      common.push(entry);
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return common;
}

/** What a list has beside a subsequence of it. */
function beside(subsequence: readonly string[], list: readonly string[]): readonly string[] {
  let next = 0;
  return list.filter((entry) => {
    if (entry !== subsequence[next]) return true;
    next++;
    return false;
  });
}
