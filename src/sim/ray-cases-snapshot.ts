/** A line of the case form becomes a snapshot of the scheduler, or the list of what is wrong with it. */

import type {
  GangResourceRequest,
  LabelSelectorConstraint,
  PlacementConstraint,
  ResourceRequest,
  ResourceRequestByCount,
  Resources,
} from '../core/ray/cluster-state.ts';
import type { InstanceStatus, NodeKind } from '../core/ray/instance-status.ts';
import type {
  IdleTimeout,
  InPlaceResize,
  NodeType,
  RayNodeState,
  ResizeGroup,
  ResizeStatus,
  SchedulerInstance,
  SchedulerSnapshot,
} from '../core/ray/snapshot.ts';
import { err, ok, type FieldError, type Result } from '../lib/result.ts';
import { formsOf, type NumberForms } from './ray-cases-forms.ts';
import { parseJson } from './case-json.ts';
import { numberText } from './ray-cases-numbers.ts';
import {
  optional,
  Place,
  readCount,
  readEntries,
  readFlag,
  readList,
  readNumber,
  readObject,
  readOneOf,
  readText,
  readTuple,
  readWhole,
} from './case-read.ts';

/** A case that can be decided. */
export type ReadCase = {
  /** As given; null when there is none. */
  readonly id: unknown;
  readonly snapshot: SchedulerSnapshot;
  readonly forms: NumberForms;
};

/** A case that cannot. `id` is null when the line does not say. */
export type MalformedCase = { readonly id: unknown; readonly faults: readonly FieldError[] };

/** Cost: O(text). Every fault of the line is found, up to a bound; a member that the form does not know is passed over. */
export function readCase(line: string): Result<ReadCase, MalformedCase> {
  const json = parseJson(line);
  if (!json.ok) {
    const { column, expected } = json.error;
    const message = `not JSON at column ${column}: expected ${expected}`;
    return err({ id: null, faults: [{ path: '', type: 'FieldValueInvalid', message }] });
  }
  const faults: FieldError[] = [];
  const place = new Place({ document: json.value, faults }, json.value.value);
  const snapshot = readObject(readSnapshot)(place);
  const id = place.member('id').value ?? null;
  return faults.length > 0 ? err({ id, faults }) : ok({ id, snapshot, forms: formsOf(place) });
}

function readSnapshot(place: Place): SchedulerSnapshot {
  const config = place.member('config');
  optional(config, readObject(String), undefined);
  const availability = place.member('availability');
  const flag = (name: string): boolean => optional(config.member(name), readFlag, true);
  return {
    nodeTypes: [...byName(list(place.member('node_types'), readNodeType)).values()],
    maxNumNodes: optional(config.member('max_num_nodes'), readLimit, undefined),
    idleTimeout: optional(config.member('idle_timeout_s'), readTimeout, undefined),
    pendingIdleTimeout: optional(config.member('pending_idle_timeout_s'), readTimeout, undefined),
    launchConfigCheck: flag('disable_launch_config_check') ? 'off' : 'on',
    gpuNodes: flag('conserve_gpu_nodes') ? 'conserve' : 'use',
    resourceRequests: list(place.member('demands'), readDemand),
    gangRequests: list(place.member('gangs'), readGang),
    clusterConstraints: list(place.member('constraints'), (constraint) => ({
      resourceRequests: readList(readDemand)(constraint),
    })),
    instances: list(place.member('instances'), readInstance).flatMap((instance) => instance ?? []),
    availabilities: {
      cloud: readScores(availability.member('cloud')),
      recoverable: readScores(availability.member('recoverable')),
    },
    inPlaceResize: optional(place.member('ippr'), readResize, undefined),
    monotonicS: optional(place.member('now_s'), readNumber, 0),
    state: {
      pendingUnneededSinceS: new Map(
        optional(place.member('state').member('pending_unneeded_since_s'), readEntries(readList(readNumber)), []),
      ),
    },
  };
}

function list<T>(place: Place, read: (place: Place) => T): readonly T[] {
  return optional(place, readList(read), []);
}

/** The original reads a map: of equal names the last value counts, at the place of the first. */
function byName(types: readonly NodeType[]): ReadonlyMap<string, NodeType> {
  return new Map(types.map((type) => [type.name, type]));
}

/** It is printed in texts, so `2.0` is not taken for `2`. */
function readLimit(place: Place): number {
  if (place.form === 'int') return readWhole(place);
  place.note('FieldValueTypeInvalid', 'a whole number written without point and exponent is expected');
  return 0;
}

function readTimeout(place: Place): IdleTimeout {
  const seconds = readNumber(place);
  return { seconds, text: numberText(seconds, place.form) };
}

function readScores(place: Place): ReadonlyMap<string, number> {
  return new Map(optional(place, readEntries(readNumber), []));
}

function readLabels(place: Place): Readonly<Record<string, string>> {
  return Object.fromEntries(optional(place, readEntries(readText), []));
}

const readAmount = readTuple<readonly [string, number]>('a pair [name, number]', [readText, readNumber]);

function readResources(place: Place): Resources {
  return readList(readAmount)(place).flatMap((pair) => (pair === undefined ? [] : [pair]));
}

function readNodeType(place: Place): NodeType {
  const minWorkerNodes = optional(place.member('min'), readCount, 0);
  const maxWorkerNodes = readCount(place.member('max'));
  if (minWorkerNodes > maxWorkerNodes && !place.member('max').isAbsent)
    place.member('min').expected(`at most max, which is ${maxWorkerNodes}`);
  const idleTimeout = optional(place.member('idle_timeout_s'), readTimeout, undefined);
  return {
    name: readText(place.member('name')),
    minWorkerNodes,
    maxWorkerNodes,
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    priority: optional(place.member('priority'), readWhole, 0),
    resources: optional(place.member('resources'), readResources, []),
    labels: readLabels(place.member('labels')),
    launchConfigHash: optional(place.member('launch_config_hash'), readText, ''),
  };
}

const STATUSES: readonly (InstanceStatus | 'UNKNOWN')[] = [
  'QUEUED',
  'REQUESTED',
  'ALLOCATED',
  'RAY_INSTALLING',
  'RAY_RUNNING',
  'RAY_STOP_REQUESTED',
  'RAY_STOPPING',
  'RAY_STOPPED',
  'TERMINATING',
  'TERMINATED',
  'ALLOCATION_FAILED',
  'RAY_INSTALL_FAILED',
  'TERMINATION_FAILED',
  'ALLOCATION_TIMEOUT',
  'UNKNOWN',
];
const KINDS: readonly NodeKind[] = ['WORKER', 'HEAD', 'UNMANAGED'];

/** Undefined: not an instance of which the scheduler hears. */
function readInstance(place: Place): SchedulerInstance | undefined {
  if (!optional(place.member('in_im'), readFlag, true)) return undefined;
  const status = readOneOf(STATUSES)(place.member('status'));
  const instance = {
    instanceId: readText(place.member('id')),
    cloudInstanceId: optional(place.member('cloud_id'), readText, ''),
    instanceType: readText(place.member('node_type')),
    nodeKind: optional(place.member('kind'), readOneOf(KINDS), 'WORKER'),
    launchConfigHash: optional(place.member('launch_config_hash'), readText, ''),
    nodeId: optional(place.member('ray_node_id'), readText, ''),
    rayNode: optional(place.member('ray_node'), readRayNode, undefined),
  };
  return status === 'UNKNOWN' ? undefined : { ...instance, status };
}

function readRayNode(place: Place): RayNodeState {
  return {
    totalResources: readResources(place.member('total')),
    availableResources: readResources(place.member('available')),
    labels: readLabels(place.member('labels')),
    dynamicLabels: readLabels(place.member('dynamic_labels')),
    idleDurationMs: Math.trunc(optional(place.member('idle_ms'), readNumber, 0)),
  };
}

function readDemand(place: Place): ResourceRequestByCount {
  return { request: readRequest(place), count: Math.max(0, optional(place.member('count'), readWhole, 1)) };
}

function readGang(place: Place): GangResourceRequest {
  return {
    details: optional(place.member('details'), readText, ''),
    requests: list(place.member('requests'), readRequest),
    bundleSelectors: list(place.member('bundle_selectors'), (bundles) => ({
      resourceRequests: readList(readRequest)(bundles),
    })),
  };
}

function readRequest(place: Place): ResourceRequest {
  if (!(typeof place.value === 'object' && place.value !== null)) place.expected('a request (an object)');
  return {
    resourcesBundle: [...new Map(optional(place.member('resources'), readResources, []))],
    placementConstraints: list(place.member('placement'), readPlacement),
    labelSelectors: list(place.member('selectors'), (alternative) =>
      readList(readConstraint)(alternative).flatMap((constraint) => constraint ?? []),
    ),
  };
}

const readLabelPair = readTuple<readonly [string, string]>('a pair [label, value]', [readText, readText]);

/** One that names neither kind is part of the form; of both kinds the first counts. */
function readPlacement(place: Place): PlacementConstraint {
  const readPair = (name: string): { readonly labelName: string; readonly labelValue: string } | undefined => {
    const pair = place.member(name).value === undefined ? undefined : readLabelPair(place.member(name));
    return pair === undefined ? undefined : { labelName: pair[0], labelValue: pair[1] };
  };
  if (!(typeof place.value === 'object' && place.value !== null)) place.expected('a placement constraint (an object)');
  const antiAffinity = readPair('anti_affinity');
  if (antiAffinity !== undefined) return { antiAffinity };
  const affinity = readPair('affinity');
  return affinity === undefined ? {} : { affinity };
}

const readTriple = readTuple<readonly [string, LabelSelectorConstraint['operator'], readonly string[]]>(
  'a triple [key, operator, [values]]',
  [readText, readOneOf(['IN', 'NOT_IN', 'UNSPECIFIED']), readList(readText)],
);

function readConstraint(place: Place): LabelSelectorConstraint | undefined {
  const triple = readTriple(place);
  return triple === undefined ? undefined : { key: triple[0], operator: triple[1], values: triple[2] };
}

const readGroupPair = readTuple<readonly [string, ResizeGroup]>('a pair [name, group]', [
  readText,
  readObject((place) => ({
    minCpu: readNumber(place.member('min_cpu')),
    maxCpu: readNumber(place.member('max_cpu')),
    minMemory: readNumber(place.member('min_memory')),
    maxMemory: readNumber(place.member('max_memory')),
    resizeTimeoutS: readNumber(place.member('resize_timeout')),
  })),
]);

function readResize(place: Place): InPlaceResize {
  const groups = new Map(readList(readGroupPair)(place.member('groups')).flatMap((pair) => (pair ? [pair] : [])));
  const statuses = readList((status) => readResizeStatus(status, groups))(place.member('statuses'));
  return { groups, statuses: new Map(statuses.map((status) => [status.cloudInstanceId, status])) };
}

const NO_GROUP: ResizeGroup = { minCpu: 0, maxCpu: 0, minMemory: 0, maxMemory: 0, resizeTimeoutS: 0 };

function readResizeStatus(place: Place, groups: ReadonlyMap<string, ResizeGroup>): ResizeStatus {
  const name = readText(place.member('group'));
  const group = groups.get(name);
  if (group === undefined) place.member('group').expected('the name of one of ippr.groups');
  const number = (member: string): number => readNumber(place.member(member));
  const perhaps = (member: string): number | undefined => optional(place.member(member), readNumber, undefined);
  return {
    cloudInstanceId: readText(place.member('cloud_id')),
    group: group ?? NO_GROUP,
    currentCpu: number('current_cpu'),
    currentMemory: number('current_memory'),
    desiredCpu: number('desired_cpu'),
    desiredMemory: number('desired_memory'),
    resizingAt: perhaps('resizing_at'),
    k8sResizeStatus: optional(place.member('k8s_resize_status'), readText, undefined),
    suggestedMaxCpu: perhaps('suggested_max_cpu'),
    suggestedMaxMemory: perhaps('suggested_max_memory'),
    lastFailedAt: perhaps('last_failed_at'),
    lastFailedReason: optional(place.member('last_failed_reason'), readText, undefined),
    rayletId: optional(place.member('raylet_id'), readText, undefined),
  };
}
