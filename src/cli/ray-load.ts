/**
 * Reads what drivers ask of Ray, and when: a YAML list of steps, each with its time and one of `tasks`, `actors`, `placementGroup` and
 * `requestResources`. Either every step is good, or nothing is played and all faults are told, with line, field and fix.
 */

import { readFile } from 'node:fs/promises';
import { isSeq, type Node } from 'yaml';
import { errorText, TandemError } from '../lib/error.ts';
import type { FloorAsk, GivenRayLoad, GroupAsk, RayAsk, RayLoadStep, WorkAsk } from '../sim/ray-load.ts';
import type { Resources } from '../core/ray/cluster-state.ts';
import { faultLines, inReadingOrder, type ManifestFault } from './manifests/fault.ts';
import { isFields, sourceObject } from './manifests/source.ts';
import { readYaml, type YamlDocument } from './manifests/yaml-text.ts';
import { FieldReader } from './ray-load-fields.ts';
import { unreadableText } from './unreadable.ts';

const MOST_SECONDS = 86_400;
const MOST_WORK = 100_000;
const MOST_BUNDLES = 1000;
const MOST_CPUS = 1000;
const STRATEGIES = ['PACK', 'SPREAD', 'STRICT_PACK', 'STRICT_SPREAD'] as const;
const ASKS = ['tasks', 'actors', 'placementGroup', 'requestResources'] as const;
const DEFAULTS = { seconds: 60, resources: [['CPU', 1]] as Resources, strategy: 'PACK' } as const;

const EXAMPLE = 'begin with a step, such as - tasks: {count: 10, resources: {CPU: 1}, seconds: 60}';

/** Rejects with `TANDEM_RAY_LOAD` when the file cannot be used. */
export async function readRayLoad(file: string, { signal }: { readonly signal: AbortSignal }): Promise<GivenRayLoad> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const problem = `the file cannot be read: ${unreadableText(error)}`;
    throw loadError([{ place: { file }, problem, fix: 'check the path, it is taken from the current folder' }]);
  }
  const { documents, faults: broken } = readYaml(bytes, file);
  const faults = [...broken];
  const steps = documents.flatMap((document) => readSteps(document, faults));
  faults.push(...sameNames(steps));
  if (faults.length === 0 && steps.length === 0)
    faults.push({ place: { file }, problem: 'there is no step in it', fix: EXAMPLE });
  if (faults.length > 0) throw loadError(inReadingOrder(faults));
  const inOrder = steps.map(({ step }) => step).toSorted((a, b) => a.at - b.at);
  return { steps: inOrder, source: file };
}

function loadError(faults: readonly ManifestFault[]): TandemError {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return new TandemError('TANDEM_RAY_LOAD', `${count} in the load for Ray, nothing was started${faultLines(faults)}`);
}

type PlacedStep = { readonly step: RayLoadStep; readonly reader: FieldReader };

function readSteps(document: YamlDocument, faults: ManifestFault[]): readonly PlacedStep[] {
  const { contents } = document.document;
  let value: unknown;
  try {
    value = document.document.toJS();
  } catch (error) {
    // an alias without its anchor, or one that grows without end
    const place = document.placeAt(contents?.range?.[0] ?? 0);
    faults.push({ place, problem: `broken YAML: ${errorText(error)}`, fix: 'write the aliased parts out' });
    return [];
  }
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value) || !isSeq(contents)) {
    const place = document.placeAt(contents?.range?.[0] ?? 0);
    faults.push({ place, problem: 'here stands no list of steps', fix: EXAMPLE });
    return [];
  }
  return value.flatMap((item: unknown, i) => {
    const node = contents.items[i] as Node | null; // items of a parsed sequence are nodes
    if (!isFields(item)) {
      const place = document.placeAt(node?.range?.[0] ?? 0);
      faults.push({ place, object: `step ${i + 1}`, problem: 'this is no step', fix: EXAMPLE });
      return [];
    }
    const reader = new FieldReader(sourceObject(document, node, item), `step ${i + 1}`);
    const step = readStep(reader, i);
    faults.push(...reader.faults);
    return step === undefined ? [] : [{ step, reader }];
  });
}

function readStep(reader: FieldReader, index: number): RayLoadStep | undefined {
  const names = reader.fields('', ['at', ...ASKS]);
  const at = reader.number('at', { least: 0, most: MOST_SECONDS, absent: 0 });
  const [kind, ...more] = ASKS.filter((name) => names.includes(name));
  if (kind === undefined || more.length > 0) {
    const problem = kind === undefined ? 'it asks for nothing' : `it asks for ${[kind, ...more].join(' and ')}`;
    const fix = kind === undefined ? `add one of ${ASKS.join(', ')}` : 'make a step of each';
    return reader.fault(kind === undefined ? '' : (more[0] ?? ''), problem, fix);
  }
  const ask = readAsk(reader, kind, index);
  return at === undefined || ask === undefined ? undefined : { at, ask };
}

function readAsk(reader: FieldReader, kind: (typeof ASKS)[number], index: number): RayAsk | undefined {
  switch (kind) {
    case 'tasks':
    case 'actors':
      return readWork(reader, kind, kind === 'tasks' ? 'task' : 'actor');
    case 'placementGroup':
      return readGroup(reader, kind, `group-${index + 1}`);
    case 'requestResources':
      return readFloor(reader, kind);
  }
}

function readWork(reader: FieldReader, path: string, kind: WorkAsk['kind']): WorkAsk | undefined {
  reader.fields(path, ['count', 'resources', 'seconds']);
  const count = reader.number(`${path}.count`, { least: 1, most: MOST_WORK, absent: 1, kind: 'whole' });
  const seconds = reader.number(`${path}.seconds`, { least: 0, most: MOST_SECONDS, absent: DEFAULTS.seconds });
  const resources = reader.resources(`${path}.resources`, { absent: DEFAULTS.resources });
  if (count === undefined || seconds === undefined || resources === undefined) return undefined;
  return { kind, count, resources, seconds };
}

function readGroup(reader: FieldReader, path: string, absentName: string): GroupAsk | undefined {
  const names = reader.fields(path, ['name', 'strategy', 'bundles', 'seconds', 'tasks']);
  const name = reader.text(`${path}.name`, { absent: absentName });
  const strategy = reader.oneOf(`${path}.strategy`, { of: STRATEGIES, absent: DEFAULTS.strategy });
  const seconds = reader.number(`${path}.seconds`, { least: 0, most: MOST_SECONDS, absent: DEFAULTS.seconds });
  const bundles = reader.bundles(`${path}.bundles`, { least: 1, most: MOST_BUNDLES });
  const inside = names.includes('tasks') ? readWork(reader, `${path}.tasks`, 'task') : undefined;
  if (name === undefined || strategy === undefined || seconds === undefined || bundles === undefined) return undefined;
  return { kind: 'placement-group', name, strategy, bundles, seconds, inside };
}

/** As Ray's function takes it: so many bundles of one CPU, then the others. */
function readFloor(reader: FieldReader, path: string): FloorAsk | undefined {
  reader.fields(path, ['numCpus', 'bundles']);
  const cpus = reader.number(`${path}.numCpus`, { least: 0, most: MOST_CPUS, absent: 0, kind: 'whole' });
  const more = reader.bundles(`${path}.bundles`, { least: 0, most: MOST_BUNDLES });
  if (cpus === undefined || more === undefined) return undefined;
  const bundles = [...Array.from({ length: cpus }, () => DEFAULTS.resources), ...more];
  return { kind: 'request-resources', bundles };
}

/** The timeline names groups: two of one name could not be told apart. */
function sameNames(steps: readonly PlacedStep[]): readonly ManifestFault[] {
  const seen = new Set<string>();
  return steps.flatMap(({ step: { ask }, reader }) => {
    if (ask.kind !== 'placement-group' || !seen.has(ask.name)) {
      if (ask.kind === 'placement-group') seen.add(ask.name);
      return [];
    }
    return [
      reader.faultAt('placementGroup.name', `another group is called ${ask.name}, too`, 'give each a name of its own'),
    ];
  });
}
