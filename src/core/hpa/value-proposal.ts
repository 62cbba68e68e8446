/** From one value for all pods to a proposal: what Object and External metrics have in common. */

import { err, ok, type Result } from '../../lib/result.ts';
import { ask, type Asking } from './conversation.ts';
import type { SyncDraft } from './draft.ts';
import type { ValueBase, ValueExplanation } from './explanation.ts';
import type { MetricContext } from './metric-outcome.ts';
import type { PodFacts } from './pod-facts.ts';
import { NO_PODS } from './pods-proposal.ts';
import { proposeByAverage, replicasForRatio, replicasFromZero, valueRatio, type ValueSource } from './target-ratio.ts';
import { isWithinTolerance } from './tolerance.ts';

/** What was measured, against what. Units: thousandths. */
export type MeasuredValue = { readonly source: ValueSource; readonly valueMilli: bigint; readonly targetMilli: bigint };

/** How the proposal came about. */
export type ValueProposal = Pick<ValueExplanation, 'ratio' | 'base' | 'kept'> & {
  readonly measured: MeasuredValue;
  readonly replicas: number;
};

/**
 * The value as a whole against its target. Pods are asked for only where the number may move. The error is that of the pods.
 *
 * Spec: HPA-7.4, HPA-12.5 to HPA-12.8.   Source: replica_calculator.go getUsageRatioReplicaCount (v1.37.2).
 */
export function* proposeByValue(
  draft: SyncDraft,
  measured: MeasuredValue,
  { selector, currentReplicas }: MetricContext,
): Asking<Result<ValueProposal, string>> {
  const ratio = valueRatio(measured.valueMilli, measured.targetMilli);
  if (currentReplicas === 0)
    return ok({ measured, ratio, base: { kind: 'value-at-zero' }, replicas: replicasFromZero(ratio) });
  if (isWithinTolerance(ratio, draft.tolerance))
    return ok({ measured, ratio, base: { kind: 'value' }, replicas: currentReplicas, kept: 'within-tolerance' });
  const pods = yield* ask(draft, { kind: 'list-pods', namespace: draft.key.namespace, selector });
  if (pods.length === 0) return err(`unable to calculate ready pods: ${NO_PODS}`);
  const readyPods = pods.filter(isReadyAndRunning).length;
  return ok({ measured, ratio, base: { kind: 'value', readyPods }, replicas: replicasForRatio(ratio, readyPods) });
}

/** Deletion and samples do not matter here. Spec: HPA-4.10. */
function isReadyAndRunning({ phase, ready }: PodFacts): boolean {
  return phase === 'Running' && ready?.status === 'True';
}

/** The value's share per replica against its target; no pods are asked for. Spec: HPA-12.9 to HPA-12.11. */
export function proposeByShare(
  draft: SyncDraft,
  measured: MeasuredValue,
  { statusReplicas }: MetricContext,
): ValueProposal & { readonly base: Extract<ValueBase, { kind: 'average-value' }> } {
  const { replicas, ratio, averageMilli, kept } = proposeByAverage({
    ...measured,
    statusReplicas,
    tolerance: draft.tolerance,
  });
  const base = { kind: 'average-value', statusReplicas, averageMilli } as const;
  return { measured, ratio, base, replicas, ...(kept === undefined ? {} : { kept }) };
}

/** The numbers of a proposal by value. */
export function valueExplanation(
  draft: SyncDraft,
  { measured, ratio, base, replicas, kept }: ValueProposal,
  names: Pick<ValueExplanation, 'metric' | 'subject'>,
): ValueExplanation {
  return {
    kind: 'value-proposal',
    ...names,
    ...measured,
    base,
    ratio,
    tolerance: draft.tolerance,
    proposalReplicas: replicas,
    ...(kept === undefined ? {} : { kept }),
  };
}
