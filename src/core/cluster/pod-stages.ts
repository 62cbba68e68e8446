/**
 * The stages of a pod on its node as the kubelet reports them: accepted, running, ready, stopped. Which stage is next is read from the
 * pod itself, so a kubelet that starts anew goes on where the last one was; when it is due comes in with the timetable.
 * Containers run until they are stopped: no exits, restarts or probes that fail.
 */

import type { Container, ContainerStatus, Pod, PodStatus } from '../kube/core-v1.ts';
import { isSidecar } from '../quantity/resources.ts';
import { epochMs, parseRfc3339, toRfc3339, type DurationMs, type EpochMs } from '../time/time.ts';
import { withCondition } from './conditions.ts';
import { isPodFinished, isPodReady } from './pods.ts';

/** When this pod's steps are due, on the clock that writes its times. */
export type PodTimetable = {
  readonly accept: EpochMs;
  readonly run: EpochMs;
  /** How long from running to ready; and how long stopping takes. */
  readonly readiness: DurationMs;
  readonly stop: DurationMs;
};

/** What the kubelet does next, and when. */
export type PodStage =
  | { readonly kind: 'accept'; readonly at: EpochMs }
  | { readonly kind: 'run'; readonly at: EpochMs }
  | { readonly kind: 'ready'; readonly at: EpochMs }
  /** Containers have stopped: delete with grace 0 and the uid as precondition. */
  | { readonly kind: 'delete'; readonly at: EpochMs }
  /** Nothing until the object changes. */
  | { readonly kind: 'settled' };

/** What a kubelet remembers more exactly than the pod's whole seconds say. */
export type PodMemory = { readonly runningSince: EpochMs | undefined; readonly stoppingSince: EpochMs | undefined };

/** The next stage and when it is due. Spec: cluster-api 22.4. */
export function nextStage(pod: Pod, timetable: PodTimetable, memory: PodMemory): PodStage {
  if (pod.metadata.deletionTimestamp !== undefined) {
    return { kind: 'delete', at: stopAt(pod, timetable.stop, memory.stoppingSince) };
  }
  if (isPodFinished(pod)) return { kind: 'settled' };
  if (pod.status?.startTime === undefined) return { kind: 'accept', at: timetable.accept };
  if (pod.status.phase !== 'Running') return { kind: 'run', at: timetable.run };
  if (isPodReady(pod)) return { kind: 'settled' };
  const since = memory.runningSince ?? startedAt(pod) ?? timetable.run;
  return { kind: 'ready', at: epochMs(since + timetable.readiness) };
}

/** Stopping begins with the request and ends with the grace period at the latest. Without running containers it is over at once. */
function stopAt(pod: Pod, stop: DurationMs, stoppingSince: EpochMs | undefined): EpochMs {
  const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  const since = stoppingSince ?? (parseRfc3339(pod.metadata.deletionTimestamp ?? '') ?? 0) - graceMs;
  const running = pod.status?.phase === 'Running';
  return epochMs(since + (running ? Math.min(graceMs, stop) : 0));
}

/** When the first of its containers started to run. */
function startedAt(pod: Pod): EpochMs | undefined {
  const started = pod.status?.containerStatuses?.flatMap(({ state }) => state?.running?.startedAt ?? []) ?? [];
  return started.length === 0 ? undefined : parseRfc3339(started.toSorted()[0] ?? '');
}

/** A node without an internal address gives its pods no hostIP. */
export type PodAddresses = { readonly podIP: string; readonly hostIP: string | undefined };

/** The kubelet has taken the pod: sandbox, images and init containers are under way. */
export function acceptedStatus(pod: Pod, hostIP: string | undefined, now: EpochMs): PodStatus {
  const inits = pod.spec.initContainers ?? [];
  const waiting = (reason: string) => (container: Container) =>
    containerStatus(container, { ready: false, started: false, state: { waiting: { reason } } });
  const notInitialized =
    inits.length === 0
      ? undefined
      : { reason: 'ContainersNotInitialized', message: incomplete('incomplete status', inits) };
  const status = withConditions(pod, now, {
    PodReadyToStartContainers: false,
    Initialized: notInitialized === undefined,
    Ready: false,
    ContainersReady: false,
  });
  return {
    ...status,
    ...(notInitialized === undefined
      ? {}
      : {
          conditions: withCondition(
            status.conditions,
            { type: 'Initialized', status: 'False', ...notInitialized },
            now,
          ),
        }),
    phase: 'Pending',
    startTime: toRfc3339(now),
    ...(hostIP === undefined ? {} : { hostIP, hostIPs: [{ ip: hostIP }] }),
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits.map(waiting('PodInitializing')) }),
    containerStatuses: pod.spec.containers.map(waiting(inits.length === 0 ? 'ContainerCreating' : 'PodInitializing')),
  };
}

/** All containers run; none is ready yet. */
export function runningStatus(pod: Pod, addresses: PodAddresses, now: EpochMs): PodStatus {
  const at = toRfc3339(now);
  const running = (container: Container): ContainerStatus =>
    containerStatus(container, { ready: false, started: true, state: { running: { startedAt: at } } });
  const done = (container: Container): ContainerStatus =>
    containerStatus(container, {
      ready: true,
      started: false,
      state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: at } },
    });
  const inits = pod.spec.initContainers ?? [];
  return {
    ...withConditions(pod, now, {
      PodReadyToStartContainers: true,
      Initialized: true,
      Ready: false,
      ContainersReady: false,
    }),
    phase: 'Running',
    podIP: addresses.podIP,
    podIPs: [{ ip: addresses.podIP }],
    ...(addresses.hostIP === undefined ? {} : { hostIP: addresses.hostIP, hostIPs: [{ ip: addresses.hostIP }] }),
    ...(inits.length === 0
      ? {}
      : {
          initContainerStatuses: inits.map((container) =>
            isSidecar(container) ? running(container) : done(container),
          ),
        }),
    containerStatuses: pod.spec.containers.map(running),
  };
}

/** All containers are ready, and so is the pod. */
export function readyStatus(pod: Pod, now: EpochMs): PodStatus {
  const ready = (statuses: readonly ContainerStatus[] | undefined): readonly ContainerStatus[] =>
    (statuses ?? []).map((status) => ({ ...status, ready: true }));
  const inits = pod.status?.initContainerStatuses;
  return {
    ...withConditions(pod, now, { Ready: true, ContainersReady: true }),
    ...(inits === undefined ? {} : { initContainerStatuses: ready(inits) }),
    containerStatuses: ready(pod.status?.containerStatuses),
  };
}

function containerStatus(
  container: Container,
  state: Pick<ContainerStatus, 'ready' | 'started' | 'state'>,
): ContainerStatus {
  return { name: container.name, image: container.image ?? '', restartCount: 0, ...state };
}

/** Conditions in the kubelet's order; those of others (PodScheduled) are kept. */
function withConditions(pod: Pod, now: EpochMs, values: Readonly<Record<string, boolean>>): PodStatus {
  let conditions = pod.status?.conditions;
  for (const [type, value] of Object.entries(values)) {
    const why =
      !value && (type === 'Ready' || type === 'ContainersReady')
        ? { reason: 'ContainersNotReady', message: incomplete('unready status', pod.spec.containers) }
        : {};
    conditions = withCondition(conditions, { type, status: value ? 'True' : 'False', ...why }, now);
  }
  return { ...pod.status, conditions: conditions ?? [] };
}

/** `containers with unready status: [a b]`, as the kubelet words it. */
function incomplete(state: string, containers: readonly Container[]): string {
  return `containers with ${state}: [${containers.map(({ name }) => name).join(' ')}]`;
}
