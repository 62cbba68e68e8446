import { expect, test } from 'vitest';
import { checkRayVersion } from './ray-version.ts';

test.each([
  ['2.60.0', 'served'],
  ['2.47.0', 'served'],
  ['2.61.0rc1', 'served'],
  ['3.0.0.dev0', 'served'],
  ['2.46.9', 'too-old'],
  ['2.9.3', 'too-old'],
  ['1.13.0', 'too-old'],
  ['', 'unknown'],
  ['nightly', 'unknown'],
] as const)('Ray %s is %s', (version, want) => {
  expect(checkRayVersion(version)).toBe(want);
});
