/** The core's types as messages of the GCS: the reverse of to-core.ts. Ordered entries keep their order on the wire. */

import type * as core from '../core/ray/cluster-state.ts';
import { DrainNodeReason, NodeStatus } from './gen/autoscaler.ts';
import type * as wire from './gen/autoscaler.ts';
import { LabelSelectorOperator, type LabelSelector } from './gen/common.ts';
import { nodeIdBytes } from './ids.ts';

/** O(nodes + shapes). */
export function fromClusterResourceState(state: core.ClusterResourceState): wire.ClusterResourceState {
  return {
    clusterResourceStateVersion: state.clusterResourceStateVersion,
    clusterSessionName: state.clusterSessionName,
    nodeStates: state.nodeStates.map(fromRayNode),
    pendingResourceRequests: state.pendingResourceRequests.map(fromRequestByCount),
    pendingGangResourceRequests: state.pendingGangResourceRequests.map(fromGangRequest),
    clusterResourceConstraints: state.clusterResourceConstraints.map(fromConstraint),
  };
}

/** Versions and times must be whole numbers that a 64-bit integer can hold; the writer throws otherwise. */
export function fromAutoscalingState(state: core.AutoscalingState): wire.AutoscalingState {
  return {
    lastSeenClusterResourceStateVersion: state.lastSeenClusterResourceStateVersion,
    autoscalerStateVersion: state.autoscalerStateVersion,
    pendingInstanceRequests: [...state.pendingInstanceRequests],
    infeasibleResourceRequests: state.infeasibleResourceRequests.map(fromRequest),
    infeasibleGangResourceRequests: state.infeasibleGangResourceRequests.map(fromGangRequest),
    infeasibleClusterResourceConstraints: state.infeasibleClusterResourceConstraints.map(fromConstraint),
    pendingInstances: [...state.pendingInstances],
    failedInstanceRequests: [...state.failedInstanceRequests],
  };
}

/** Throws `TANDEM_GCS_INVALID` when the node's id is not 28 bytes. */
export function fromDrainRequest(request: core.DrainNodeRequest): wire.DrainNodeRequest {
  const reasons: Readonly<Record<core.DrainNodeRequest['reason'], DrainNodeReason>> = {
    IDLE_TERMINATION: DrainNodeReason.DRAIN_NODE_REASON_IDLE_TERMINATION,
    PREEMPTION: DrainNodeReason.DRAIN_NODE_REASON_PREEMPTION,
  };
  return {
    nodeId: nodeIdBytes(request.nodeId),
    reason: reasons[request.reason],
    reasonMessage: request.reasonMessage,
    deadlineTimestampMs: request.deadlineTimestampMs,
  };
}

function fromRayNode(node: core.RayNode): wire.NodeState {
  return {
    nodeId: nodeIdBytes(node.nodeId),
    instanceId: node.instanceId,
    rayNodeTypeName: node.rayNodeTypeName,
    availableResources: new Map(node.availableResources),
    totalResources: new Map(node.totalResources),
    labels: new Map(Object.entries(node.labels)),
    dynamicLabels: new Map(Object.entries(node.dynamicLabels)),
    status: NodeStatus[node.status],
    idleDurationMs: node.idleDurationMs,
    nodeIpAddress: node.nodeIpAddress,
  };
}

function fromRequestByCount({ request, count }: core.ResourceRequestByCount): wire.ResourceRequestByCount {
  return { request: fromRequest(request), count };
}

function fromRequest(request: core.ResourceRequest): wire.ResourceRequest {
  return {
    resourcesBundle: new Map(request.resourcesBundle),
    placementConstraints: request.placementConstraints.map(({ antiAffinity, affinity }) => ({
      antiAffinity,
      affinity,
    })),
    labelSelectors: request.labelSelectors.map(fromSelector),
  };
}

function fromSelector(constraints: readonly core.LabelSelectorConstraint[]): LabelSelector {
  return {
    labelConstraints: constraints.map(({ key, operator, values }) => ({
      labelKey: key,
      operator: LabelSelectorOperator[`LABEL_OPERATOR_${operator}`],
      labelValues: [...values],
    })),
  };
}

function fromGangRequest({ details, requests, bundleSelectors }: core.GangResourceRequest): wire.GangResourceRequest {
  return {
    details,
    requests: requests.map(fromRequest),
    bundleSelectors: bundleSelectors.map(({ resourceRequests }) => ({
      resourceRequests: resourceRequests.map(fromRequest),
    })),
  };
}

function fromConstraint({ resourceRequests }: core.ClusterResourceConstraint): wire.ClusterResourceConstraint {
  return { resourceRequests: resourceRequests.map(fromRequestByCount) };
}
