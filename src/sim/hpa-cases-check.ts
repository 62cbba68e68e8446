/** The envelope of the HPA case form, checked field by field. Kubernetes objects inside may hold any field. */

import { parseRfc3339 } from '../core/time/time.ts';
import { pathPattern } from './hpa-case-faults.ts';
import {
  optional,
  readCount,
  readEntries,
  readFlag,
  readList,
  readNumber,
  readObject,
  readOneOf,
  readText,
  readWhole,
  refuseUnknown,
  type Place,
} from './case-read.ts';
import { CASE_GATES } from './hpa-case-config.ts';

const KINDS = ['reconcile', 'loop', 'validate', 'convert', 'quantity', 'selector'] as const;

/** Every field of the form, in its order. */
const FIELDS = [
  ...['id', 'kind', 'start', 'controller', 'world', 'steps', 'durationSeconds', 'workers'],
  ...['hpa', 'old', 'version', 'subresource'],
  ...['quantities', 'milliQuantities', 'selectors', 'labelSelectors', 'labels'],
];

/** A field that only other kinds read is without effect, whatever it holds. */
export function checkCase(place: Place): void {
  optional(place.member('id'), readText, undefined);
  const kind =
    place.member('kind').value === '' ? 'reconcile' : optional(place.member('kind'), readOneOf(KINDS), 'reconcile');
  refuseUnknown(place, FIELDS);
  optional(place.member('controller'), readObject(checkController), undefined);
  switch (kind) {
    case 'reconcile':
      return checkRun(place);
    case 'loop':
      checkRun(place);
      optional(place.member('durationSeconds'), readNumber, undefined);
      optional(place.member('workers'), readCount, undefined);
      return;
    case 'validate':
      optional(place.member('subresource'), readOneOf(['', 'status']), undefined);
      return checkVersion(place);
    case 'convert':
      return checkVersion(place);
    case 'quantity':
      optional(place.member('quantities'), readList(readText), undefined);
      optional(place.member('milliQuantities'), readList(readObject(checkMilliQuantity)), undefined);
      return;
    case 'selector':
      optional(place.member('selectors'), readList(readText), undefined);
      optional(place.member('labelSelectors'), readList(checkLabelSelector), undefined);
      optional(place.member('labels'), readList(readEntries(readText)), undefined);
      return;
  }
}

function checkRun(place: Place): void {
  const start = place.member('start');
  const text = optional(start, readText, '');
  if (text !== '' && parseRfc3339(text) === undefined) start.expected('an RFC 3339 instant with a zone');
  optional(place.member('world'), readObject(checkWorld), undefined);
  optional(place.member('steps'), readList(readObject(checkStep)), undefined);
}

function checkVersion(place: Place): void {
  optional(place.member('version'), readOneOf(['v2', 'v1', '']), undefined);
}

const SECONDS = [
  'syncPeriodSeconds',
  'downscaleStabilizationSeconds',
  'tolerance',
  'cpuInitializationPeriodSeconds',
  'initialReadinessDelaySeconds',
];

function checkController(place: Place): void {
  refuseUnknown(place, [...SECONDS, 'requestLatencyMs', 'featureGates', 'rawHpa']);
  for (const name of SECONDS) optional(place.member(name), readNumber, undefined);
  optional(place.member('requestLatencyMs'), readCount, undefined);
  optional(place.member('rawHpa'), readFlag, undefined);
  optional(place.member('featureGates'), readObject(checkGates), undefined);
}

function checkGates(place: Place): void {
  refuseUnknown(place, CASE_GATES);
  for (const name of CASE_GATES) optional(place.member(name), readFlag, undefined);
  const locked = place.member('HPAConfigurableTolerance');
  if (locked.value === false) locked.note('FieldValueForbidden', 'this gate is on and locked');
}

function checkStep(place: Place): void {
  refuseUnknown(place, ['advanceSeconds', 'world', 'sync', 'cacheLag', 'resetDiscovery']);
  optional(place.member('advanceSeconds'), readNumber, undefined);
  optional(place.member('world'), readObject(checkWorld), undefined);
  optional(place.member('sync'), readList(readText), undefined);
  optional(place.member('cacheLag'), readFlag, undefined);
  optional(place.member('resetDiscovery'), readFlag, undefined);
}

const WORLD: Readonly<Record<string, (place: Place) => unknown>> = {
  hpas: readList(readObject(checkNamed)),
  deleteHpas: readList(readText),
  scales: readList(readObject(checkScale)),
  deleteScales: readList(readText),
  pods: readList(readObject(checkNamed)),
  podsFollowScale: readText,
  podMetrics: readObject(checkPodMetrics),
  customMetrics: readList(readObject(checkMetrics)),
  externalMetrics: readList(readObject(checkMetrics)),
  apiGroups: readEntries(readObject(checkApiGroup)),
  resources: readList(readObject(checkResource)),
  faults: readList(readObject(checkFault)),
};

function checkWorld(place: Place): void {
  refuseUnknown(place, Object.keys(WORLD));
  for (const [name, check] of Object.entries(WORLD)) optional(place.member(name), check, undefined);
}

/** Kubernetes objects may hold any field; what is used of every one is its name. */
function checkNamed(place: Place): void {
  readObject((metadata) => readText(metadata.member('name')))(place.member('metadata'));
}

function checkScale(place: Place): void {
  const counts = ['specReplicas', 'statusReplicas'];
  refuseUnknown(place, ['group', 'resource', 'namespace', 'name', ...counts, 'selector', 'statusFollowsSpec']);
  for (const name of ['group', 'namespace', 'selector']) optional(place.member(name), readText, undefined);
  for (const name of ['resource', 'name']) readText(place.member(name));
  for (const name of counts) optional(place.member(name), readInt32, undefined);
  optional(place.member('statusFollowsSpec'), readFlag, undefined);
}

function readInt32(place: Place): number {
  const value = readWhole(place);
  if (value !== (value | 0)) place.expected('an int32');
  return value;
}

function checkFault(place: Place): void {
  refuseUnknown(place, ['method', 'path', 'skip', 'times', 'error']);
  optional(place.member('method'), readOneOf(['', 'GET', 'PUT', 'POST', 'PATCH']), undefined);
  const path = place.member('path');
  if (pathPattern(readText(path)) === undefined) path.expected('a regular expression');
  optional(place.member('skip'), readCount, undefined);
  optional(place.member('times'), readCount, undefined);
  readObject(checkApiError)(place.member('error'));
}

function checkApiError(place: Place): void {
  refuseUnknown(place, ['code', 'reason', 'message', 'body']);
  readCount(place.member('code'));
  for (const name of ['reason', 'message', 'body']) optional(place.member(name), readText, undefined);
}

function checkMetrics(place: Place): void {
  refuseUnknown(place, ['path', 'query', 'items', 'error']);
  readText(place.member('path'));
  optional(place.member('query'), readEntries(readText), undefined);
  optional(place.member('items'), readList(readObject(() => undefined)), undefined);
  optional(place.member('error'), readObject(checkApiError), undefined);
}

function checkPodMetrics(place: Place): void {
  refuseUnknown(place, ['items', 'error']);
  optional(place.member('items'), readList(readObject(checkNamed)), undefined);
  optional(place.member('error'), readObject(checkApiError), undefined);
}

function checkApiGroup(place: Place): void {
  refuseUnknown(place, ['versions', 'preferred', 'removed']);
  const versions = optional(place.member('versions'), readList(readText), []);
  optional(place.member('preferred'), readText, undefined);
  const removed = optional(place.member('removed'), readFlag, false);
  if (versions.length === 0 && !removed)
    place.member('versions').expected('at least one version, unless the group is removed');
}

function checkResource(place: Place): void {
  refuseUnknown(place, ['group', 'version', 'resource', 'kind', 'scale']);
  optional(place.member('group'), readText, undefined);
  for (const name of ['version', 'resource', 'kind']) readText(place.member(name));
  optional(place.member('scale'), readFlag, undefined);
}

function checkMilliQuantity(place: Place): void {
  refuseUnknown(place, ['milli', 'format']);
  const milli = place.member('milli');
  const { value } = milli;
  if (typeof value !== 'string' || !/^[+-]?\d{1,19}$/.test(value) || BigInt.asIntN(64, BigInt(value)) !== BigInt(value))
    milli.expected('an int64 as text');
  readOneOf(['DecimalSI', 'BinarySI'])(place.member('format'));
}

function checkLabelSelector(place: Place): void {
  if (place.value === null) return;
  readObject((selector) => {
    optional(selector.member('matchLabels'), readEntries(readText), undefined);
    optional(selector.member('matchExpressions'), readList(readObject(checkRequirement)), undefined);
  })(place);
}

function checkRequirement(place: Place): void {
  for (const name of ['key', 'operator']) optional(place.member(name), readText, undefined);
  optional(place.member('values'), readList(readText), undefined);
}
