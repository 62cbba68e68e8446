/**
 * The command `ray` as far as a sidecar needs it: `ray kuberay-autoscaler` starts our autoscaler, as the start line that KubeRay
 * generates expects; every other word goes to the Ray that stands behind us on the PATH.
 */

import { Command, CommanderError } from 'commander';
import { errorText, TandemError } from '../../lib/error.ts';
import type { Host } from '../host.ts';
import { toUsageError } from '../usage.ts';
import { optionsOf, rayFlags, type RayFlags, type RayOptions } from './options.ts';

export type RayCommandDeps = {
  readonly version: string;
  readonly autoscaler: (options: RayOptions) => Promise<void>;
  /** The next `ray` on the PATH; undefined when there is none. */
  readonly next: ((args: readonly string[]) => Promise<number>) | undefined;
};

const AUTOSCALER = 'kuberay-autoscaler';
const EXIT = { done: 0, failed: 1, badInput: 2 } as const;

/** Runs one command line to its end and returns the exit code. Never throws. */
export async function runRayCommand(args: readonly string[], host: Host, deps: RayCommandDeps): Promise<number> {
  const { version, next } = deps;
  if (args[0] === AUTOSCALER) return runAutoscaler(args.slice(1), host, deps);
  if (next !== undefined) {
    try {
      return await next(args);
    } catch (error) {
      return fail(host, `the Ray behind this one on the PATH cannot be started: ${errorText(error)}`, EXIT.failed);
    }
  }
  if (args[0] === '--version' || args[0] === '-V') {
    host.stdout.write(`tandem ${version}, in the place of ray: only \`ray ${AUTOSCALER}\` is here\n`);
    return EXIT.done;
  }
  const asked = args[0] === undefined ? '`ray`' : `\`ray ${args[0]}\``;
  return fail(
    host,
    `${asked} needs Ray, and this image has none: it holds only \`ray ${AUTOSCALER}\`; try it in the container "ray-head"`,
    EXIT.badInput,
  );
}

async function runAutoscaler(args: readonly string[], host: Host, deps: RayCommandDeps): Promise<number> {
  const command = new Command(`ray ${AUTOSCALER}`)
    .description("scale the workers of a RayCluster, in place of Ray's own autoscaler (tandem)")
    .helpOption('-h, --help', 'print this help and end')
    .allowUnknownOption()
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ writeOut: (text) => host.stdout.write(text), writeErr: () => undefined });
  for (const option of rayFlags()) command.addOption(option);
  try {
    command.parse(args, { from: 'user' });
    const unknown = command.args.filter((arg) => arg.startsWith('-'));
    const warnings = unknown.map((arg) => `${arg.split('=')[0]} is not known here and is left aside`);
    await deps.autoscaler(optionsOf(command.opts<RayFlags>(), { face: 'ray', warnings }));
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done; // help was asked for and has been printed
      return fail(host, toUsageError(error, command.name()).message, EXIT.badInput);
    }
    if (error instanceof TandemError) {
      const exitCode = error.code === 'TANDEM_USAGE' ? EXIT.badInput : EXIT.failed;
      return fail(host, `${error.message} (${error.code})`, exitCode);
    }
    const stack = error instanceof Error && error.stack !== undefined ? error.stack : errorText(error);
    return fail(host, `an unexpected error; this is a defect of tandem, please report it\n${stack}`, EXIT.failed);
  }
}

function fail(host: Host, sentence: string, exitCode: number): number {
  host.stderr.write(`ray (tandem): ${sentence}\n`);
  return exitCode;
}
