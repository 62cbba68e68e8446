/** From the core to bytes and back: nothing is lost, and no order changes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type * as core from '../core/ray/cluster-state.ts';
import { fromAutoscalingState, fromClusterResourceState, fromDrainRequest } from './from-core.ts';
import * as wire from './gen/autoscaler.ts';
import { toAutoscalingState, toClusterResourceState, toDrainRequest } from './to-core.ts';

const text = fc.string({ maxLength: 8 });
const version = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const count = fc.nat({ max: 2 ** 31 - 1 });
const nodeId = fc.uint8Array({ minLength: 28, maxLength: 28 }).map((bytes) => Buffer.from(bytes).toString('hex'));
/** Minus zero is no amount, and protobuf need not keep it. */
const amount = fc.double({ noNaN: true }).map((value) => value + 0);
/** Names that a JavaScript object would sort are the point. */
const resourceName = fc.oneof(text, fc.nat({ max: 99 }).map(String), fc.constantFrom('CPU', '__proto__', ''));
const resources: fc.Arbitrary<core.Resources> = fc
  .uniqueArray(fc.tuple(resourceName, amount), { selector: ([name]) => name, maxLength: 6 })
  .map((entries) => entries.map(([name, amount]) => [name, amount] as const));
const labels = fc.dictionary(
  text.filter((name) => name !== '__proto__'),
  text,
  { noNullPrototype: true, maxKeys: 4 },
);
const affinity = fc.record({ labelName: text, labelValue: text });
const request: fc.Arbitrary<core.ResourceRequest> = fc.record({
  resourcesBundle: resources,
  placementConstraints: fc.array(fc.record({ antiAffinity: affinity, affinity }, { requiredKeys: [] }), {
    maxLength: 2,
  }),
  labelSelectors: fc.array(
    fc.array(
      fc.record({
        key: text,
        operator: fc.constantFrom('UNSPECIFIED' as const, 'IN' as const, 'NOT_IN' as const),
        values: fc.array(text, { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
    { maxLength: 2 },
  ),
});
const requests = fc.array(request, { maxLength: 3 });
const byCount = fc.array(fc.record({ request, count: version }), { maxLength: 3 });
const gangs = fc.array(
  fc.record({
    details: text,
    requests,
    bundleSelectors: fc.array(fc.record({ resourceRequests: requests }), { maxLength: 2 }),
  }),
  { maxLength: 2 },
);
const constraints = fc.array(fc.record({ resourceRequests: byCount }), { maxLength: 2 });

const state: fc.Arbitrary<core.ClusterResourceState> = fc.record({
  clusterResourceStateVersion: version,
  clusterSessionName: text,
  nodeStates: fc.array(
    fc.record({
      nodeId,
      instanceId: text,
      rayNodeTypeName: text,
      availableResources: resources,
      totalResources: resources,
      labels,
      dynamicLabels: labels,
      status: fc.constantFrom('UNSPECIFIED' as const, 'RUNNING', 'DEAD', 'IDLE', 'DRAINING'),
      idleDurationMs: version,
      nodeIpAddress: text,
    }),
    { maxLength: 3 },
  ),
  pendingResourceRequests: byCount,
  pendingGangResourceRequests: gangs,
  clusterResourceConstraints: constraints,
});

const report: fc.Arbitrary<core.AutoscalingState> = fc.record({
  lastSeenClusterResourceStateVersion: version,
  autoscalerStateVersion: version,
  pendingInstanceRequests: fc.array(fc.record({ rayNodeTypeName: text, count, requestTs: version }), { maxLength: 2 }),
  infeasibleResourceRequests: requests,
  infeasibleGangResourceRequests: gangs,
  infeasibleClusterResourceConstraints: constraints,
  pendingInstances: fc.array(fc.record({ rayNodeTypeName: text, instanceId: text, details: text }), { maxLength: 2 }),
  failedInstanceRequests: fc.array(
    fc.record({ rayNodeTypeName: text, count, reason: text, startTs: version, failedTs: version }),
    { maxLength: 2 },
  ),
});

/** Through bytes. */
function sent<T>(codec: { encode(message: T): { finish(): Uint8Array }; decode(bytes: Uint8Array): T }, message: T): T {
  return codec.decode(codec.encode(message).finish());
}

describe('core -> bytes -> core', () => {
  test('a cluster state comes back as it was', () => {
    fc.assert(
      fc.property(state, (value) => {
        const back = toClusterResourceState(sent(wire.ClusterResourceState, fromClusterResourceState(value)));
        expect(back).toEqual(value);
        expect(JSON.stringify(back)).toBe(JSON.stringify(value)); // order included
      }),
    );
  });

  test('a report comes back as it was', () => {
    fc.assert(
      fc.property(report, (value) => {
        expect(toAutoscalingState(sent(wire.AutoscalingState, fromAutoscalingState(value)))).toEqual(value);
      }),
    );
  });

  test.each(['IDLE_TERMINATION', 'PREEMPTION'] as const)('a drain for %s comes back as it was', (reason) => {
    const drain = { nodeId: 'c7'.repeat(28), reason, reasonMessage: 'idle', deadlineTimestampMs: 1_767_225_600_000 };
    expect(toDrainRequest(sent(wire.DrainNodeRequest, fromDrainRequest(drain)))).toEqual(drain);
  });
});

describe('what a newer Ray may send', () => {
  test('entries of a map keep the order of the wire, whatever their names', () => {
    const bundle = new Map([
      ['node:10.0.0.1', 1],
      ['2', 1],
      ['1', 0.5],
      ['CPU', 4],
    ]);
    const request = { resourcesBundle: bundle, placementConstraints: [], labelSelectors: [] };
    const pending = [{ request: sent(wire.ResourceRequest, request), count: 1 }];
    const { pendingResourceRequests } = toClusterResourceState({ ...emptyState(), pendingResourceRequests: pending });
    expect(pendingResourceRequests[0]?.request.resourcesBundle).toEqual([...bundle]);
  });

  test('unknown fields are skipped, an unknown status is none', () => {
    const bytes = new BinaryWriter();
    bytes.uint32((8 << 3) | 0).int32(17); // status
    bytes.uint32((99 << 3) | 2).string('new'); // a field of the future
    bytes.uint32((2 << 3) | 2).string('pod-1'); // instance_id
    const node = wire.NodeState.decode(bytes.finish());
    const [first] = toClusterResourceState({ ...emptyState(), nodeStates: [node] }).nodeStates;
    expect(first).toMatchObject({ instanceId: 'pod-1', status: 'UNSPECIFIED' });
  });

  test('an integer that no number can hold is an error, not another integer', () => {
    const bytes = new BinaryWriter().uint32((1 << 3) | 0).int64(2n ** 60n + 1n);
    expect(() => wire.ClusterResourceState.decode(bytes.finish())).toThrow(/MAX_SAFE_INTEGER/);
  });

  test('an absent state is an empty one', () => {
    expect(toClusterResourceState(undefined)).toEqual(toClusterResourceState(emptyState()));
  });
});

function emptyState(): wire.ClusterResourceState {
  return wire.ClusterResourceState.decode(new Uint8Array());
}
