/** The flags of `tandem hpa` as they come from the command line, and what the process is set to by them. */

import { InvalidArgumentError, Option } from 'commander';
import { HPA_SETTINGS, type HpaConfig } from '../../core/hpa/config.ts';
import { durationMs, parseGoDuration, toGoDuration, type DurationMs } from '../../core/time/time.ts';
import type { LogFormat } from '../process/process-log.ts';

export type HpaFlags = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly dryRun?: true;
  readonly force?: true;
  readonly logFormat: LogFormat;
  readonly verbose?: true;
  readonly horizontalPodAutoscalerSyncPeriod: DurationMs;
  readonly horizontalPodAutoscalerDownscaleStabilization: DurationMs;
  readonly horizontalPodAutoscalerInitialReadinessDelay: DurationMs;
  readonly horizontalPodAutoscalerCpuInitializationPeriod: DurationMs;
  readonly horizontalPodAutoscalerTolerance: number;
  readonly concurrentHorizontalPodAutoscalerSyncs: number;
};

/** `write`: unless somebody else does; `dry-run`: never; `force`: beside whomever. */
export type WriteMode = 'write' | 'dry-run' | 'force';

export type HpaSettings = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly mode: WriteMode;
  readonly logFormat: LogFormat;
  /** Whether every decision is logged, or only those that change something or are news. */
  readonly detail: 'all' | 'news';
  readonly config: HpaConfig;
};

export function settingsOf(flags: HpaFlags): HpaSettings {
  const { kubeconfig, context, dryRun, force, logFormat, verbose } = flags;
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    mode: dryRun === true ? 'dry-run' : force === true ? 'force' : 'write',
    logFormat,
    detail: verbose === true ? 'all' : 'news',
    config: {
      syncPeriodMs: flags.horizontalPodAutoscalerSyncPeriod,
      downscaleStabilizationMs: flags.horizontalPodAutoscalerDownscaleStabilization,
      initialReadinessDelayMs: flags.horizontalPodAutoscalerInitialReadinessDelay,
      cpuInitializationPeriodMs: flags.horizontalPodAutoscalerCpuInitializationPeriod,
      tolerance: flags.horizontalPodAutoscalerTolerance,
      concurrentSyncs: flags.concurrentHorizontalPodAutoscalerSyncs,
    },
  };
}

/** Everything that can be typed behind `tandem hpa`, in the order of its help. */
export function hpaOptions(): readonly Option[] {
  return [
    new Option(
      '--kubeconfig <file>',
      'how to reach the cluster; without it the pod, $KUBECONFIG or ~/.kube/config says',
    ),
    new Option('--context <name>', "which of the kubeconfig's contexts"),
    new Option(
      '--dry-run',
      'decide and report, write nothing; compares itself with the controller that does write',
    ).conflicts('force'),
    new Option('--force', 'write although another controller writes the same HPAs'),
    new Option('--log-format <format>', 'log lines for people or for collectors')
      .choices(['text', 'json'])
      .default('text'),
    new Option('--verbose', 'log decisions that change nothing, too'),
    durationOption('syncPeriodMs', 'from the end of one sync of an HPA to its next', 'above 0'),
    durationOption('downscaleStabilizationMs', 'how long a higher recommendation holds back a lower one', '0 or more'),
    durationOption('initialReadinessDelayMs', "from a pod's start: how long not ready means never ready", '0 or more'),
    durationOption(
      'cpuInitializationPeriodMs',
      "from a pod's start: how long CPU counts only once it is ready",
      '0 or more',
    ),
    new Option(`${HPA_SETTINGS.tolerance.flag} <ratio>`, 'how far from 1 usage / target may be before anything moves')
      .argParser(parseTolerance)
      .default(HPA_SETTINGS.tolerance.value),
    new Option(`${HPA_SETTINGS.concurrentSyncs.flag} <n>`, 'how many HPAs are synchronized at once')
      .argParser(parseConcurrency)
      .default(HPA_SETTINGS.concurrentSyncs.value),
  ];
}

type DurationSetting =
  'syncPeriodMs' | 'downscaleStabilizationMs' | 'initialReadinessDelayMs' | 'cpuInitializationPeriodMs';

function durationOption(setting: DurationSetting, description: string, range: '0 or more' | 'above 0'): Option {
  const { flag, value } = HPA_SETTINGS[setting];
  return new Option(`${flag} <duration>`, description)
    .argParser((text) => parseDuration(text, range))
    .default(value, toGoDuration(value));
}

/** Spec: HPA-16.14, HPA-17.1. */
function parseDuration(text: string, range: '0 or more' | 'above 0'): DurationMs {
  const duration = parseGoDuration(text);
  const fits = duration !== undefined && (range === '0 or more' ? duration >= 0 : duration > 0);
  if (fits) return durationMs(duration);
  throw new InvalidArgumentError(`write a duration ${range} with its units, such as 15s or 1m30s`);
}

function parseTolerance(text: string): number {
  const ratio = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(ratio)) return ratio;
  throw new InvalidArgumentError('write a ratio of 0 or more, such as 0.1 for 10 %');
}

/** A number that is too small is refused in upstream's words behind the name of the flag. Spec: HPA-17.1. */
function parseConcurrency(text: string): number {
  const count = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count > 0) return count;
  throw new InvalidArgumentError(
    Number.isNaN(count) ? 'write a whole number above 0, such as 5' : `it must be greater than 0, but got ${count}`,
  );
}
