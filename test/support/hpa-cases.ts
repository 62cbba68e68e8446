/** Which HPA cases the core covers, and what of a result must be equal. Where the original's own text is random, ours may differ. */

import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus } from '../../src/core/kube/hpa.ts';
import type { CaseSync, CaseWorld, ReconcileCase, ReconcileResult } from '../../src/sim/hpa-cases.types.ts';

/** A case as it stands in a file: fields that the runner does not know say what it is about. */
export type HpaCase = ReconcileCase & {
  readonly controller?: { readonly featureGates?: unknown; readonly rawHpa?: boolean };
  readonly world?: CaseWorld & { readonly apiGroups?: unknown };
};

/** The original's answer leaves out what is empty. */
export type HpaWant = { readonly id: string; readonly syncs: readonly Partial<CaseSync>[] };

/** Why a case is left out; undefined for those that must be answered alike. */
export function outOfScope(given: HpaCase): string | undefined {
  if (given.controller?.featureGates !== undefined) return 'with feature gates';
  if (given.controller?.rawHpa === true) return 'without the defaults of the API';
  for (const world of [given.world ?? {}, ...(given.steps ?? []).map((step) => step.world ?? {})]) {
    if ('apiGroups' in world) return 'with changed API groups';
    for (const hpa of world.hpas ?? []) {
      const reason = hpaOutOfScope(hpa);
      if (reason !== undefined) return reason;
    }
  }
  return undefined;
}

function hpaOutOfScope({ spec }: HorizontalPodAutoscaler): string | undefined {
  if (spec.behavior !== undefined) return 'with behavior';
  const other = spec.metrics?.find((metric) => metric.type !== 'Resource');
  return other === undefined ? undefined : `with a metric of type ${other.type}`;
}

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
