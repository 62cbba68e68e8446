/** Collects what lost its owners, and finishes owners that wait for their dependents (cluster-api 13.2). */

import { keyOf, keyText, type AnyObject, type ObjectKey, type OwnerReference } from '../core/kube/object.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../core/cluster/deletion.ts';
import {
  blocks,
  decideDependent,
  dependentsPolicyOf,
  type OwnerState,
  type OwnerVerdict,
} from '../core/cluster/garbage.ts';
import { groupOfApiVersion, kindOfGroupKind, type AnyKind } from '../core/cluster/kinds/table.ts';
import type { OwnerGraph, OwnerNode } from '../core/cluster/owner-graph.ts';
import { durationMs, seconds } from '../core/time/time.ts';
import { unreachable } from '../lib/assert.ts';
import { callWithin } from '../controllers/call.ts';
import type { ControllerDeps } from '../controllers/deps.ts';
import { DONE, type Requeue } from '../controllers/reconcile-loop.ts';
import { KubeError, type CallOptions } from '../ports/kube-api.ts';

const CALL_TIMEOUT = seconds(30);

/** What changed or went under a decision is looked at again once the change has arrived here. */
const LOOK_AGAIN: Requeue = { kind: 'requeue', after: durationMs(200) };

export type OwnerCollectorDeps = Pick<ControllerDeps, 'api' | 'clock' | 'signal'> & { readonly graph: OwnerGraph };

/** Whether the object of this node is worth a look: an owner is unknown or leaves, or it leaves itself and dependents matter. */
export function needsLook(graph: OwnerGraph, { object }: OwnerNode): boolean {
  if (object.metadata.deletionTimestamp !== undefined) return dependentsPolicyOf(object) !== undefined;
  return (object.metadata.ownerReferences ?? []).some((owner) => knownState(graph, object, owner) !== 'solid');
}

/** One look at the object of that uid. Rejects when a call fails for another reason than that the world moved on. */
export async function collect(deps: OwnerCollectorDeps, uid: string): Promise<Requeue> {
  const node = deps.graph.get(uid);
  if (node === undefined) return DONE;
  try {
    switch (dependentsPolicyOf(node.object)) {
      case 'Foreground':
        return await finishForeground(deps, node);
      case 'Orphan':
        return await finishOrphan(deps, node);
      case undefined:
        return node.object.metadata.deletionTimestamp === undefined ? await collectDependent(deps, node) : DONE;
    }
  } catch (error) {
    if (error instanceof KubeError && (error.status.code === 404 || error.status.code === 409)) return LOOK_AGAIN;
    throw error;
  }
}

async function collectDependent(deps: OwnerCollectorDeps, { kind, object }: OwnerNode): Promise<Requeue> {
  const verdicts: OwnerVerdict[] = [];
  for (const owner of object.metadata.ownerReferences ?? []) {
    verdicts.push({ owner, state: await stateOf(deps, object, owner) });
  }
  const { uid = '', resourceVersion = '' } = object.metadata;
  const blocking = deps.graph.dependentsOf(uid).some((dependent) => blocks(dependent.object, uid));
  const decision = decideDependent(object, verdicts, blocking ? 'has-blocking-dependents' : 'no-blocking-dependents');
  switch (decision.kind) {
    case 'keep':
      return DONE;
    case 'forget-owners':
      await patchMeta(deps, { kind, object }, { ownerReferences: decision.ownerReferences });
      return DONE;
    case 'delete': {
      const { propagationPolicy } = decision;
      // a version as well: between the look and the deletion somebody may have adopted it
      const preconditions = { uid, resourceVersion };
      await call(deps, `deletion of ${object.kind} ${keyText(keyOf(object))}`, (options) =>
        deps.api.delete(kind.resource, keyOf(object), { ...options, propagationPolicy, preconditions }),
      );
      return DONE;
    }
    default:
      return unreachable(decision);
  }
}

/** Drops the finalizer once no dependent blocks; until then the dependents are collected, and each that goes brings us here again. */
async function finishForeground(deps: OwnerCollectorDeps, node: OwnerNode): Promise<Requeue> {
  const { uid = '' } = node.object.metadata;
  const blocking = deps.graph.dependentsOf(uid).filter(({ object }) => blocks(object, uid));
  if (blocking.length === 0) await dropFinalizer(deps, node, FOREGROUND_FINALIZER);
  return DONE;
}

async function finishOrphan(deps: OwnerCollectorDeps, node: OwnerNode): Promise<Requeue> {
  const { uid = '' } = node.object.metadata;
  for (const dependent of deps.graph.dependentsOf(uid)) {
    const owners = (dependent.object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
    await patchMeta(deps, dependent, { ownerReferences: owners });
  }
  await dropFinalizer(deps, node, ORPHAN_FINALIZER);
  return DONE;
}

function dropFinalizer(deps: OwnerCollectorDeps, node: OwnerNode, finalizer: string): Promise<void> {
  const finalizers = (node.object.metadata.finalizers ?? []).filter((other) => other !== finalizer);
  return patchMeta(deps, node, { finalizers });
}

/** Guarded by uid and version: lists are replaced whole. */
async function patchMeta(
  deps: OwnerCollectorDeps,
  { kind, object }: OwnerNode,
  change: Readonly<Record<string, readonly unknown[]>>,
): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  const value = { metadata: { ...change, uid, resourceVersion } };
  await call(deps, `patch of ${object.kind} ${keyText(keyOf(object))}`, (options) =>
    deps.api.patch(kind.resource, keyOf(object), { type: 'merge', value }, options),
  );
}

/** What the graph says of an owner; undefined when it must be asked for. */
function knownState(graph: OwnerGraph, object: AnyObject, owner: OwnerReference): OwnerState | undefined {
  const kind = kindOfOwner(owner);
  const key = kind === undefined ? undefined : ownerKey(kind, object, owner);
  // owners that cannot be looked up cannot be missed
  if (kind === undefined || key === undefined) return 'solid';
  const node = graph.get(owner.uid);
  if (node?.kind !== kind || keyText(keyOf(node.object)) !== keyText(key)) return undefined;
  return presentState(node.object);
}

async function stateOf(deps: OwnerCollectorDeps, object: AnyObject, owner: OwnerReference): Promise<OwnerState> {
  const known = knownState(deps.graph, object, owner);
  if (known !== undefined) return known;
  const kind = kindOfOwner(owner);
  const key = kind === undefined ? undefined : ownerKey(kind, object, owner);
  if (kind === undefined || key === undefined) return 'solid';
  try {
    const live = await call(deps, `read of ${owner.kind} ${keyText(key)}`, (options) =>
      deps.api.get(kind.resource, key, options),
    );
    return live.metadata.uid === owner.uid ? presentState(live) : 'dangling';
  } catch (error) {
    if (error instanceof KubeError && error.status.code === 404) return 'dangling';
    throw error;
  }
}

function presentState(owner: AnyObject): OwnerState {
  return dependentsPolicyOf(owner) === 'Foreground' ? 'waiting' : 'solid';
}

function kindOfOwner(owner: OwnerReference): AnyKind | undefined {
  return kindOfGroupKind({ group: groupOfApiVersion(owner.apiVersion), kind: owner.kind });
}

/** Owners live in the dependent's namespace or in none; undefined where that cannot be. */
function ownerKey(kind: AnyKind, object: AnyObject, owner: OwnerReference): ObjectKey | undefined {
  if (!kind.resource.namespaced) return { namespace: '', name: owner.name };
  const { namespace } = object.metadata;
  return namespace === undefined ? undefined : { namespace, name: owner.name };
}

function call<T>(deps: OwnerCollectorDeps, what: string, run: (options: CallOptions) => Promise<T>): Promise<T> {
  return callWithin(what, { clock: deps.clock, timeout: CALL_TIMEOUT, signal: deps.signal }, run);
}
