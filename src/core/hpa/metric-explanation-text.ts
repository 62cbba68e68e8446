/** What one metric said, in words: the measured value against its target, and what follows from it. */

import type { MetricExplanation, PodsExplanation, ValueExplanation } from './explanation.ts';
import { milliText } from './target-value.ts';

/** A part of a sentence. Example: `cpu is at 92 % of request, target 60 %: ratio 1.533 x 2 pods = 4 replicas`. */
export function metricExplanationText(metric: MetricExplanation): string {
  switch (metric.kind) {
    case 'failed':
      return `${metric.metric}: ${metric.message}`;
    case 'proposal':
      return podsText(metric);
    case 'value-proposal':
      return valueText(metric);
  }
}

/** `1 pod`, `2 pods`. */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

export function replicasText(count: number): string {
  return countText(count, 'replica');
}

/** Three digits behind the point at most. */
function short(ratio: number): string {
  return String(Number(ratio.toFixed(3)));
}

const KEPT_TEXT: Readonly<Record<NonNullable<PodsExplanation['kept']>, string>> = {
  'within-tolerance': 'within tolerance',
  'direction-changed': 'pods that did not report turn it around, so nothing moves',
  'against-direction': 'the number would move against the ratio, so nothing moves',
};

function podsText(metric: PodsExplanation): string {
  const { ratio, rebalancedRatio, podCount, proposalReplicas, kept } = metric;
  const start = `${usageText(metric)}: ratio ${short(ratio)}`;
  // pods that did not report were given a value, and that is the ratio that counts
  const isAssumed = rebalancedRatio !== undefined && rebalancedRatio !== ratio;
  const counted = isAssumed ? `, ${short(rebalancedRatio)} with ${assumedText(metric)}` : '';
  const ignored = asideText(metric, isAssumed ? 'assumed' : 'left-out');
  if (kept !== undefined) return `${start}${counted}, ${KEPT_TEXT[kept]}${ignored}`;
  const times = `x ${countText(podCount, 'pod')} = ${replicasText(proposalReplicas)}`;
  return `${start}${counted === '' ? ' ' : `${counted}, `}${times}${ignored}`;
}

function usageText({ subject, resource, target, averageUsageMilli }: PodsExplanation): string {
  if (target.kind === 'utilization') {
    return `${subject} is at ${target.utilizationPercent} % of request, target ${target.targetPercent} %`;
  }
  const amount = (milli: bigint): string => milliText(milli, resource);
  return `${subject} is at ${amount(averageUsageMilli)} per pod, target ${amount(target.targetMilli)}`;
}

/** Pods that had no value of their own, and which they were given instead. Spec: HPA-5.13, HPA-5.17, HPA-5.18. */
function assumedText({ ratio, target, unreadyPods, missingPods }: PodsExplanation): string {
  const missing = missingPods.length === 0 ? [] : [`${countText(missingPods.length, 'pod')} without a sample`];
  if (ratio < 1) return `${missing.join('')} counted ${target.kind === 'utilization' ? 'as busy' : 'as at the target'}`;
  const unready = unreadyPods.length === 0 ? [] : [`${countText(unreadyPods.length, 'pod')} still starting`];
  return `${[...unready, ...missing].join(' and ')} counted as idle`;
}

/** Pods that are in no number. */
function asideText(
  { ratio, unreadyPods, missingPods, ignoredPods }: PodsExplanation,
  others: 'assumed' | 'left-out',
): string {
  const isUnreadyCounted = others === 'assumed' && ratio > 1;
  const texts = [
    { count: isUnreadyCounted ? 0 : unreadyPods.length, what: 'still starting' },
    { count: others === 'assumed' ? 0 : missingPods.length, what: 'without a sample' },
    { count: ignoredPods.length, what: 'on the way out' },
  ].flatMap(({ count, what }) => (count === 0 ? [] : [`${countText(count, 'pod')} ${what}`]));
  return texts.length === 0 ? '' : ` (not counted: ${texts.join(', ')})`;
}

function valueText({
  subject,
  base,
  valueMilli,
  targetMilli,
  ratio,
  proposalReplicas,
  kept,
}: ValueExplanation): string {
  const value = milliText(valueMilli);
  const target = milliText(targetMilli);
  switch (base.kind) {
    case 'value': {
      const start = `${subject} is at ${value}, target ${target}: ratio ${short(ratio)}`;
      if (kept !== undefined) return `${start}, ${KEPT_TEXT[kept]}`;
      return `${start} x ${countText(base.readyPods ?? 0, 'ready pod')} = ${replicasText(proposalReplicas)}`;
    }
    case 'value-at-zero':
      return `${subject} is at ${value}, target ${target}: from 0 replicas the ratio ${short(ratio)} is the number, ${replicasText(proposalReplicas)}`;
    case 'average-value': {
      const start = `${subject} is at ${value} for ${replicasText(base.statusReplicas)}, target ${target} each`;
      if (kept !== undefined) return `${start}: ratio ${short(ratio)}, ${KEPT_TEXT[kept]}`;
      const counted = base.statusReplicas === 0 ? '' : ` ratio ${short(ratio)},`;
      return `${start}:${counted} ${value} / ${target} = ${replicasText(proposalReplicas)}`;
    }
  }
}
