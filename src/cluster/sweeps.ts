/** Garbage that is found by looking round now and then: expired events, pods that no kubelet will end (cluster-api 21, 22.5). */

import type { KubeEvent, KubeNode, Pod } from '../core/kube/core-v1.ts';
import { keyOf, keyText } from '../core/kube/object.ts';
import { EVENTS, NODES, PODS } from '../core/kube/resource.ts';
import {
  isEventExpired,
  NODE_QUARANTINE,
  podsOnMissingNodes,
  unscheduledTerminating,
} from '../core/cluster/garbage.ts';
import { epochMs, seconds, type DurationMs, type EpochMs } from '../core/time/time.ts';
import { errorText } from '../lib/error.ts';
import { callWithin } from '../controllers/call.ts';
import { isAbort, type ControllerDeps } from '../controllers/deps.ts';
import type { Informer } from '../controllers/informer.ts';
import { KubeError, type CallOptions } from '../ports/kube-api.ts';

const CALL_TIMEOUT = seconds(30);
const EVENT_SWEEP = seconds(60);
const POD_SWEEP = seconds(20);

type SweepDeps = Pick<ControllerDeps, 'api' | 'clock' | 'log' | 'signal'>;

/** Removes events an hour after they were last seen, until aborted. */
export function expireEvents(deps: SweepDeps, events: Informer<KubeEvent>): Promise<void> {
  return sweepEvery(deps, { name: 'event expiry', interval: EVENT_SWEEP }, async () => {
    const now = deps.clock.now();
    for (const event of events.list()) {
      if (!isEventExpired(event, now)) continue;
      const { uid = '' } = event.metadata;
      await unlessGone(
        call(deps, `deletion of event ${keyText(keyOf(event))}`, (options) =>
          deps.api.delete(EVENTS, keyOf(event), { ...options, preconditions: { uid } }),
        ),
      );
    }
  });
}

/** Removes pods once their node has been missing for a while and is still missing when asked for, until aborted. */
export function collectPodsOfMissingNodes(
  deps: SweepDeps,
  known: { readonly pods: Informer<Pod>; readonly nodes: Informer<KubeNode> },
): Promise<void> {
  const missingSince = new Map<string, EpochMs>();
  return sweepEvery(deps, { name: 'pod garbage', interval: POD_SWEEP }, async () => {
    const now = deps.clock.now();
    const hasNode = (name: string): boolean => known.nodes.get({ namespace: '', name }) !== undefined;
    const orphans = podsOnMissingNodes(known.pods.list(), hasNode);
    const missing = new Set(orphans.map(({ nodeName }) => nodeName));
    for (const name of missingSince.keys()) if (!missing.has(name)) missingSince.delete(name);
    const confirmed = new Set<string>();
    for (const name of missing) {
      const since = missingSince.get(name) ?? now;
      missingSince.set(name, since);
      if (now - since >= NODE_QUARANTINE && (await isNodeGone(deps, name))) confirmed.add(name);
    }
    for (const { pod, nodeName } of orphans) {
      if (confirmed.has(nodeName)) await deletePod(deps, pod);
    }
  });
}

/** Says of pods on their way out that have no node that they failed, and deletes them once more, until aborted. */
export function collectUnscheduledTerminating(deps: SweepDeps, pods: Informer<Pod>): Promise<void> {
  return sweepEvery(deps, { name: 'garbage of pods without a node', interval: POD_SWEEP }, async () => {
    for (const pod of unscheduledTerminating(pods.list())) {
      const { phase } = pod.status ?? {};
      if (phase !== 'Succeeded' && phase !== 'Failed') await failPod(deps, pod);
      await deletePod(deps, pod);
    }
  });
}

async function failPod(deps: SweepDeps, pod: Pod): Promise<void> {
  const value = { metadata: { uid: pod.metadata.uid }, status: { phase: 'Failed' } };
  await unlessGone(
    call(deps, `status of pod ${keyText(keyOf(pod))}`, (options) =>
      deps.api.patch(PODS, keyOf(pod), { type: 'merge', value }, { ...options, subresource: 'status' }),
    ),
  );
}

async function deletePod(deps: SweepDeps, pod: Pod): Promise<void> {
  const { uid = '' } = pod.metadata;
  await unlessGone(
    call(deps, `deletion of pod ${keyText(keyOf(pod))}`, (options) =>
      deps.api.delete(PODS, keyOf(pod), { ...options, gracePeriodSeconds: 0, preconditions: { uid } }),
    ),
  );
}

async function isNodeGone(deps: SweepDeps, name: string): Promise<boolean> {
  const found = await unlessGone(
    call(deps, `read of node ${name}`, (options) => deps.api.get(NODES, { namespace: '', name }, options)),
  );
  return found === undefined;
}

/** A sweep that fails is logged, and the next one comes as if it had not. */
async function sweepEvery(
  deps: SweepDeps,
  sweep: { readonly name: string; readonly interval: DurationMs },
  run: () => Promise<void>,
): Promise<void> {
  const { clock, log, signal } = deps;
  while (!signal.aborted) {
    try {
      await clock.sleepUntil(epochMs(clock.now() + sweep.interval), signal);
      await run();
    } catch (error) {
      if (isAbort(error, signal)) return;
      log.warn(`${sweep.name} failed, next try in ${sweep.interval / 1000} s: ${errorText(error)}`);
    }
  }
}

/** Undefined when the object was gone, or another one of its name had come. */
async function unlessGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof KubeError && (error.status.code === 404 || error.status.code === 409)) return undefined;
    throw error;
  }
}

function call<T>(deps: SweepDeps, what: string, run: (options: CallOptions) => Promise<T>): Promise<T> {
  return callWithin(what, { clock: deps.clock, timeout: CALL_TIMEOUT, signal: deps.signal }, run);
}
