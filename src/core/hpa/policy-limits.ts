/** Keeping a desired number within what `behavior` allows: so many replicas, or so many percent, per period. */

import type { ScalingPolicy, ScalingRules } from '../kube/hpa.ts';
import type { DurationMs } from '../time/time.ts';
import type { LimitInput, Limited } from './limits.ts';
import { ceilInt32, MAX_INT32, truncInt32, wrapSum32 } from './numbers.ts';
import { changeWithin, type ScaleEvents } from './scale-events.ts';

/** One policy in numbers: the replicas at the start of its period, and how far it lets them go. */
export type PolicyLimit = ScalingPolicy & {
  /** What was added and removed within the period. */
  readonly added: number;
  readonly removed: number;
  readonly startReplicas: number;
  readonly limitReplicas: number;
};

/** How a direction was limited, before minReplicas or maxReplicas. */
export type PolicyLimits = {
  readonly direction: 'up' | 'down';
  readonly selectPolicy: NonNullable<ScalingRules['selectPolicy']>;
  readonly policies: readonly PolicyLimit[];
  readonly limitReplicas: number;
};

export type PolicyLimitInput = LimitInput & {
  /** Those of the direction of the step; it must say its `selectPolicy`. */
  readonly rules: ScalingRules & Required<Pick<ScalingRules, 'selectPolicy'>>;
  readonly events: ScaleEvents;
  /** Monotonic. */
  readonly now: DurationMs;
};

/** Nothing is asked for, so nothing is limited. Spec: HPA-8.12. */
export function unlimited(replicas: number): Limited {
  return { replicas, reason: 'DesiredWithinRange' };
}

/**
 * A higher number within the policies of the way up and maxReplicas. minReplicas does not count here.
 *
 * Cost: O(policies x events). Spec: HPA-8.9, HPA-8.12 to HPA-8.15.   Source: horizontal.go convertDesiredReplicasWithBehaviorRate (v1.37.2).
 */
export function limitIncrease(input: PolicyLimitInput): Limited {
  const { desired, currentReplicas, maxReplicas } = input;
  const policy = policyLimits('up', input);
  const limit = Math.max(policy.limitReplicas, currentReplicas);
  const limited = maxReplicas > limit;
  const high = limited ? limit : maxReplicas;
  if (desired <= high) return { replicas: desired, reason: 'DesiredWithinRange', high, policy };
  return { replicas: high, reason: limited ? 'ScaleUpLimit' : 'TooManyReplicas', high, policy };
}

/**
 * A lower number within the policies of the way down and minReplicas. maxReplicas does not count here.
 *
 * Cost: O(policies x events). Spec: HPA-8.9, HPA-8.12 to HPA-8.17.   Source: horizontal.go convertDesiredReplicasWithBehaviorRate (v1.37.2).
 */
export function limitDecrease(input: PolicyLimitInput): Limited {
  const { desired, currentReplicas, minReplicas } = input;
  const policy = policyLimits('down', input);
  const limit = Math.min(policy.limitReplicas, currentReplicas);
  const limited = minReplicas < limit;
  const low = limited ? limit : minReplicas;
  if (desired >= low) return { replicas: desired, reason: 'DesiredWithinRange', low, policy };
  return { replicas: low, reason: limited ? 'ScaleDownLimit' : 'TooFewReplicas', low, policy };
}

function policyLimits(
  direction: PolicyLimits['direction'],
  { rules, currentReplicas, events, now }: PolicyLimitInput,
): PolicyLimits {
  const { selectPolicy } = rules;
  if (selectPolicy === 'Disabled') return { direction, selectPolicy, policies: [], limitReplicas: currentReplicas };
  const policies: PolicyLimit[] = [];
  // A policy of an unknown type repeats what the one before it allowed, as the original does.
  let limitReplicas = 0;
  for (const policy of rules.policies ?? []) {
    const added = changeWithin(events.up, policy.periodSeconds, now);
    const removed = changeWithin(events.down, policy.periodSeconds, now);
    const startReplicas = wrapSum32(wrapSum32(currentReplicas - added) + removed);
    limitReplicas = limitOf(policy, direction, startReplicas) ?? limitReplicas;
    policies.push({ ...policy, added, removed, startReplicas, limitReplicas });
  }
  return { direction, selectPolicy, policies, limitReplicas: selectLimit(direction, selectPolicy, policies) };
}

/** The order of the float operations is part of the result. Spec: HPA-8.15, HPA-8.17, HPA-22.8. */
function limitOf(
  { type, value }: ScalingPolicy,
  direction: PolicyLimits['direction'],
  startReplicas: number,
): number | undefined {
  switch (type) {
    case 'Pods':
      return wrapSum32(direction === 'up' ? startReplicas + value : startReplicas - value);
    case 'Percent':
      return direction === 'up'
        ? ceilInt32(startReplicas * (1 + value / 100))
        : truncInt32(startReplicas * (1 - value / 100));
    default:
      return undefined;
  }
}

/** `Min` allows the smallest change, anything else the largest. Without policies the end that was to be lowered or raised. Spec: HPA-8.13. */
function selectLimit(
  direction: PolicyLimits['direction'],
  selectPolicy: PolicyLimits['selectPolicy'],
  policies: readonly PolicyLimit[],
): number {
  const limits = policies.map(({ limitReplicas }) => limitReplicas);
  const isLowest = (direction === 'up') === (selectPolicy === 'Min');
  return isLowest ? Math.min(MAX_INT32, ...limits) : Math.max(-MAX_INT32 - 1, ...limits);
}
