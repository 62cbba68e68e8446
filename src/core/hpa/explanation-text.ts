/** An explanation in words and as flat numbers: what a log line, a timeline and a record show. */

import { quantityFromMilli, quantityText } from '../quantity/quantity.ts';
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
      return `${currentReplicas} replicas are more than maxReplicas ${maxReplicas}`;
    case 'below-min-replicas':
      return `${currentReplicas} replicas are fewer than minReplicas ${minReplicas}`;
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
  const counted = rebalancedRatio ?? ratio;
  const others = [
    countText(metric.unreadyPods.length, 'not ready'),
    countText(metric.missingPods.length, 'without a sample'),
    countText(metric.ignoredPods.length, 'ignored'),
  ].filter((text) => text !== '');
  const aside = others.length === 0 ? '' : ` (pods ${others.join(', ')})`;
  if (kept !== undefined) return `${usageText(metric)}: ratio ${short(counted)}, ${KEPT_TEXT[kept]}${aside}`;
  return `${usageText(metric)}: ratio ${short(counted)} x ${podCount} pods = ${proposalReplicas} replicas${aside}`;
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

function countText(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}`;
}

function restraintTexts({ stabilization, limit }: HpaExplanation): readonly string[] {
  const texts: string[] = [];
  if (stabilization?.heldBy !== undefined) {
    const { replicas, ageMs } = stabilization.heldBy;
    const window = stabilization.windowMs / 1000;
    texts.push(
      `kept up by the recommendation of ${replicas} replicas ${Math.round(ageMs / 1000)} s ago (window ${window} s)`,
    );
  }
  if (limit !== undefined && limit.reason !== 'DesiredWithinRange') {
    texts.push(`limited to ${limit.replicas} replicas (${limit.reason}, allowed ${limit.low} to ${limit.high})`);
  }
  return texts;
}

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
