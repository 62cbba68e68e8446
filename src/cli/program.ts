/** The commands and their flags. What a command does lies in its folder; here is only what can be typed. */

import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { AssertionError } from '../lib/assert.ts';
import { errorText, TandemError } from '../lib/error.ts';
import type { ErrorCode } from '../lib/error-codes.ts';
import { addDecideCommand } from './decide/command.ts';
import { runDemo, type DemoDeps, type DemoFlags } from './demo/command.ts';
import { Interrupted, type Host } from './host.ts';
import { addHpaCommand } from './hpa/command.ts';
import { demoCall } from './invocation.ts';
import { addRayAutoscalerCommand } from './ray-autoscaler/command.ts';
import { parseSeed, parseSpeed, toUsageError } from './usage.ts';

/** What each exit code says; an interrupted run ends with a shell's code for that. */
export const EXIT = { held: 0, notHeld: 1, badInput: 2 } as const;

const BAD_INPUT: ReadonlySet<ErrorCode> = new Set([
  'TANDEM_USAGE',
  'TANDEM_MANIFEST',
  'TANDEM_TRACE',
  'TANDEM_RAY_LOAD',
  'TANDEM_KUBE_CONFIG',
]);

/** Runs one command line to its end and returns the exit code. Never throws. */
export async function runProgram(args: readonly string[], host: Host, deps: DemoDeps): Promise<number> {
  let exitCode: number = EXIT.held;
  const program = newProgram();
  addDemoCommand(program, host, async (flags) => {
    exitCode = (await runDemo(flags, host, deps)) === 'held' ? EXIT.held : EXIT.notHeld;
  });
  const done = (code: number): void => void (exitCode = code);
  addRayAutoscalerCommand(program, host, done);
  addHpaCommand(program, host, done);
  addDecideCommand(program, host, done);
  for (const command of withSubcommands(program)) {
    command.exitOverride().allowExcessArguments(false).showSuggestionAfterError();
    command.configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => host.stdout.columns ?? 80,
    });
  }
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, host, commandPath(program, args));
  }
}

function newProgram(): Command {
  return new Command('tandem')
    .description("Ray's autoscaler and the HorizontalPodAutoscaler, working together.")
    .version(ownVersion(), '-V, --version', 'print the version and end')
    .helpOption('-h, --help', 'print this help and end')
    .addHelpText(
      'after',
      '\nExit codes: 0 as expected (demo) or stopped as asked, 1 not as expected or broken, 2 bad input (nothing was started), 130 interrupted.',
    );
}

function addDemoCommand(program: Command, host: Host, demo: (flags: DemoFlags) => Promise<void>): void {
  program
    .command('demo')
    .description('play a scenario on an embedded cluster and show every decision; needs no Kubernetes')
    .helpOption('-h, --help', 'print this help and end')
    .addOption(new Option('--speed <n|max>', 'virtual seconds per real second').argParser(parseSpeed))
    .addOption(new Option('--seed <n>', 'seed of everything random').argParser(parseSeed).default(1))
    .option('--once', 'play the scenario once and end (today it ends without this flag, too)')
    .addOption(new Option('--output <format>', 'what to print').choices(['text', 'json']).default('text'))
    .option(
      '-f, --filename <file...>',
      "play your own manifests instead of the guide's (YAML, - for what is piped in; may be given more than once)",
    )
    .option(
      '--trace <file>',
      'replay requests as the load: CSV with a TIMESTAMP column, or one count per second per line',
    )
    .option(
      '--ray-load <file>',
      'what Ray is asked for in place of the built-in tasks, as YAML: tasks, actors, placement groups, request_resources',
    )
    .option('--verbose', 'show decisions that change nothing, too')
    .option('--no-color', 'no colour (NO_COLOR does the same)')
    .addHelpText('after', demoHelp(demoCall(host.variables)))
    .action((options: DemoFlags) => demo(options));
}

function demoHelp(call: string): string {
  const examples = [
    ['', "the guide's scenario, 20 times as fast as real"],
    ['--speed max', 'the same, as fast as the machine can'],
    ['--once --output json', 'one JSON document on stdout'],
    ['-f hpa.yaml -f deployment.yaml', 'your own manifests'],
    ['--trace requests.csv', 'the load of a recorded day'],
    ['--ray-load ray-load.yaml', 'placement groups and a floor for Ray, as in examples/'],
  ] as const;
  const lines = examples.map(
    ([flags, what]) => `  ${`${call.replace(/ --$/, flags === '' ? '' : ' --')} ${flags}`.padEnd(43)}${what}`,
  );
  return `\n--speed is 20 unless said otherwise, max with --output json.\n\nExamples:\n${lines.join('\n')}`;
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** The command that was meant, as far as its names were known: `tandem decide ray`. */
function commandPath(command: Command, [name, ...rest]: readonly string[]): string {
  const next = command.commands.find((known) => known.name() === name);
  return next === undefined ? command.name() : `${command.name()} ${commandPath(next, rest)}`;
}

/** Says on stderr what went wrong and returns the exit code. */
function report(error: unknown, host: Host, path: string): number {
  if (error instanceof CommanderError) {
    // help and version were asked for and have been printed
    if (error.exitCode === 0) return EXIT.held;
    return report(toUsageError(error, path, host.variables), host, path);
  }
  if (error instanceof Interrupted) return error.exitCode;
  if (error instanceof TandemError) {
    const [first = '', ...more] = error.message.split('\n');
    host.stderr.write(`tandem: ${[`${first} (${error.code})`, ...more].join('\n')}\n`);
    return BAD_INPUT.has(error.code) ? EXIT.badInput : EXIT.notHeld;
  }
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : errorText(error);
  const what = error instanceof AssertionError ? 'a broken invariant' : 'an unexpected error';
  host.stderr.write(`tandem: ${what}; this is a defect of tandem, please report it with the lines below\n${stack}\n`);
  return EXIT.notHeld;
}

/** The version of the package that this file is part of. */
function ownVersion(): string {
  const path = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }; // our own file
  return version;
}
