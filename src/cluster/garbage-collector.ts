/** The inhabitant that takes away what nothing needs any more: dependents of owners that are gone, old events, pods without a kubelet. */

import type { AnyObject } from '../core/kube/object.ts';
import { EVENTS, NODES, PODS, type GroupVersionResource } from '../core/kube/resource.ts';
import { dependentsPolicyOf } from '../core/cluster/garbage.ts';
import { KINDS, kindOfResource, type AnyKind } from '../core/cluster/kinds/table.ts';
import { OwnerGraph } from '../core/cluster/owner-graph.ts';
import { defined } from '../lib/assert.ts';
import { hash32 } from '../lib/random.ts';
import type { ControllerDeps } from '../controllers/deps.ts';
import { Informer, type InformerEvent } from '../controllers/informer.ts';
import { ReconcileLoop } from '../controllers/reconcile-loop.ts';
import { collect, needsLook } from './owner-collector.ts';
import { collectPodsOfMissingNodes, collectUnscheduledTerminating, expireEvents } from './sweeps.ts';

/** So many objects are looked at side by side: a cluster of a hundred pods goes within a second of its owner. */
const WORKERS = 8;

/** Runs until aborted; never rejects. */
export async function garbageCollector(deps: ControllerDeps): Promise<void> {
  const events = new Informer(deps, EVENTS);
  const pods = new Informer(deps, PODS);
  const nodes = new Informer(deps, NODES);
  const graph = new OwnerGraph();
  const loops = Array.from({ length: WORKERS }, (_, i) => workerLoop(deps, graph, i));
  const look = (uid: string): void => loops[hash32(uid) % WORKERS]?.enqueue(uid);
  const others = KINDS.filter(({ resource }) => resource !== EVENTS && resource !== PODS && resource !== NODES);
  const watched = others.map((kind) => ({ kind, informer: new Informer<AnyObject>(deps, kind.resource) }));
  for (const { kind, informer } of watched) informer.subscribe((event) => follow(graph, look, kind, event));
  pods.subscribe((event) => follow(graph, look, kindOf(PODS), event));
  nodes.subscribe((event) => follow(graph, look, kindOf(NODES), event));
  const informers = [events, pods, nodes, ...watched.map(({ informer }) => informer)];
  const running = Promise.all(informers.map((informer) => informer.run()));
  // what is not known yet would look as if it were gone; an abort ends the informers and with them the wait
  await Promise.race([Promise.all(informers.map((informer) => informer.synced())), running]);
  await Promise.all([
    running,
    expireEvents(deps, events),
    collectPodsOfMissingNodes(deps, { pods, nodes }),
    collectUnscheduledTerminating(deps, pods),
    ...loops.map((loop) => loop.run()),
  ]);
}

function workerLoop(deps: ControllerDeps, graph: OwnerGraph, index: number): ReconcileLoop {
  const { api, clock, signal } = deps;
  return new ReconcileLoop(deps, {
    name: `garbage-collector/${index}`,
    reconcile: (uid) => collect({ api, clock, signal, graph }, uid),
  });
}

/** Keeps the graph, and asks for a look wherever a change may have left garbage. */
function follow(
  graph: OwnerGraph,
  look: (uid: string) => void,
  kind: AnyKind,
  { kind: change, object }: InformerEvent<AnyObject>,
): void {
  const { uid = '' } = object.metadata;
  const before = graph.get(uid)?.object;
  if (change === 'deleted') graph.remove(uid);
  else graph.put(kind, object);
  if (change !== 'deleted' && needsLook(graph, { kind, object })) look(uid);
  if (change === 'deleted' || dependentsPolicyOf(object) === 'Foreground') lookAtDependents(graph, look, uid);
  // an owner that waits may have waited for just this
  for (const owner of before?.metadata.ownerReferences ?? []) {
    const node = graph.get(owner.uid);
    if (node !== undefined && dependentsPolicyOf(node.object) !== undefined) look(owner.uid);
  }
}

function lookAtDependents(graph: OwnerGraph, look: (uid: string) => void, uid: string): void {
  for (const { object } of graph.dependentsOf(uid)) look(object.metadata.uid ?? '');
}

function kindOf(resource: GroupVersionResource): AnyKind {
  return defined(kindOfResource(resource), `the kind of ${resource.resource}`);
}
