/** `decide hpa` without the command line: a line of the case form in, a line with the result out. */

import { errorText } from '../lib/error.ts';
import type { FieldError } from '../lib/result.ts';
import { parseJson } from './case-json.ts';
import {
  optional,
  Place,
  readCount,
  readFlag,
  readList,
  readNumber,
  readObject,
  readOneOf,
  readText,
  readWhole,
  refuseUnknown,
} from './case-read.ts';
import { outOfScope, type HpaCase } from './hpa-cases-scope.ts';
import { runReconcileCase } from './hpa-cases.ts';

/** `kind` tells whether the line was a case that can be played. `line` is JSON without an end of line. */
export type HpaCaseAnswer =
  | { readonly kind: 'answered'; readonly id: string; readonly line: string }
  | { readonly kind: 'malformed'; readonly id: string; readonly line: string; readonly problem: string };

/** Cases are apart from each other. A fault of the world that no case should have is told as the answer, as the form says. */
export function decideHpaCase(text: string): HpaCaseAnswer {
  const json = parseJson(text);
  if (!json.ok) {
    const { column, expected } = json.error;
    return refusal('', `not JSON at column ${column}: expected ${expected}`);
  }
  const faults: FieldError[] = [];
  const place = new Place({ document: json.value, faults }, json.value.value);
  readObject(checkCase)(place);
  const { value } = place.member('id');
  const id = typeof value === 'string' ? value : '';
  if (faults.length > 0) {
    const problem = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
    return refusal(id, problem);
  }
  const given = { ...(json.value.value as HpaCase), id }; // its envelope was checked just now
  try {
    const reason = outOfScope(given);
    if (reason !== undefined) return refusal(id, `not covered: cases ${reason}`);
    return { kind: 'answered', id, line: JSON.stringify(runReconcileCase(given)) };
  } catch (error) {
    return refusal(id, errorText(error));
  }
}

function refusal(id: string, problem: string): HpaCaseAnswer {
  return { kind: 'malformed', id, line: JSON.stringify({ id, oracleError: problem }), problem };
}

const OTHER_KINDS = ['loop', 'validate', 'convert', 'quantity', 'selector'] as const;

function checkCase(place: Place): void {
  optional(place.member('id'), readText, undefined);
  const kind = optional(place.member('kind'), readOneOf(['reconcile', ...OTHER_KINDS]), 'reconcile');
  if (kind !== 'reconcile') {
    place.member('kind').expected('a kind that is covered: reconcile');
    return;
  }
  refuseUnknown(place, ['id', 'kind', 'start', 'controller', 'world', 'steps']);
  optional(place.member('start'), readText, undefined);
  optional(place.member('controller'), readObject(checkController), undefined);
  optional(place.member('world'), readObject(checkWorld), undefined);
  optional(place.member('steps'), readList(readObject(checkStep)), undefined);
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
}

function checkStep(place: Place): void {
  refuseUnknown(place, ['advanceSeconds', 'world', 'sync', 'cacheLag', 'resetDiscovery']);
  optional(place.member('advanceSeconds'), readNumber, undefined);
  optional(place.member('world'), readObject(checkWorld), undefined);
  optional(place.member('sync'), readList(readText), undefined);
  optional(place.member('cacheLag'), readFlag, undefined);
  optional(place.member('resetDiscovery'), readFlag, undefined);
}

const WORLD = [
  'hpas',
  'deleteHpas',
  'scales',
  'deleteScales',
  'pods',
  'podsFollowScale',
  'podMetrics',
  'customMetrics',
  'externalMetrics',
  'apiGroups',
  'resources',
  'faults',
];

function checkWorld(place: Place): void {
  refuseUnknown(place, WORLD);
  optional(place.member('hpas'), readList(readObject(checkNamed)), undefined);
  optional(place.member('pods'), readList(readObject(checkNamed)), undefined);
  optional(place.member('deleteHpas'), readList(readText), undefined);
  optional(place.member('deleteScales'), readList(readText), undefined);
  optional(place.member('podsFollowScale'), readText, undefined);
  optional(place.member('scales'), readList(readObject(checkScale)), undefined);
  optional(place.member('faults'), readList(readObject(checkFault)), undefined);
  optional(place.member('resources'), readList(readObject(checkResource)), undefined);
  optional(place.member('podMetrics'), readObject(checkPodMetrics), undefined);
}

/** Kubernetes objects may hold any field; what is used of every one is its name. */
function checkNamed(place: Place): void {
  readObject((metadata) => readText(metadata.member('name')))(place.member('metadata'));
}

function checkScale(place: Place): void {
  const counts = ['specReplicas', 'statusReplicas'];
  refuseUnknown(place, ['group', 'resource', 'namespace', 'name', ...counts, 'selector', 'statusFollowsSpec']);
  for (const name of ['group', 'resource', 'name']) readText(place.member(name));
  for (const name of ['namespace', 'selector']) optional(place.member(name), readText, undefined);
  for (const name of counts) optional(place.member(name), readWhole, undefined);
  optional(place.member('statusFollowsSpec'), readFlag, undefined);
}

function checkFault(place: Place): void {
  refuseUnknown(place, ['method', 'path', 'skip', 'times', 'error']);
  optional(place.member('method'), readOneOf(['GET', 'PUT', 'POST', 'PATCH']), undefined);
  readText(place.member('path'));
  optional(place.member('skip'), readCount, undefined);
  optional(place.member('times'), readCount, undefined);
  readObject(checkApiError)(place.member('error'));
}

function checkApiError(place: Place): void {
  refuseUnknown(place, ['code', 'reason', 'message', 'body']);
  readCount(place.member('code'));
  for (const name of ['reason', 'message']) optional(place.member(name), readText, undefined);
  if (!place.member('body').isAbsent)
    place.member('body').note('FieldValueNotSupported', 'raw answers are not covered');
}

function checkResource(place: Place): void {
  refuseUnknown(place, ['group', 'version', 'resource', 'kind', 'scale']);
  for (const name of ['group', 'version', 'resource', 'kind']) readText(place.member(name));
  optional(place.member('scale'), readFlag, undefined);
}

function checkPodMetrics(place: Place): void {
  refuseUnknown(place, ['items', 'error']);
  optional(place.member('items'), readList(readObject(checkNamed)), undefined);
  optional(place.member('error'), readObject(checkApiError), undefined);
}
