/** The arguments in deploy/ are what the command line takes: parsed by the commands themselves, without running one. */

import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addHpaCommand } from '../src/cli/hpa/command.ts';
import type { Host } from '../src/cli/host.ts';
import { addRayAutoscalerCommand } from '../src/cli/ray-autoscaler/command.ts';
import type { RayOptions } from '../src/cli/ray-autoscaler/options.ts';
import { runRayCommand } from '../src/cli/ray-autoscaler/ray-command.ts';
import { RealClock } from '../src/clock/real-clock.ts';
import { containerOf, patchOf, SETS, type DeployedContainer, type SetName } from './support/deploy.ts';

const silent = { write: () => undefined, isTerminal: false, columns: undefined };

const HOST: Host = {
  stdout: silent,
  stderr: silent,
  environment: { colour: 'forbidden', charset: 'ascii' },
  variables: {},
  signal: new AbortController().signal,
  clock: new RealClock(),
};

/** What the kubelet puts in the place of a container's own variables. */
const VALUES: Readonly<Record<string, string>> = {
  NAMESPACE: 'default',
  RAY_CLUSTER_NAME: 'raycluster-autoscaler',
  RAY_CLUSTER_NAMESPACE: 'default',
};

/** What KubeRay 1.4 to 1.7 makes of a RayCluster that says nothing else: one string for a shell. */
const START_LINE =
  'ray kuberay-autoscaler --cluster-name $(RAY_CLUSTER_NAME) --cluster-namespace $(RAY_CLUSTER_NAMESPACE)';

/** The flags that a command line sets; rejects as the program does when it takes them not. */
async function parsed(args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const program = new Command('tandem').exitOverride();
  addHpaCommand(program, HOST, () => undefined);
  addRayAutoscalerCommand(program, HOST, () => undefined);
  let flags: Readonly<Record<string, unknown>> = {};
  for (const command of program.commands) {
    command
      .exitOverride()
      .allowExcessArguments(false)
      .configureOutput({ writeErr: () => undefined });
    command.action((options: Readonly<Record<string, unknown>>) => {
      flags = options;
    });
  }
  await program.parseAsync(args, { from: 'user' });
  return flags;
}

function argsOf(set: SetName): readonly string[] {
  return (containerOf(set).args ?? []).map(expanded);
}

function expanded(text: string): string {
  return text.replaceAll(/\$\((\w+)\)/g, (_, name: string) => VALUES[name] ?? '');
}

/** What `ray ARGS` would start. */
async function startedByRay(args: readonly string[]): Promise<RayOptions | undefined> {
  let started: RayOptions | undefined;
  const autoscaler = async (options: RayOptions): Promise<void> => {
    started = options;
  };
  const code = await runRayCommand(args, HOST, { version: '0.0.0', autoscaler, next: undefined });
  return code === 0 ? started : undefined;
}

describe('the arguments of the containers', () => {
  test.each<SetName>(['hpa', 'hpa-dry-run'])('deploy/%s', async (set) => {
    const flags = await parsed(argsOf(set));
    expect(flags['dryRun']).toBe(set === 'hpa-dry-run' ? true : undefined);
    expect(flags['force']).toBeUndefined();
  });

  test.each<SetName>(['ray-dry-run', 'ray-outside'])('deploy/%s', async (set) => {
    const flags = await parsed(argsOf(set));
    expect(flags).toMatchObject({
      clusterName: 'raycluster-autoscaler',
      clusterNamespace: 'default',
      gcsAddress: 'raycluster-autoscaler-head-svc.default.svc:6379',
    });
    expect(flags['dryRun']).toBe(set === 'ray-dry-run' ? true : undefined);
    expect(flags['force']).toBeUndefined();
  });

  test.each(SETS)('deploy/%s: a mistyped flag would be refused', async (set) => {
    await expect(parsed([...argsOf(set), '--dryrun'])).rejects.toThrow('unknown option');
  });
});

describe('the sidecar', () => {
  const CLUSTER = { namespace: 'default', name: 'raycluster-autoscaler' };

  test("deploy/ray/sidecar-kuberay-1.7.yaml starts what the operator's own start line starts", async () => {
    const options = patchOf('sidecar-kuberay-1.7.yaml').spec['autoscalerOptions'] as DeployedContainer; // of this form
    expect(options.command).toEqual(['ray']);
    const started = await startedByRay((options.args ?? []).map(expanded));
    expect(started).toMatchObject({ face: 'ray', cluster: CLUSTER, safety: 'guard', warnings: [] });
    expect(await startedByRay(expanded(START_LINE).split(' ').slice(1))).toEqual(started);
  });
});
