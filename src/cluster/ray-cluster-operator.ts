/**
 * KubeRay's operator: turns RayClusters into pods and keeps their status. Rules are in core/cluster/ray-cluster-*.ts; here they are
 * fed from caches and carried out one step after the other. Not modelled: services, ingress, RBAC objects, GCS fault tolerance.
 */

import { callWithin } from '../controllers/call.ts';
import { isAbort, type ControllerDeps } from '../controllers/deps.ts';
import { Informer } from '../controllers/informer.ts';
import { DONE, ReconcileLoop, type Requeue } from '../controllers/reconcile-loop.ts';
import { checkRayCluster } from '../core/cluster/ray-cluster-rules.ts';
import { planRayClusterPass, type RayPass, type RayPassStep } from '../core/cluster/ray-cluster-pass.ts';
import { CLUSTER_LABEL } from '../core/cluster/ray-cluster-pods.ts';
import {
  rayClusterStatus,
  type RayPassOutcome,
  type ReplicaFailureReason,
} from '../core/cluster/ray-cluster-status.ts';
import { openExpectations, type RayExpectation } from '../core/cluster/ray-expectations.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { keyOf, keyText, type KubeObject } from '../core/kube/object.ts';
import type { RayCluster } from '../core/kube/ray.ts';
import { PODS, RAY_CLUSTERS } from '../core/kube/resource.ts';
import { seconds } from '../core/time/time.ts';
import { errorText } from '../lib/error.ts';
import { deepEqual } from '../lib/json.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { EventWriter } from './event-writer.ts';
import { CALL_TIMEOUT, isConflict, isNotFound, runInhabitant } from './inhabitant.ts';

const AFTER_STATUS_CHANGE = seconds(2);
const AFTER_CUT_SHORT = seconds(1);
const PERIODIC = seconds(300);

/** Runs until aborted; never rejects. Spec: kuberay 2.7. */
export async function rayClusterOperator(deps: ControllerDeps): Promise<void> {
  await new RayClusterOperator(deps).run();
}

class RayClusterOperator {
  readonly #deps: ControllerDeps;
  readonly #clusters: Informer<RayCluster>;
  readonly #pods: Informer<Pod>;
  readonly #loop: ReconcileLoop;
  readonly #events: EventWriter;
  /** Per cluster key. Gone with the cluster. */
  readonly #expectations = new Map<string, readonly RayExpectation[]>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#clusters = new Informer(deps, RAY_CLUSTERS);
    this.#pods = new Informer(deps, PODS, { labelSelector: CLUSTER_LABEL });
    this.#loop = new ReconcileLoop(deps, { name: 'raycluster', reconcile: (key) => this.#reconcile(key) });
    this.#events = new EventWriter(deps, 'raycluster-controller');
    this.#clusters.subscribe((event) => {
      if (event.kind === 'updated' && !matters(event.previous, event.object)) return;
      this.#loop.enqueue(keyText(keyOf(event.object)));
    });
    this.#pods.subscribe(({ object }) => this.#loop.enqueue(clusterKeyOf(object)));
  }

  async run(): Promise<void> {
    await runInhabitant([this.#clusters, this.#pods], [this.#loop]);
  }

  async #reconcile(key: string): Promise<Requeue> {
    const [namespace = '', name = ''] = key.split('/');
    const cluster = this.#clusters.get({ namespace, name });
    if (cluster === undefined) {
      this.#expectations.delete(key);
      return DONE;
    }
    // Pods of a cluster that is being deleted go by garbage collection; a cluster managed elsewhere is not ours.
    const elsewhere = (cluster.spec['managedBy'] ?? 'ray.io/kuberay-operator') !== 'ray.io/kuberay-operator';
    if (cluster.metadata.deletionTimestamp !== undefined || elsewhere) return DONE;
    const refusal = checkRayCluster(cluster);
    if (refusal !== undefined) {
      await this.#events.write(cluster, { type: 'Warning', ...refusal });
      return DONE;
    }
    const pods = this.#podsOf(key);
    const open = openExpectations(this.#expectations.get(key) ?? [], pods, this.#deps.clock.now());
    this.#expectations.set(key, open);
    const pass = planRayClusterPass({ cluster, pods, expectations: open });
    const { outcome, error } = await this.#carryOut(cluster, pass);
    const written = await this.#writeStatus(cluster, outcome);
    if (error !== undefined) throw error; // the loop backs off
    if (outcome.kind !== 'clean') return { kind: 'requeue', after: AFTER_CUT_SHORT };
    return { kind: 'requeue', after: written === 'changed' ? AFTER_STATUS_CHANGE : PERIODIC };
  }

  #podsOf(key: string): readonly Pod[] {
    return [...this.#pods.values()].filter((pod) => clusterKeyOf(pod) === key);
  }

  /** Steps in order; the first that fails ends the pass. */
  async #carryOut(
    cluster: RayCluster,
    pass: RayPass,
  ): Promise<{ readonly outcome: RayPassOutcome; readonly error?: unknown }> {
    for (const step of pass.steps) {
      try {
        await (step.kind === 'create-pod' ? this.#create(cluster, step) : this.#delete(cluster, step));
      } catch (error) {
        if (isAbort(error, this.#deps.signal)) throw error;
        const what = step.kind === 'create-pod' ? 'FailedToCreate' : 'FailedToDelete';
        const target = step.kind === 'create-pod' ? (step.pod.metadata.generateName ?? '') : step.podName;
        const message = `${target}: ${errorText(error)}`;
        await this.#events.write(cluster, { type: 'Warning', reason: `${what}${podWord(step)}`, message });
        return { outcome: { kind: 'replica-failure', reason: failureReason(step), message }, error };
      }
    }
    const { end } = pass;
    return { outcome: end.kind === 'complete' ? { kind: 'clean' } : { kind: 'cut-short', message: end.why } };
  }

  async #create(cluster: RayCluster, step: RayPassStep & { readonly kind: 'create-pod' }): Promise<void> {
    const pod = await this.#call('create of a Ray pod', (options) => this.#deps.api.create(PODS, step.pod, options));
    this.#expect(cluster, 'create', step.group, pod.metadata.name, pod.metadata.uid ?? '');
    const message = `Created ${step.group === '' ? 'head' : 'worker'} Pod ${keyText(keyOf(pod))}`;
    await this.#events.write(cluster, { type: 'Normal', reason: `Created${podWord(step)}`, message });
  }

  async #delete(cluster: RayCluster, step: RayPassStep & { readonly kind: 'delete-pod' }): Promise<void> {
    const key = { namespace: cluster.metadata.namespace ?? '', name: step.podName };
    try {
      await this.#call(`delete of pod ${step.podName}`, (options) => this.#deps.api.delete(PODS, key, options));
    } catch (error) {
      if (isNotFound(error)) return; // somebody was faster
      throw error;
    }
    if (step.scope === 'all') this.#expectations.delete(keyText(keyOf(cluster)));
    else this.#expect(cluster, 'delete', step.group, step.podName, step.podUid);
    const message = `Deleted Pod ${keyText(key)}: ${step.why}`;
    await this.#events.write(cluster, { type: 'Normal', reason: `Deleted${podWord(step)}`, message });
  }

  #expect(cluster: RayCluster, kind: RayExpectation['kind'], group: string, podName: string, podUid: string): void {
    const key = keyText(keyOf(cluster));
    const since = this.#deps.clock.now();
    this.#expectations.set(key, [...(this.#expectations.get(key) ?? []), { kind, group, podName, podUid, since }]);
  }

  async #writeStatus(cluster: RayCluster, outcome: RayPassOutcome): Promise<'changed' | 'same'> {
    const pods = this.#podsOf(keyText(keyOf(cluster)));
    const status = rayClusterStatus({ cluster, pods, outcome, now: this.#deps.clock.now() });
    if (status === undefined) return 'same';
    try {
      await this.#call('status of a RayCluster', (options) =>
        this.#deps.api.update(RAY_CLUSTERS, { ...cluster, status }, { ...options, subresource: 'status' }),
      );
    } catch (error) {
      // the cluster was edited since it was read: the next pass writes what is true then
      if (!isConflict(error)) throw error;
    }
    return 'changed';
  }

  #call<T>(what: string, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#deps;
    return callWithin(what, { clock, timeout: CALL_TIMEOUT, signal }, call);
  }
}

/** Generation, labels and annotations of a cluster wake the operator; its own status writes do not. */
function matters(previous: RayCluster, now: RayCluster): boolean {
  return (
    previous.metadata.generation !== now.metadata.generation ||
    previous.metadata.deletionTimestamp !== now.metadata.deletionTimestamp ||
    !deepEqual(previous.metadata.labels, now.metadata.labels) ||
    !deepEqual(previous.metadata.annotations, now.metadata.annotations)
  );
}

function clusterKeyOf(pod: KubeObject): string {
  return keyText({ namespace: pod.metadata.namespace ?? '', name: pod.metadata.labels?.[CLUSTER_LABEL] ?? '' });
}

type PodWord = 'HeadPod' | 'WorkerPod' | 'Pod';

/** `Pod`: deleted with all others, because the cluster is suspended or made anew. */
function podWord(step: RayPassStep): PodWord {
  if (step.kind === 'delete-pod' && step.scope === 'all') return 'Pod';
  return step.group === '' ? 'HeadPod' : 'WorkerPod';
}

function failureReason(step: RayPassStep): ReplicaFailureReason {
  if (step.kind === 'create-pod') return step.group === '' ? 'FailedCreateHeadPod' : 'FailedCreateWorkerPod';
  if (step.scope === 'all') return 'FailedDeleteAllPods';
  return step.group === '' ? 'FailedDeleteHeadPod' : 'FailedDeleteWorkerPod';
}
