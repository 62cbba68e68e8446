/**
 * The application that the Deployments run: requests come in, ready pods share and serve them, and that costs CPU time. Also what the
 * kubelets measure of every container. Rules: core/cluster/usage.ts.
 */

import type { ControllerDeps } from '../controllers/deps.ts';
import { Informer } from '../controllers/informer.ts';
import { isPodReady } from '../core/cluster/pods.ts';
import {
  counterAt,
  DEFAULT_USAGE,
  podUsage,
  shareOf,
  withRate,
  type ContainerSample,
  type Counter,
  type PodSample,
  usageProfile,
  type UsageModel,
  type UsageProfile,
} from '../core/cluster/usage.ts';
import type { ReplicaSet } from '../core/kube/apps.ts';
import type { ContainerStatus, Pod } from '../core/kube/core-v1.ts';
import { controllerOf, keyOf, keyText, type ObjectKey } from '../core/kube/object.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../core/kube/resource.ts';
import { parseRfc3339, type EpochMs } from '../core/time/time.ts';
import { compareText } from '../lib/compare.ts';
import { runInhabitant } from './inhabitant.ts';
import { OwnerIndex } from './owner-index.ts';

/** What a chart shows of one Deployment's load. Rates per second; totals since the load was first set. */
export type LoadState = {
  readonly deployment: ObjectKey;
  readonly requestsPerSecond: number;
  readonly servedPerSecond: number;
  readonly readyPods: number;
  readonly requestedTotal: number;
  readonly servedTotal: number;
};

type ContainerRun = { readonly startTime: EpochMs; cpuMicroseconds: Counter; memoryBytes: number };

type PodRun = {
  pod: Pod;
  profile: UsageProfile;
  deployment: string | undefined;
  /** Requests are sent to it. */
  serving: boolean;
  readonly containers: Map<string, ContainerRun>;
};

/** Counters of requests grow per millisecond. */
type Load = { readonly deployment: ObjectKey; requestsPerSecond: number; requested: Counter; served: Counter };

/** The pods of a Deployment, and those of them that serve. */
type Members = { readonly all: Set<PodRun>; readonly serving: Set<PodRun> };

const MS_PER_SECOND = 1000;

export class WorkloadModel {
  readonly #clock: ControllerDeps['clock'];
  readonly #model: UsageModel;
  readonly #pods: Informer<Pod>;
  readonly #sets: Informer<ReplicaSet>;
  readonly #podsBySet: OwnerIndex<Pod>;
  /** By uid. */
  readonly #runs = new Map<string, PodRun>();
  readonly #byNode = new Map<string, Set<PodRun>>();
  readonly #members = new Map<string, Members>();
  readonly #loads = new Map<string, Load>();

  constructor(
    deps: Pick<ControllerDeps, 'api' | 'clock' | 'random' | 'log' | 'signal'>,
    model: Partial<UsageModel> = {},
  ) {
    this.#clock = deps.clock;
    this.#model = { ...DEFAULT_USAGE, ...model };
    this.#pods = new Informer(deps, PODS);
    this.#sets = new Informer(deps, REPLICA_SETS);
    this.#podsBySet = new OwnerIndex(this.#pods);
    this.#pods.subscribe(({ kind, object }) => (kind === 'deleted' ? this.#podGone(object) : this.#podSeen(object)));
    // a pod may be seen before the set that links it to its Deployment
    this.#sets.subscribe(({ kind, object }) => {
      if (kind === 'added') for (const pod of this.#podsBySet.ownedBy(object.metadata.uid)) this.#podSeen(pod);
    });
  }

  /** Follows the pods until the signal is aborted; never rejects. */
  run(): Promise<void> {
    return runInhabitant([this.#pods, this.#sets], []);
  }

  /** Requests per second to a Deployment from now on, whether it exists yet or not. */
  setLoad(deployment: ObjectKey, requestsPerSecond: number): void {
    const key = keyText(deployment);
    const now = this.#clock.now();
    const none: Counter = { total: 0, rate: 0, since: now };
    const load = this.#loads.get(key) ?? { deployment, requestsPerSecond: 0, requested: none, served: none };
    const isNew = !this.#loads.has(key);
    this.#loads.set(key, load);
    load.requestsPerSecond = requestsPerSecond;
    load.requested = withRate(load.requested, requestsPerSecond / MS_PER_SECOND, now);
    if (isNew) for (const run of this.#membersOf(key).all) this.#use(run); // the base holds for pods that do not serve, too
    this.#share(key);
  }

  /** The loads that were ever set, ordered by Deployment. */
  loads(): readonly LoadState[] {
    const now = this.#clock.now();
    return [...this.#loads.entries()]
      .toSorted(([a], [b]) => compareText(a, b))
      .map(([key, { deployment, requestsPerSecond, requested, served }]) => ({
        deployment,
        requestsPerSecond,
        servedPerSecond: served.rate * MS_PER_SECOND,
        readyPods: this.#membersOf(key).serving.size,
        requestedTotal: counterAt(requested, now),
        servedTotal: counterAt(served, now),
      }));
  }

  /** What a node's kubelet measures now: every running container, pods ordered by key. */
  scrape(nodeName: string): readonly PodSample[] {
    const now = this.#clock.now();
    return [...(this.#byNode.get(nodeName) ?? [])]
      .filter(({ containers }) => containers.size > 0)
      .map((run) => ({ run, key: keyText(keyOf(run.pod)) }))
      .toSorted((a, b) => compareText(a.key, b.key))
      .map(({ run: { pod, containers } }) => ({
        ...keyOf(pod),
        containers: [...containers].map(([name, container]) => sampleOf(name, container, now)),
      }));
  }

  #podSeen(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const profile = usageProfile(pod, this.#model);
    const none = { deployment: undefined, serving: false, containers: new Map<string, ContainerRun>() };
    const run: PodRun = this.#runs.get(uid) ?? { pod, profile, ...none };
    this.#runs.set(uid, run);
    run.pod = pod;
    run.profile = profile;
    this.#followContainers(run);
    this.#join(run, pod);
    const before = run.serving;
    run.serving = isPodReady(pod) && pod.metadata.deletionTimestamp === undefined;
    if (run.serving === before) this.#use(run);
    else this.#servingChanged(run);
  }

  #podGone(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const run = this.#runs.get(uid);
    if (run === undefined) return;
    run.serving = false;
    this.#servingChanged(run);
    this.#runs.delete(uid);
    this.#byNode.get(run.pod.spec.nodeName ?? '')?.delete(run);
    if (run.deployment !== undefined) this.#membersOf(run.deployment).all.delete(run);
  }

  /** Enters the pod under its node and its Deployment as soon as they are known. */
  #join(run: PodRun, { spec: { nodeName } }: Pod): void {
    if (nodeName !== undefined && nodeName !== '') {
      const onNode = this.#byNode.get(nodeName) ?? new Set<PodRun>();
      this.#byNode.set(nodeName, onNode.add(run));
    }
    if (run.deployment !== undefined) return;
    run.deployment = this.#deploymentOf(run.pod);
    if (run.deployment === undefined) return;
    const members = this.#membersOf(run.deployment);
    members.all.add(run);
    if (run.serving) {
      members.serving.add(run);
      this.#share(run.deployment);
    }
  }

  #membersOf(deployment: string): Members {
    const members = this.#members.get(deployment) ?? { all: new Set<PodRun>(), serving: new Set<PodRun>() };
    this.#members.set(deployment, members);
    return members;
  }

  /** A pod began or ceased to serve: the others' shares change with it. */
  #servingChanged(run: PodRun): void {
    this.#use(run);
    if (run.deployment === undefined) return;
    const { serving } = this.#membersOf(run.deployment);
    if (run.serving) serving.add(run);
    else serving.delete(run);
    this.#share(run.deployment);
  }

  #deploymentOf(pod: Pod): string | undefined {
    const { namespace } = keyOf(pod);
    const setRef = controllerOf(pod);
    if (setRef?.kind !== REPLICA_SETS.kind) return undefined;
    const set = this.#sets.get({ namespace, name: setRef.name });
    const owner = set === undefined ? undefined : controllerOf(set);
    return owner?.kind === DEPLOYMENTS.kind ? keyText({ namespace, name: owner.name }) : undefined;
  }

  /** A counter per running container, from its start: a start of another time is another run with a counter of its own. */
  #followContainers({ pod, containers }: PodRun): void {
    const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
    const running = new Map(statuses.map((status) => [status.name, startOf(status)] as const));
    for (const name of containers.keys()) if (running.get(name) === undefined) containers.delete(name);
    for (const [name, startTime] of running) {
      if (startTime === undefined || containers.get(name)?.startTime === startTime) continue;
      const cpuMicroseconds: Counter = { total: 0, rate: 0, since: startTime };
      containers.set(name, { startTime, cpuMicroseconds, memoryBytes: 0 });
    }
  }

  /** Shares a Deployment's load anew. O(its serving pods). */
  #share(deployment: string): void {
    const load = this.#loads.get(deployment);
    if (load === undefined) return;
    let servedPerSecond = 0;
    for (const run of this.#membersOf(deployment).serving) servedPerSecond += this.#use(run);
    load.served = withRate(load.served, servedPerSecond / MS_PER_SECOND, this.#clock.now());
  }

  /** Sets the rates of a pod's containers; returns the requests per second that it serves. */
  #use(run: PodRun): number {
    const usage = podUsage(run.profile, this.#loadOf(run));
    const now = this.#clock.now();
    for (const { name, cpuMilli, memoryBytes } of usage.containers) {
      const container = run.containers.get(name);
      if (container === undefined) continue;
      const { cpuMicroseconds: counter, startTime } = container;
      // the first rate holds from the start, which lies a moment before it was seen
      const from = counter.rate === 0 && counter.total === 0 ? startTime : now;
      container.cpuMicroseconds = withRate(counter, cpuMilli, from);
      container.memoryBytes = memoryBytes;
    }
    return usage.servedPerSecond;
  }

  /** The pod's share of requests per second; undefined when its Deployment has no load. */
  #loadOf({ deployment, serving }: PodRun): number | undefined {
    const load = deployment === undefined ? undefined : this.#loads.get(deployment);
    if (deployment === undefined || load === undefined) return undefined;
    return serving ? shareOf(load.requestsPerSecond, this.#membersOf(deployment).serving.size) : 0;
  }
}

function startOf({ state }: ContainerStatus): EpochMs | undefined {
  return state?.running === undefined ? undefined : parseRfc3339(state.running.startedAt);
}

function sampleOf(name: string, container: ContainerRun, now: EpochMs): ContainerSample {
  return {
    name,
    startTime: container.startTime,
    at: now,
    cpuSeconds: counterAt(container.cpuMicroseconds, now) / 1e6,
    workingSetBytes: container.memoryBytes,
  };
}
