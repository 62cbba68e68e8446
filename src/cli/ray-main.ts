/** Where the process and the command `ray` meet: bin/ray calls `main`. */

import { readFileSync } from 'node:fs';
import { processHost } from './host.ts';
import { findNextRay, runInstead } from './ray-autoscaler/next-ray.ts';
import { runRayCommand } from './ray-autoscaler/ray-command.ts';

/** Runs the command line of this process and leaves its outcome in the exit code. `own` is the path of bin/ray. */
export async function main(own: string): Promise<void> {
  const host = processHost();
  const version = ownVersion();
  const next = findNextRay(host.variables['PATH'] ?? '', own);
  process.exitCode = await runRayCommand(process.argv.slice(2), host, {
    version,
    autoscaler: async (options) => {
      const { realWorld, runRayAutoscaler } = await import('./ray-autoscaler/process.ts');
      await runRayAutoscaler(options, host, realWorld(version));
    },
    next: next === undefined ? undefined : (args) => runInstead(next, args, host.signal),
  });
}

/** The version of the package that this file is part of. */
function ownVersion(): string {
  const path = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }; // our own file
  return version;
}
