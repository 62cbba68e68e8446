/** When a write moves `metadata.generation` (cluster-api 8.3). */

import type { AnyObject } from '../kube/object.ts';
import { deepEqual } from '../../lib/json.ts';
import type { GenerationRule } from './kinds/kind.ts';

/**
 * Whether `next` is another generation than `old` under the kind's rule. `sameSpec`: whether two specs mean the same.
 *
 * Cost: O(size of the objects).
 */
export function movesGeneration(
  rule: GenerationRule,
  next: AnyObject,
  old: AnyObject,
  sameSpec: (a: unknown, b: unknown) => boolean = deepEqual,
): boolean {
  switch (rule) {
    case 'none':
      return false;
    case 'spec':
      return !sameSpec(next.spec, old.spec);
    case 'spec-or-annotations':
      return !deepEqual(next.spec, old.spec) || !deepEqual(next.metadata.annotations, old.metadata.annotations);
    case 'all-but-metadata-and-status':
      return !deepEqual(contentOf(next), contentOf(old));
  }
}

function contentOf(object: AnyObject): unknown {
  const { metadata: _, status: __, ...content } = object;
  return content;
}
