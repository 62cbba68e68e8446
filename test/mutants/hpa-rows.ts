/** The recorded answers of the original HPA controller as rows to replay. */

import { deepEqual } from '../../src/lib/json.ts';
import { differences, type Answer } from '../conformance/hpa-differential-compare.ts';
import { HPA_VECTOR_FILES, ourHpaAnswer, readHpaVectors } from '../support/hpa-vectors.ts';
import { memoryOf, pausesAtRandom } from '../support/hpa-memory.ts';
import type { Row } from './mutant.ts';

/** The other kinds are not the core's: what the API server makes of an object. */
const KINDS: ReadonlySet<string> = new Set(['reconcile', 'loop', 'quantity', 'selector']);

export function rows(): readonly Row[] {
  return HPA_VECTOR_FILES.flatMap(({ file }) => readHpaVectors(file).vectors)
    .filter(({ case: { kind = 'reconcile' } }) => KINDS.has(kind))
    .map((vector) => ({
      id: vector.case.id,
      isSame: async () => {
        const [want, got] = [vector.want as Answer, (await ourHpaAnswer(vector)) as Answer]; // JSON that was read
        if (differences(want, got).length > 0) return false;
        return pausesAtRandom(want) || deepEqual(memoryOf(got), memoryOf(want));
      },
    }));
}
