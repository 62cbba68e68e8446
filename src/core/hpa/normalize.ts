/** From the candidate that the metrics ask for to a number that may be written: stabilization, then limits, with their conditions. */

import { durationMs, seconds } from '../time/time.ts';
import { READY_FOR_NEW_SCALE, SCALE_DOWN_STABILIZED, SCALE_UP_STABILIZED, scalingLimited } from './conditions.ts';
import { instantOf } from './conversation.ts';
import { explain, setCondition, type SyncDraft } from './draft.ts';
import type { StabilizationExplanation } from './explanation.ts';
import { limitReplicas, type Limited, type LimitInput } from './limits.ts';
import { areComplete, missingField, missingForWindows, type MissingField } from './missing-field.ts';
import { limitDecrease, limitIncrease, unlimited } from './policy-limits.ts';
import type { Behavior } from './scale-events.ts';
import { stabilizeBothWays, stabilizeDown, type Stabilized } from './stabilize.ts';

export type Normalized = { readonly kind: 'normalized'; readonly replicas: number };

export type Candidate = { readonly candidate: number; readonly currentReplicas: number };

/**
 * The candidate held back by recent recommendations, then within limits; the candidate itself is remembered.
 *
 * Spec: HPA-2.17, HPA-2.27, HPA-9.1, HPA-8.9.   Source: horizontal.go normalizeDesiredReplicas, normalizeDesiredReplicasWithBehaviors (v1.37.2).
 */
export function normalize(draft: SyncDraft, given: Candidate): Normalized | MissingField {
  const { behavior } = draft.hpa.spec;
  return behavior === undefined ? byFlags(draft, given) : byBehavior(draft, behavior, given);
}

function byFlags(draft: SyncDraft, { candidate, currentReplicas }: Candidate): Normalized {
  const windowMs = draft.config.downscaleStabilizationMs;
  const now = instantOf(draft).mono;
  const stabilized = stabilizeDown({ candidate, recommendations: draft.recommendations ?? [], windowMs, now });
  settle(draft, stabilized, { candidate, direction: 'down', windowMs });
  return limited(draft, limitReplicas(limitInput(draft, stabilized.replicas, currentReplicas)));
}

function byBehavior(
  draft: SyncDraft,
  { scaleUp, scaleDown }: Behavior,
  { candidate, currentReplicas }: Candidate,
): Normalized | MissingField {
  const missing = missingForWindows(draft.hpa.spec);
  if (missing !== undefined) return missing;
  const upWindowMs = seconds(scaleUp?.stabilizationWindowSeconds ?? 0);
  const flagSeconds = Math.trunc(draft.config.downscaleStabilizationMs / 1000); // HPA-9.9
  const downWindowMs = seconds(scaleDown?.stabilizationWindowSeconds ?? flagSeconds);
  const now = instantOf(draft).mono;
  const recommendations = draft.recommendations ?? [];
  const windows = { upWindowMs, downWindowMs, now };
  const stabilized = stabilizeBothWays({ candidate, currentReplicas, recommendations, ...windows });
  const direction = candidate >= currentReplicas ? 'up' : 'down'; // HPA-9.6
  settle(draft, stabilized, { candidate, direction, windowMs: direction === 'up' ? upWindowMs : downWindowMs });

  const input = limitInput(draft, stabilized.replicas, currentReplicas);
  if (input.desired === currentReplicas) return limited(draft, unlimited(currentReplicas));
  const rules = input.desired > currentReplicas ? scaleUp : scaleDown;
  if (!areComplete(rules))
    return missingField(`spec.behavior.${input.desired > currentReplicas ? 'scaleUp' : 'scaleDown'}.selectPolicy`);
  const limit = input.desired > currentReplicas ? limitIncrease : limitDecrease;
  return limited(draft, limit({ ...input, rules, events: draft.scaleEvents, now }));
}

function limitInput(draft: SyncDraft, desired: number, currentReplicas: number): LimitInput {
  return { desired, currentReplicas, minReplicas: draft.minReplicas, maxReplicas: draft.hpa.spec.maxReplicas };
}

/** Keeps the recommendations, and says whether the candidate was held back. Spec: HPA-9.1, HPA-9.6. */
function settle(
  draft: SyncDraft,
  { replicas, heldBy, nextRecommendations }: Stabilized,
  {
    candidate,
    direction,
    windowMs,
  }: { readonly candidate: number } & Pick<StabilizationExplanation, 'direction' | 'windowMs'>,
): void {
  const now = instantOf(draft).mono;
  draft.recommendations = nextRecommendations;
  const held = direction === 'up' ? SCALE_UP_STABILIZED : SCALE_DOWN_STABILIZED;
  setCondition(draft, replicas === candidate ? READY_FOR_NEW_SCALE : held);
  explain(draft, {
    stabilization: {
      direction,
      windowMs,
      replicas,
      ...(heldBy === undefined ? {} : { heldBy: { replicas: heldBy.replicas, ageMs: durationMs(now - heldBy.at) } }),
    },
  });
}

/** Spec: HPA-8.9, HPA-11.24. */
function limited(draft: SyncDraft, limit: Limited): Normalized {
  setCondition(draft, scalingLimited(limit.reason));
  explain(draft, { limit });
  return { kind: 'normalized', replicas: limit.replicas };
}
