/**
 * What the GCS says and is told, in the core's form: the autoscaler messages of Ray 2.60 without the wire
 * (bytes as lower-case hex, int64 as number, maps as ordered entries: their order is part of the scheduler's input).
 * Source: ray.rpc.autoscaler (autoscaler.proto), Ray 2.60.0.
 */

/** Resource name and amount, in wire order. CPU in cores, memory in bytes. */
export type Resources = readonly (readonly [name: string, amount: number])[];

export type RayNodeStatus = 'UNSPECIFIED' | 'RUNNING' | 'DEAD' | 'IDLE' | 'DRAINING';

export type RayNode = {
  /** 56 hex digits (28 bytes). */
  readonly nodeId: string;
  /** The pod's name under KubeRay. */
  readonly instanceId: string;
  /** The worker group's name; `headgroup` for the head. */
  readonly rayNodeTypeName: string;
  readonly availableResources: Resources;
  readonly totalResources: Resources;
  readonly labels: Readonly<Record<string, string>>;
  readonly dynamicLabels: Readonly<Record<string, string>>;
  readonly status: RayNodeStatus;
  /** Above 0 only while the status is IDLE. */
  readonly idleDurationMs: number;
  readonly nodeIpAddress: string;
};

export type LabelSelectorConstraint = {
  readonly key: string;
  readonly operator: 'UNSPECIFIED' | 'IN' | 'NOT_IN';
  readonly values: readonly string[];
};

export type PlacementConstraint = {
  readonly antiAffinity?: { readonly labelName: string; readonly labelValue: string };
  readonly affinity?: { readonly labelName: string; readonly labelValue: string };
};

export type ResourceRequest = {
  readonly resourcesBundle: Resources;
  readonly placementConstraints: readonly PlacementConstraint[];
  /** Ordered alternatives; each a list of constraints. A plain task carries one empty alternative. */
  readonly labelSelectors: readonly (readonly LabelSelectorConstraint[])[];
};

export type ResourceRequestByCount = { readonly request: ResourceRequest; readonly count: number };

export type GangResourceRequest = {
  readonly details: string;
  readonly requests: readonly ResourceRequest[];
  readonly bundleSelectors: readonly { readonly resourceRequests: readonly ResourceRequest[] }[];
};

export type ClusterResourceConstraint = { readonly resourceRequests: readonly ResourceRequestByCount[] };

/** GetClusterResourceState. */
export type ClusterResourceState = {
  readonly clusterResourceStateVersion: number;
  readonly clusterSessionName: string;
  readonly nodeStates: readonly RayNode[];
  readonly pendingResourceRequests: readonly ResourceRequestByCount[];
  readonly pendingGangResourceRequests: readonly GangResourceRequest[];
  readonly clusterResourceConstraints: readonly ClusterResourceConstraint[];
};

/** ReportAutoscalingState. */
export type AutoscalingState = {
  readonly lastSeenClusterResourceStateVersion: number;
  readonly autoscalerStateVersion: number;
  readonly pendingInstanceRequests: readonly {
    readonly rayNodeTypeName: string;
    readonly count: number;
    /** Unix seconds. */
    readonly requestTs: number;
  }[];
  readonly infeasibleResourceRequests: readonly ResourceRequest[];
  readonly infeasibleGangResourceRequests: readonly GangResourceRequest[];
  readonly infeasibleClusterResourceConstraints: readonly ClusterResourceConstraint[];
  readonly pendingInstances: readonly {
    readonly rayNodeTypeName: string;
    readonly instanceId: string;
    readonly details: string;
  }[];
  readonly failedInstanceRequests: readonly {
    readonly rayNodeTypeName: string;
    readonly count: number;
    readonly reason: string;
    readonly startTs: number;
    readonly failedTs: number;
  }[];
};

export type DrainNodeRequest = {
  readonly nodeId: string;
  readonly reason: 'IDLE_TERMINATION' | 'PREEMPTION';
  readonly reasonMessage: string;
  /** Unix milliseconds; 0 = none. */
  readonly deadlineTimestampMs: number;
};

export type DrainNodeReply = { readonly isAccepted: boolean; readonly rejectionReasonMessage: string };
