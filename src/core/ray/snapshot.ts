/** What the scheduler is given and what it answers: plain data, in the order in which it counts. */

import type { EpochMs } from '../time/time.ts';
import type { RayNode, ResourceRequest, ResourceRequestByCount, Resources } from './cluster-state.ts';
import type { InstanceStatus, NodeKind } from './instance-status.ts';

/** A worker group, or the head's, as the scheduler sees it. Numbers count nodes (pods). Spec: scheduler section 2. */
export type NodeType = {
  readonly name: string;
  readonly minWorkerNodes: number;
  /** For the head's type the head itself is included. */
  readonly maxWorkerNodes: number;
  /** Seconds; stands instead of the global one. Infinity: never idle. */
  readonly idleTimeoutS?: number;
  readonly priority: number;
  readonly resources: Resources;
  readonly labels: Readonly<Record<string, string>>;
};

/** What of a Ray node the scheduler reads. */
export type RayNodeState = Pick<
  RayNode,
  'totalResources' | 'availableResources' | 'labels' | 'dynamicLabels' | 'idleDurationMs'
>;

/** A row of the instance table together with its Ray node, if the GCS knows one. */
export type SchedulerInstance = {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly status: InstanceStatus;
  readonly nodeKind: NodeKind;
  /** Of the Ray node; '' when there is none. */
  readonly nodeId: string;
  readonly rayNode: RayNodeState | undefined;
};

/** Per node type; a type without an entry counts 1. They decide between exactly equal scores only. Spec: RAY-10.1. */
export type Availabilities = {
  readonly cloud: ReadonlyMap<string, number>;
  readonly recoverable: ReadonlyMap<string, number>;
};

/** One round's input. The order of every list counts: of types as a tie-breaker, of instances as the node order. */
export type SchedulerSnapshot = {
  readonly nodeTypes: readonly NodeType[];
  /** Whole cluster, head included; undefined: no limit. 0 terminates nothing and forbids every launch. */
  readonly maxNumNodes: number | undefined;
  /** Seconds; undefined: running workers of types without their own are never idle-terminated. */
  readonly idleTimeoutS: number | undefined;
  /** Whether a node with GPUs is a last resort for requests that do not name GPU. */
  readonly gpuNodes: 'conserve' | 'use';
  readonly resourceRequests: readonly ResourceRequestByCount[];
  readonly instances: readonly SchedulerInstance[];
  readonly availabilities: Availabilities;
};

export type TerminationCause = 'OUTDATED' | 'MAX_NUM_NODE_PER_TYPE' | 'MAX_NUM_NODES' | 'IDLE';

/** Why one node shall go, with the numbers. `details` is the original's text, which people read and script on. */
export type TerminationRequest = {
  /** '' for a node that was only planned. */
  readonly instanceId: string;
  readonly rayNodeId: string;
  readonly instanceType: string;
  readonly instanceStatus: InstanceStatus | 'UNKNOWN';
  readonly cause: TerminationCause;
  readonly details: string;
  readonly idleDurationMs?: number;
  readonly maxNumNodes?: number;
  readonly maxNumNodesPerType?: number;
};

export type LaunchRequest = { readonly nodeType: string; readonly count: number };

/** What shall be done. `abort`: the snapshot is one on which the original gives up the whole round (scheduler section 12). */
export type ScheduleDecision =
  | {
      readonly kind: 'schedule';
      readonly at: EpochMs;
      /** One entry per type, in the order of the type's first node to launch. */
      readonly launches: readonly LaunchRequest[];
      readonly terminations: readonly TerminationRequest[];
      /** What is left over, limits of this round included, in packing order. */
      readonly infeasible: readonly ResourceRequestByCount[];
      /** Totals of all nodes that stay or come, in order of first appearance. */
      readonly clusterResources: Resources;
    }
  | { readonly kind: 'abort'; readonly at: EpochMs; readonly reason: AbortReason; readonly message: string };

export type AbortReason = 'unknown-node-type' | 'overfull-node' | 'label-clash' | 'negative-request';

/** Why a request found no place on a type. */
export type Obstacle =
  | {
      readonly kind: 'missing-resource';
      readonly resource: string;
      readonly requested: number;
      readonly ofEmptyNode: number;
    }
  | { readonly kind: 'labels' }
  | { readonly kind: 'max-per-type'; readonly limit: number }
  | { readonly kind: 'max-total'; readonly limit: number };

/** What each launch is for: nodes for the type's minimum, and the demand placed on the new nodes. */
export type LaunchExplanation = LaunchRequest & {
  readonly forMinimum: number;
  readonly serves: readonly ResourceRequestByCount[];
};

export type UnservedExplanation = {
  readonly request: ResourceRequest;
  readonly count: number;
  readonly obstacles: readonly { readonly nodeType: string; readonly obstacle: Obstacle }[];
};

/** Per distinct shape: how many units there are and where they went. */
export type DemandExplanation = {
  readonly request: ResourceRequest;
  readonly total: number;
  readonly onExisting: number;
  readonly onNew: number;
  readonly unserved: number;
};

/** The reasons behind a decision, with the numbers used. Terminations explain themselves. */
export type ScheduleExplanation = {
  readonly launches: readonly LaunchExplanation[];
  readonly demands: readonly DemandExplanation[];
  readonly unserved: readonly UnservedExplanation[];
};
