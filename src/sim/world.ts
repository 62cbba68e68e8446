/**
 * An embedded cluster, both loops and a load, composed on one clock. The one place where controllers get their adapters in the
 * simulated world; each writes under its own name.
 */

import { deploymentController } from '../cluster/deployment-controller.ts';
import { EmbeddedKubeApi } from '../cluster/embedded-kube-api.ts';
import { garbageCollector } from '../cluster/garbage-collector.ts';
import { kubelet } from '../cluster/kubelet.ts';
import { MetricsServer } from '../cluster/metrics-server.ts';
import { nodeProvisioner } from '../cluster/node-provisioner.ts';
import { podScheduler } from '../cluster/pod-scheduler.ts';
import { rayClusterOperator } from '../cluster/ray-cluster-operator.ts';
import { RayStandIn } from '../cluster/ray-stand-in.ts';
import { replicaSetController } from '../cluster/replica-set-controller.ts';
import { ObjectStore } from '../cluster/store.ts';
import { WorkloadModel } from '../cluster/workload.ts';
import { abortScope, type ControllerDeps, type Log } from '../controllers/deps.ts';
import { DEFAULT_HPA_CONFIG } from '../core/hpa/config.ts';
import { hpaController } from '../controllers/hpa.ts';
import { rayAutoscaler, type RayAutoscalerDeps } from '../controllers/ray-autoscaler.ts';
import { keyOf, keyText, type KubeObject, type ObjectKey } from '../core/kube/object.ts';
import type { RayCluster } from '../core/kube/ray.ts';
import { DEFAULT_RAY_SETTINGS } from '../core/ray/settings.ts';
import { RAY_CLUSTERS } from '../core/kube/resource.ts';
import { SeededRandom } from '../lib/random.ts';
import { ResourceMetrics } from '../metrics/resource-metrics.ts';
import type { Clock } from '../ports/clock.ts';
import type { GcsApi } from '../ports/gcs-api.ts';
import type { KubeApi } from '../ports/kube-api.ts';
import type { Recorder } from '../ports/recorder.ts';
import { FaultInjector, faultyGcsApi, faultyKubeApi, faultyMetricsApi, type FaultPlan } from './faults.ts';
import type { GcsLine, OpenGcsLine } from './gcs-line.ts';
import { CPU_MS_PER_REQUEST } from './load.ts';

export type WorldOptions = {
  readonly clock: Clock;
  readonly seed: number;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Faults at the ports of the two loops; none when absent. */
  readonly faults?: FaultPlan;
  /** How Ray's autoscaler reaches the stand-in; in process when absent. */
  readonly openGcs?: OpenGcsLine;
};

type RayPart = { readonly standIn: RayStandIn; readonly scope: AbortController };

export class World {
  readonly store: ObjectStore;
  readonly workload: WorkloadModel;
  readonly #options: WorldOptions;
  readonly #random: SeededRandom;
  readonly #scope: AbortController;
  readonly #ray = new Map<string, RayPart>();
  readonly #running: Promise<void>[] = [];
  #crash: (error: unknown) => void = () => undefined;
  /** Rejects when a part of the world ends by itself: a defect, since all of them run until they are stopped. */
  readonly crashed: Promise<never>;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#scope = abortScope(options.signal);
    this.crashed = new Promise((_, reject) => (this.#crash = reject));
    this.crashed.catch(() => undefined); // whoever waits for it hears of it
    this.store = new ObjectStore({ clock: options.clock, random: this.#random });
    this.workload = new WorkloadModel(this.#deps('kubelet'), { cpuMsPerRequest: CPU_MS_PER_REQUEST });
  }

  /** Starts every inhabitant and the HPA loop; Ray's part of a cluster starts with its RayCluster. */
  start(): void {
    const inhabitants = {
      'deployment-controller': deploymentController,
      'replicaset-controller': replicaSetController,
      'kube-scheduler': podScheduler,
      kubelet,
      'kuberay-operator': rayClusterOperator,
      karpenter: nodeProvisioner,
      'garbage-collector': garbageCollector,
    };
    for (const [name, run] of Object.entries(inhabitants)) this.#keep(name, run(this.#deps(name)));
    const metricsServer = new MetricsServer({ ...this.#deps('metrics-server'), usage: this.workload });
    this.#keep('workload', this.workload.run());
    this.#keep('metrics-server', metricsServer.run());
    this.#startHpa(metricsServer);
    this.store.watch(RAY_CLUSTERS, { resourceVersion: this.store.resourceVersion }, ({ type, object }) => {
      if (type === 'ADDED') this.#defer(() => this.#startRay(object));
      if (type === 'DELETED') this.#ray.get(keyText(keyOf(object)))?.scope.abort(new Error('RayCluster was deleted'));
    });
  }

  /** Ends everything and waits for it. */
  async stop(): Promise<void> {
    this.#scope.abort(new Error('the world was stopped'));
    await Promise.allSettled(this.#running);
  }

  /** The API as `manager` sees it. */
  api(manager: string): KubeApi {
    return new EmbeddedKubeApi({ store: this.store, clock: this.#options.clock, random: this.#random, manager });
  }

  /** Ray's stand-in of a RayCluster; undefined until it has been started. */
  ray(key: ObjectKey): RayStandIn | undefined {
    return this.#ray.get(keyText(key))?.standIn;
  }

  #deps(manager: string): ControllerDeps {
    const { clock, recorder, log } = this.#options;
    return { api: this.api(manager), clock, random: this.#random, recorder, log, signal: this.#scope.signal };
  }

  #startHpa(metricsServer: MetricsServer): void {
    const name = 'hpa-controller';
    const deps = this.#deps(name);
    const injector = this.#injector(name);
    const metrics = new ResourceMetrics(metricsServer);
    const api = injector === undefined ? deps.api : faultyKubeApi(deps.api, injector);
    const faultyMetrics = injector === undefined ? metrics : faultyMetricsApi(metrics, injector);
    this.#keep(name, hpaController({ ...deps, api, metrics: faultyMetrics, config: DEFAULT_HPA_CONFIG }));
  }

  #startRay(cluster: RayCluster): void {
    const key = keyOf(cluster);
    const scope = abortScope(this.#scope.signal);
    const standIn = new RayStandIn({ ...this.#deps('ray'), signal: scope.signal, cluster: key });
    this.#ray.set(keyText(key), { standIn, scope });
    this.#keep(`ray of ${keyText(key)}`, standIn.run());
    if (cluster.spec.enableInTreeAutoscaling !== true) return;
    this.#keep(`ray-autoscaler/${keyText(key)}`, this.#runRayAutoscaler(standIn, key, scope.signal));
  }

  async #runRayAutoscaler(standIn: RayStandIn, cluster: ObjectKey, signal: AbortSignal): Promise<void> {
    const { openGcs } = this.#options;
    const line = openGcs === undefined ? undefined : await openGcs(standIn.gcs);
    try {
      await rayAutoscaler({ ...this.#rayDeps(line?.gcs ?? standIn.gcs), ...networkClockOf(line), cluster, signal });
    } finally {
      await line?.close();
    }
  }

  #rayDeps(gcs: GcsApi): Omit<RayAutoscalerDeps, 'cluster'> {
    const deps = { ...this.#deps('ray-autoscaler'), gcs, config: DEFAULT_RAY_SETTINGS };
    const injector = this.#injector('ray-autoscaler');
    if (injector === undefined) return deps;
    return { ...deps, api: faultyKubeApi(deps.api, injector), gcs: faultyGcsApi(gcs, injector) };
  }

  #injector(controller: string): FaultInjector | undefined {
    const { clock, faults } = this.#options;
    return faults === undefined ? undefined : new FaultInjector({ clock, controller, plan: faults });
  }

  /** A listener of the store must not write; what it starts runs as the next event. */
  #defer(run: () => void): void {
    const { clock } = this.#options;
    clock.timer(clock.now(), run);
  }

  #keep(name: string, running: Promise<unknown>): void {
    const ended = (error: unknown): void => {
      if (!this.#scope.signal.aborted) this.#crash(new Error(`${name} ended by itself`, { cause: error }));
    };
    this.#running.push(
      running.then(
        () => undefined,
        (error: unknown) => ended(error),
      ),
    );
  }
}

function networkClockOf(line: GcsLine | undefined): { readonly networkClock?: Clock } {
  return line === undefined ? {} : { networkClock: line.networkClock };
}

/** Objects in the order they must be applied in: what others need comes first. */
export function applyOrder(objects: readonly KubeObject[]): readonly KubeObject[] {
  const rank = (object: KubeObject): number => {
    const at = ['Namespace', 'NodePool', 'Deployment', 'HorizontalPodAutoscaler'].indexOf(object.kind);
    return at === -1 ? 9 : at;
  };
  return objects.toSorted((a, b) => rank(a) - rank(b));
}
