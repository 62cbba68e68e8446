/** Which pods are the target's: by its selector, unless another HPA claims them too. */

import type { Scale } from '../kube/apps.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { parseSelector, type Selector } from '../selector/selector.ts';
import { scalingInactive } from './conditions.ts';
import { ask, type Asking } from './conversation.ts';
import { emit, setCondition, type SyncDraft } from './draft.ts';

/**
 * The selector of the target, entered as this HPA's claim. Conditions and events of a refusal are done.
 *
 * Spec: HPA-3.17 to HPA-3.20, HPA-3.25.   Source: horizontal.go validateAndParseSelector (v1.37.2).
 */
export function* claimPods(draft: SyncDraft, scale: Scale): Asking<Result<Selector, string>> {
  const text = scale.status.selector ?? '';
  if (text === '') {
    const message = 'selector is required';
    yield* emit(draft, { type: 'Warning', reason: 'SelectorRequired', message });
    setCondition(draft, scalingInactive('InvalidSelector', "the HPA target's scale is missing a selector"));
    return err(message);
  }
  const selector = parseSelector(text);
  if (!selector.ok) {
    const message = `couldn't convert selector into a corresponding internal selector object: ${selector.error}`;
    return yield* refuseSelector(draft, 'InvalidSelector', message);
  }
  const { namespace, name } = draft.key;
  const claim = yield* ask(draft, { kind: 'claim-pods', key: draft.key, selector: selector.value });
  switch (claim.kind) {
    case 'sole':
      return ok(selector.value);
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
