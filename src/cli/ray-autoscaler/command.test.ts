import { Command, CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../../clock/event-clock.ts';
import { seconds } from '../../core/time/time.ts';
import { errorText } from '../../lib/error.ts';
import type { Host } from '../host.ts';
import { addRayAutoscalerCommand } from './command.ts';

/** Runs a command line that ends before anything is connected to; what it says, and the code of the parser's complaint. */
async function run(
  ...args: readonly string[]
): Promise<{ readonly out: string; readonly error: string; readonly code: string }> {
  let out = '';
  const output = { write: (text: string) => void (out += text), isTerminal: false, columns: undefined };
  const host: Host = {
    stdout: output,
    stderr: output,
    environment: { colour: 'forbidden', charset: 'ascii' },
    variables: { AUTOSCALER_METRIC_PORT: 'none' },
    signal: new AbortController().signal,
    clock: new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1) }),
  };
  const program = new Command('tandem').version('1.2.3');
  addRayAutoscalerCommand(program, host, () => undefined);
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeOut: output.write, writeErr: () => undefined });
  try {
    await program.parseAsync(['ray-autoscaler', ...args], { from: 'user' });
  } catch (error) {
    return { out, error: errorText(error), code: error instanceof CommanderError ? error.code : '' };
  }
  return { out, error: '', code: '' };
}

const CLUSTER = ['--cluster-name', 'demo', '--cluster-namespace', 'default'];

test('an unknown flag is refused', async () => {
  const { code, error } = await run(...CLUSTER, '--new-flag');
  expect([code, error]).toEqual(['commander.unknownOption', "error: unknown option '--new-flag'"]);
});

test('name and namespace must be given', async () => {
  expect((await run('--cluster-name', 'demo')).error).toBe('--cluster-namespace is missing; nothing was started');
  expect((await run('--cluster-namespace', 'default')).error).toBe('--cluster-name is missing; nothing was started');
});

test('a misspelt flag is named before the one that is missing because of it', async () => {
  const { code, error } = await run('--clustername', 'demo', '--cluster-namespace', 'default');
  expect(code).toBe('commander.unknownOption');
  expect(error).toBe("error: unknown option '--clustername'\n(Did you mean --cluster-name?)");
});

test('a dry run cannot be forced', async () => {
  expect((await run(...CLUSTER, '--dry-run', '--force')).code).toBe('commander.conflictingOption');
});

test.each([
  [['--gcs-address', 'here'], '--gcs-address "here" is no host:port'],
  [[], 'AUTOSCALER_METRIC_PORT is "none": it must be a port'],
])('what cannot be read ends it before anything is opened: %j', async (args, sentence) => {
  expect((await run(...CLUSTER, ...args)).error).toContain(sentence);
});

test('the help tells every flag and how to begin', async () => {
  const { out } = await run('--help');
  for (const flag of ['gcs-address', 'kubeconfig', 'context', 'dry-run', 'force', 'compat', 'log-format', 'verbose'])
    expect(out).toContain(`--${flag}`);
  expect(out).toContain('kubectl port-forward');
});
