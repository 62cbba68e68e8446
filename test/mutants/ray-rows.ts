/** The recorded answers of Ray's scheduler as rows to replay. */

import { deepEqual } from '../../src/lib/json.ts';
import { comparable } from '../support/ray-compare.ts';
import { ourAnswer, RAY_VECTOR_FILES, readRayVectors } from '../support/ray-vectors.ts';
import type { Row } from './mutant.ts';

export function rows(): readonly Row[] {
  return RAY_VECTOR_FILES.flatMap(({ file }) => readRayVectors(file).vectors).map((vector) => ({
    id: vector.id,
    isSame: () => deepEqual(comparable(ourAnswer(vector), { strict: true }), comparable(vector.want, { strict: true })),
  }));
}
