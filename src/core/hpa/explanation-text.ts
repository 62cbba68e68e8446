/** An explanation in words and as flat numbers: what a log line, a timeline and a record show. */

import { quantityFromMilli, quantityText } from '../quantity/quantity.ts';
import type { LimitReason } from './limits.ts';
import type { HpaExplanation, MetricExplanation, SyncBranch } from './explanation.ts';

type MetricProposal = Extract<MetricExplanation, { kind: 'proposal' }>;

/** The print format of a resource's amounts. Spec: HPA-5.26. */
export function formatOf(resource: string): 'BinarySI' | 'DecimalSI' {
  return resource === 'memory' ? 'BinarySI' : 'DecimalSI';
}

/**
 * One sentence for a person: the measured value against its target, what follows from it, and what held it back.
 *
 * Example: `cpu is at 92 % of request, target 60 %: ratio 1.53 x 2 pods = 4 replicas`.
 */
export function explanationText(explanation: HpaExplanation): string {
  const { branch, currentReplicas = 0, minReplicas, maxReplicas } = explanation;
  switch (branch) {
    case 'feature-not-supported':
    case 'scale-unreadable':
      return BRANCH_TEXT[branch];
    case 'scaling-disabled':
      return 'the target has 0 replicas, set by hand: scaling is disabled until it has more';
    case 'above-max-replicas':
      return `${replicasText(currentReplicas)} ${currentReplicas === 1 ? 'is' : 'are'} more than maxReplicas ${maxReplicas}`;
    case 'below-min-replicas':
      return `${replicasText(currentReplicas)} ${currentReplicas === 1 ? 'is' : 'are'} fewer than minReplicas ${minReplicas}`;
    case 'metrics':
      return [...explanation.metrics.map(metricText), ...restraintTexts(explanation)].join('; ');
  }
}

const BRANCH_TEXT: Readonly<Record<Extract<SyncBranch, 'feature-not-supported' | 'scale-unreadable'>, string>> = {
  'feature-not-supported': 'the HPA asks for something that is not supported: nothing is scaled',
  'scale-unreadable': "the target's scale could not be read: nothing is scaled",
};

function metricText(metric: MetricExplanation): string {
  if (metric.kind === 'failed') return `${metric.metric}: ${metric.message}`;
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

/** Pods that had no value of their own, and which they were given instead. Spec: HPA-5.13, HPA-5.17. */
function assumedText({ ratio, target, unreadyPods, missingPods }: MetricProposal): string {
  const missing = missingPods.length === 0 ? [] : [`${countText(missingPods.length, 'pod')} without a sample`];
  if (ratio < 1) return `${missing.join('')} counted ${target.kind === 'utilization' ? 'as busy' : 'as at the target'}`;
  const unready = unreadyPods.length === 0 ? [] : [`${countText(unreadyPods.length, 'pod')} still starting`];
  return `${[...unready, ...missing].join(' and ')} counted as idle`;
}

/** Pods that are in no number. */
function asideText(
  { ratio, unreadyPods, missingPods, ignoredPods }: MetricProposal,
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

const KEPT_TEXT: Readonly<Record<NonNullable<MetricProposal['kept']>, string>> = {
  'within-tolerance': 'within tolerance',
  'direction-changed': 'pods that did not report turn it around, so nothing moves',
  'against-direction': 'the number would move against the ratio, so nothing moves',
};

function usageText({ resource, target, averageUsageMilli }: MetricProposal): string {
  if (target.kind === 'utilization') {
    return `${resource} is at ${target.utilizationPercent} % of request, target ${target.targetPercent} %`;
  }
  const amount = (milli: bigint): string => quantityText(quantityFromMilli(milli, formatOf(resource)));
  return `${resource} is at ${amount(averageUsageMilli)} per pod, target ${amount(target.targetMilli)}`;
}

/** `1 pod`, `2 pods`. */
function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function replicasText(count: number): string {
  return countText(count, 'replica');
}

function restraintTexts({ stabilization, limit }: HpaExplanation): readonly string[] {
  const texts: string[] = [];
  if (stabilization?.heldBy !== undefined) {
    const { replicas, ageMs } = stabilization.heldBy;
    const window = stabilization.windowMs / 1000;
    texts.push(
      `kept up by the recommendation of ${replicasText(replicas)} ${Math.round(ageMs / 1000)} s ago (window ${window} s)`,
    );
  }
  if (limit !== undefined && limit.reason !== 'DesiredWithinRange') {
    texts.push(`limited to ${replicasText(limit.replicas)} (${limit.reason}: ${LIMIT_TEXT[limit.reason]})`);
  }
  return texts;
}

/** Upstream's words name the limit, these what it is. Spec: HPA-8.9 to HPA-8.11. */
const LIMIT_TEXT: Readonly<Record<LimitReason, string>> = {
  DesiredWithinRange: 'within what is allowed',
  TooFewReplicas: 'minReplicas',
  TooManyReplicas: 'maxReplicas',
  ScaleUpLimit: 'one step at most doubles the replicas, or reaches 4',
  ScaleDownLimit: 'the lowest number that one step may reach',
};

/** Three digits behind the point at most. */
function short(ratio: number): string {
  return String(Number(ratio.toFixed(3)));
}

/** The numbers of an explanation by name, the unit last in each name; with several metrics each has its index in front. */
export function explanationNumbers(explanation: HpaExplanation): Readonly<Record<string, number | string>> {
  const { stabilization, limit } = explanation;
  const single = explanation.metrics.length === 1;
  const metrics = explanation.metrics.flatMap((metric, i) =>
    Object.entries(metricNumbers(metric)).map(
      ([name, value]) => [single ? name : `metrics[${i}].${name}`, value] as const,
    ),
  );
  return present({
    currentReplicas: explanation.currentReplicas,
    minReplicas: explanation.minReplicas,
    maxReplicas: explanation.maxReplicas,
    ...Object.fromEntries(metrics),
    winner: explanation.winner,
    candidateReplicas: explanation.candidateReplicas,
    stabilizationWindowSeconds: stabilization === undefined ? undefined : stabilization.windowMs / 1000,
    heldByReplicas: stabilization?.heldBy?.replicas,
    heldByAgeSeconds: stabilization?.heldBy === undefined ? undefined : stabilization.heldBy.ageMs / 1000,
    stabilizedReplicas: stabilization?.replicas,
    limitReason: limit?.reason,
    limitLowReplicas: limit?.low,
    limitHighReplicas: limit?.high,
    desiredReplicas: explanation.desiredReplicas,
  });
}

function metricNumbers(metric: MetricExplanation): Readonly<Record<string, number | string>> {
  if (metric.kind === 'failed') return { metric: metric.metric, failure: metric.message };
  const { target } = metric;
  return present({
    metric: metric.metric,
    ...(target.kind === 'utilization'
      ? { utilizationPercent: target.utilizationPercent, targetPercent: target.targetPercent }
      : { targetMilli: target.targetMilli.toString() }),
    averageUsageMilli: metric.averageUsageMilli.toString(),
    ratio: metric.ratio,
    rebalancedRatio: metric.rebalancedRatio,
    toleranceRatio: metric.toleranceRatio,
    countedPods: metric.podCount,
    readyPods: metric.readyPods,
    unreadyPods: metric.unreadyPods.length,
    missingPods: metric.missingPods.length,
    ignoredPods: metric.ignoredPods.length,
    kept: metric.kept,
    proposalReplicas: metric.proposalReplicas,
  });
}

function present(
  values: Readonly<Record<string, number | string | undefined>>,
): Readonly<Record<string, number | string>> {
  const entries = Object.entries(values).filter((entry): entry is [string, number | string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
