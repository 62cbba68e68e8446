/** A proposal from metrics.k8s.io: one resource of all containers of each pod, or of the one that is named. */

import { err, ok, type Result } from '../../lib/result.ts';
import type { MetricTarget, MetricValueStatus } from '../kube/hpa.ts';
import { selectorText } from '../selector/selector.ts';
import { ask, type Asking } from './conversation.ts';
import type { SyncDraft } from './draft.ts';
import type { PodsExplanation } from './explanation.ts';
import type { MetricContext } from './metric-outcome.ts';
import { podsExplanation, proposeOverPods } from './pods-proposal.ts';
import type { PodsTarget } from './replicas.ts';
import { samplesOf, type Measured, type Samples } from './samples.ts';
import { milliText, targetMilli } from './target-value.ts';

export type ResourceUsageInput = Pick<MetricContext, 'selector' | 'currentReplicas'> & {
  readonly measured: Measured;
  readonly target: MetricTarget;
  /** What a utilization is called in the metric's name. Spec: HPA-5.21, HPA-6.5. */
  readonly utilizationName: string;
};

export type ResourceUsage = {
  readonly replicas: number;
  readonly metric: string;
  readonly current: MetricValueStatus;
  readonly explanation: PodsExplanation;
};

/**
 * Asks for the metric, then for the pods, and proposes a number of replicas. A target that has both kinds of value is an average. The
 * error is the text of the event.
 *
 * Spec: HPA-5.1, HPA-5.8, HPA-5.9, HPA-5.19, HPA-5.21 to HPA-5.26.   Source: horizontal.go computeStatusForResourceMetricGeneric (v1.37.2).
 */
export function* resourceUsage(draft: SyncDraft, input: ResourceUsageInput): Asking<Result<ResourceUsage, string>> {
  const { measured, target, selector, currentReplicas } = input;
  const { resource } = measured;
  const goal = goalOf(target);
  if (goal === undefined) return err(NO_TARGET);
  const word = goal.kind === 'utilization' ? 'utilization' : 'usage';
  const podLevel = draft.config.gates.PodLevelResources ? 'counts' : 'ignored';
  const samples = yield* fetchSamples(draft, input);
  const proposed = samples.ok
    ? yield* proposeOverPods(draft, {
        samples: samples.value,
        resource,
        selector,
        currentReplicas,
        target: goal,
        ...(goal.kind === 'utilization' ? { requests: { ...measured, podLevel } } : {}), // HPA-6.4
      })
    : samples;
  if (!proposed.ok) return err(`failed to get ${resource} ${word}: ${proposed.error}`);
  const { first, replicas } = proposed.value.proposal;
  const utilization = first.utilizationPercent === undefined ? {} : { averageUtilization: first.utilizationPercent };
  const averageValue = milliText(first.averageMilli, resource);
  const metric = goal.kind === 'utilization' ? input.utilizationName : `${resource} resource`;
  const subject = measured.container === undefined ? resource : `${resource} of container ${measured.container}`;
  const explained =
    goal.kind === 'utilization'
      ? { kind: goal.kind, targetPercent: goal.percent, utilizationPercent: first.utilizationPercent ?? 0 }
      : { kind: goal.kind, targetMilli: goal.milli };
  return ok({
    replicas,
    metric,
    current: { ...utilization, averageValue },
    explanation: podsExplanation(draft, proposed.value, { metric, subject, resource, target: explained }),
  });
}

const NO_TARGET =
  'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set';

/** Spec: HPA-5.1, HPA-5.2. */
function goalOf({ averageValue, averageUtilization }: MetricTarget): PodsTarget | undefined {
  if (averageValue !== undefined) return { kind: 'average-value', milli: targetMilli(averageValue) };
  return averageUtilization === undefined ? undefined : { kind: 'utilization', percent: averageUtilization };
}

/** Spec: HPA-5.23, HPA-20.1, HPA-20.11, HPA-20.16. */
function* fetchSamples(draft: SyncDraft, { measured, selector }: ResourceUsageInput): Asking<Result<Samples, string>> {
  const { namespace } = draft.key;
  const answer = yield* ask(draft, { kind: 'list-pod-metrics', namespace, labelSelector: selectorText(selector) });
  const failed = (text: string): Result<never, string> =>
    err(`unable to get metrics for resource ${measured.resource}: ${text}`);
  if (!answer.ok) return failed(fetchError(answer.error.message));
  if (answer.value.length === 0) return failed('no metrics returned from resource metrics API');
  const samples = samplesOf(answer.value, measured);
  return samples.ok ? samples : failed(fetchError(samples.error));
}

function fetchError(message: string): string {
  return `unable to fetch metrics from resource metrics API: ${message}`;
}
