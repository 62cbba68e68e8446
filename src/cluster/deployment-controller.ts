/** Carries out rollouts and changes of size: one ReplicaSet per pod template. Rules: core/cluster/deployment.ts. */

import { callWithin } from '../controllers/call.ts';
import type { ControllerDeps } from '../controllers/deps.ts';
import { Informer } from '../controllers/informer.ts';
import { DONE, ReconcileLoop, type Requeue } from '../controllers/reconcile-loop.ts';
import { planDeployment, type DeploymentStep } from '../core/cluster/deployment.ts';
import { isPodFinished } from '../core/cluster/pods.ts';
import { replicasOf } from '../core/cluster/rollout.ts';
import { sameTemplate } from '../core/cluster/template-hash.ts';
import type { Deployment, ReplicaSet } from '../core/kube/apps.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { controllerOf, keyOf, keyText, type KubeObject } from '../core/kube/object.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../core/kube/resource.ts';
import { deepEqual } from '../lib/json.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { EventWriter } from './event-writer.ts';
import { CALL_TIMEOUT, isAlreadyThere, isNotFound, runInhabitant, whenCacheIsBehind } from './inhabitant.ts';
import { OwnerIndex } from './owner-index.ts';

/** Runs until aborted; never rejects. ReplicaSets without an owner are left alone, where the original adopts them. */
export async function deploymentController(deps: ControllerDeps): Promise<void> {
  await new DeploymentController(deps).run();
}

class DeploymentController {
  readonly #deps: ControllerDeps;
  readonly #deployments: Informer<Deployment>;
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #setsByDeployment: OwnerIndex<ReplicaSet>;
  readonly #podsBySet: OwnerIndex<Pod>;
  readonly #loop: ReconcileLoop;
  readonly #events: EventWriter;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#deployments = new Informer(deps, DEPLOYMENTS);
    this.#sets = new Informer(deps, REPLICA_SETS);
    this.#pods = new Informer(deps, PODS);
    this.#setsByDeployment = new OwnerIndex(this.#sets);
    this.#podsBySet = new OwnerIndex(this.#pods);
    this.#events = new EventWriter(deps, 'deployment-controller');
    this.#loop = new ReconcileLoop(deps, {
      name: 'deployment',
      reconcile: (key) => whenCacheIsBehind(() => this.#reconcile(key)),
    });
    this.#deployments.subscribe(({ object }) => this.#loop.enqueue(keyText(keyOf(object))));
    this.#sets.subscribe(({ object }) => this.#enqueueOwner(object));
    // A rollout reads pods only to see the last one of an old set go (Recreate).
    this.#pods.subscribe((event) => {
      if (event.kind === 'deleted' || isPodFinished(event.object)) this.#enqueueOwnerOfSet(event.object);
    });
  }

  run(): Promise<void> {
    return runInhabitant([this.#deployments, this.#sets, this.#pods], [this.#loop]);
  }

  #enqueueOwner(object: KubeObject): void {
    const owner = controllerOf(object);
    if (owner?.kind !== DEPLOYMENTS.kind) return;
    this.#loop.enqueue(keyText({ namespace: keyOf(object).namespace, name: owner.name }));
  }

  #enqueueOwnerOfSet(pod: Pod): void {
    const owner = controllerOf(pod);
    if (owner?.kind !== REPLICA_SETS.kind) return;
    const set = this.#sets.get({ namespace: keyOf(pod).namespace, name: owner.name });
    if (set !== undefined) this.#enqueueOwner(set);
  }

  async #reconcile(key: string): Promise<Requeue> {
    const [namespace = '', name = ''] = key.split('/');
    const deployment = this.#deployments.get({ namespace, name });
    if (deployment === undefined) return DONE;
    const replicaSets = this.#setsByDeployment.ownedBy(deployment.metadata.uid);
    const withPods = replicaSets.filter((set) =>
      this.#podsBySet.ownedBy(set.metadata.uid).some((pod) => !isPodFinished(pod)),
    );
    const { steps, status, after } = planDeployment({
      deployment,
      replicaSets,
      setsWithPods: new Set(withPods.map(({ metadata }) => metadata.uid ?? '')),
      now: this.#deps.clock.now(),
    });
    for (const step of steps) {
      // a name that is taken: counted in the status, and the next pass uses another hash
      if (!(await this.#carryOut(deployment, step))) return this.#collide(deployment);
    }
    if (!deepEqual(status, deployment.status)) await this.#writeStatus({ ...deployment, status });
    return after === undefined ? DONE : { kind: 'requeue', after };
  }

  /** False when the name of a new set belongs to another one. */
  async #carryOut(deployment: Deployment, step: DeploymentStep): Promise<boolean> {
    const { api } = this.#deps;
    const { replicaSet } = step;
    const { name } = replicaSet.metadata;
    switch (step.kind) {
      case 'create':
        return this.#createSet(deployment, replicaSet);
      case 'update':
        await this.#call(`update of replica set ${name}`, (options) => api.update(REPLICA_SETS, replicaSet, options));
        this.#sayScaled(deployment, replicaSet, step.from);
        return true;
      case 'delete': {
        const { uid = '' } = replicaSet.metadata;
        await this.#call(`deletion of replica set ${name}`, (options) =>
          api.delete(REPLICA_SETS, keyOf(replicaSet), { ...options, preconditions: { uid } }),
        ).catch(unlessNotFound);
        return true;
      }
    }
  }

  /** The name comes from the template, so a repeated creation finds what the first one made. */
  async #createSet(deployment: Deployment, replicaSet: ReplicaSet): Promise<boolean> {
    const { api } = this.#deps;
    const what = `replica set ${replicaSet.metadata.name}`;
    try {
      await this.#call(`creation of ${what}`, (options) => api.create(REPLICA_SETS, replicaSet, options));
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
      const found = await this.#call(`read of ${what}`, (options) => api.get(REPLICA_SETS, keyOf(replicaSet), options));
      const { template } = found.spec;
      const own = controllerOf(found)?.uid === deployment.metadata.uid;
      return own && template !== undefined && sameTemplate(template, deployment.spec.template);
    }
    this.#sayScaled(deployment, replicaSet, 0);
    return true;
  }

  async #collide(deployment: Deployment): Promise<Requeue> {
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    await this.#writeStatus({ ...deployment, status: { ...deployment.status, collisionCount } });
    return DONE;
  }

  async #writeStatus(deployment: Deployment): Promise<void> {
    await this.#call(`status of deployment ${deployment.metadata.name}`, (options) =>
      this.#deps.api.update(DEPLOYMENTS, deployment, { ...options, subresource: 'status' }),
    );
  }

  /** Events are written beside the work: they are best effort and nothing waits for them. */
  #sayScaled(deployment: Deployment, replicaSet: ReplicaSet, from: number): void {
    const to = replicasOf(replicaSet);
    if (from === to) return;
    const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${replicaSet.metadata.name} from ${from} to ${to}`;
    void this.#events.write(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
  }

  #call<T>(what: string, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#deps;
    return callWithin(what, { clock, timeout: CALL_TIMEOUT, signal }, call);
  }
}

function unlessNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
