/** Whether a step that somebody else made before our look is the one that we would have made: from the numbers of our record. */

import { limitReplicas, type LimitInput } from '../../core/hpa/limits.ts';
import { limitDecrease, limitIncrease, type PolicyLimitInput } from '../../core/hpa/policy-limits.ts';
import type { HorizontalPodAutoscalerSpec } from '../../core/kube/hpa.ts';
import { durationMs } from '../../core/time/time.ts';
import type { ScaleStep } from '../../controllers/agreement.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';

type Numbers = DecisionRecord['numbers'];
type Behavior = HorizontalPodAutoscalerSpec['behavior'];

/**
 * What the metrics ask for, before stabilization holds it up, within what the spec and growth allow. Between two looks there may have
 * been several steps; of policies, what was used up before them is not known.
 */
export function agreesOf(numbers: Numbers, behavior: Behavior): (step: ScaleStep) => boolean {
  const { minReplicas, maxReplicas } = numbers;
  const asked = metricsOf(numbers);
  if (typeof minReplicas !== 'number' || typeof maxReplicas !== 'number' || asked === undefined) return () => false;
  return ({ from, to }) => {
    const desired = Math.max(...asked.map((one) => one(from)));
    for (let before = from; ;) {
      const replicas = limited({ desired, currentReplicas: before, minReplicas, maxReplicas }, behavior);
      const onTheWay = Math.sign(replicas - before) === Math.sign(to - from);
      const isPast = Math.sign(replicas - to) === Math.sign(to - from);
      if (replicas === to || isPast || !onTheWay) return replicas === to;
      before = replicas;
    }
  };
}

function limited(input: LimitInput, behavior: Behavior): number {
  const { desired, currentReplicas } = input;
  if (behavior === undefined) return limitReplicas(input).replicas;
  const rules = desired > currentReplicas ? behavior.scaleUp : behavior.scaleDown;
  if (desired === currentReplicas || rules?.selectPolicy === undefined) return currentReplicas;
  const { selectPolicy } = rules;
  const events = { up: [], down: [] };
  const limits: PolicyLimitInput = { ...input, rules: { ...rules, selectPolicy }, events, now: durationMs(0) };
  return (desired > currentReplicas ? limitIncrease(limits) : limitDecrease(limits)).replicas;
}

/** What a metric asks for where there are `from` replicas. */
type Asked = (from: number) => number;

/** What each metric asks for; undefined where one is missing. */
function metricsOf(numbers: Numbers): readonly Asked[] | undefined {
  const prefixes = Object.keys(numbers).flatMap((name) => {
    const match = /^(metrics\[\d+\]\.)?metric$/.exec(name);
    return match === null ? [] : [match[1] ?? ''];
  });
  const asked = prefixes.map((prefix) => askedBy((name) => numbers[`${prefix}${name}`]));
  const known = asked.filter((one) => one !== undefined);
  return known.length === 0 || known.length < asked.length ? undefined : known;
}

type Read = (name: string) => number | string | undefined;

function askedBy(read: Read): Asked | undefined {
  return read('valueMilli') === undefined ? askedByPods(read) : askedByValue(read);
}

/**
 * A step upwards brings pods that do not report yet, which are then counted as idle: without them there is the sample that the step
 * was made from.
 */
function askedByPods(read: Read): Asked | undefined {
  const [ratio, ready] = [numberOf(read('ratio')), numberOf(read('readyPods'))];
  const tolerance = numberOf(read('toleranceRatio'));
  if (ratio === undefined || tolerance === undefined || ready === undefined) return undefined;
  if (Math.abs(ratio - 1) <= tolerance) return asItIs;
  const silent = (numberOf(read('unreadyPods')) ?? 0) + (numberOf(read('missingPods')) ?? 0);
  if (ratio > 1 && silent > 0) return () => Math.ceil(ratio * ready);
  const proposal = numberOf(read('proposalReplicas'));
  if (proposal === undefined) return undefined;
  return read('kept') === undefined ? () => proposal : asItIs;
}

const asItIs: Asked = (from) => from;

/** A value of its own does not follow from the step: what it asks for can be computed for any number of replicas. */
function askedByValue(read: Read): Asked | undefined {
  const [value, target] = [Number(read('valueMilli')), Number(read('targetMilli'))];
  if (!(target > 0)) return undefined;
  const perPod = read('statusReplicas') !== undefined;
  const tolerance = numberOf(read('toleranceRatio')) ?? 0;
  return (from) => {
    const ratio = perPod ? value / (target * from) : value / target;
    if (from > 0 && Math.abs(ratio - 1) <= tolerance) return from;
    return perPod ? Math.ceil(value / target) : Math.ceil(ratio * Math.max(from, 1));
  };
}

function numberOf(value: number | string | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
