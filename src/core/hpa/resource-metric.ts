/** One metric of type Resource: its request, its pods, its proposal. */

import { assert, defined } from '../../lib/assert.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { compareText } from '../../lib/compare.ts';
import type { Pod } from '../kube/core-v1.ts';
import type { MetricSpec, MetricTarget } from '../kube/hpa.ts';
import { milliValue, parseJsonQuantity, quantityFromMilli, quantityText } from '../quantity/quantity.ts';
import { selectorText, type Selector } from '../selector/selector.ts';
import { ask, instantOf, type Asking } from './conversation.ts';
import type { SyncDraft } from './draft.ts';
import { formatOf } from './explanation-text.ts';
import type { MetricExplanation } from './explanation.ts';
import type { MetricOutcome } from './metric-outcome.ts';
import { requestsOf } from './pod-requests.ts';
import { groupPods, type PodGroups } from './readiness.ts';
import {
  averageValueCalculator,
  proposeReplicas,
  utilizationCalculator,
  type Calculator,
  type Proposal,
} from './replicas.ts';
import { samplesOf, type Sample } from './samples.ts';

type ResourceSpec = NonNullable<MetricSpec['resource']>;

type Goal =
  | { readonly kind: 'utilization'; readonly percent: number }
  | { readonly kind: 'average-value'; readonly milli: bigint };

/** Pods and their values, once both are known. */
type Gathered = {
  readonly pods: readonly Pod[];
  readonly groups: PodGroups;
  /** Milli-units, without ignored and unready pods. */
  readonly values: ReadonlyMap<string, bigint>;
};

export type ResourceMetricInput = {
  readonly spec: ResourceSpec;
  readonly selector: Selector;
  readonly currentReplicas: number;
};

/**
 * Asks for the metric, then for the pods, and proposes a number of replicas. A target that has both kinds of value is an average.
 *
 * Spec: HPA-5.1, HPA-5.8, HPA-5.21 to HPA-5.26.   Source: horizontal.go computeStatusForResourceMetricGeneric (v1.37.2).
 */
export function* resourceMetric(draft: SyncDraft, input: ResourceMetricInput): Asking<MetricOutcome> {
  const { name } = input.spec;
  const goal = goalOf(input.spec.target);
  if (goal === undefined) {
    return failed(
      name,
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    );
  }
  const gathered = yield* gather(draft, input);
  const proposal = gathered.ok ? propose(draft, input, { goal, gathered: gathered.value }) : gathered;
  if (!proposal.ok)
    return failed(
      name,
      `failed to get ${name} ${goal.kind === 'utilization' ? 'utilization' : 'usage'}: ${proposal.error}`,
    );
  const { replicas, first } = proposal.value;
  const metric =
    goal.kind === 'utilization' ? `${name} resource utilization (percentage of request)` : `${name} resource`;
  const averageValue = quantityText(quantityFromMilli(first.averageMilli, formatOf(name)));
  const utilization = first.utilizationPercent === undefined ? {} : { averageUtilization: first.utilizationPercent };
  return {
    kind: 'proposal',
    replicas,
    metric,
    status: { type: 'Resource', resource: { name, current: { ...utilization, averageValue } } },
    explanation: explanationOf(metric, {
      resource: name,
      draft,
      goal,
      proposal: proposal.value,
      groups: gathered.ok ? gathered.value.groups : undefined,
    }),
  };
}

/** Spec: HPA-5.1, HPA-5.2. */
function goalOf(target: MetricTarget): Goal | undefined {
  if (target.averageValue !== undefined) {
    const quantity = parseJsonQuantity(target.averageValue);
    assert(quantity.ok, `a stored target is no quantity: ${target.averageValue}`);
    return { kind: 'average-value', milli: milliValue(quantity.value) };
  }
  return target.averageUtilization === undefined
    ? undefined
    : { kind: 'utilization', percent: target.averageUtilization };
}

/** Spec: HPA-5.24, HPA-5.25. */
function failed(resource: string, message: string): MetricOutcome {
  const error = `failed to get ${resource} resource metric value: ${message}`;
  return { kind: 'failed', reason: 'FailedGetResourceMetric', message, error };
}

/** Metrics first, pods second, so that a pod that has just gone is not missed. Spec: HPA-5.8, HPA-4.7, HPA-4.8. */
function* gather(draft: SyncDraft, { spec, selector }: ResourceMetricInput): Asking<Result<Gathered, string>> {
  const { namespace } = draft.key;
  const answer = yield* ask(draft, { kind: 'list-pod-metrics', namespace, labelSelector: selectorText(selector) });
  const samples = answer.ok
    ? usableSamples(samplesOf(answer.value, spec.name), answer.value.length)
    : err(fetchError(answer.error.message));
  if (!samples.ok) return err(`unable to get metrics for resource ${spec.name}: ${samples.error}`);
  const listed = yield* ask(draft, { kind: 'list-pods', namespace, selector });
  if (listed.length === 0) return err('no pods returned by selector while calculating replica count');
  const pods = listed.toSorted((a, b) => compareText(a.metadata.name, b.metadata.name));
  const now = instantOf(draft).wall;
  const groups = groupPods({ pods, samples: samples.value, resource: spec.name, now, config: draft.config });
  const values = valuesOf(samples.value, groups);
  if (values.size === 0) return err('did not receive metrics for targeted pods (pods might be unready)');
  return ok({ pods, groups, values });
}

/** Spec: HPA-20.11, HPA-20.16. */
function usableSamples(
  samples: Result<ReadonlyMap<string, Sample>, string>,
  items: number,
): Result<ReadonlyMap<string, Sample>, string> {
  if (items === 0) return err('no metrics returned from resource metrics API');
  return samples.ok ? samples : err(fetchError(samples.error));
}

function fetchError(message: string): string {
  return `unable to fetch metrics from resource metrics API: ${message}`;
}

function valuesOf(samples: ReadonlyMap<string, Sample>, groups: PodGroups): ReadonlyMap<string, bigint> {
  const values = new Map<string, bigint>();
  for (const [pod, sample] of samples) values.set(pod, sample.usageMilli);
  for (const pod of groups.ignored) values.delete(pod);
  for (const pod of groups.unready) values.delete(pod);
  return values;
}

function propose(
  draft: SyncDraft,
  { spec, currentReplicas }: ResourceMetricInput,
  { goal, gathered }: { readonly goal: Goal; readonly gathered: Gathered },
): Result<Proposal, string> {
  const calculator = calculatorOf(goal, gathered.pods, spec.name);
  if (!calculator.ok) return calculator;
  const { groups, values } = gathered;
  const tolerance = { down: draft.config.tolerance, up: draft.config.tolerance };
  return proposeReplicas({ currentReplicas, groups, values, calculator: calculator.value, tolerance });
}

function calculatorOf(goal: Goal, pods: readonly Pod[], resource: string): Result<Calculator, string> {
  if (goal.kind === 'average-value') return ok(averageValueCalculator(goal.milli));
  const requests = requestsOf(pods, resource);
  return requests.ok ? ok(utilizationCalculator(requests.value, goal.percent)) : requests;
}

function explanationOf(
  metric: string,
  from: {
    readonly resource: string;
    readonly draft: SyncDraft;
    readonly goal: Goal;
    readonly proposal: Proposal;
    readonly groups: PodGroups | undefined;
  },
): MetricExplanation {
  const { first, rebalanced, podCount, replicas, kept } = from.proposal;
  const groups = defined(from.groups, 'the pods of a proposal');
  return {
    kind: 'proposal',
    metric,
    resource: from.resource,
    target:
      from.goal.kind === 'utilization'
        ? { kind: 'utilization', targetPercent: from.goal.percent, utilizationPercent: first.utilizationPercent ?? 0 }
        : { kind: 'average-value', targetMilli: from.goal.milli },
    averageUsageMilli: first.averageMilli,
    ratio: first.ratio,
    ...(rebalanced === undefined ? {} : { rebalancedRatio: rebalanced.ratio }),
    toleranceRatio: from.draft.config.tolerance,
    podCount,
    readyPods: groups.ready.length,
    unreadyPods: groups.unready,
    missingPods: groups.missing,
    ignoredPods: groups.ignored,
    proposalReplicas: replicas,
    ...(kept === undefined ? {} : { kept }),
  };
}
