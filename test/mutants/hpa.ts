/** The HPA controller's core, broken one rule at a time. */

import { DECIDE } from './hpa/decide.ts';
import { EVENTS } from './hpa/events.ts';
import { MEMORY } from './hpa/memory.ts';
import { METRICS } from './hpa/metrics.ts';
import { NUMBERS } from './hpa/numbers.ts';
import { POLICIES } from './hpa/policies.ts';
import { QUANTITY } from './hpa/quantity.ts';
import { READINESS } from './hpa/readiness.ts';
import { REPLICAS } from './hpa/replicas.ts';
import { SELECTOR } from './hpa/selector.ts';
import { STABILIZE } from './hpa/stabilize.ts';
import { STATUS } from './hpa/status.ts';
import { SYNC } from './hpa/sync.ts';
import { TARGET } from './hpa/target.ts';
import { USAGE } from './hpa/usage.ts';
import { VALUES } from './hpa/values.ts';
import type { Subject } from './mutant.ts';

export const HPA: Subject = {
  name: 'hpa',
  spec: 'docs/spec/hpa.md',
  replay: 'test/mutants/hpa-rows.ts',
  unit: ['src/core/hpa/', 'src/core/quantity/', 'src/core/selector/'],
  mutants: [
    ...SYNC,
    ...DECIDE,
    ...TARGET,
    ...READINESS,
    ...USAGE,
    ...REPLICAS,
    ...METRICS,
    ...VALUES,
    ...STABILIZE,
    ...POLICIES,
    ...NUMBERS,
    ...STATUS,
    ...MEMORY,
    ...EVENTS,
    ...QUANTITY,
    ...SELECTOR,
  ],
};
