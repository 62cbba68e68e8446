/** `tandem hpa`: what can be typed. The process behind it is loaded when it is run. */

import type { Command } from 'commander';
import type { Host } from '../host.ts';
import { hpaOptions } from './options.ts';
import { settingsOf, type HpaFlags } from './settings.ts';

const HELP = `
It runs until it is stopped (Ctrl-C, SIGTERM); what it is writing then is still written, and the Lease given back. Where
kube-controller-manager acts on the same HPAs, nothing is written: start that with --controllers=*,-horizontal-pod-autoscaler-controller first.

Examples:
  tandem hpa --dry-run          beside the original: what would be decided, and how far the two agree; takes no Lease
  tandem hpa                    in its place; several of them have a Lease between them, and one works
  curl localhost:10257/metrics  what it counts, as the original; /healthz and /readyz say how it is`;

/** Adds the command to `program`; `done` is told its exit code. */
export function addHpaCommand(program: Command, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('hpa')
    .description('scale what HorizontalPodAutoscalers of a cluster point to, in place of kube-controller-manager')
    .helpOption('-h, --help', 'print this help and end')
    .addHelpText('after', HELP)
    .action(async (flags: HpaFlags) => {
      const { hpaWorld, runHpa } = await import('./process.ts');
      await runHpa(settingsOf(flags), host, hpaWorld(program.version() ?? ''));
      done(0);
    });
  for (const option of hpaOptions()) command.addOption(option);
}
