/** An explanation as flat numbers: what a record keeps, and what the computation can be repeated from. */

import type { HpaExplanation, MetricExplanation, PodsExplanation, ValueExplanation } from './explanation.ts';
import type { PolicyLimits } from './policy-limits.ts';
import type { Tolerance } from './tolerance.ts';

type Numbers = Readonly<Record<string, number | string>>;

/** The numbers of an explanation by name, the unit last in each name; with several metrics each has its index in front. */
export function explanationNumbers(explanation: HpaExplanation): Numbers {
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
    stabilizationDirection: stabilization?.direction,
    stabilizationWindowSeconds: stabilization === undefined ? undefined : stabilization.windowMs / 1000,
    heldByReplicas: stabilization?.heldBy?.replicas,
    heldByAgeSeconds: stabilization?.heldBy === undefined ? undefined : stabilization.heldBy.ageMs / 1000,
    stabilizedReplicas: stabilization?.replicas,
    ...(limit?.policy === undefined ? {} : policyNumbers(limit.policy)),
    limitReason: limit?.reason,
    limitLowReplicas: limit?.low,
    limitHighReplicas: limit?.high,
    liftedToReplicas: explanation.liftedToMin,
    missingField: explanation.missingField,
    desiredReplicas: explanation.desiredReplicas,
  });
}

function policyNumbers({ direction, selectPolicy, policies, limitReplicas }: PolicyLimits): Numbers {
  const each = policies.flatMap(({ type, value, periodSeconds, added, removed, startReplicas, ...policy }, i) =>
    Object.entries({
      type,
      value,
      periodSeconds,
      added,
      removed,
      startReplicas,
      limitReplicas: policy.limitReplicas,
    }).map(([name, number]) => [`policies[${i}].${name}`, number] as const),
  );
  return {
    policyDirection: direction,
    selectPolicy,
    ...Object.fromEntries(each),
    policyLimitReplicas: limitReplicas,
  };
}

function metricNumbers(metric: MetricExplanation): Numbers {
  switch (metric.kind) {
    case 'failed':
      return { metric: metric.metric, failure: metric.message };
    case 'proposal':
      return podsNumbers(metric);
    case 'value-proposal':
      return valueNumbers(metric);
  }
}

function podsNumbers(metric: PodsExplanation): Numbers {
  const { target, ratio, rebalancedRatio } = metric;
  return present({
    metric: metric.metric,
    ...(target.kind === 'utilization'
      ? { utilizationPercent: target.utilizationPercent, targetPercent: target.targetPercent }
      : { targetMilli: target.targetMilli.toString() }),
    averageUsageMilli: metric.averageUsageMilli.toString(),
    ratio,
    rebalancedRatio,
    toleranceRatio: toleranceNumber(metric.tolerance, rebalancedRatio ?? ratio),
    countedPods: metric.podCount,
    readyPods: metric.readyPods,
    unreadyPods: metric.unreadyPods.length,
    missingPods: metric.missingPods.length,
    ignoredPods: metric.ignoredPods.length,
    kept: metric.kept,
    proposalReplicas: metric.proposalReplicas,
  });
}

function valueNumbers({ base, ...metric }: ValueExplanation): Numbers {
  return present({
    metric: metric.metric,
    valueMilli: metric.valueMilli.toString(),
    targetMilli: metric.targetMilli.toString(),
    ratio: metric.ratio,
    toleranceRatio: base.kind === 'value-at-zero' ? undefined : toleranceNumber(metric.tolerance, metric.ratio),
    readyPods: base.kind === 'value' ? base.readyPods : undefined,
    statusReplicas: base.kind === 'average-value' ? base.statusReplicas : undefined,
    averageMilli: base.kind === 'average-value' ? base.averageMilli.toString() : undefined,
    kept: metric.kept,
    proposalReplicas: metric.proposalReplicas,
  });
}

/** That of the side of 1 on which the ratio lies. */
function toleranceNumber({ down, up }: Tolerance, ratio: number): number {
  return ratio > 1 ? up : down;
}

function present(values: Readonly<Record<string, number | string | undefined>>): Numbers {
  const entries = Object.entries(values).filter((entry): entry is [string, number | string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
