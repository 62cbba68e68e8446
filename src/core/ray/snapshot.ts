/** What the scheduler is given and what it answers: plain data, in the order in which it counts. */

import type { EpochMs } from '../time/time.ts';
import type {
  ClusterResourceConstraint,
  GangResourceRequest,
  RayNode,
  ResourceRequest,
  ResourceRequestByCount,
  Resources,
} from './cluster-state.ts';
import type { InstanceStatus, NodeKind } from './instance-status.ts';

/** An idle time-out. `text` is how the original prints it, `60` or `60.0`: its own texts show where the number came from. */
export type IdleTimeout = { readonly seconds: number; readonly text: string };

/** A worker group, or the head's, as the scheduler sees it. Numbers count nodes (pods). Spec: scheduler section 2. */
export type NodeType = {
  readonly name: string;
  readonly minWorkerNodes: number;
  /** For the head's type the head itself is included. */
  readonly maxWorkerNodes: number;
  /** Stands instead of the global one. Infinity: never idle. */
  readonly idleTimeout?: IdleTimeout;
  readonly priority: number;
  readonly resources: Resources;
  readonly labels: Readonly<Record<string, string>>;
  /** What nodes of this type are launched with, as a digest; '' = not known, so that no node is outdated by it. */
  readonly launchConfigHash: string;
};

/** What of a Ray node the scheduler reads. */
export type RayNodeState = Pick<
  RayNode,
  'totalResources' | 'availableResources' | 'labels' | 'dynamicLabels' | 'idleDurationMs'
>;

/** A row of the instance table together with its Ray node, if the GCS knows one. */
export type SchedulerInstance = {
  readonly instanceId: string;
  /** The pod; '' when there is none. */
  readonly cloudInstanceId: string;
  readonly instanceType: string;
  readonly status: InstanceStatus;
  readonly nodeKind: NodeKind;
  /** That it was launched with; '' when not known. */
  readonly launchConfigHash: string;
  /** Of the Ray node; '' when there is none. */
  readonly nodeId: string;
  readonly rayNode: RayNodeState | undefined;
};

/** Per node type; a type without an entry counts 1. They decide between exactly equal scores only. Spec: RAY-10.1. */
export type Availabilities = {
  readonly cloud: ReadonlyMap<string, number>;
  readonly recoverable: ReadonlyMap<string, number>;
};

/** How far the pods of a group may be resized in place: CPU in cores, memory in bytes. */
export type ResizeGroup = {
  readonly minCpu: number;
  readonly maxCpu: number;
  readonly minMemory: number;
  readonly maxMemory: number;
  readonly resizeTimeoutS: number;
};

/** Where the resize of one pod stands. Times in Unix seconds. Spec: RAY-11.1. Source: v2/schema.py IPPRStatus (Ray 2.60.0). */
export type ResizeStatus = {
  readonly cloudInstanceId: string;
  readonly group: ResizeGroup;
  readonly currentCpu: number;
  readonly currentMemory: number;
  readonly desiredCpu: number;
  readonly desiredMemory: number;
  readonly resizingAt: number | undefined;
  /** `new` while it waits to be sent; undefined when nothing is going on. */
  readonly k8sResizeStatus: string | undefined;
  /** Lower caps than the group's that were found out; undefined: the group's hold. */
  readonly suggestedMaxCpu: number | undefined;
  readonly suggestedMaxMemory: number | undefined;
  readonly lastFailedAt: number | undefined;
  readonly lastFailedReason: string | undefined;
  readonly rayletId: string | undefined;
};

/** In-place resize of pods: groups by node type, statuses by pod. */
export type InPlaceResize = {
  readonly groups: ReadonlyMap<string, ResizeGroup>;
  readonly statuses: ReadonlyMap<string, ResizeStatus>;
};

/** What one round hands to the next. */
export type SchedulerState = {
  /** Per node type, since when one, two, ... of its pending nodes are needed by nobody: seconds on the monotonic clock, oldest first. */
  readonly pendingUnneededSinceS: ReadonlyMap<string, readonly number[]>;
};

/** One round's input. The order of every list counts: of types as a tie-breaker, of instances as the node order. */
export type SchedulerSnapshot = {
  readonly nodeTypes: readonly NodeType[];
  /** Whole cluster, head included; undefined: no limit. 0 terminates nothing, and only minimums are launched. */
  readonly maxNumNodes: number | undefined;
  /** Undefined: running workers of types without their own are never idle-terminated. */
  readonly idleTimeout: IdleTimeout | undefined;
  /** For pending nodes nobody needs; undefined: they stay, and `state` is handed on as it came. */
  readonly pendingIdleTimeout: IdleTimeout | undefined;
  /** Whether nodes launched with another config than their type's are terminated. KubeRay: `off`. */
  readonly launchConfigCheck: 'on' | 'off';
  /** Whether a node with GPUs is a last resort for requests that do not name GPU. */
  readonly gpuNodes: 'conserve' | 'use';
  readonly resourceRequests: readonly ResourceRequestByCount[];
  readonly gangRequests: readonly GangResourceRequest[];
  /** At most one; more end the round. */
  readonly clusterConstraints: readonly ClusterResourceConstraint[];
  /** Nodes of which the instance table knows nothing are left out. */
  readonly instances: readonly SchedulerInstance[];
  readonly availabilities: Availabilities;
  /** Undefined: no pod is resized in place. */
  readonly inPlaceResize: InPlaceResize | undefined;
  /** Now, on the clock of `state`: seconds, as a double like the original's, so that differences come out the same. */
  readonly monotonicS: number;
  /** From the round before. */
  readonly state: SchedulerState;
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

/** A resize to be sent to one pod: CPU in cores, memory in bytes. */
export type ResizeRequest = Pick<ResizeStatus, 'cloudInstanceId' | 'desiredCpu' | 'desiredMemory'> & {
  readonly rayletId: string;
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
      /** In node order; nodes that are terminated are not left out. */
      readonly resizes: readonly ResizeRequest[];
      /** What is left over, limits of this round included, in packing order. */
      readonly infeasible: readonly ResourceRequestByCount[];
      /** The given objects, in the order in which they were tried. */
      readonly infeasibleGangs: readonly GangResourceRequest[];
      /** The given constraint, whole, or none. */
      readonly infeasibleConstraints: readonly ClusterResourceConstraint[];
      /** Totals of all nodes that stay or come, in order of first appearance. */
      readonly clusterResources: Resources;
      /** For the next round. After an abort the state is the one given. */
      readonly state: SchedulerState;
    }
  | { readonly kind: 'abort'; readonly at: EpochMs; readonly reason: AbortReason; readonly message: string };

export type AbortReason =
  | 'unknown-node-type'
  | 'several-constraints'
  | 'several-placements'
  | 'overfull-node'
  | 'label-clash'
  | 'negative-request'
  | 'limit-out-of-reach'
  | 'limit-below-zero';

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

/** `gang`: the details of the placement group whose bundles these are, summed where they must be together; undefined: tasks and actors. */
export type ServedRequest = ResourceRequestByCount & { readonly gang: string | undefined };

/** What each launch is for: nodes for the type's minimum, and the demand placed on the new nodes. */
export type LaunchExplanation = LaunchRequest & {
  readonly forMinimum: number;
  /** Tasks, actors and bundles of placement groups. */
  readonly serves: readonly ServedRequest[];
  /** What `request_resources` asks for and finds room on them. */
  readonly servesConstraint: readonly ResourceRequestByCount[];
};

/** `gang`: the details of the placement group that as a whole found no room, of which this was left over. */
export type UnservedExplanation = {
  readonly of: { readonly kind: 'demand' | 'constraint' } | { readonly kind: 'gang'; readonly gang: string };
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

/** A placement group, and whether all its bundles found room. */
export type GangExplanation = { readonly details: string; readonly bundles: number; readonly isPlaced: boolean };

/** The reasons behind a decision, with the numbers used. Terminations explain themselves. */
export type ScheduleExplanation = {
  readonly launches: readonly LaunchExplanation[];
  readonly demands: readonly DemandExplanation[];
  readonly gangs: readonly GangExplanation[];
  /** What `request_resources` asks for. */
  readonly constraint: 'none' | 'met' | 'unmet';
  readonly unserved: readonly UnservedExplanation[];
};
