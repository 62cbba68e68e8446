/** The Ray scheduler, broken one rule at a time. */

import type { Subject } from './mutant.ts';
import { ALIKE } from './ray/alike.ts';
import { ENDS } from './ray/ends.ts';
import { LIMITS } from './ray/limits.ts';
import { NODES } from './ray/nodes.ts';
import { PACKING } from './ray/packing.ts';
import { REQUESTS } from './ray/requests.ts';
import { RESIZE } from './ray/resize.ts';
import { SCORE } from './ray/score.ts';

export const RAY: Subject = {
  name: 'ray',
  spec: 'docs/spec/ray.md',
  replay: 'test/mutants/ray-rows.ts',
  unit: ['src/core/ray/'],
  mutants: [...NODES, ...LIMITS, ...REQUESTS, ...PACKING, ...ALIKE, ...SCORE, ...RESIZE, ...ENDS],
};
