/** From a scale to a desired number: the shortcuts, or selector, metrics, stabilization and limits, in that order. */

import type { Scale } from '../kube/apps.ts';
import type { MetricStatus } from '../kube/hpa.ts';
import { parseSelector, type Selector } from '../selector/selector.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { defined } from '../../lib/assert.ts';
import { durationMs } from '../time/time.ts';
import {
  READY_FOR_NEW_SCALE,
  SCALE_DOWN_STABILIZED,
  SCALING_DISABLED,
  scalingInactive,
  scalingLimited,
  validMetricFound,
} from './conditions.ts';
import { ask, instantOf, type Asking } from './conversation.ts';
import { emit, explain, setCondition, type SyncDraft } from './draft.ts';
import { limitReplicas } from './limits.ts';
import { combineMetrics, metricStatuses, type MetricOutcome } from './metric-outcome.ts';
import { resourceMetric } from './resource-metric.ts';
import { stabilizeDown } from './stabilize.ts';

export type Decision =
  | {
      readonly kind: 'replicas';
      readonly desiredReplicas: number;
      /** For the event of a rescale. Spec: HPA-2.16, HPA-21.8. */
      readonly reason: string;
      readonly write: 'always' | 'if-different' | 'never';
      readonly currentMetrics: readonly MetricStatus[] | null;
      /** Some metrics failed, and the others decided all the same. Spec: HPA-8.3. */
      readonly error?: string;
    }
  /** Nothing can be decided. Conditions and events are done. */
  | { readonly kind: 'failed'; readonly error: string; readonly currentMetrics: readonly MetricStatus[] | null };

const ABOVE_MAX = 'Current number of replicas above Spec.MaxReplicas';
const BELOW_MIN = 'Current number of replicas below Spec.MinReplicas';

/**
 * The desired number of replicas. Outside of min and max the number is brought back at once, without metrics, stabilization or limits;
 * at 0 replicas that a person set, nothing is done.
 *
 * Spec: HPA-2.13, HPA-3.13 to HPA-3.16, HPA-8.23.   Source: horizontal.go reconcileAutoscaler (v1.37.2).
 */
export function* decide(draft: SyncDraft, scale: Scale): Asking<Decision> {
  const currentReplicas = scale.spec.replicas ?? 0;
  const { minReplicas } = draft;
  const { maxReplicas } = draft.hpa.spec;
  if (currentReplicas === 0 && !mayLeaveZero(draft)) {
    explain(draft, { branch: 'scaling-disabled' });
    setCondition(draft, SCALING_DISABLED);
    return { kind: 'replicas', desiredReplicas: 0, reason: '', write: 'never', currentMetrics: null };
  }
  if (currentReplicas > maxReplicas) {
    explain(draft, { branch: 'above-max-replicas' });
    return { kind: 'replicas', desiredReplicas: maxReplicas, reason: ABOVE_MAX, write: 'always', currentMetrics: null };
  }
  if (currentReplicas > 0 && currentReplicas < minReplicas) {
    explain(draft, { branch: 'below-min-replicas' });
    return { kind: 'replicas', desiredReplicas: minReplicas, reason: BELOW_MIN, write: 'always', currentMetrics: null };
  }
  return yield* decideByMetrics(draft, scale);
}

/** At 0 replicas: whether it was an HPA that went there, and whether it may come back. Spec: HPA-2.12, HPA-8.23, HPA-8.31. */
function mayLeaveZero(draft: SyncDraft): boolean {
  return wasScaledToZero(draft) && (draft.minReplicas !== 0 || draft.hasObjectOrExternal);
}

function wasScaledToZero(draft: SyncDraft): boolean {
  return draft.oldStatus.conditions?.find((condition) => condition.type === 'ScaledToZero')?.status === 'True';
}

function* decideByMetrics(draft: SyncDraft, scale: Scale): Asking<Decision> {
  const currentReplicas = scale.spec.replicas ?? 0;
  const selector = yield* claimPods(draft, scale);
  if (!selector.ok) return { kind: 'failed', error: selector.error, currentMetrics: null };
  const outcomes = yield* measure(draft, { selector: selector.value, currentReplicas });
  const currentMetrics = metricStatuses(outcomes);
  const combined = combineMetrics(outcomes, currentReplicas);
  if (combined.kind === 'failed') {
    setCondition(draft, combined.condition);
    return { kind: 'failed', error: combined.error, currentMetrics };
  }
  setCondition(draft, validMetricFound(combined.metric));
  const candidate = Math.max(0, combined.replicas); // HPA-2.15
  const name = candidate > 0 ? combined.metric : '';
  const trend =
    candidate > currentReplicas
      ? `${name} above target`
      : candidate < currentReplicas
        ? 'All metrics below target'
        : '';
  explain(draft, { winner: combined.metric, candidateReplicas: candidate });
  const limited = normalize(draft, currentReplicas, candidate);
  const lifted =
    currentReplicas === 0 && draft.minReplicas !== 0 && wasScaledToZero(draft) && limited < draft.minReplicas;
  return {
    kind: 'replicas',
    desiredReplicas: lifted ? draft.minReplicas : limited, // HPA-2.18
    reason: lifted && trend === '' ? BELOW_MIN : trend,
    write: 'if-different',
    currentMetrics,
    ...(combined.error === undefined ? {} : { error: combined.error }),
  };
}

/** The selector of the target, unless another HPA claims its pods too. Spec: HPA-3.17 to HPA-3.20. */
function* claimPods(draft: SyncDraft, scale: Scale): Asking<Result<Selector, string>> {
  const text = scale.status.selector ?? '';
  if (text === '') {
    const message = 'selector is required';
    yield* emit(draft, { type: 'Warning', reason: 'SelectorRequired', message });
    setCondition(draft, scalingInactive('InvalidSelector', "the HPA target's scale is missing a selector"));
    return err(message);
  }
  const selector = parseSelector(text);
  if (!selector.ok) {
    const message = `couldn't convert selector into a corresponding internal selector object: ${selector.error}`;
    return yield* refuseSelector(draft, 'InvalidSelector', message);
  }
  const { namespace, name } = draft.key;
  const claim = yield* ask(draft, { kind: 'claim-pods', key: draft.key, selector: selector.value });
  switch (claim.kind) {
    case 'sole':
      return ok(selector.value);
    case 'not-tracked':
      return err(`HPA ${namespace}/${name} was deleted during reconciliation`);
    case 'ambiguous': {
      const rivals = claim.claimants.join(' ');
      const message = `pods by selector ${text} are controlled by more than one HPA (e.g. [${rivals}])`;
      return yield* refuseSelector(draft, 'AmbiguousSelector', message);
    }
  }
}

function* refuseSelector(draft: SyncDraft, reason: string, message: string): Asking<Result<never, string>> {
  yield* emit(draft, { type: 'Warning', reason, message });
  setCondition(draft, scalingInactive(reason, message));
  return err(message);
}

/** Every metric in the order of the spec; each failed one has its event. Spec: HPA-2.26, HPA-8.2, HPA-21.3. */
function* measure(
  draft: SyncDraft,
  { selector, currentReplicas }: { readonly selector: Selector; readonly currentReplicas: number },
): Asking<readonly MetricOutcome[]> {
  const outcomes: MetricOutcome[] = [];
  for (const metric of draft.hpa.spec.metrics ?? []) {
    // Other sources do not get here: `support.ts` refuses them.
    const spec = defined(metric.resource, 'the source of a metric of type Resource');
    const outcome = yield* resourceMetric(draft, { spec, selector, currentReplicas });
    outcomes.push(outcome);
    if (outcome.kind === 'proposal') {
      draft.metricExplanations.push(outcome.explanation);
      continue;
    }
    const { reason, message } = outcome;
    draft.metricExplanations.push({ kind: 'failed', metric: `${spec.name} resource`, reason, message });
    yield* emit(draft, { type: 'Warning', reason, message });
  }
  return outcomes;
}

/** Stabilization, then limits, with their conditions. Spec: HPA-2.17, HPA-9.1, HPA-8.9. */
function normalize(draft: SyncDraft, currentReplicas: number, candidate: number): number {
  const now = instantOf(draft).mono;
  const windowMs = draft.config.downscaleStabilizationMs;
  const stabilized = stabilizeDown({ candidate, recommendations: draft.recommendations ?? [], windowMs, now });
  draft.recommendations = stabilized.nextRecommendations;
  setCondition(draft, stabilized.replicas === candidate ? READY_FOR_NEW_SCALE : SCALE_DOWN_STABILIZED);
  const { heldBy } = stabilized;
  explain(draft, {
    stabilization: {
      windowMs,
      replicas: stabilized.replicas,
      ...(heldBy === undefined ? {} : { heldBy: { replicas: heldBy.replicas, ageMs: durationMs(now - heldBy.at) } }),
    },
  });
  const limited = limitReplicas({
    desired: stabilized.replicas,
    currentReplicas,
    minReplicas: draft.minReplicas,
    maxReplicas: draft.hpa.spec.maxReplicas,
  });
  setCondition(draft, scalingLimited(limited.reason));
  explain(draft, { limit: limited });
  return limited.replicas;
}
