/** Whether a step that somebody else made before our look is the one that we would have made: from the numbers of our record. */

import { limitReplicas } from '../../core/hpa/limits.ts';
import type { ScaleStep } from '../../controllers/agreement.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';

type Numbers = DecisionRecord['numbers'];

/**
 * What the metrics ask for, before stabilization holds it up, within what the spec and growth allow. Between two looks there may have
 * been several steps.
 */
export function agreesOf(numbers: Numbers): (step: ScaleStep) => boolean {
  const { minReplicas, maxReplicas } = numbers;
  const asked = metricsOf(numbers);
  if (typeof minReplicas !== 'number' || typeof maxReplicas !== 'number' || asked === undefined) return () => false;
  return ({ from, to }) => {
    const desired = Math.max(...asked.map((one) => (one === 'the number as it is' ? from : one)));
    for (let before = from; ;) {
      const { replicas } = limitReplicas({ desired, currentReplicas: before, minReplicas, maxReplicas });
      const onTheWay = Math.sign(replicas - before) === Math.sign(to - from);
      if (replicas === to || !onTheWay) return replicas === to;
      before = replicas;
    }
  };
}

type Asked = number | 'the number as it is';

/** What each metric asks for; undefined where one is missing. */
function metricsOf(numbers: Numbers): readonly Asked[] | undefined {
  const prefixes = Object.keys(numbers).flatMap((name) => {
    const match = /^(metrics\[\d+\]\.)?metric$/.exec(name);
    return match === null ? [] : [match[1] ?? ''];
  });
  const asked = prefixes.map((prefix) => askedBy(numbers, prefix));
  const known = asked.filter((one) => one !== undefined);
  return known.length === 0 || known.length < asked.length ? undefined : known;
}

/**
 * A step upwards brings pods that do not report yet, which are then counted as idle: without them there is the sample that the step
 * was made from.
 */
function askedBy(numbers: Numbers, prefix: string): Asked | undefined {
  const read = (name: string): number | undefined => {
    const value = numbers[`${prefix}${name}`];
    return typeof value === 'number' ? value : undefined;
  };
  const [ratio, tolerance, ready] = [read('ratio'), read('toleranceRatio'), read('readyPods')];
  if (ratio === undefined || tolerance === undefined || ready === undefined) return undefined;
  if (Math.abs(ratio - 1) <= tolerance) return 'the number as it is';
  const silent = (read('unreadyPods') ?? 0) + (read('missingPods') ?? 0);
  if (ratio > 1 && silent > 0) return Math.ceil(ratio * ready);
  return numbers[`${prefix}kept`] === undefined ? read('proposalReplicas') : 'the number as it is';
}
