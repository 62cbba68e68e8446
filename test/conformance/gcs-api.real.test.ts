/** A real GCS, held to the same contract as the stand-in: what the stand-in claims about Ray is what Ray does. */

import { afterAll, describe, expect, test } from 'vitest';
import { describeGcsApiContract } from '../contract/gcs-api.ts';
import { rayVenv, RAY_VERSION } from './ray-venv.ts';
import { RealGcs } from './real-gcs.ts';

const venv = rayVenv();

if (venv.kind === 'missing') {
  describe('GcsApi contract: real GCS', () => {
    test('as the stand-in', ({ skip }) => skip(venv.reason));
  });
} else {
  const real = new RealGcs(venv.python);
  afterAll(() => real.close());

  test('it is the Ray that was meant', async () => {
    await real.withGcs(async ({ gcs, signal }) => expect(await gcs.rayVersion({ signal })).toBe(RAY_VERSION));
  });

  describeGcsApiContract(`GCS of Ray ${RAY_VERSION}`, real.withGcs);
}
