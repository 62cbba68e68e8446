/** What can be typed behind `tandem ray-autoscaler`, and behind `ray kuberay-autoscaler`. */

import { Option } from 'commander';
import type { Safety } from '../../controllers/ray-second-writer.ts';
import type { ObjectKey } from '../../core/kube/object.ts';
import type { CompatPreset } from '../../core/ray/compat.ts';
import { TandemError } from '../../lib/error.ts';
import type { LogFormat } from '../process/process-log.ts';
import { parseHostPort, type Face, type HostPort } from './address.ts';

/** As they come from the command line. */
export type RayFlags = {
  readonly clusterName?: string;
  readonly clusterNamespace?: string;
  readonly gcsAddress?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly dryRun?: true;
  readonly force?: true;
  readonly compat: CompatPreset;
  readonly logFormat: LogFormat;
  readonly verbose?: true;
};

export type RayOptions = {
  readonly face: Face;
  readonly cluster: ObjectKey;
  /** Undefined: this machine, at the port that the RayCluster names. */
  readonly gcsAddress: HostPort | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly safety: Safety;
  readonly compat: CompatPreset;
  readonly logFormat: LogFormat;
  readonly verbose: boolean;
  /** What was left aside on the command line: one sentence each. */
  readonly warnings: readonly string[];
};

export function rayFlags(): readonly Option[] {
  return [
    // the parser would complain of a missing flag before it complains of the misspelt one
    new Option('--cluster-name <name>', 'name of the RayCluster (must be given)'),
    new Option('--cluster-namespace <namespace>', 'its namespace (must be given)'),
    new Option('--gcs-address <host:port>', "Ray's GCS; by default this machine, as in the head's pod"),
    new Option('--kubeconfig <file>', 'how to reach the API server; by default as a pod does, then as kubectl does'),
    new Option('--context <name>', 'a context of the kubeconfig other than its current one'),
    new Option('--dry-run', 'decide and report, and write nothing').conflicts('force'),
    new Option('--force', 'write even while another autoscaler writes'),
    new Option('--compat <preset>', "whose behaviour where ours differs from Ray's on purpose")
      .choices(['default', 'ray-2.60'])
      .default('default'),
    new Option('--log-format <format>', 'lines for people or for collectors').choices(['text', 'json']).default('text'),
    new Option('--verbose', 'show rounds that change nothing, too'),
  ];
}

/** Throws a `TANDEM_USAGE` for what cannot be followed. */
export function optionsOf(
  flags: RayFlags,
  { face, warnings }: { readonly face: Face; readonly warnings: readonly string[] },
): RayOptions {
  const { gcsAddress, kubeconfig, context, dryRun, force } = flags;
  const given = (flag: string, value: string | undefined): string => {
    if (value !== undefined && value.trim() !== '') return value;
    const aside = warnings.length === 0 ? '' : ` (${warnings.join(', ')})`;
    const fault = value === undefined ? `missing${aside}` : 'empty';
    throw new TandemError('TANDEM_USAGE', `${flag} is ${fault}; nothing was started`);
  };
  const name = given('--cluster-name', flags.clusterName);
  const namespace = given('--cluster-namespace', flags.clusterNamespace);
  return {
    face,
    cluster: { namespace, name },
    gcsAddress: gcsAddress === undefined ? undefined : parseHostPort(gcsAddress),
    kubeconfig,
    context,
    safety: dryRun === true ? 'dry-run' : force === true ? 'force' : 'guard',
    compat: flags.compat,
    logFormat: flags.logFormat,
    verbose: flags.verbose === true,
    warnings,
  };
}
