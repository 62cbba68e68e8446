/**
 * Ray in the embedded cluster: follows the pods of one RayCluster, lets Ready workers join the model as Ray nodes and dying ones leave
 * it, and answers as GCS while the head is there. The model is core/cluster/ray-tasks.ts, the port's face ray-gcs.ts.
 */

import type { ControllerDeps } from '../controllers/deps.ts';
import { Informer } from '../controllers/informer.ts';
import type { LatencyRange } from '../core/cluster/latency-model.ts';
import { isPodReady } from '../core/cluster/pods.ts';
import {
  CLUSTER_LABEL,
  GROUP_LABEL,
  HEAD_GROUP,
  NODE_TYPE_LABEL,
  rayContainer,
} from '../core/cluster/ray-cluster-pods.ts';
import { rayNodeResources } from '../core/cluster/ray-node-resources.ts';
import type { GroupStrategy } from '../core/cluster/ray-bundles.ts';
import type { GroupView } from '../core/cluster/ray-groups.ts';
import { RayTasks, type RayCounts } from '../core/cluster/ray-tasks.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { keyText, type ObjectKey } from '../core/kube/object.ts';
import type { RayCluster, RayGroupSpec } from '../core/kube/ray.ts';
import { PODS, RAY_CLUSTERS } from '../core/kube/resource.ts';
import type { Resources } from '../core/ray/cluster-state.ts';
import { durationMs, epochMs } from '../core/time/time.ts';
import type { RandomStream } from '../lib/random.ts';
import type { Timer } from '../ports/clock.ts';
import { runInhabitant } from './inhabitant.ts';
import { DEFAULT_NETWORK, drawMs, type NetworkModel } from './network-model.ts';
import { newRaySession, RayGcs, type RaySession } from './ray-gcs.ts';

export type RayStandInDeps = Omit<ControllerDeps, 'recorder'> & {
  readonly cluster: ObjectKey;
  readonly network?: NetworkModel;
  /** From a worker pod's readiness to its Ray node in the GCS. */
  readonly startLatency?: LatencyRange;
};

export type RaySubmission = {
  readonly kind: 'task' | 'actor';
  readonly resources: Resources;
  readonly count: number;
  readonly durationMs: number;
  /** The placement group it runs in; outside of all of them when absent. */
  readonly groupId?: string;
};

export type RayGroupRequest = { readonly strategy: GroupStrategy; readonly bundles: readonly Resources[] };

/** `reachable`: the GCS answers. */
export type RayProgress = RayCounts & { readonly reachable: boolean };

export type RayFloor = { readonly bundles: readonly Resources[]; readonly isMet: boolean };

/** `workInside`: how many tasks and actors wait or run in it. */
export type RayGroupProgress = GroupView & { readonly workInside: number };

/** What the model is a model of, for a RayCluster that does not say. */
const RAY_VERSION = '2.60.0';

const START_LATENCY: LatencyRange = { minMs: 1000, maxMs: 3000 };

/** A worker pod's Ray node: on its way, or joined once and for all. */
type Worker = { readonly pod: Pod; timer: Timer | undefined; nodeId: string | undefined };

export class RayStandIn {
  readonly gcs: RayGcs;
  readonly #deps: RayStandInDeps;
  readonly #clusters: Informer<RayCluster>;
  readonly #pods: Informer<Pod>;
  readonly #tasks = new RayTasks();
  readonly #ids: RandomStream;
  readonly #groupIds: RandomStream;
  readonly #starts: RandomStream;
  /** By pod uid, in this session. */
  readonly #workers = new Map<string, Worker>();
  readonly #listeners: (() => void)[] = [];
  /** What `request_resources` was last called with. */
  #floor: readonly Resources[] | undefined;
  #floorSeen: (RayFloor & { readonly nodesVersion: number }) | undefined;
  #session: (RaySession & { readonly headUid: string; reachable: boolean }) | undefined;
  #told = '';
  #timer: Timer | undefined;

  constructor(deps: RayStandInDeps) {
    const { cluster, clock, random, network = DEFAULT_NETWORK } = deps;
    const name = keyText(cluster);
    this.#deps = deps;
    this.#ids = random.stream(`ray/${name}/ids`);
    this.#groupIds = random.stream(`ray/${name}/placement-groups`);
    this.#starts = random.stream(`ray/${name}/starts`);
    const { namespace } = cluster;
    this.#clusters = new Informer(deps, RAY_CLUSTERS, { namespace, fieldSelector: `metadata.name=${cluster.name}` });
    this.#pods = new Informer(deps, PODS, { namespace, labelSelector: `${CLUSTER_LABEL}=${cluster.name}` });
    this.#clusters.subscribe(() => this.#follow());
    this.#pods.subscribe(() => this.#follow());
    this.gcs = new RayGcs({
      clock,
      network,
      random: random.stream(`network/gcs/${name}`),
      tasks: this.#tasks,
      floor: () => this.#floor,
      clusterId: hexDigits(random.stream(`ray/${name}/cluster-id`), 56),
      rayVersion: () => this.#clusters.get(cluster)?.spec.rayVersion ?? RAY_VERSION,
      session: () => this.#answering(),
      changed: () => this.#changed(),
    });
  }

  /** Runs until aborted; never rejects. */
  async run(): Promise<void> {
    await runInhabitant([this.#clusters, this.#pods], []);
    this.#timer?.cancel();
    this.#endSession();
  }

  /** Work of a driver outside the cluster: it waits until there is room, whether or not the GCS can be reached now. */
  submit({ durationMs: duration, ...work }: RaySubmission): void {
    this.#tasks.submit({ ...work, duration: durationMs(duration) }, this.#deps.clock.now());
    this.#changed();
  }

  /** Asks for a placement group, which waits as work does, and for good: until it is removed. Returns its id, 36 hex digits. */
  createGroup(request: RayGroupRequest): string {
    const id = `${hexDigits(this.#groupIds, 28)}${DRIVER}`;
    this.#tasks.createGroup({ id, ...request }, this.#deps.clock.now());
    this.#changed();
    return id;
  }

  /** What runs or waits inside is lost. Unknown groups: nothing happens. */
  removeGroup(id: string): void {
    this.#tasks.removeGroup(id, this.#deps.clock.now());
    this.#changed();
  }

  /** Ray's `request_resources`: room for all of these, whatever runs, in place of what was asked for before. */
  requestResources(bundles: readonly Resources[]): void {
    this.#floor = bundles;
    this.#changed();
  }

  progress(): RayProgress {
    return { ...this.#tasks.counts, reachable: this.#session?.reachable === true };
  }

  /** Placement groups that are not removed, in the order they were asked for. */
  groups(): readonly RayGroupProgress[] {
    return this.#tasks.groups().map((group) => ({ ...group, workInside: this.#tasks.workIn(group.id) }));
  }

  /** What `request_resources` was last called with, and whether there is room for it if nothing else ran. */
  floor(): RayFloor {
    const bundles = this.#floor ?? NOTHING;
    const { nodesVersion } = this.#tasks;
    const isSeen = this.#floorSeen?.bundles === bundles && this.#floorSeen.nodesVersion === nodesVersion;
    if (!isSeen) this.#floorSeen = { bundles, isMet: this.#tasks.hasRoomFor(bundles), nodesVersion };
    return { bundles, isMet: this.#floorSeen?.isMet === true };
  }

  /** Calls back after every change of {@link progress}, {@link groups} or {@link floor}. Listeners must not throw. */
  onProgress(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #answering(): { readonly ok: true; readonly value: RaySession } | { readonly ok: false; readonly error: string } {
    if (this.#session?.reachable === true) return { ok: true, value: this.#session };
    return {
      ok: false,
      error: `the GCS of RayCluster ${keyText(this.#deps.cluster)} cannot be reached: its head is not ready`,
    };
  }

  /** Brings the model in line with the pods. Level-triggered: looks at all of them. */
  #follow(): void {
    const pods = this.#pods.list();
    const heads = pods.filter((pod) => pod.metadata.labels?.[NODE_TYPE_LABEL] === 'head' && isAlive(pod));
    const head = heads.find((pod) => pod.metadata.uid === this.#session?.headUid) ?? heads[0];
    if (this.#session !== undefined && this.#session.headUid !== head?.metadata.uid) this.#endSession();
    if (head !== undefined && this.#session === undefined && isPodReady(head)) this.#startSession(head);
    if (this.#session !== undefined) {
      this.#session.reachable = head !== undefined && isPodReady(head);
      this.#followWorkers(pods);
    }
    this.#changed();
  }

  #followWorkers(pods: readonly Pod[]): void {
    const alive = new Map(pods.filter(isAlive).map((pod) => [pod.metadata.uid ?? '', pod]));
    for (const [uid, worker] of this.#workers) {
      if (alive.has(uid)) continue;
      worker.timer?.cancel();
      if (worker.nodeId !== undefined) this.#tasks.kill(worker.nodeId, this.#deps.clock.now());
      this.#workers.delete(uid);
    }
    for (const [uid, pod] of alive) {
      const isWorker = pod.metadata.labels?.[NODE_TYPE_LABEL] === 'worker';
      if (isWorker && isPodReady(pod) && !this.#workers.has(uid)) this.#startWorker(uid, pod);
    }
  }

  #startWorker(uid: string, pod: Pod): void {
    const { clock, startLatency = START_LATENCY } = this.#deps;
    const worker: Worker = { pod, timer: undefined, nodeId: undefined };
    worker.timer = clock.timer(epochMs(clock.now() + drawMs(startLatency, this.#starts)), () => {
      worker.timer = undefined;
      worker.nodeId = this.#join(pod);
      this.#changed();
    });
    this.#workers.set(uid, worker);
  }

  #startSession(head: Pod): void {
    const name = `session_${hexDigits(this.#ids, 16)}`;
    const headUid = head.metadata.uid ?? '';
    this.#session = { ...newRaySession(name), headUid, reachable: true };
    this.#join(head);
  }

  /** Without a GCS that survives its head, the workers' Ray processes end with it and start anew with the next head. */
  #endSession(): void {
    for (const { timer } of this.#workers.values()) timer?.cancel();
    this.#workers.clear();
    this.#tasks.reset();
    this.#session = undefined;
  }

  /** The new node's id; undefined when Ray does not start with what its group says. */
  #join(pod: Pod): string | undefined {
    const { clock, cluster, log } = this.#deps;
    const spec = this.#clusters.get(cluster)?.spec;
    const groupName = pod.metadata.labels?.[GROUP_LABEL] ?? '';
    const isHead = pod.metadata.labels?.[NODE_TYPE_LABEL] === 'head';
    const group: Partial<RayGroupSpec> | undefined = isHead
      ? spec?.headGroupSpec
      : spec?.workerGroupSpecs?.find((candidate) => candidate.groupName === groupName);
    const resources = rayNodeResources(rayContainer(pod.spec), group ?? {});
    if (!resources.ok) {
      log.warn(`Ray does not start in pod ${pod.metadata.name}: ${resources.error}`);
      return undefined;
    }
    const nodeId = hexDigits(this.#ids, 56);
    const address = pod.status?.podIP ?? '';
    const implicit = [[`node:${address}`, 1] as const, ...(isHead ? [['node:__internal_head__', 1] as const] : [])];
    const node = {
      nodeId,
      instanceId: pod.metadata.name,
      group: isHead ? HEAD_GROUP : groupName,
      address,
      resources: [...resources.value, ...implicit],
      labels: { ...group?.labels, 'ray.io/node-id': nodeId, 'ray.io/node-group': groupName },
    };
    this.#tasks.join(node, clock.now());
    return nodeId;
  }

  /** The model moves on by itself only when work ends: one timer for the next end. */
  #changed(): void {
    const { clock, signal } = this.#deps;
    this.#timer?.cancel();
    this.#timer = undefined;
    const end = this.#tasks.nextEnd();
    if (end !== undefined && !signal.aborted) {
      this.#timer = clock.timer(end, () => {
        this.#tasks.advance(clock.now());
        this.#changed();
      });
    }
    const progress = JSON.stringify([this.progress(), this.groups(), this.floor()]);
    if (progress === this.#told) return;
    this.#told = progress;
    for (const listener of this.#listeners) listener();
  }
}

const NOTHING: readonly Resources[] = [];

/** The number of the one driver that asks for groups: the end of their ids. */
const DRIVER = '01000000';

function hexDigits(stream: RandomStream, digits: number): string {
  let text = '';
  for (let i = 0; i < digits; i++) text += Math.floor(stream.next() * 16).toString(16);
  return text;
}

/** Its processes run: Ray ends with the first sign of the pod's end. */
function isAlive(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && pod.metadata.deletionTimestamp === undefined;
}
