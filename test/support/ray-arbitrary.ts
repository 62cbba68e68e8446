/**
 * Scheduling rounds at random, for properties: every part of a snapshot turns up, none of them ends the round (RAY-12.1), and every
 * request asks for something. Amounts are halves, so that sums come out exactly whatever their order.
 */

import fc from 'fast-check';
import type {
  GangResourceRequest,
  LabelSelectorConstraint,
  ResourceRequest,
  ResourceRequestByCount,
  Resources,
} from '../../src/core/ray/cluster-state.ts';
import type { InstanceStatus } from '../../src/core/ray/instance-status.ts';
import { wholeSeconds } from '../../src/core/ray/seconds-text.ts';
import type {
  InPlaceResize,
  NodeType,
  ResizeGroup,
  SchedulerInstance,
  SchedulerSnapshot,
} from '../../src/core/ray/snapshot.ts';
import { gang, pending, running, snapshot, type } from './ray-snapshot.ts';

const NAMES = ['type:m', 'type:b', 'type:z', 'type:a'] as const;
export const HEAD_TYPE = 'type:head';

/** Rows with these statuses are nodes, a running one with its Ray node. Spec: RAY-4.1. */
export const WAITING = ['QUEUED', 'REQUESTED', 'ALLOCATED', 'RAY_INSTALLING', 'RAY_STOP_REQUESTED'] as const;
const GONE = ['RAY_STOPPED', 'TERMINATED', 'ALLOCATION_FAILED'] as const satisfies readonly InstanceStatus[];

const often = fc.integer({ min: 0, max: 3 }).map((n) => n > 0);
const seldom = often.map((value) => !value);
const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });
const zone = fc.constantFrom('a', 'b', 'c');

/** CPU always, the others now and then. */
const amounts = (of: fc.Arbitrary<number>): fc.Arbitrary<Readonly<Record<string, number>>> =>
  fc
    .record({ CPU: of, GPU: optional(of), memory: optional(of), x: optional(of), y: optional(of) })
    .map((given) => Object.fromEntries(Object.entries(given).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]]))));

const typeParts = fc.record({
  resources: amounts(fc.constantFrom(1, 2, 4, 8)),
  min: fc.constantFrom(0, 0, 0, 1, 2),
  room: fc.nat(5),
  priority: fc.constantFrom(0, 0, 0, 1),
  isTwin: seldom,
  zone: optional(zone),
  idle: optional(fc.constantFrom(30, 600)),
  hash: fc.constantFrom('', 'h1'),
});

const nodeTypes: fc.Arbitrary<readonly NodeType[]> = fc
  .array(typeParts, { minLength: 1, maxLength: NAMES.length })
  .map((list) =>
    list.map((part, i) =>
      // twins score alike: then the order of the list decides
      type(NAMES[i] ?? '', (part.isTwin ? list[i - 1]?.resources : undefined) ?? part.resources, {
        minWorkerNodes: part.min,
        maxWorkerNodes: part.min + part.room,
        priority: part.priority,
        labels: part.zone === undefined ? {} : { zone: part.zone },
        launchConfigHash: part.hash,
        ...(part.idle === undefined ? {} : { idleTimeout: wholeSeconds(part.idle) }),
      }),
    ),
  );

const selector: fc.Arbitrary<readonly LabelSelectorConstraint[]> = fc.array(
  fc.record({
    key: fc.constant('zone'),
    operator: fc.constantFrom('IN' as const, 'IN' as const, 'NOT_IN' as const, 'UNSPECIFIED' as const),
    values: fc.array(zone, { minLength: 1, maxLength: 2 }),
  }),
  { maxLength: 2 },
);

/** A task or an actor: at least one selector, mostly an empty one. */
const selectors = fc.oneof(
  { arbitrary: fc.constant([[]]), weight: 3 },
  { arbitrary: fc.array(selector, { maxLength: 3 }), weight: 1 },
);

const request: fc.Arbitrary<ResourceRequest> = fc
  .record({ resources: amounts(fc.constantFrom(0.5, 1, 2, 4)), labelSelectors: selectors })
  .map(({ resources, labelSelectors }) => ({
    resourcesBundle: Object.entries(resources),
    placementConstraints: [],
    labelSelectors,
  }));

const TURNED: Readonly<Record<string, string>> = { GPU: 'x', x: 'y', y: 'memory', memory: 'GPU' };

/**
 * Now and then one asks for what the one before asks for, with other selectors, so that they are alike in rank but not equal; or for as
 * much under other names, so that the names decide.
 */
export const requests: fc.Arbitrary<readonly ResourceRequestByCount[]> = fc
  .array(
    fc.record({
      request,
      count: fc.integer({ min: 0, max: 9 }),
      bundle: fc.constantFrom('own', 'own', 'own', 'as-before', 'renamed'),
    }),
    { maxLength: 5 },
  )
  .map((list) =>
    list.map(({ request: own, count, bundle }, i) => {
      const before = bundle === 'own' ? undefined : list[i - 1]?.request.resourcesBundle;
      const turned = before?.map(([name, amount]) => [TURNED[name] ?? name, amount] as const);
      const resourcesBundle = (bundle === 'renamed' ? turned : before) ?? own.resourcesBundle;
      return { request: { ...own, resourcesBundle }, count };
    }),
  );

const gangs: fc.Arbitrary<readonly GangResourceRequest[]> = fc
  .array(
    fc.record({
      strategy: fc.constantFrom('PACK' as const, 'SPREAD' as const, 'STRICT_PACK' as const, 'STRICT_SPREAD' as const),
      bundles: fc.array(amounts(fc.constantFrom(0.5, 1, 2)), { maxLength: 4 }),
      selector: optional(selector),
    }),
    { maxLength: 3 },
  )
  .map((list) =>
    list.map(({ strategy, bundles, selector: one }, i) =>
      gang(`p${i}`, strategy, bundles, one === undefined ? {} : { selectors: bundles.map(() => [one]) }),
    ),
  );

const instanceParts = fc.record({
  of: fc.nat(NAMES.length),
  used: fc.constantFrom(0, 0.5, 1, 1),
  saysZero: fc.boolean(),
  zone: optional(zone),
  group: optional(fc.constantFrom('_PG_p0', '_PG_p1')),
  idleMs: fc.constantFrom(0, 0, 30_001, 60_000, 60_001, 90_000),
  hash: fc.constantFrom('', 'h1', 'h0'),
  status: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 5 },
    { arbitrary: fc.constantFrom<InstanceStatus>(...WAITING, ...GONE), weight: 3 },
  ),
});
type InstanceParts = typeof instanceParts extends fc.Arbitrary<infer T> ? T : never;

function instanceOf(parts: InstanceParts, types: readonly NodeType[], i: number): SchedulerInstance {
  const of = types[parts.of % types.length];
  const name = of?.name ?? '';
  if (parts.status !== undefined) return { ...pending(`i${i}`, name, parts.status), launchConfigHash: parts.hash };
  const own: Resources = [
    ['object_store_memory', 4 + (i % 2)],
    [`node:10.0.0.${i}`, 1],
  ];
  // a used-up resource is mostly left out, as the GCS does
  const free = (of?.resources ?? []).flatMap(([resource, amount]) => {
    const left = amount * (1 - parts.used);
    return left > 0 || parts.saysZero ? [[resource, left] as const] : [];
  });
  const node = running(`i${i}`, name, {
    total: Object.fromEntries([...(of?.resources ?? []), ...own]),
    free: Object.fromEntries([...free, ...own]),
    idleMs: parts.used === 0 ? parts.idleMs : 0,
    launchConfigHash: parts.hash,
    labels: { id: `n${i}`, ...(parts.zone === undefined ? {} : { zone: parts.zone }) },
  });
  const { rayNode } = node;
  if (parts.group === undefined || rayNode === undefined) return node;
  return { ...node, rayNode: { ...rayNode, dynamicLabels: { [parts.group]: '' } } };
}

const HEAD = running('head', HEAD_TYPE, { total: { CPU: 1 }, head: true, idleMs: 90_000 });

/** Some types have a resize group, and the pods of their running nodes a status, mostly at rest. */
function resizeOf(instances: readonly SchedulerInstance[], of: readonly string[], isNew: boolean): InPlaceResize {
  const group: ResizeGroup = { minCpu: 1, maxCpu: 8, minMemory: 1, maxMemory: 8, resizeTimeoutS: 60 };
  const there = instances.filter(({ instanceType, status }) => of.includes(instanceType) && status === 'RAY_RUNNING');
  const statuses = there.map(({ cloudInstanceId }, i) => ({
    cloudInstanceId,
    group,
    currentCpu: 1,
    currentMemory: 1,
    desiredCpu: isNew && i === 0 ? 8 : 1,
    desiredMemory: isNew && i === 0 ? 8 : 1,
    resizingAt: undefined,
    k8sResizeStatus: isNew && i === 0 ? 'new' : undefined,
    suggestedMaxCpu: undefined,
    suggestedMaxMemory: undefined,
    lastFailedAt: undefined,
    lastFailedReason: undefined,
    rayletId: undefined,
  }));
  return {
    groups: new Map(of.map((name) => [name, group])),
    statuses: new Map(statuses.map((status) => [status.cloudInstanceId, status])),
  };
}

/** Any round that does not abort. */
export const rounds: fc.Arbitrary<SchedulerSnapshot> = fc
  .record({
    types: nodeTypes,
    instances: fc.array(instanceParts, { maxLength: 10 }),
    head: often,
    requests,
    gangs,
    constraint: optional(requests),
    maxNumNodes: optional(fc.constantFrom(0, 1, 3, 6, 12)),
    idle: optional(fc.constant(60)),
    pendingIdle: optional(fc.constant(60)),
    unneeded: fc.array(fc.constantFrom(900, 940, 990), { maxLength: 3 }),
    check: seldom,
    conserve: often,
    scores: fc.option(fc.array(fc.constantFrom(0, 0.5, 1), { maxLength: NAMES.length }), { nil: undefined, freq: 1 }),
    resize: seldom,
    resizeIsNew: fc.boolean(),
  })
  .map((given) => {
    const head = type(HEAD_TYPE, { CPU: 1 }, { maxWorkerNodes: 1 });
    const types = given.head ? [head, ...given.types] : given.types;
    const workers = given.instances.map((parts, i) => instanceOf(parts, given.types, i));
    const instances = given.head ? [HEAD, ...workers] : workers;
    const scores = new Map((given.scores ?? []).map((score, i) => [NAMES[i] ?? '', score]));
    return snapshot({
      nodeTypes: types,
      instances,
      resourceRequests: given.requests,
      gangRequests: given.gangs,
      clusterConstraints: given.constraint === undefined ? [] : [{ resourceRequests: given.constraint }],
      maxNumNodes: given.maxNumNodes,
      idleTimeout: given.idle === undefined ? undefined : wholeSeconds(given.idle),
      pendingIdleTimeout: given.pendingIdle === undefined ? undefined : wholeSeconds(given.pendingIdle),
      launchConfigCheck: given.check ? 'on' : 'off',
      gpuNodes: given.conserve ? 'conserve' : 'use',
      availabilities: { cloud: scores, recoverable: new Map() },
      inPlaceResize: given.resize ? resizeOf(instances, NAMES.slice(0, 2), given.resizeIsNew) : undefined,
      monotonicS: 1000,
      state: { pendingUnneededSinceS: new Map([[NAMES[0], given.unneeded.toSorted((a, b) => a - b)]]) },
    });
  });
