/** The autoscaling config: what a RayCluster says about its node types, limits and time-outs. A group that cannot be read is not scaled, the others are. */

import { err, ok, type FieldError, type Result } from '../../lib/result.ts';
import type { RayCluster, WorkerGroupSpec } from '../kube/ray.ts';
import type { Compat } from './compat.ts';
import { checkLabels } from './labels.ts';
import { parseGroupResources } from './resources.ts';
import { floatSeconds } from './seconds-text.ts';
import type { NodeType } from './snapshot.ts';

/** The head's node type. No worker group may be called so. */
export const HEAD_TYPE = 'headgroup';

/** Why a group is left as it is: nothing launched, nothing terminated, never patched. */
export type HoldReason = 'suspended' | 'unreadable' | 'duplicate-name' | 'reserved-name';

export type WorkerGroup = {
  /** Position in `spec.workerGroupSpecs`: what patches go by. */
  readonly index: number;
  readonly groupName: string;
  readonly numOfHosts: number;
  /** In replicas, as in the RayCluster. */
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Undefined: the group is scaled. */
  readonly hold: { readonly reason: HoldReason; readonly errors: readonly FieldError[] } | undefined;
};

export type RayConfig = {
  /** The head's type, then the readable groups in the order of the RayCluster: the order breaks ties. A suspended one has maximum 0. */
  readonly nodeTypes: readonly NodeType[];
  readonly groups: readonly WorkerGroup[];
  /** All groups that are scaled, plus one for the head. */
  readonly maxNumNodes: number;
  /** Seconds. */
  readonly idleTimeoutS: number;
  /** How many times the running workers of a type may be launched in one round. */
  readonly upscalingSpeed: number;
  /** What cannot be read, each with group, field and fix. */
  readonly warnings: readonly FieldError[];
};

const DEFAULT_MAX_REPLICAS = 2_147_483_647; // what the CRD fills in

/**
 * Config from a RayCluster. Numbers of node types count pods: replicas x numOfHosts.
 *
 * The idle time-out goes through minutes and back, as in the original: 31 s become 31.000000000000004 s.
 * **Differs:** the original raises on what cannot be read and loses the round; of two groups of one name it mixes both.
 * Cost: O(groups).
 * Spec: RAY-23.1 to RAY-23.4.   Source: _private/kuberay/autoscaling_config.py (Ray 2.60.0).
 */
export function configOf(cluster: RayCluster, compat: Pick<Compat, 'suspendedGroups'>): RayConfig {
  const specs = cluster.spec.workerGroupSpecs ?? [];
  const names = new Map<string, number>();
  for (const { groupName } of specs) names.set(groupName, (names.get(groupName) ?? 0) + 1);

  const head = headType(cluster);
  const nodeTypes: NodeType[] = [head.type];
  const groups: WorkerGroup[] = [];
  const warnings: FieldError[] = [...head.errors];
  let maxWorkers = 0;
  for (const [index, spec] of specs.entries()) {
    const path = `spec.workerGroupSpecs[${index}]`;
    const { type, hold } = readGroup(spec, path, { sameName: names.get(spec.groupName) ?? 1, compat });
    if (type !== undefined) nodeTypes.push(type);
    maxWorkers += type?.maxWorkerNodes ?? 0;
    warnings.push(...(hold?.errors ?? []));
    groups.push({ index, groupName: spec.groupName, ...limitsOf(spec), hold });
  }
  const { autoscalerOptions } = cluster.spec;
  return {
    nodeTypes,
    groups,
    maxNumNodes: maxWorkers + 1,
    idleTimeoutS: ((autoscalerOptions?.idleTimeoutSeconds ?? 60) / 60) * 60,
    upscalingSpeed: autoscalerOptions?.upscalingMode === 'Conservative' ? 1 : 1000,
    warnings,
  };
}

function headType({ spec }: RayCluster): { readonly type: NodeType; readonly errors: readonly FieldError[] } {
  const { headGroupSpec } = spec;
  const resources = parseGroupResources(headGroupSpec, 'spec.headGroupSpec');
  const labels = checkLabels(headGroupSpec.labels, 'spec.headGroupSpec.labels');
  return {
    type: {
      name: HEAD_TYPE,
      minWorkerNodes: 0,
      maxWorkerNodes: 1,
      priority: 0,
      resources: resources.ok ? resources.value : [],
      labels: labels.length === 0 ? (headGroupSpec.labels ?? {}) : {},
      launchConfigHash: '',
    },
    errors: [...(resources.ok ? [] : resources.error), ...labels],
  };
}

type ReadGroup = { readonly type: NodeType | undefined; readonly hold: WorkerGroup['hold'] };

function readGroup(
  spec: WorkerGroupSpec,
  path: string,
  { sameName, compat }: { readonly sameName: number; readonly compat: Pick<Compat, 'suspendedGroups'> },
): ReadGroup {
  const refuse = (reason: HoldReason, errors: readonly FieldError[]): ReadGroup => ({
    type: undefined,
    hold: { reason, errors: errors.map((error) => named(error, spec.groupName)) },
  });
  const name = `${path}.groupName`;
  if (spec.groupName === HEAD_TYPE) {
    const message = `Forbidden: ${HEAD_TYPE} is the name of the head's group`;
    return refuse('reserved-name', [
      { path: name, type: 'FieldValueForbidden', message, fix: 'give the worker group another name' },
    ]);
  }
  if (sameName > 1) {
    const message = `Duplicate value: ${JSON.stringify(spec.groupName)}: pods of groups of one name cannot be told apart`;
    return refuse('duplicate-name', [
      { path: name, type: 'FieldValueDuplicate', message, fix: 'give each worker group its own name' },
    ]);
  }
  const type = parseNodeType(spec, path);
  if (!type.ok) return refuse('unreadable', type.error);
  if (spec.suspend === true && compat.suspendedGroups === 'hold') {
    return { type: { ...type.value, minWorkerNodes: 0, maxWorkerNodes: 0 }, hold: { reason: 'suspended', errors: [] } };
  }
  return { type: type.value, hold: undefined };
}

function named(error: FieldError, groupName: string): FieldError {
  return { ...error, message: `${error.message} (worker group ${groupName} is not scaled)` };
}

function limitsOf(spec: WorkerGroupSpec): Pick<WorkerGroup, 'numOfHosts' | 'minReplicas' | 'maxReplicas'> {
  return {
    numOfHosts: spec.numOfHosts ?? 1,
    minReplicas: spec.minReplicas ?? 0,
    maxReplicas: spec.maxReplicas ?? DEFAULT_MAX_REPLICAS,
  };
}

/** A worker group as a node type, or everything in it that cannot be read. Spec: RAY-23.3, RAY-23.4. */
function parseNodeType(spec: WorkerGroupSpec, path: string): Result<NodeType, readonly FieldError[]> {
  const { numOfHosts, minReplicas, maxReplicas } = limitsOf(spec);
  const resources = parseGroupResources(spec, path);
  const errors = [...(resources.ok ? [] : resources.error), ...checkLabels(spec.labels, `${path}.labels`)];
  if (minReplicas < 0 || minReplicas > maxReplicas) {
    errors.push({
      path: `${path}.minReplicas`,
      type: 'FieldValueInvalid',
      message: `Invalid value: ${minReplicas}: must be from 0 to maxReplicas, which is ${maxReplicas}`,
      fix: 'lower minReplicas or raise maxReplicas',
    });
  }
  if (numOfHosts < 1) {
    const message = `Invalid value: ${numOfHosts}: must be 1 or more`;
    errors.push({
      path: `${path}.numOfHosts`,
      type: 'FieldValueInvalid',
      message,
      fix: 'write 1 unless a replica has several pods',
    });
  }
  if (!resources.ok || errors.length > 0) return err(errors);
  return ok({
    name: spec.groupName,
    minWorkerNodes: minReplicas * numOfHosts,
    maxWorkerNodes: maxReplicas * numOfHosts,
    ...(spec.idleTimeoutSeconds === undefined ? {} : { idleTimeout: floatSeconds(spec.idleTimeoutSeconds) }),
    priority: spec.priority ?? 0,
    resources: resources.value,
    labels: spec.labels ?? {},
    launchConfigHash: '',
  });
}
