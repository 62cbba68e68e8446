/** An explanation in words: what a log line, a timeline and a record show. Its numbers are `explanation-numbers.ts`. */

import { CRASH_TEXT } from './missing-field.ts';
import type { HpaExplanation, StabilizationExplanation } from './explanation.ts';
import type { LimitReason } from './limits.ts';
import { metricExplanationText, replicasText } from './metric-explanation-text.ts';
import type { PolicyLimits } from './policy-limits.ts';

export { explanationNumbers } from './explanation-numbers.ts';

/**
 * One sentence for a person: the measured value against its target, what follows from it, and what held it back.
 *
 * Example: `cpu is at 92 % of request, target 60 %: ratio 1.53 x 2 pods = 4 replicas`.
 */
export function explanationText(explanation: HpaExplanation): string {
  const { branch, currentReplicas = 0, minReplicas, maxReplicas } = explanation;
  switch (branch) {
    case 'scale-unreadable':
      return "the target's scale could not be read: nothing is scaled";
    case 'scaling-disabled':
      return 'the target has 0 replicas, set by hand: scaling is disabled until it has more';
    case 'above-max-replicas':
      return `${replicasText(currentReplicas)} ${currentReplicas === 1 ? 'is' : 'are'} more than maxReplicas ${maxReplicas}`;
    case 'below-min-replicas':
      return `${replicasText(currentReplicas)} ${currentReplicas === 1 ? 'is' : 'are'} fewer than minReplicas ${minReplicas}`;
    case 'field-missing':
      return `${explanation.missingField ?? 'a field'} is missing, where the original ends in "${CRASH_TEXT}": nothing more is done`;
    case 'metrics':
      return [...metricTexts(explanation), ...restraintTexts(explanation)].join('; ');
  }
}

function metricTexts({ metrics, winner = '', candidateReplicas }: HpaExplanation): readonly string[] {
  if (metrics.length === 0 && candidateReplicas !== undefined)
    return ['there is no metric, which counts as 0 replicas'];
  const texts = metrics.map(metricExplanationText);
  return metrics.length > 1 && winner !== '' ? [...texts, `the highest counts: ${winner}`] : texts;
}

function restraintTexts({ stabilization, limit, liftedToMin }: HpaExplanation): readonly string[] {
  const held = stabilization === undefined ? undefined : stabilizationText(stabilization);
  const texts = held === undefined ? [] : [held];
  if (limit !== undefined && limit.reason !== 'DesiredWithinRange') {
    const why = limit.policy === undefined ? LIMIT_TEXT[limit.reason] : policyLimitText(limit.reason, limit.policy);
    texts.push(`limited to ${replicasText(limit.replicas)} (${limit.reason}: ${why})`);
  }
  if (liftedToMin !== undefined) texts.push(`raised to minReplicas ${liftedToMin} on the way up from 0`);
  return texts;
}

function stabilizationText({ direction, windowMs, heldBy }: StabilizationExplanation): string | undefined {
  if (heldBy === undefined) return undefined;
  const { replicas, ageMs } = heldBy;
  const recommendation = `recommendation of ${replicasText(replicas)} ${Math.round(ageMs / 1000)} s ago`;
  return `kept ${direction === 'down' ? 'up' : 'down'} by the ${recommendation} (window ${windowMs / 1000} s)`;
}

/** Upstream's words name the limit, these what it is. Spec: HPA-8.9 to HPA-8.11. */
const LIMIT_TEXT: Readonly<Record<LimitReason, string>> = {
  DesiredWithinRange: 'within what is allowed',
  TooFewReplicas: 'minReplicas',
  TooManyReplicas: 'maxReplicas',
  ScaleUpLimit: 'one step at most doubles the replicas, or reaches 4',
  ScaleDownLimit: 'the lowest number that one step may reach',
};

/** Which policy let the number go how far. Spec: HPA-8.12 to HPA-8.14. */
function policyLimitText(
  reason: LimitReason,
  { direction, selectPolicy, policies, limitReplicas }: PolicyLimits,
): string {
  if (reason !== 'ScaleUpLimit' && reason !== 'ScaleDownLimit') return LIMIT_TEXT[reason];
  if (selectPolicy === 'Disabled') return `scaling ${direction} is disabled`;
  const deciding = policies.find((policy) => policy.limitReplicas === limitReplicas);
  if (deciding === undefined) return `there is no policy for scaling ${direction}`;
  const { type, value, periodSeconds, startReplicas } = deciding;
  const step = type === 'Percent' ? `${value} %` : `${value} ${value === 1 ? 'pod' : 'pods'}`;
  const among = policies.length === 1 ? '' : `, the ${selectPolicy} of ${policies.length} policies`;
  return `${step} ${direction} per ${periodSeconds} s from ${replicasText(startReplicas)} is ${limitReplicas}${among}`;
}
