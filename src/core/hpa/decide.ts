/** From a scale to a desired number: the shortcuts, or selector, metrics, stabilization and limits, in that order. */

import type { MetricStatus } from '../kube/hpa.ts';
import { claimPods } from './claim-pods.ts';
import { SCALING_DISABLED, validMetricFound } from './conditions.ts';
import type { Asking } from './conversation.ts';
import { internalError, type SyncError } from './counts.ts';
import { explain, removeCondition, setCondition, type SyncDraft } from './draft.ts';
import { measure } from './measure.ts';
import { combineMetrics, metricStatuses, type Combined } from './metric-outcome.ts';
import type { MissingField } from './missing-field.ts';
import { normalize } from './normalize.ts';
import type { ReadScale } from './scale-target.ts';

export type Decision =
  | {
      readonly kind: 'replicas';
      readonly desiredReplicas: number;
      /** For the event of a rescale. Spec: HPA-2.16, HPA-21.8. */
      readonly reason: string;
      readonly write: 'always' | 'if-different' | 'never';
      readonly currentMetrics: readonly MetricStatus[] | null;
      /** Some metrics failed, and the others decided all the same. Spec: HPA-8.3. */
      readonly error?: SyncError;
    }
  /** Nothing can be decided. Conditions and events are done. */
  | { readonly kind: 'failed'; readonly error: SyncError; readonly currentMetrics: readonly MetricStatus[] | null }
  | MissingField;

const ABOVE_MAX = 'Current number of replicas above Spec.MaxReplicas';
const BELOW_MIN = 'Current number of replicas below Spec.MinReplicas';

/**
 * The desired number of replicas. Outside of min and max the number is brought back at once, without metrics, stabilization or limits;
 * at 0 replicas that a person set, nothing is done.
 *
 * Spec: HPA-2.13, HPA-3.13 to HPA-3.16, HPA-8.23.   Source: horizontal.go reconcileAutoscaler (v1.37.2).
 */
export function* decide(draft: SyncDraft, target: ReadScale): Asking<Decision> {
  const currentReplicas = target.scale.spec.replicas ?? 0;
  const { minReplicas } = draft;
  const { maxReplicas } = draft.hpa.spec;
  if (currentReplicas === 0) return mayLeaveZero(draft) ? yield* decideByMetrics(draft, target) : disabled(draft);
  if (currentReplicas > maxReplicas) {
    explain(draft, { branch: 'above-max-replicas' });
    return { kind: 'replicas', desiredReplicas: maxReplicas, reason: ABOVE_MAX, write: 'always', currentMetrics: null };
  }
  if (currentReplicas < minReplicas) {
    explain(draft, { branch: 'below-min-replicas' });
    return { kind: 'replicas', desiredReplicas: minReplicas, reason: BELOW_MIN, write: 'always', currentMetrics: null };
  }
  return yield* decideByMetrics(draft, target);
}

/** At 0 replicas: whether it was an HPA that went there, and whether it may come back. Spec: HPA-8.23, HPA-8.30, HPA-8.31. */
function mayLeaveZero(draft: SyncDraft): boolean {
  return draft.wasScaledToZero && (draft.minReplicas !== 0 || draft.hasObjectOrExternal);
}

/** Spec: HPA-8.23. */
function disabled(draft: SyncDraft): Decision {
  explain(draft, { branch: 'scaling-disabled' });
  setCondition(draft, SCALING_DISABLED);
  if (!draft.config.gates.HPAScaleToZero) removeCondition(draft, 'ScaledToZero');
  return { kind: 'replicas', desiredReplicas: 0, reason: '', write: 'never', currentMetrics: null };
}

function* decideByMetrics(draft: SyncDraft, target: ReadScale): Asking<Decision> {
  const { scale } = target;
  const currentReplicas = scale.spec.replicas ?? 0;
  const selector = yield* claimPods(draft, target);
  if (!selector.ok) return { kind: 'failed', error: internalError(selector.error), currentMetrics: null };
  const statusReplicas = scale.status.replicas;
  const measured = yield* measure(draft, { selector: selector.value, currentReplicas, statusReplicas });
  if (measured.kind === 'missing-field') return measured;
  const currentMetrics = metricStatuses(measured.outcomes);
  const combined = combineMetrics(measured.outcomes, currentReplicas);
  if (combined.kind === 'failed') {
    setCondition(draft, combined.condition);
    return { kind: 'failed', error: combined.error, currentMetrics };
  }
  return decideOn(draft, { combined, currentReplicas, currentMetrics });
}

type Asked = {
  readonly combined: Exclude<Combined, { kind: 'failed' }>;
  readonly currentReplicas: number;
  readonly currentMetrics: readonly MetricStatus[];
};

/** Without metrics the number is -1, and so the candidate 0. Spec: HPA-8.8. */
const NO_PROPOSAL: { readonly replicas: number; readonly metric: string; readonly error?: SyncError } = {
  replicas: -1,
  metric: '',
};

/** What the metrics ask for, stabilized and limited; from 0 at least minReplicas. Spec: HPA-2.15 to HPA-2.18, HPA-8.8. */
function decideOn(draft: SyncDraft, { combined, currentReplicas, currentMetrics }: Asked): Decision {
  setCondition(draft, combined.kind === 'proposal' ? validMetricFound(combined.metric) : combined.condition);
  const proposed = combined.kind === 'proposal' ? combined : NO_PROPOSAL;
  const candidate = Math.max(0, proposed.replicas);
  const name = candidate > 0 ? proposed.metric : '';
  const trend = trendText(name, candidate, currentReplicas);
  explain(draft, { winner: proposed.metric, candidateReplicas: candidate });
  const normalized = normalize(draft, { candidate, currentReplicas });
  if (normalized.kind === 'missing-field')
    return proposed.error === undefined ? normalized : { ...normalized, kept: proposed.error };
  const { minReplicas } = draft;
  const lifted = currentReplicas === 0 && minReplicas !== 0 && normalized.replicas < minReplicas; // HPA-2.18
  if (lifted) explain(draft, { liftedToMin: minReplicas });
  return {
    kind: 'replicas',
    desiredReplicas: lifted ? minReplicas : normalized.replicas,
    reason: lifted && trend === '' ? BELOW_MIN : trend,
    write: 'if-different',
    currentMetrics,
    ...(proposed.error === undefined ? {} : { error: proposed.error }),
  };
}

/** Spec: HPA-2.16, HPA-21.8. */
function trendText(name: string, candidate: number, currentReplicas: number): string {
  if (candidate === currentReplicas) return '';
  return candidate > currentReplicas ? `${name} above target` : 'All metrics below target';
}
