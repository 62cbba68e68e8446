/** Messages of the GCS as the core's types: bytes become hex, maps ordered entries, enums words. Fields the core does not know are gone. */

import type * as core from '../core/ray/cluster-state.ts';
import type { HeadNode } from '../ports/gcs-api.ts';
import { DrainNodeReason, NodeStatus } from './gen/autoscaler.ts';
import type * as wire from './gen/autoscaler.ts';
import { LabelSelectorOperator, type LabelSelector } from './gen/common.ts';
import type { GcsNodeInfo } from './gen/gcs_service.ts';
import { hexText } from './ids.ts';

/** O(nodes + shapes). An absent message is an empty one, as protobuf has it. */
export function toClusterResourceState(state: wire.ClusterResourceState | undefined): core.ClusterResourceState {
  return {
    clusterResourceStateVersion: state?.clusterResourceStateVersion ?? 0,
    clusterSessionName: state?.clusterSessionName ?? '',
    nodeStates: (state?.nodeStates ?? []).map(toRayNode),
    pendingResourceRequests: (state?.pendingResourceRequests ?? []).map(toRequestByCount),
    pendingGangResourceRequests: (state?.pendingGangResourceRequests ?? []).map(toGangRequest),
    clusterResourceConstraints: (state?.clusterResourceConstraints ?? []).map(toConstraint),
  };
}

export function toAutoscalingState(state: wire.AutoscalingState): core.AutoscalingState {
  return {
    lastSeenClusterResourceStateVersion: state.lastSeenClusterResourceStateVersion,
    autoscalerStateVersion: state.autoscalerStateVersion,
    pendingInstanceRequests: state.pendingInstanceRequests.map(({ rayNodeTypeName, count, requestTs }) => ({
      rayNodeTypeName,
      count,
      requestTs,
    })),
    infeasibleResourceRequests: state.infeasibleResourceRequests.map(toRequest),
    infeasibleGangResourceRequests: state.infeasibleGangResourceRequests.map(toGangRequest),
    infeasibleClusterResourceConstraints: state.infeasibleClusterResourceConstraints.map(toConstraint),
    pendingInstances: state.pendingInstances.map(({ rayNodeTypeName, instanceId, details }) => ({
      rayNodeTypeName,
      instanceId,
      details,
    })),
    failedInstanceRequests: state.failedInstanceRequests.map(
      ({ rayNodeTypeName, count, reason, startTs, failedTs }) => ({
        rayNodeTypeName,
        count,
        reason,
        startTs,
        failedTs,
      }),
    ),
  };
}

/** Undefined for a reason that no autoscaler gives. */
export function toDrainRequest(request: wire.DrainNodeRequest): core.DrainNodeRequest | undefined {
  const reason = drainReason(request.reason);
  if (reason === undefined) return undefined;
  const { reasonMessage, deadlineTimestampMs } = request;
  return { nodeId: hexText(request.nodeId), reason, reasonMessage, deadlineTimestampMs };
}

export function toHeadNode(node: GcsNodeInfo): HeadNode {
  return { nodeId: hexText(node.nodeId), address: node.nodeManagerAddress, tempDir: node.tempDir };
}

function toRayNode(node: wire.NodeState): core.RayNode {
  return {
    nodeId: hexText(node.nodeId),
    instanceId: node.instanceId,
    rayNodeTypeName: node.rayNodeTypeName,
    availableResources: [...node.availableResources],
    totalResources: [...node.totalResources],
    labels: Object.fromEntries(node.labels),
    dynamicLabels: Object.fromEntries(node.dynamicLabels),
    status: nodeStatus(node.status),
    idleDurationMs: node.idleDurationMs,
    nodeIpAddress: node.nodeIpAddress,
  };
}

function toRequestByCount({ request, count }: wire.ResourceRequestByCount): core.ResourceRequestByCount {
  const empty = { resourcesBundle: [], placementConstraints: [], labelSelectors: [] };
  return { request: request === undefined ? empty : toRequest(request), count };
}

function toRequest(request: wire.ResourceRequest): core.ResourceRequest {
  return {
    resourcesBundle: [...request.resourcesBundle],
    placementConstraints: request.placementConstraints.map(({ antiAffinity, affinity }) => ({
      ...(antiAffinity === undefined ? {} : { antiAffinity }),
      ...(affinity === undefined ? {} : { affinity }),
    })),
    labelSelectors: request.labelSelectors.map(toSelector),
  };
}

function toSelector({ labelConstraints }: LabelSelector): readonly core.LabelSelectorConstraint[] {
  return labelConstraints.map(({ labelKey, operator, labelValues }) => ({
    key: labelKey,
    operator: selectorOperator(operator),
    values: labelValues,
  }));
}

function toGangRequest({ details, requests, bundleSelectors }: wire.GangResourceRequest): core.GangResourceRequest {
  return {
    details,
    requests: requests.map(toRequest),
    bundleSelectors: bundleSelectors.map(({ resourceRequests }) => ({
      resourceRequests: resourceRequests.map(toRequest),
    })),
  };
}

function toConstraint({ resourceRequests }: wire.ClusterResourceConstraint): core.ClusterResourceConstraint {
  return { resourceRequests: resourceRequests.map(toRequestByCount) };
}

/** A newer Ray may say what is not known here, whatever the type says: that is no word at all. */
function nodeStatus(status: NodeStatus): core.RayNodeStatus {
  switch (status) {
    case NodeStatus.RUNNING:
      return 'RUNNING';
    case NodeStatus.DEAD:
      return 'DEAD';
    case NodeStatus.IDLE:
      return 'IDLE';
    case NodeStatus.DRAINING:
      return 'DRAINING';
    case NodeStatus.UNSPECIFIED:
    default:
      return 'UNSPECIFIED';
  }
}

function selectorOperator(operator: LabelSelectorOperator): core.LabelSelectorConstraint['operator'] {
  switch (operator) {
    case LabelSelectorOperator.LABEL_OPERATOR_IN:
      return 'IN';
    case LabelSelectorOperator.LABEL_OPERATOR_NOT_IN:
      return 'NOT_IN';
    case LabelSelectorOperator.LABEL_OPERATOR_UNSPECIFIED:
    default:
      return 'UNSPECIFIED';
  }
}

function drainReason(reason: DrainNodeReason): core.DrainNodeRequest['reason'] | undefined {
  switch (reason) {
    case DrainNodeReason.DRAIN_NODE_REASON_IDLE_TERMINATION:
      return 'IDLE_TERMINATION';
    case DrainNodeReason.DRAIN_NODE_REASON_PREEMPTION:
      return 'PREEMPTION';
    case DrainNodeReason.DRAIN_NODE_REASON_UNSPECIFIED:
    default:
      return undefined;
  }
}
