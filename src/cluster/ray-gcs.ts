/**
 * The port's face of the Ray model: the GCS as the autoscaler calls it, over a network. A request reaches the GCS after one delay and
 * is answered after another.
 */

import { HEAD_GROUP } from '../core/cluster/ray-cluster-pods.ts';
import { groupLabel, type GroupView } from '../core/cluster/ray-groups.ts';
import type { RayTasks } from '../core/cluster/ray-tasks.ts';
import type {
  AutoscalingState,
  ClusterResourceConstraint,
  ClusterResourceState,
  DrainNodeReply,
  DrainNodeRequest,
  GangResourceRequest,
  PlacementConstraint,
  RayNode,
  Resources,
} from '../core/ray/cluster-state.ts';
import { compareText } from '../lib/compare.ts';
import type { RandomStream } from '../lib/random.ts';
import type { Clock } from '../ports/clock.ts';
import { GcsError, type GcsApi, type GcsKey, type GcsStart, type HeadNode } from '../ports/gcs-api.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { attempt, drawMs, roundTrip, type NetworkModel } from './network-model.ts';

/** One life of a head: what is gone when the head is. */
export type RaySession = {
  readonly name: string;
  version: number;
  autoscalingState: AutoscalingState | undefined;
  readonly keys: Map<string, string>;
};

/** A session as a head begins it, with the keys it writes before anybody asks. */
export function newRaySession(name: string): RaySession {
  const keys = new Map([
    [keyOf({ namespace: 'session', name: 'session_name' }), name],
    [keyOf({ namespace: '__autoscaler', name: '__autoscaler_v2_enabled' }), '1'],
  ]);
  return { name, version: 0, autoscalingState: undefined, keys };
}

const keyOf = ({ namespace, name }: GcsKey): string => JSON.stringify([namespace, name]);

export type RayGcsDeps = {
  readonly clock: Clock;
  readonly network: NetworkModel;
  readonly random: RandomStream;
  readonly tasks: RayTasks;
  /** What `request_resources` was last called with; undefined before the first call. */
  readonly floor: () => readonly Resources[] | undefined;
  /**
   * 56 hex digits, the same for every life of the head: the loop of the embedded cluster has no process that could start anew, and in
   * process nobody compares it.
   */
  readonly clusterId: string;
  /** What the RayCluster says it runs. */
  readonly rayVersion: () => string;
  /** The session that answers now; an Error-ready sentence when none does. */
  readonly session: () =>
    { readonly ok: true; readonly value: RaySession } | { readonly ok: false; readonly error: string };
  /** Called after every request that may have changed the model. */
  readonly changed: () => void;
};

const NODE_ID = /^[0-9a-f]{56}$/;
/** Ray's words, which its autoscaler passes on. */
const NO_LONGER_IDLE = 'The node to be idle terminated is no longer idle.';

/** Where a Ray image keeps its sessions. */
const TEMP_DIR = '/tmp/ray';

export class RayGcs implements GcsApi, GcsStart {
  readonly #deps: RayGcsDeps;

  constructor(deps: RayGcsDeps) {
    this.#deps = deps;
  }

  getClusterResourceState(options: CallOptions): Promise<ClusterResourceState> {
    return this.#request(options, (session) => this.#state(session));
  }

  getClusterStatus(options: CallOptions): Promise<{
    readonly autoscalingState: AutoscalingState | undefined;
    readonly clusterResourceState: ClusterResourceState;
  }> {
    return this.#request(options, (session) => ({
      autoscalingState: session.autoscalingState,
      clusterResourceState: this.#state(session),
    }));
  }

  drainNode(request: DrainNodeRequest, options: CallOptions): Promise<DrainNodeReply> {
    return this.#request(options, () => {
      checkNodeId(request.nodeId);
      if (request.deadlineTimestampMs < 0)
        throw new GcsError('TANDEM_GCS_INVALID', 'the deadline of a drain must not be negative');
      const { clock, tasks, changed } = this.#deps;
      const now = clock.now();
      if (request.reason === 'PREEMPTION') tasks.preempt(request.nodeId, now);
      else if (tasks.terminateIdle(request.nodeId, now) === 'busy') {
        return { isAccepted: false, rejectionReasonMessage: NO_LONGER_IDLE };
      }
      changed();
      return { isAccepted: true, rejectionReasonMessage: '' };
    });
  }

  stopNodes(nodeIds: readonly string[], options: CallOptions): Promise<readonly string[]> {
    return this.#request(options, () => {
      for (const nodeId of nodeIds) checkNodeId(nodeId);
      const { clock, tasks, changed } = this.#deps;
      for (const nodeId of nodeIds) tasks.kill(nodeId, clock.now());
      changed();
      return [...nodeIds];
    });
  }

  reportAutoscalingState(state: AutoscalingState, options: CallOptions): Promise<void> {
    return this.#request(options, (session) => {
      const last = session.autoscalingState?.autoscalerStateVersion ?? 0;
      if (state.autoscalerStateVersion >= last) session.autoscalingState = state;
    });
  }

  get clusterId(): string {
    return this.#deps.clusterId;
  }

  rayVersion(options: CallOptions): Promise<string> {
    return this.#request(options, () => this.#deps.rayVersion());
  }

  headNode(options: CallOptions): Promise<HeadNode | undefined> {
    return this.#request(options, () => {
      const { clock, tasks } = this.#deps;
      const head = tasks.nodes(clock.now()).find(({ group, status }) => group === HEAD_GROUP && status !== 'DEAD');
      return head === undefined ? undefined : { nodeId: head.nodeId, address: head.address, tempDir: TEMP_DIR };
    });
  }

  getKey(key: GcsKey, options: CallOptions): Promise<string | undefined> {
    return this.#request(options, ({ keys }) => keys.get(keyOf(key)));
  }

  putKey(
    { value, existing, ...key }: GcsKey & { readonly value: string; readonly existing: 'overwrite' | 'keep' },
    options: CallOptions,
  ): Promise<void> {
    return this.#request(options, ({ keys }) => {
      if (existing === 'overwrite' || !keys.has(keyOf(key))) keys.set(keyOf(key), value);
    });
  }

  #state(session: RaySession): ClusterResourceState {
    const { clock, tasks, floor } = this.#deps;
    const now = clock.now();
    tasks.advance(now);
    const bundles = floor();
    return {
      clusterResourceStateVersion: ++session.version,
      clusterSessionName: session.name,
      nodeStates: tasks.nodes(now).map((node): RayNode => ({
        nodeId: node.nodeId,
        instanceId: node.instanceId,
        rayNodeTypeName: node.group,
        availableResources: node.available,
        totalResources: node.resources,
        labels: node.labels,
        dynamicLabels: node.dynamicLabels,
        status: node.status,
        idleDurationMs: node.idleFor,
        nodeIpAddress: node.address,
      })),
      pendingResourceRequests: tasks.demands().map(({ resources, count }) => ({
        request: { resourcesBundle: resources, placementConstraints: [], labelSelectors: [[]] },
        count,
      })),
      pendingGangResourceRequests: tasks.groups().flatMap(toGang),
      clusterResourceConstraints: bundles === undefined ? [] : [toConstraint(bundles)],
    };
  }

  /** Both delays are drawn first, so that an abort does not shift the stream for later requests. */
  async #request<T>({ signal }: CallOptions, run: (session: RaySession) => T): Promise<T> {
    const { clock, network, random, session } = this.#deps;
    signal.throwIfAborted();
    const there = drawMs(network.oneWay, random);
    const back = drawMs(network.oneWay, random);
    return roundTrip(clock, { there, back, signal }, () => {
      const current = session();
      return current.ok
        ? attempt(() => run(current.value))
        : { kind: 'unreachable', error: new GcsError('TANDEM_GCS_UNAVAILABLE', current.error) };
    });
  }
}

/** As Ray's client sends it: equal bundles are counted, in the order in which they first stand. */
function toConstraint(bundles: readonly Resources[]): ClusterResourceConstraint {
  const counts = new Map<string, { readonly resources: Resources; count: number }>();
  for (const resources of bundles) {
    const key = JSON.stringify(resources.toSorted(([a], [b]) => compareText(a, b)));
    const same = counts.get(key);
    if (same === undefined) counts.set(key, { resources, count: 1 });
    else same.count++;
  }
  return {
    resourceRequests: [...counts.values()].map(({ resources, count }) => ({
      request: { resourcesBundle: resources, placementConstraints: [], labelSelectors: [] },
      count,
    })),
  };
}

/** A group of which something waits: its waiting bundles, selectors only in the newer of the two lists. */
function toGang({ id, strategy, state, bundles, nodeIds }: GroupView): readonly GangResourceRequest[] {
  const requests = bundles
    .filter((_, i) => nodeIds[i] === undefined)
    .map((resourcesBundle) => ({
      resourcesBundle,
      placementConstraints: constraintsOf(strategy, id),
      labelSelectors: [],
    }));
  if (requests.length === 0) return [];
  return [{ details: `${id}:${strategy}|${state}`, requests, bundleSelectors: [{ resourceRequests: requests }] }];
}

/** What the GCS makes of a strategy: nothing of one that only wishes. */
function constraintsOf(strategy: GroupView['strategy'], id: string): readonly PlacementConstraint[] {
  const label = { labelName: groupLabel(id), labelValue: '' };
  switch (strategy) {
    case 'STRICT_SPREAD':
      return [{ antiAffinity: label }];
    case 'STRICT_PACK':
      return [{ affinity: label }];
    case 'PACK':
    case 'SPREAD':
      return [];
  }
}

/** The real GCS process dies of an id that is not 28 bytes: it is never let through. */
function checkNodeId(nodeId: string): void {
  if (!NODE_ID.test(nodeId)) throw new GcsError('TANDEM_GCS_INVALID', `node id ${nodeId} is not 56 hex digits`);
}
