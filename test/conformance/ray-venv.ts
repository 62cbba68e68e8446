/** Where a real Ray lies on this machine, or why it cannot be used. */

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const RAY_VERSION = '2.60.0';

export type RayVenv =
  | { readonly kind: 'found'; readonly python: string; readonly ray: string }
  | { readonly kind: 'missing'; readonly reason: string };

/** The virtual environment that `npm run bed` builds. */
export function rayVenv(): RayVenv {
  const cache = process.env['TANDEM_BED_CACHE'] ?? join(homedir(), '.cache', 'tandem-bed');
  const bin = join(cache, `ray-${RAY_VERSION}`, 'bin');
  const [python, ray] = [join(bin, 'python'), join(bin, 'ray')];
  if (existsSync(python) && existsSync(ray)) return { kind: 'found', python, ray };
  return {
    kind: 'missing',
    reason: `no Ray ${RAY_VERSION} in ${bin}: the bed builds it, TANDEM_BED_CACHE names its cache`,
  };
}
