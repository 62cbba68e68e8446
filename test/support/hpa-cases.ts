/** What of an HPA case's result must be equal. Where the original's own text is random, ours may differ. */

import type { HorizontalPodAutoscalerStatus } from '../../src/core/kube/hpa.ts';
import type { CaseSync, ReconcileResult } from '../../src/sim/hpa-cases.types.ts';

/** The original's answer leaves out what is empty. */
export type HpaWant = { readonly id: string; readonly syncs: readonly Partial<CaseSync>[] };

const POD_TEXT = /missing (pod-level )?request for \S+ in (container \S+ of )?Pod \S+/g;
const RIVALS = /\(e\.g\. \[([^\]]*)\]\)/g;

/** Go's map order picks the pod that a text names, and the order of two rivals; a changed text makes another status write. */
export function hasRandomText(want: HpaWant): boolean {
  const text = JSON.stringify(want);
  return text.includes('AmbiguousSelector') || text.search(POD_TEXT) >= 0;
}

/** What must be equal. `random`: status writes are left out. `jittered`: a pause of random length moves recommendations. */
export function comparable(
  result: HpaWant | ReconcileResult,
  { random, jittered }: { readonly random: boolean; readonly jittered: boolean },
): unknown {
  return result.syncs.map((sync) => ({
    step: sync.step,
    key: sync.key,
    deleted: sync.deleted ?? false,
    error: settled(sync.error ?? ''),
    scaleWrites: sync.scaleWrites ?? [],
    replicas: sync.replicas ?? {},
    status: settledStatus(sync.status),
    events: (sync.events ?? []).map((event) => ({ ...event, message: settled(event.message) })),
    statusPuts: random ? [] : (sync.statusPuts ?? []).map(({ key, code }) => ({ key, code })),
    requests: (sync.requests ?? []).filter(({ path }) => !random || !path.endsWith('/status')),
    recommendations: jittered || sync.recommendations === undefined ? [] : sync.recommendations,
  }));
}

export function isJittered(want: HpaWant): boolean {
  return want.syncs.some((sync) => (sync.scaleWrites ?? []).some(({ code }) => code === 409));
}

function settled(text: string): string {
  return text
    .replace(POD_TEXT, '<a pod without a usable request>')
    .replace(RIVALS, (_, names: string) => `(e.g. [${names.split(' ').toSorted().join(' ')}])`);
}

function settledStatus(status: HorizontalPodAutoscalerStatus | undefined): unknown {
  if (status === undefined) return {};
  const conditions = (status.conditions ?? []).map((condition) => ({
    ...condition,
    lastTransitionTime: condition.lastTransitionTime ?? null,
    message: settled(condition.message ?? ''),
  }));
  return {
    ...status,
    conditions,
    currentMetrics: status.currentMetrics ?? [],
    currentReplicas: status.currentReplicas ?? 0,
  };
}
