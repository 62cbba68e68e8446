/** `tandem ray-autoscaler`: what can be typed. The process behind it is loaded when it is run. */

import type { Command } from 'commander';
import type { Host } from '../host.ts';
import { optionsOf, rayFlags, type RayFlags } from './options.ts';

const HELP = `
It runs until it is stopped (Ctrl-C, SIGTERM); what it is writing then is still written. While another autoscaler works on the same
Ray cluster it says so and writes nothing.

The variables of Ray's own autoscaler hold here, too (AUTOSCALER_UPDATE_INTERVAL_S, RAY_AUTH_TOKEN, RAY_USE_TLS, ...).

Examples:
  tandem ray-autoscaler --cluster-name demo --cluster-namespace default --gcs-address 127.0.0.1:6379 --dry-run
      beside Ray's own, from your machine, after: kubectl port-forward service/demo-head-svc 6379
  tandem ray-autoscaler --cluster-name demo --cluster-namespace default
      in its place, inside the head's pod`;

/** Adds the command to `program`; `done` is told its exit code. */
export function addRayAutoscalerCommand(program: Command, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('ray-autoscaler')
    .description("scale the workers of a RayCluster, in place of Ray's own autoscaler under KubeRay")
    .helpOption('-h, --help', 'print this help and end')
    .addHelpText('after', HELP)
    .action(async (flags: RayFlags) => {
      const options = optionsOf(flags, { face: 'tandem', warnings: [] });
      const { realWorld, runRayAutoscaler } = await import('./process.ts');
      await runRayAutoscaler(options, host, realWorld(program.version() ?? ''));
      done(0);
    });
  for (const option of rayFlags()) command.addOption(option);
}
