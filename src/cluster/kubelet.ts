/**
 * The kubelets of all nodes: pods bound to a node that is there and ready start, become ready and stop. Rules:
 * core/cluster/pod-stages.ts; times: core/cluster/latency-model.ts. A pod whose node is gone is left to the garbage collector.
 */

import { callWithin } from '../controllers/call.ts';
import type { ControllerDeps } from '../controllers/deps.ts';
import { Informer } from '../controllers/informer.ts';
import { DONE, ReconcileLoop, type Requeue } from '../controllers/reconcile-loop.ts';
import { DEFAULT_LATENCIES, drawLatencies, type LatencyModel } from '../core/cluster/latency-model.ts';
import { isNodeReady } from '../core/cluster/node-fit.ts';
import {
  acceptedStatus,
  nextStage,
  readyStatus,
  runningStatus,
  type PodMemory,
  type PodTimetable,
} from '../core/cluster/pod-stages.ts';
import { waitsForHead } from '../core/cluster/ray-cluster-pods.ts';
import type { KubeNode, Pod, PodStatus } from '../core/kube/core-v1.ts';
import { keyOf, keyText } from '../core/kube/object.ts';
import { NODES, PODS } from '../core/kube/resource.ts';
import { durationMs, epochMs, seconds, type EpochMs } from '../core/time/time.ts';
import { hash32 } from '../lib/random.ts';
import { unreachable } from '../lib/assert.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { EventWriter } from './event-writer.ts';
import { CALL_TIMEOUT, isConflict, isNotFound, runInhabitant, whenCacheIsBehind } from './inhabitant.ts';
import { NodeImages } from './node-images.ts';

export type KubeletOptions = { readonly latencies: LatencyModel };

/** How often a Ray worker's init container looks for its head. Spec: kuberay 2.4. */
const HEAD_CHECK = seconds(5);
/** Nodes share this many workers, so that one slow write does not hold up the pods of all nodes. */
const LANES = 16;

/** Runs until aborted; never rejects. */
export async function kubelet(
  deps: ControllerDeps,
  options: KubeletOptions = { latencies: DEFAULT_LATENCIES },
): Promise<void> {
  await new Kubelet(deps, options).run();
}

/** What is known of a pod beyond what the API shows. */
type PodRun = PodMemory & {
  readonly timetable: PodTimetable;
  readonly podIP: string;
  runningSince: EpochMs | undefined;
  stoppingSince: EpochMs | undefined;
};

class Kubelet {
  readonly #deps: ControllerDeps;
  readonly #options: KubeletOptions;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<KubeNode>;
  readonly #lanes: readonly ReconcileLoop[];
  readonly #events: EventWriter;
  readonly #images = new NodeImages();
  /** By uid. */
  readonly #runs = new Map<string, PodRun>();
  #addresses = 0;

  constructor(deps: ControllerDeps, options: KubeletOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#pods = new Informer(deps, PODS);
    this.#nodes = new Informer(deps, NODES);
    this.#events = new EventWriter(deps, 'kubelet');
    const reconcile = (key: string): Promise<Requeue> => whenCacheIsBehind(() => this.#reconcile(key));
    this.#lanes = Array.from({ length: LANES }, () => new ReconcileLoop(deps, { name: 'kubelet', reconcile }));
    this.#pods.subscribe(({ kind, object }) => {
      if (kind === 'deleted') this.#runs.delete(object.metadata.uid ?? '');
      else this.#enqueue(object);
    });
    this.#nodes.subscribe((event) => {
      const { name } = event.object.metadata;
      if (event.kind === 'deleted') this.#images.forget(name);
      const wasReady = event.kind === 'updated' && isNodeReady(event.previous);
      if (event.kind === 'deleted' || wasReady || !isNodeReady(event.object)) return;
      for (const pod of this.#pods.list()) if (pod.spec.nodeName === name) this.#enqueue(pod);
    });
  }

  run(): Promise<void> {
    return runInhabitant([this.#pods, this.#nodes], this.#lanes);
  }

  #enqueue(pod: Pod): void {
    const { nodeName } = pod.spec;
    if (nodeName === undefined || nodeName === '') return;
    this.#lanes[hash32(nodeName) % LANES]?.enqueue(keyText(keyOf(pod)));
  }

  async #reconcile(key: string): Promise<Requeue> {
    const [namespace = '', name = ''] = key.split('/');
    const pod = this.#pods.get({ namespace, name });
    const node = this.#nodes.get({ namespace: '', name: pod?.spec.nodeName ?? '' });
    if (pod === undefined || node === undefined || !isNodeReady(node)) return DONE;
    const now = this.#deps.clock.now();
    const run = this.#runOf(pod, now);
    if (pod.metadata.deletionTimestamp !== undefined && run.stoppingSince === undefined) this.#beginStop(pod, run, now);
    const stage = nextStage(pod, run.timetable, run);
    if (stage.kind === 'settled') return DONE;
    if (stage.at > now) return { kind: 'requeue', after: durationMs(stage.at - now) };
    // the one init container that waits for something: it looks for the head again and again
    if (stage.kind === 'run' && waitsForHead(pod, this.#pods.values())) return { kind: 'requeue', after: HEAD_CHECK };
    const hostIP = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    switch (stage.kind) {
      case 'accept':
        await this.#writeStatus(pod, acceptedStatus(pod, hostIP, now));
        return DONE;
      case 'run':
        run.runningSince = now;
        await this.#writeStatus(pod, runningStatus(pod, { podIP: run.podIP, hostIP }, now));
        this.#sayOfContainers(pod, 'Started', (container) => `Started container ${container}`);
        return DONE;
      case 'ready':
        await this.#writeStatus(pod, readyStatus(pod, now));
        return DONE;
      case 'delete':
        await this.#remove(pod);
        return DONE;
      default:
        return unreachable(stage);
    }
  }

  #beginStop(pod: Pod, run: PodRun, now: EpochMs): void {
    run.stoppingSince = now;
    if (pod.status?.phase !== 'Running') return;
    this.#sayOfContainers(pod, 'Killing', (container) => `Stopping container ${container}`);
  }

  #runOf(pod: Pod, now: EpochMs): PodRun {
    const uid = pod.metadata.uid ?? '';
    const known = this.#runs.get(uid);
    if (known !== undefined) return known;
    const run = this.#newRun(pod, now);
    this.#runs.set(uid, run);
    return run;
  }

  /** Pulls are booked here: the timetable of a pod is fixed when its node first sees it. */
  #newRun(pod: Pod, now: EpochMs): PodRun {
    const { latencies } = this.#options;
    const nodeName = pod.spec.nodeName ?? '';
    const drawn = drawLatencies(pod.spec, latencies, this.#deps.random.stream(`kubelet/${keyText(keyOf(pod))}`));
    const accept = epochMs(now + drawn.accept);
    const running = pod.status?.phase === 'Running';
    let at: EpochMs = running ? now : epochMs(accept + drawn.sandbox);
    for (const pull of drawn.pulls) {
      if (running) this.#images.note(nodeName, pull.image, now);
      else at = this.#images.fetched(nodeName, pull, at);
    }
    return {
      timetable: {
        accept,
        run: epochMs(at + drawn.init + drawn.start),
        readiness: drawn.readiness,
        stop: drawn.stop,
      },
      podIP: pod.status?.podIP ?? this.#nextAddress(),
      runningSince: undefined,
      stoppingSince: undefined,
    };
  }

  /** 10.244.0.0/14, in turn: 262,144 addresses before one comes again. */
  #nextAddress(): string {
    const n = ++this.#addresses % 2 ** 18;
    return `10.${244 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
  }

  async #writeStatus(pod: Pod, status: PodStatus): Promise<void> {
    await this.#call(`status of pod ${keyText(keyOf(pod))}`, (options) =>
      this.#deps.api.update(PODS, { ...pod, status }, { ...options, subresource: 'status' }),
    );
  }

  async #remove(pod: Pod): Promise<void> {
    const { uid = '' } = pod.metadata;
    try {
      await this.#call(`removal of pod ${keyText(keyOf(pod))}`, (options) =>
        this.#deps.api.delete(PODS, keyOf(pod), { ...options, gracePeriodSeconds: 0, preconditions: { uid } }),
      );
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error; // gone already, or another pod has the name by now
    }
  }

  /** Events are written beside the work: they are best effort and nothing waits for them. */
  #sayOfContainers(pod: Pod, reason: string, message: (container: string) => string): void {
    for (const { name } of pod.spec.containers) {
      void this.#events.write(pod, { type: 'Normal', reason, message: message(name) });
    }
  }

  #call<T>(what: string, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#deps;
    return callWithin(what, { clock, timeout: CALL_TIMEOUT, signal }, call);
  }
}
