/** Runs before each test file: seeds fast-check; in tests of the pure core, time and chance are poisoned. */

import fc from 'fast-check';
import { afterEach, beforeEach, expect, inject } from 'vitest';

fc.configureGlobal({ seed: inject('seed') });

const path = expect.getState().testPath ?? '';
if (/[\\/]src[\\/](core|lib)[\\/]/.test(path)) {
  const poisoned = (what: string) => (): never => {
    throw new Error(`${what} was used in the pure core`);
  };
  const { now } = Date;
  const { random } = Math;
  beforeEach(() => {
    Date.now = poisoned('Date.now');
    Math.random = poisoned('Math.random');
  });
  afterEach(() => {
    Date.now = now;
    Math.random = random;
  });
}
