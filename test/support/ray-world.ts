/**
 * A world in miniature for the Ray round: one RayCluster, an operator, a GCS whose nodes run tasks, and time that stands still unless
 * told to move. It answers the requests of a round; each kind of request can be made to fail, before or after it took effect.
 */

import type {
  ClusterResourceConstraint,
  ClusterResourceState,
  GangResourceRequest,
  RayNode,
  ResourceRequest,
} from '../../src/core/ray/cluster-state.ts';
import type { Answer, Failure, RayAnswer, RayRequest, RayResults } from '../../src/core/ray/conversation.ts';
import type { AutoscalingState } from '../../src/core/ray/cluster-state.ts';
import type { PatchOperation } from '../../src/core/ray/plan-patch.ts';
import { NEW_RAY_HISTORY, round, type RayHistory, type RoundOutcome } from '../../src/core/ray/round.ts';
import { DEFAULT_RAY_SETTINGS, type RaySettings } from '../../src/core/ray/settings.ts';
import type { Pod } from '../../src/core/kube/core-v1.ts';
import type { RayCluster, WorkerGroupSpec } from '../../src/core/kube/ray.ts';
import { durationMs, epochMs, type Instant } from '../../src/core/time/time.ts';
import { deepCopy, deepEqual, deepFreeze } from '../../src/lib/json.ts';
import { err, ok } from '../../src/lib/result.ts';

export const KEY = { namespace: 'default', name: 'demo' };
const START = 1_767_225_600_000;

/** `lost`: it took effect, the answer did not come. Anything else: refused, nothing happened. */
export type Fault = { readonly kind: RayRequest['kind']; readonly failure: Failure | 'lost'; times: number };

type MutableNode = { -readonly [K in keyof RayNode]: RayNode[K] };

export function shape(amounts: Readonly<Record<string, number>>): ResourceRequest {
  return { resourcesBundle: Object.entries(amounts), placementConstraints: [], labelSelectors: [[]] };
}

export function workerGroup(groupName: string, more: Partial<WorkerGroupSpec> = {}): WorkerGroupSpec {
  const container = { name: 'ray-worker', resources: { limits: { cpu: '1' } } };
  return {
    groupName,
    replicas: 0,
    minReplicas: 0,
    maxReplicas: 10,
    numOfHosts: 1,
    rayStartParams: {},
    template: { spec: { containers: [container] } },
    ...more,
  };
}

export class RayWorld {
  readonly settings: RaySettings;
  readonly requests: RayRequest[] = [];
  readonly reports: AutoscalingState[] = [];
  readonly faults: Fault[] = [];
  history: RayHistory = NEW_RAY_HISTORY;
  cluster: RayCluster;
  pods: Pod[] = [];
  nodes: MutableNode[] = [];
  demand: { request: ResourceRequest; count: number }[] = [];
  gangs: GangResourceRequest[] = [];
  constraints: ClusterResourceConstraint[] = [];
  session = 'session-1';
  /** Called before each request is answered: what somebody else does meanwhile. */
  meanwhile: (request: RayRequest) => void = () => undefined;
  /** Nodes that refuse to be drained. */
  readonly busy = new Set<string>();
  /** Whether a drained node is dead at once, or keeps draining until `finishDrains`. */
  drains: 'at-once' | 'slow' = 'at-once';
  #now = START;
  #serial = 0;
  #stateVersion = 0;

  constructor(groups: readonly WorkerGroupSpec[], settings: Partial<RaySettings> = {}) {
    this.settings = { ...DEFAULT_RAY_SETTINGS, ...settings };
    this.cluster = {
      apiVersion: 'ray.io/v1',
      kind: 'RayCluster',
      metadata: { name: KEY.name, namespace: KEY.namespace, resourceVersion: '1' },
      spec: {
        headGroupSpec: {
          rayStartParams: { 'num-cpus': '0' },
          template: { spec: { containers: [{ name: 'ray-head', resources: { limits: { cpu: '1' } } }] } },
        },
        workerGroupSpecs: groups,
      },
    };
    this.#addPod('head', 'headgroup', 'head');
    this.startRay();
  }

  get instant(): Instant {
    return { wall: epochMs(this.#now), mono: durationMs(this.#now - START) };
  }

  pass(seconds: number): void {
    this.#now += seconds * 1000;
  }

  group(name: string): WorkerGroupSpec {
    const found = this.cluster.spec.workerGroupSpecs?.find(({ groupName }) => groupName === name);
    if (found === undefined) throw new Error(`no group ${name}`);
    return found;
  }

  editGroup(name: string, change: Partial<WorkerGroupSpec>): void {
    const specs = this.cluster.spec.workerGroupSpecs ?? [];
    this.#setGroups(specs.map((spec) => (spec.groupName === name ? { ...spec, ...change } : spec)));
  }

  /** What the operator does in one pass: named pods go, missing ones come, surplus stays. */
  operate({ atMost = Infinity }: { readonly atMost?: number } = {}): void {
    for (const spec of this.cluster.spec.workerGroupSpecs ?? []) {
      const named = new Set(spec.scaleStrategy?.workersToDelete ?? []);
      this.pods = this.pods.filter(({ metadata }) => !named.has(metadata.name));
      const want = Math.min(Math.max(spec.replicas ?? 0, spec.minReplicas ?? 0), spec.maxReplicas ?? Infinity);
      const here = this.podsOf(spec.groupName).length;
      const lacking = Math.min(want * (spec.numOfHosts ?? 1) - here, atMost);
      for (let i = 0; i < lacking; i++) this.#addPod(spec.groupName, spec.groupName, 'worker');
    }
    const left = new Set(this.pods.map(({ metadata }) => metadata.name));
    for (const node of this.nodes) if (!left.has(node.instanceId)) kill(node);
  }

  podsOf(group: string): readonly Pod[] {
    return this.pods.filter(({ metadata }) => metadata.labels?.['ray.io/group'] === group);
  }

  /** Ray comes up in every pod that has none. */
  startRay(): void {
    for (const { metadata } of this.pods) {
      if (this.nodes.some(({ instanceId, status }) => instanceId === metadata.name && status !== 'DEAD')) continue;
      const type = metadata.labels?.['ray.io/group'] ?? '';
      const total: RayNode['totalResources'] = type === 'headgroup' ? [['node:__internal_head__', 1]] : [['CPU', 1]];
      this.nodes.push({
        nodeId: (++this.#serial).toString(16).padStart(56, '0'),
        instanceId: metadata.name,
        rayNodeTypeName: type,
        availableResources: total,
        totalResources: total,
        labels: {},
        dynamicLabels: {},
        status: 'RUNNING',
        idleDurationMs: 0,
        nodeIpAddress: '',
      });
    }
  }

  /** Every worker has been without work for that long. */
  idleFor(seconds: number): void {
    for (const node of this.workers()) {
      node.status = 'IDLE';
      node.idleDurationMs = seconds * 1000;
    }
  }

  workers(): MutableNode[] {
    return this.nodes.filter(({ rayNodeTypeName, status }) => rayNodeTypeName !== 'headgroup' && status !== 'DEAD');
  }

  finishDrains(): void {
    for (const node of this.nodes) if (node.status === 'DRAINING') kill(node);
  }

  /** One round, answered to its end. */
  round(): RoundOutcome {
    const conversation = round(deepFreeze(this.history), { key: KEY, settings: this.settings, idPrefix: 'im-' });
    let step = conversation.next();
    while (step.done !== true) step = conversation.next(this.#answer(step.value));
    this.history = step.value.history;
    return step.value;
  }

  /** One round that must come to its end, as replicas per group. */
  roundDone(): Extract<RoundOutcome, { kind: 'done' }> {
    const outcome = this.round();
    if (outcome.kind !== 'done') throw new Error(`the round ended as ${outcome.kind}: ${outcome.message}`);
    return outcome;
  }

  statuses(group: string): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { instanceType, status } of this.history.table.rows.values()) {
      if (instanceType === group) counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  }

  patches(): readonly (readonly PatchOperation[])[] {
    return this.requests.flatMap((request) => (request.kind === 'patch-ray-cluster' ? [request.operations] : []));
  }

  #answer(request: RayRequest): RayAnswer {
    this.#now += 1;
    return this.#at(this.serve(request));
  }

  /** What one request does and gets, faults included. */
  serve(request: RayRequest): RayResults[keyof RayResults] {
    this.meanwhile(request);
    this.requests.push(request);
    const fault = this.faults.find(({ kind, times }) => kind === request.kind && times > 0);
    if (fault !== undefined) fault.times--;
    if (fault !== undefined && fault.failure !== 'lost') return err(fault.failure);
    const result = this.#effect(request);
    return fault === undefined ? result : err({ code: 0, reason: '', message: 'no answer within 5 s' });
  }

  #at<T>(result: T): Answer<T> {
    return { at: this.instant, result: deepFreeze(deepCopy(result)) };
  }

  #effect(request: RayRequest): RayResults[keyof RayResults] {
    switch (request.kind) {
      case 'get-ray-cluster':
        return ok(this.cluster);
      case 'list-pods':
        return ok(this.pods);
      case 'get-cluster-resource-state':
        return ok(this.#state());
      case 'get-cluster-status':
        return ok({ autoscalingState: this.reports.at(-1), clusterResourceState: this.#state() });
      case 'patch-ray-cluster':
        return this.#patch(request.operations);
      case 'drain-node':
        return this.#drain(request.request.nodeId);
      case 'stop-nodes':
        for (const node of this.nodes) if (request.nodeIds.includes(node.nodeId)) kill(node);
        return ok(request.nodeIds);
      case 'report-autoscaling-state':
        this.reports.push(request.state);
        return ok(undefined);
    }
  }

  #state(): ClusterResourceState {
    return {
      clusterResourceStateVersion: ++this.#stateVersion,
      clusterSessionName: this.session,
      nodeStates: this.nodes,
      pendingResourceRequests: this.demand,
      pendingGangResourceRequests: this.gangs,
      clusterResourceConstraints: this.constraints,
    };
  }

  #drain(nodeId: string): RayResults['drain-node'] {
    if (this.busy.has(nodeId)) {
      const rejectionReasonMessage = 'The node to be idle terminated is no longer idle.';
      return ok({ isAccepted: false, rejectionReasonMessage });
    }
    const node = this.nodes.find((one) => one.nodeId === nodeId);
    if (node !== undefined && this.drains === 'at-once') kill(node);
    else if (node !== undefined) node.status = 'DRAINING';
    return ok({ isAccepted: true, rejectionReasonMessage: '' });
  }

  #patch(operations: readonly PatchOperation[]): RayResults['patch-ray-cluster'] {
    const groups = [...(this.cluster.spec.workerGroupSpecs ?? [])] as Record<string, unknown>[]; // fields are set by name
    for (const { op, path, value } of operations) {
      const [, index = '', field = ''] = /^\/spec\/workerGroupSpecs\/(\d+)\/(\w+)$/.exec(path) ?? [];
      const group = groups[Number(index)];
      if (group === undefined || (op === 'test' && !deepEqual(group[field], value)))
        return err({ code: 422, reason: 'Invalid', message: `test of ${path} failed` });
      if (op !== 'test') groups[Number(index)] = { ...group, [field]: value };
    }
    this.#setGroups(groups as unknown as WorkerGroupSpec[]); // only fields of the form were set
    return ok(this.cluster);
  }

  #setGroups(workerGroupSpecs: readonly WorkerGroupSpec[]): void {
    this.cluster = { ...this.cluster, spec: { ...this.cluster.spec, workerGroupSpecs } };
  }

  #addPod(prefix: string, group: string, type: 'head' | 'worker'): void {
    const name = `${KEY.name}-${prefix}-${++this.#serial}`;
    const labels = { 'ray.io/cluster': KEY.name, 'ray.io/group': group, 'ray.io/node-type': type };
    this.pods.push({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: KEY.namespace, labels },
      spec: { containers: [{ name: 'ray' }] },
    });
  }
}

function kill(node: MutableNode): void {
  node.status = 'DEAD';
  node.totalResources = [];
  node.availableResources = [];
  node.idleDurationMs = 0;
}
