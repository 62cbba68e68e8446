/** Which pods are the target's: by its selector, unless another HPA claims them too. */

import { err, ok, type Result } from '../../lib/result.ts';
import type { Selector } from '../selector/selector.ts';
import { scalingInactive } from './conditions.ts';
import { ask, type Asking } from './conversation.ts';
import { emit, setCondition, type SyncDraft } from './draft.ts';
import type { ReadScale } from './scale-target.ts';

/**
 * The selector of the target, entered as this HPA's claim. Conditions and events of a refusal are done.
 *
 * Spec: HPA-3.17, HPA-3.19, HPA-3.20, HPA-3.25.   Source: horizontal.go validateAndParseSelector (v1.37.2).
 */
export function* claimPods(draft: SyncDraft, { scale, selector }: ReadScale): Asking<Result<Selector, string>> {
  const text = scale.status.selector ?? '';
  if (text === '') {
    const message = 'selector is required';
    yield* emit(draft, { type: 'Warning', reason: 'SelectorRequired', message });
    setCondition(draft, scalingInactive('InvalidSelector', "the HPA target's scale is missing a selector"));
    return err(message);
  }
  const { namespace, name } = draft.key;
  const claim = yield* ask(draft, { kind: 'claim-pods', key: draft.key, selector });
  switch (claim.kind) {
    case 'sole':
      return ok(selector);
    case 'not-tracked':
      return err(`HPA ${namespace}/${name} was deleted during reconciliation`);
    case 'ambiguous': {
      const rivals = claim.claimants.join(' ');
      const message = `pods by selector ${text} are controlled by more than one HPA (e.g. [${rivals}])`;
      return yield* refuseSelector(draft, 'AmbiguousSelector', message);
    }
  }
}

function* refuseSelector(draft: SyncDraft, reason: string, message: string): Asking<Result<never, string>> {
  yield* emit(draft, { type: 'Warning', reason, message });
  setCondition(draft, scalingInactive(reason, message));
  return err(message);
}
