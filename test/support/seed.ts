/** One seed per commit for everything random in the tests; printed, and repeated with TANDEM_SEED=<n>. */

import { execFileSync } from 'node:child_process';

export function testSeed(): number {
  const given = process.env['TANDEM_SEED'];
  if (given !== undefined && given !== '') return Number(given);
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return Number.parseInt(commit.slice(0, 7), 16);
  } catch {
    return 1; // an export without history
  }
}
