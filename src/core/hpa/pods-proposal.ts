/** From one sample per pod to a proposal: what Resource, ContainerResource and Pods metrics have in common. */

import { err, ok, type Result } from '../../lib/result.ts';
import type { Selector } from '../selector/selector.ts';
import { ask, instantOf, type Asking } from './conversation.ts';
import type { SyncDraft } from './draft.ts';
import type { PodsExplanation } from './explanation.ts';
import type { RequestRules } from './pod-requests.ts';
import { sumPods, type PodGroups } from './pod-sums.ts';
import { proposeReplicas, type PodsTarget, type Proposal } from './replicas.ts';
import type { Samples } from './samples.ts';

export type PodsProposalInput = {
  readonly samples: Samples;
  /** `cpu` brings in the rules for pods that are still starting; '' for Pods metrics. */
  readonly resource: string;
  readonly selector: Selector;
  readonly currentReplicas: number;
  readonly target: PodsTarget;
  /** Absent for a target in absolute terms. */
  readonly requests?: RequestRules;
};

export type PodsProposal = { readonly proposal: Proposal; readonly groups: PodGroups };

/**
 * Asks for the pods, after the metrics, so that one that has just gone is not missed; sorts them and proposes.
 *
 * Cost: O(pods + samples). Spec: HPA-2.26, HPA-4.8, HPA-5.8.   Source: replica_calculator.go calcPlainMetricReplicas, GetResourceReplicas (v1.37.2).
 */
export function* proposeOverPods(draft: SyncDraft, input: PodsProposalInput): Asking<Result<PodsProposal, string>> {
  const { samples, resource, selector, currentReplicas, target, requests } = input;
  const { key, config, tolerance } = draft;
  const pods = yield* ask(draft, { kind: 'list-pods', namespace: key.namespace, selector });
  if (pods.length === 0) return err(NO_PODS);
  const readiness = { resource, now: instantOf(draft).wall, config };
  const summed = sumPods({ pods, samples, readiness, target, ...(requests === undefined ? {} : { requests }) });
  if (!summed.ok) return summed;
  const { sums, groups } = summed.value;
  const proposal = proposeReplicas({ currentReplicas, sums, target, tolerance });
  return proposal.ok ? ok({ proposal: proposal.value, groups }) : proposal;
}

/** Spec: HPA-4.8. */
export const NO_PODS = 'no pods returned by selector while calculating replica count';

/** The numbers of a proposal over pods. */
export function podsExplanation(
  draft: SyncDraft,
  { proposal, groups }: PodsProposal,
  names: Pick<PodsExplanation, 'metric' | 'subject' | 'resource' | 'target'>,
): PodsExplanation {
  const { first, rebalanced, podCount, replicas, kept } = proposal;
  return {
    kind: 'proposal',
    ...names,
    averageUsageMilli: first.averageMilli,
    ratio: first.ratio,
    ...(rebalanced === undefined ? {} : { rebalancedRatio: rebalanced.ratio }),
    tolerance: draft.tolerance,
    podCount,
    readyPods: groups.readyPods,
    unreadyPods: groups.unready,
    missingPods: groups.missing,
    ignoredPods: groups.ignored,
    proposalReplicas: replicas,
    ...(kept === undefined ? {} : { kept }),
  };
}
