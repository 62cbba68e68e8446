/** The case form of the scheduler: one round's input and its result. Wire spelling of the form throughout. */

import type { Resources } from '../core/ray/cluster-state.ts';
import type { InstanceStatus, NodeKind } from '../core/ray/instance-status.ts';

export type CasePlacement = {
  readonly anti_affinity?: readonly [label: string, value: string];
  readonly affinity?: readonly [label: string, value: string];
};

export type CaseSelector = readonly (readonly [
  key: string,
  operator: 'IN' | 'NOT_IN' | 'UNSPECIFIED',
  values: readonly string[],
])[];

export type CaseRequest = {
  readonly resources?: Resources;
  readonly placement?: readonly CasePlacement[];
  readonly selectors?: readonly CaseSelector[];
};

export type CaseDemand = CaseRequest & { readonly count?: number };

export type CaseNodeType = {
  readonly name: string;
  readonly max: number;
  readonly min?: number;
  readonly priority?: number;
  readonly idle_timeout_s?: number | null;
  readonly resources?: Resources;
  readonly labels?: Readonly<Record<string, string>>;
  readonly launch_config_hash?: string;
};

export type CaseRayNode = {
  readonly total: Resources;
  readonly available: Resources;
  readonly idle_ms?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly dynamic_labels?: Readonly<Record<string, string>>;
};

export type CaseInstance = {
  readonly id: string;
  readonly node_type: string;
  readonly status: InstanceStatus | 'UNKNOWN';
  readonly kind?: NodeKind;
  readonly cloud_id?: string | null;
  readonly launch_config_hash?: string;
  readonly ray_node_id?: string | null;
  readonly in_im?: boolean;
  readonly ray_node?: CaseRayNode | null;
};

export type CaseGang = {
  readonly details?: string;
  readonly requests?: readonly CaseRequest[];
  readonly bundle_selectors?: readonly (readonly CaseRequest[])[] | null;
};

export type CaseResizeGroup = {
  readonly min_cpu: number;
  readonly max_cpu: number;
  readonly min_memory: number;
  readonly max_memory: number;
  readonly resize_timeout: number;
};

export type CaseResizeStatus = {
  readonly cloud_id: string;
  readonly group: string;
  readonly current_cpu: number;
  readonly current_memory: number;
  readonly desired_cpu: number;
  readonly desired_memory: number;
  readonly resizing_at?: number | null;
  readonly k8s_resize_status?: string | null;
  readonly suggested_max_cpu?: number | null;
  readonly suggested_max_memory?: number | null;
  readonly last_failed_at?: number | null;
  readonly last_failed_reason?: string | null;
  readonly raylet_id?: string | null;
};

export type CaseState = { readonly pending_unneeded_since_s?: Readonly<Record<string, readonly number[]>> };

export type RayCase = {
  readonly id?: string;
  readonly family?: string;
  readonly now_s?: number;
  readonly config?: {
    readonly disable_launch_config_check?: boolean;
    readonly max_num_nodes?: number | null;
    readonly idle_timeout_s?: number | null;
    readonly pending_idle_timeout_s?: number | null;
    readonly conserve_gpu_nodes?: boolean;
  };
  readonly node_types?: readonly CaseNodeType[];
  readonly instances?: readonly CaseInstance[];
  readonly demands?: readonly CaseDemand[];
  readonly gangs?: readonly CaseGang[];
  readonly constraints?: readonly (readonly CaseDemand[])[];
  readonly availability?: {
    readonly cloud?: Readonly<Record<string, number>>;
    readonly recoverable?: Readonly<Record<string, number>>;
  } | null;
  readonly ippr?: {
    readonly groups: readonly (readonly [name: string, group: CaseResizeGroup])[];
    readonly statuses: readonly CaseResizeStatus[];
  } | null;
  readonly state?: CaseState | null;
};

export type CaseTermination = {
  readonly instance_id: string;
  readonly ray_node_id: string;
  readonly node_type: string;
  readonly cause: string;
  readonly instance_status: string;
  readonly idle_duration_ms: number | null;
  readonly max_num_nodes: number | null;
  readonly max_num_nodes_per_type: number | null;
  readonly details: string;
};

export type CaseResize = {
  readonly cloud_id: string;
  readonly desired_cpu: number;
  readonly desired_memory: number;
  readonly raylet_id: string;
};

export type CaseTraceNode = {
  readonly node_type: string;
  readonly status: 'SCHEDULABLE' | 'TO_LAUNCH' | 'TO_TERMINATE';
  readonly instance_id: string;
  readonly total: Resources;
  readonly available: Resources;
  readonly labels: Readonly<Record<string, string>>;
  readonly demand: readonly CaseDemand[];
  readonly constraint: readonly CaseDemand[];
};

export type CaseFlags = { readonly ulp_sensitive: boolean; readonly sum_order_sensitive: boolean };

/** The id is printed as it was given. */
export type RayDecided = {
  readonly id: unknown;
  readonly ok: true;
  readonly launches: readonly (readonly [type: string, count: number])[];
  readonly terminations: readonly CaseTermination[];
  readonly resizes: readonly CaseResize[];
  readonly infeasible: readonly CaseDemand[];
  readonly infeasible_gangs: readonly number[];
  readonly infeasible_constraints: readonly number[];
  readonly cluster_resources: Resources;
  readonly state: { readonly pending_unneeded_since_s: Readonly<Record<string, readonly number[]>> };
  readonly flags?: CaseFlags;
  readonly trace?: readonly CaseTraceNode[];
};

/** `where` is the function of the original that raises; a malformed case has none. */
export type RayRefused = {
  readonly id: unknown;
  readonly ok: false;
  readonly error: string;
  readonly message?: string;
  readonly where?: string | null;
  readonly flags?: CaseFlags;
};

export type RayResult = RayDecided | RayRefused;
