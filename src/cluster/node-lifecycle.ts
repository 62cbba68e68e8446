/**
 * The life of a NodeClaim: launch, registration, initialisation, and at its end drain and removal. This is Karpenter's lifecycle and
 * the provider with its machines in one: both act on the same two objects. Rules are in core/cluster/node-claims.ts and
 * node-termination.ts.
 */

import { callWithin } from '../controllers/call.ts';
import type { ControllerDeps } from '../controllers/deps.ts';
import { DONE, ReconcileLoop, type Requeue } from '../controllers/reconcile-loop.ts';
import { offeringFor, TERMINATION_FINALIZER } from '../core/cluster/node-claims.ts';
import {
  bornNode,
  freeNodeAddress,
  INITIALIZED_LABEL,
  nextLaunchStep,
  readyNode,
  registeredNode,
  withoutNotReadyTaint,
  withStage,
} from '../core/cluster/node-launch.ts';
import { isNodeReady } from '../core/cluster/node-fit.ts';
import { offeringLabels } from '../core/cluster/instance-types.ts';
import { disruptedNode, nextTerminationStep, type TerminationStep } from '../core/cluster/node-termination.ts';
import type { KubeNode, Pod } from '../core/kube/core-v1.ts';
import type { NodeClaim } from '../core/kube/karpenter.ts';
import { keyOf, type KubeObject } from '../core/kube/object.ts';
import { NODE_CLAIMS, NODES, PODS, type Resource } from '../core/kube/resource.ts';
import { durationMs, epochMs, type EpochMs } from '../core/time/time.ts';
import { defined, unreachable } from '../lib/assert.ts';
import { TandemError } from '../lib/error.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { CALL_TIMEOUT, isAlreadyThere, isNotFound, whenCacheIsBehind } from './inhabitant.ts';
import { drawMachine, type MachineLatencies, type NodeLatencies } from './node-latencies.ts';
import type { NodeState } from './node-state.ts';

type Machine = { readonly latencies: MachineLatencies; readonly orderedAt: EpochMs; goneAt: EpochMs | undefined };

const AT_ONCE: Requeue = { kind: 'requeue', after: durationMs(0) };

export class NodeLifecycle {
  readonly #deps: ControllerDeps;
  readonly #state: NodeState;
  readonly #latencies: NodeLatencies;
  /** By claim uid; gone with the claim. Drawn anew after a restart. */
  readonly #machines = new Map<string, Machine>();
  readonly loop: ReconcileLoop;

  constructor(deps: ControllerDeps, state: NodeState, latencies: NodeLatencies) {
    this.#deps = deps;
    this.#state = state;
    this.#latencies = latencies;
    this.loop = new ReconcileLoop(deps, {
      name: 'nodeclaim',
      reconcile: (name) => whenCacheIsBehind(() => this.#reconcile(name)),
    });
    state.claims.subscribe(({ kind, object }) => {
      if (kind === 'deleted') this.#machines.delete(object.metadata.uid ?? '');
      else this.loop.enqueue(object.metadata.name);
    });
    state.nodes.subscribe(({ object }) => this.loop.enqueue(object.metadata.name));
    state.pods.subscribe(({ object }) => {
      const { nodeName } = object.spec;
      if (nodeName === undefined) return;
      const claim = state.claims.get({ namespace: '', name: nodeName });
      if (claim?.metadata.deletionTimestamp !== undefined) this.loop.enqueue(nodeName);
    });
  }

  async #reconcile(name: string): Promise<Requeue> {
    const claim = this.#state.claims.get({ namespace: '', name });
    if (claim === undefined) return DONE;
    const node = this.#state.nodeOf(claim);
    const now = this.#deps.clock.now();
    const machine = this.#machineOf(claim, now);
    if (claim.metadata.deletionTimestamp !== undefined) {
      const pods = this.#state.podsOn(name);
      return this.#terminate(
        claim,
        node,
        machine,
        nextTerminationStep({ claim, node, pods, goneAt: machine.goneAt, now }),
      );
    }
    const { launch, boot, readiness } = machine.latencies;
    const step = nextLaunchStep(claim, node, { launchAt: epochMs(machine.orderedAt + launch), boot, readiness });
    if (step.kind === 'settled') return DONE;
    if (step.at > now) return { kind: 'requeue', after: durationMs(step.at - now) };
    switch (step.kind) {
      case 'launch':
        await this.#launch(claim);
        break;
      case 'create-node':
        await this.#createNode(claim);
        break;
      case 'register':
        await this.#put(NODES, registeredNode(defined(node, 'the Node'), claim));
        await this.#setStatus(claim, { ...withStage(claim, 'Registered', now), nodeName: name });
        break;
      case 'make-ready':
        await this.#makeReady(defined(node, 'the Node'));
        break;
      case 'initialize':
        await this.#put(NODES, withLabel(defined(node, 'the Node'), INITIALIZED_LABEL));
        await this.#setStatus(claim, withStage(claim, 'Initialized', now));
        break;
      case 'delete-claim':
        await this.#delete(NODE_CLAIMS, claim);
        break;
      default:
        unreachable(step);
    }
    return DONE; // the write comes back as an event
  }

  #machineOf(claim: NodeClaim, now: EpochMs): Machine {
    const uid = claim.metadata.uid ?? '';
    let machine = this.#machines.get(uid);
    if (machine === undefined) {
      machine = { latencies: drawMachine(this.#latencies, this.#deps.random), orderedAt: now, goneAt: undefined };
      this.#machines.set(uid, machine);
    }
    return machine;
  }

  async #launch(claim: NodeClaim): Promise<void> {
    const offering = offeringFor(claim);
    if (offering === undefined) {
      this.#deps.log.warn(`NodeClaim ${claim.metadata.name}: no instance type has room for it, it is deleted`);
      return this.#delete(NODE_CLAIMS, claim);
    }
    const labels = { ...claim.metadata.labels, ...offeringLabels(offering) };
    const labelled = await this.#put(NODE_CLAIMS, { ...claim, metadata: { ...claim.metadata, labels } });
    const { capacity, allocatable } = offering.type;
    const providerID = `embedded:///${offering.zone}/${claim.metadata.name}`;
    const status = withStage(labelled, 'Launched', this.#deps.clock.now());
    await this.#setStatus(labelled, { ...status, providerID, capacity, allocatable });
  }

  async #createNode(claim: NodeClaim): Promise<void> {
    const { api, clock } = this.#deps;
    const taken = new Set(
      [...this.#state.nodes.values()].flatMap(({ status }) => (status?.addresses ?? []).map(({ address }) => address)),
    );
    const node = bornNode(claim, freeNodeAddress(taken), clock.now());
    try {
      await this.#call('create of a Node', (options) => api.create(NODES, node, options));
    } catch (error) {
      if (!isAlreadyThere(error)) throw error; // an earlier try succeeded without an answer
    }
  }

  /** Two writes, as the kubelet's status and the lifecycle controller's taint are. */
  async #makeReady(node: KubeNode): Promise<void> {
    const { api, clock } = this.#deps;
    if (isNodeReady(node)) {
      await this.#put(NODES, withoutNotReadyTaint(node));
      return;
    }
    await this.#call('status of a Node', (options) =>
      api.update(NODES, readyNode(node, clock.now()), { ...options, subresource: 'status' }),
    );
  }

  async #terminate(
    claim: NodeClaim,
    node: KubeNode | undefined,
    machine: Machine,
    step: TerminationStep,
  ): Promise<Requeue> {
    const { clock } = this.#deps;
    switch (step.kind) {
      case 'delete-node':
        await this.#delete(NODES, defined(node, 'the Node'));
        return DONE;
      case 'taint-node':
        await this.#put(NODES, disruptedNode(defined(node, 'the Node')));
        return DONE;
      case 'drain':
        for (const pod of step.force) await this.#delete(PODS, pod);
        for (const pod of step.evict) await this.#evict(pod);
        return { kind: 'requeue', after: durationMs(step.again - clock.now()) };
      case 'wait':
        return { kind: 'requeue', after: durationMs(step.until - clock.now()) };
      case 'terminate-instance':
        machine.goneAt = epochMs(clock.now() + machine.latencies.stop);
        return AT_ONCE;
      case 'remove-pods':
        for (const pod of step.pods) await this.#delete(PODS, pod, 'now');
        return DONE;
      case 'release-node':
        await this.#put(NODES, withoutFinalizer(defined(node, 'the Node')));
        return DONE;
      case 'release-claim':
        await this.#put(NODE_CLAIMS, withoutFinalizer(claim));
        return DONE;
      default:
        return unreachable(step);
    }
  }

  /** A refused eviction is tried again with the next look at the drain. */
  async #evict(pod: Pod): Promise<void> {
    try {
      await this.#call(`eviction of pod ${pod.metadata.name}`, (options) =>
        this.#deps.api.evictPod(keyOf(pod), options),
      );
    } catch (error) {
      const refused = error instanceof TandemError && error.code === 'TANDEM_KUBE_TOO_MANY_REQUESTS';
      if (!refused && !isNotFound(error)) throw error;
    }
  }

  async #delete<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    when: 'gracefully' | 'now' = 'gracefully',
  ): Promise<void> {
    const { uid } = object.metadata;
    try {
      await this.#call(`delete of ${resource.kind} ${object.metadata.name}`, (options) =>
        this.#deps.api.delete(resource, keyOf(object), {
          ...options,
          ...(uid === undefined ? {} : { preconditions: { uid } }),
          ...(when === 'now' ? { gracePeriodSeconds: 0 } : {}),
        }),
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #put<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    return this.#call(`update of ${resource.kind} ${object.metadata.name}`, (options) =>
      this.#deps.api.update(resource, object, options),
    );
  }

  async #setStatus(claim: NodeClaim, status: NonNullable<NodeClaim['status']>): Promise<void> {
    await this.#call(`status of NodeClaim ${claim.metadata.name}`, (options) =>
      this.#deps.api.update(NODE_CLAIMS, { ...claim, status }, { ...options, subresource: 'status' }),
    );
  }

  #call<T>(what: string, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#deps;
    return callWithin(what, { clock, timeout: CALL_TIMEOUT, signal }, call);
  }
}

function withLabel(node: KubeNode, label: string): KubeNode {
  return { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, [label]: 'true' } } };
}

function withoutFinalizer<T extends KubeObject>(object: T): T {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== TERMINATION_FINALIZER);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
