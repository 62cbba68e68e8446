/** The world's numbers as they are now and as lines over time: replicas, workers, tasks, nodes. Read from the store, never from a controller. */

import type { RayStandIn } from '../cluster/ray-stand-in.ts';
import type { KubeNode, Pod } from '../core/kube/core-v1.ts';
import { keyOf, keyText, type ObjectKey } from '../core/kube/object.ts';
import { DEPLOYMENTS, NODES, PODS } from '../core/kube/resource.ts';
import type { Clock } from '../ports/clock.ts';
import { Track } from './measure.ts';
import type { Series } from './scenario-types.ts';
import type { World } from './world.ts';

const CLUSTER_LABEL = 'ray.io/cluster';
const GROUP_LABEL = 'ray.io/group';
const WORKERS = `${CLUSTER_LABEL},ray.io/node-type=worker`;

export class Gauges {
  readonly #world: World;
  readonly #clock: Clock;
  readonly #replicas = new Map<string, Track>();
  readonly #loads = new Map<string, Track>();
  readonly #workers = new Map<string, { readonly track: Track; readonly pods: Set<string> }>();
  readonly #waiting = new Map<string, Track>();
  readonly #asks: Track[] = [];
  readonly #nodes = new Track({ name: 'nodes', kind: 'nodes', unit: 'nodes' });
  readonly #ready = new Set<string>();

  constructor(world: World, clock: Clock) {
    this.#world = world;
    this.#clock = clock;
    this.#nodes.note(clock.now(), 0);
    const { resourceVersion } = world.store;
    world.store.watch(NODES, { resourceVersion }, ({ type, object }) => this.#sawNode(type, object));
    world.store.watch(PODS, { resourceVersion, labelSelector: WORKERS }, ({ type, object }) =>
      this.#sawWorker(type, object),
    );
    world.store.watch(DEPLOYMENTS, { resourceVersion }, ({ type, object }) => {
      const replicas = type === 'DELETED' ? 0 : (object.spec.replicas ?? 1);
      this.#replicas.get(keyText(keyOf(object)))?.note(clock.now(), replicas);
    });
  }

  /** Follows a Deployment's `spec.replicas` and its load. */
  followDeployment(key: ObjectKey): void {
    const name = keyText(key);
    this.#replicas.set(name, new Track({ name: key.name, kind: 'replicas', unit: 'pods' }));
    this.#loads.set(name, new Track({ name: `load of ${key.name}`, kind: 'load', unit: 'requests/s' }));
  }

  /** Follows the pods of a worker group that exist and are not on their way out. */
  followGroup(cluster: ObjectKey, group: string): void {
    const track = new Track({ name: `${cluster.name}/${group}`, kind: 'workers', unit: 'pods' });
    track.note(this.#clock.now(), 0);
    this.#workers.set(groupText(cluster, group), { track, pods: new Set() });
  }

  /** Follows the tasks of a Ray cluster that wait or run. */
  followTasks(cluster: ObjectKey, standIn: RayStandIn): void {
    const track = new Track({ name: `tasks of ${cluster.name}`, kind: 'tasks', unit: 'tasks' });
    const note = (): void => {
      const { pending, running } = standIn.progress();
      track.note(this.#clock.now(), pending + running);
    };
    note();
    this.#waiting.set(keyText(cluster), track);
    standIn.onProgress(note);
  }

  /** Follows what else is asked of a Ray cluster: placement groups that wait or stand, bundles of `request_resources`. */
  followAsks(cluster: ObjectKey, standIn: RayStandIn): void {
    const groups = new Track({ name: `placement groups of ${cluster.name}`, kind: 'groups', unit: 'groups' });
    const floor = new Track({ name: `floor of ${cluster.name}`, kind: 'floor', unit: 'bundles' });
    const note = (): void => {
      groups.note(this.#clock.now(), standIn.groups().length);
      floor.note(this.#clock.now(), standIn.floor().bundles.length);
    };
    note();
    this.#asks.push(groups, floor);
    standIn.onProgress(note);
  }

  setLoad(key: ObjectKey, requestsPerSecond: number): void {
    this.#world.workload.setLoad(key, requestsPerSecond);
    this.#loads.get(keyText(key))?.note(this.#clock.now(), requestsPerSecond);
  }

  replicas(key: ObjectKey): Track | undefined {
    return this.#replicas.get(keyText(key));
  }

  workers(cluster: ObjectKey, group: string): Track | undefined {
    return this.#workers.get(groupText(cluster, group))?.track;
  }

  get nodes(): Track {
    return this.#nodes;
  }

  /** Nodes that are there with the pods on them that are neither finished nor on their way out. O(pods). */
  podsByNode(): ReadonlyMap<string, readonly string[]> {
    const byNode = new Map<string, string[]>();
    for (const node of this.#world.store.list(NODES).items) byNode.set(node.metadata.name, []);
    for (const pod of this.#world.store.list(PODS).items) {
      if (isLeaving(pod) || pod.spec.nodeName === undefined) continue;
      byNode.get(pod.spec.nodeName)?.push(pod.metadata.name);
    }
    return byNode;
  }

  /** Pods that are not Ready, finished ones left out. O(pods). */
  unreadyPods(): readonly Pod[] {
    return this.#world.store.list(PODS).items.filter((pod) => !isFinished(pod) && !isReady(pod.status?.conditions));
  }

  /** All lines, in the order a chart shows them: load, replicas, tasks, what else Ray was asked for, workers, nodes. */
  series(): readonly Series[] {
    const groups = [...this.#workers.values()].map(({ track }) => track);
    const tracks = [
      ...this.#loads.values(),
      ...this.#replicas.values(),
      ...this.#waiting.values(),
      ...this.#asks,
      ...groups,
      this.#nodes,
    ];
    return tracks.map((track) => track.series());
  }

  #sawNode(type: string, node: KubeNode): void {
    const counts =
      type !== 'DELETED' && node.metadata.deletionTimestamp === undefined && isReady(node.status?.conditions);
    if (counts) this.#ready.add(node.metadata.name);
    else this.#ready.delete(node.metadata.name);
    this.#nodes.note(this.#clock.now(), this.#ready.size);
  }

  #sawWorker(type: string, pod: Pod): void {
    const labels = pod.metadata.labels ?? {};
    const cluster = { namespace: pod.metadata.namespace ?? '', name: labels[CLUSTER_LABEL] ?? '' };
    const group = this.#workers.get(groupText(cluster, labels[GROUP_LABEL] ?? ''));
    if (group === undefined) return;
    if (type === 'DELETED' || isLeaving(pod)) group.pods.delete(pod.metadata.name);
    else group.pods.add(pod.metadata.name);
    group.track.note(this.#clock.now(), group.pods.size);
  }
}

function groupText(cluster: ObjectKey, group: string): string {
  return `${keyText(cluster)}/${group}`;
}

function isReady(conditions: readonly { readonly type: string; readonly status: string }[] | undefined): boolean {
  return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function isLeaving(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined || isFinished(pod);
}
