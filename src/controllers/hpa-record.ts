/** One DecisionRecord per sync of an HPA. */

import type { HpaOutcome } from '../core/hpa/draft.ts';
import { explanationNumbers, explanationText } from '../core/hpa/explanation-text.ts';
import { HORIZONTAL_POD_AUTOSCALERS } from '../core/kube/resource.ts';
import type { ObjectKey } from '../core/kube/object.ts';
import type { EpochMs } from '../core/time/time.ts';
import type { DecisionRecord } from '../ports/recorder.ts';

export const CONTROLLER = 'hpa-controller';

export type RecordInput = { readonly at: EpochMs; readonly key: ObjectKey; readonly inputsDigest: string };

function base({
  at,
  key,
  inputsDigest,
}: RecordInput): Pick<DecisionRecord, 'at' | 'layer' | 'controller' | 'object' | 'inputsDigest'> {
  const { kind } = HORIZONTAL_POD_AUTOSCALERS;
  return { at, layer: 'hpa', controller: CONTROLLER, object: { kind, ...key }, inputsDigest };
}

export type Synced = {
  readonly outcome: HpaOutcome;
  /** Why its writes were not made; undefined when they were. */
  readonly withheld: string | undefined;
};

/** What a sync came to: why in words, and the numbers to repeat it by hand. */
export function recordOf(input: RecordInput, { outcome, withheld }: Synced): DecisionRecord {
  const { result, reason, error, explanation } = outcome;
  const why = explanationText(explanation);
  const numbers = explanationNumbers(explanation);
  const common = { ...base(input), reason, numbers };
  switch (result.kind) {
    case 'rescaled': {
      const { from, to } = result;
      return {
        ...common,
        decision: { kind: 'scale', from, to, of: 'replicas' },
        ...(withheld === undefined ? {} : { withheld }),
        message: why,
      };
    }
    case 'held':
      return { ...common, decision: { kind: 'hold', at: result.at, of: 'replicas' }, message: why };
    case 'failed':
      return { ...common, decision: { kind: 'fail' }, message: error ?? why };
  }
}

/** A sync that did not take place: the cache is behind our own write, or the sync broke an invariant. */
export function recordOfNone(
  input: RecordInput,
  reason: 'StaleCache' | 'InternalError',
  message: string,
): DecisionRecord {
  return { ...base(input), decision: { kind: 'fail' }, reason, message, numbers: {} };
}
