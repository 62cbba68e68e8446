import { Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { DEFAULT_HPA_CONFIG } from '../../core/hpa/config.ts';
import { toUsageError } from '../usage.ts';
import { hpaOptions, settingsOf, type HpaFlags, type HpaSettings } from './settings.ts';

/** What these arguments set the process to; throws what the program would report. */
function settings(...args: readonly string[]): HpaSettings {
  const command = new Command('hpa')
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => undefined });
  for (const option of hpaOptions()) command.addOption(option);
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? toUsageError(error, 'tandem hpa') : error;
  }
  return settingsOf(command.opts<HpaFlags>());
}

test("HPA-17.1 without flags: upstream's defaults", () => {
  expect(settings()).toEqual({ mode: 'write', logFormat: 'text', detail: 'news', config: DEFAULT_HPA_CONFIG });
});

test("HPA-17.1 upstream's flags in upstream's spelling, durations in Go's", () => {
  const { config } = settings(
    '--horizontal-pod-autoscaler-sync-period=2s',
    '--horizontal-pod-autoscaler-downscale-stabilization=1m30s',
    '--horizontal-pod-autoscaler-initial-readiness-delay=0',
    '--horizontal-pod-autoscaler-cpu-initialization-period=250ms',
    '--horizontal-pod-autoscaler-tolerance=0.05',
    '--concurrent-horizontal-pod-autoscaler-syncs=20',
  );
  expect(config).toEqual({
    syncPeriodMs: 2000,
    downscaleStabilizationMs: 90_000,
    initialReadinessDelayMs: 0,
    cpuInitializationPeriodMs: 250,
    tolerance: 0.05,
    concurrentSyncs: 20,
  });
});

test('where to, how, and what to log', () => {
  expect(
    settings('--kubeconfig', 'k', '--context', 'c', '--dry-run', '--log-format', 'json', '--verbose'),
  ).toMatchObject({
    kubeconfig: 'k',
    context: 'c',
    mode: 'dry-run',
    logFormat: 'json',
    detail: 'all',
  });
  expect(settings('--force').mode).toBe('force');
});

describe('what is refused, in one sentence', () => {
  const DURATION = 'with its units, such as 15s or 1m30s; nothing was started';
  test.each([
    [
      ['--horizontal-pod-autoscaler-sync-period=0'],
      `option '--horizontal-pod-autoscaler-sync-period <duration>' argument '0' is invalid: write a duration above 0 ${DURATION}`,
    ],
    [
      ['--horizontal-pod-autoscaler-sync-period', '15'],
      `option '--horizontal-pod-autoscaler-sync-period <duration>' argument '15' is invalid: write a duration above 0 ${DURATION}`,
    ],
    [
      ['--horizontal-pod-autoscaler-downscale-stabilization=-1m'],
      `option '--horizontal-pod-autoscaler-downscale-stabilization <duration>' argument '-1m' is invalid: write a duration 0 or more ${DURATION}`,
    ],
    [
      ['--horizontal-pod-autoscaler-tolerance=10%'],
      "option '--horizontal-pod-autoscaler-tolerance <ratio>' argument '10%' is invalid: write a ratio of 0 or more, such as 0.1 for 10 %; nothing was started",
    ],
    [
      ['--concurrent-horizontal-pod-autoscaler-syncs=0'],
      "option '--concurrent-horizontal-pod-autoscaler-syncs <n>' argument '0' is invalid: it must be greater than 0, but got 0; nothing was started",
    ],
    [
      ['--concurrent-horizontal-pod-autoscaler-syncs=many'],
      "option '--concurrent-horizontal-pod-autoscaler-syncs <n>' argument 'many' is invalid: write a whole number above 0, such as 5; nothing was started",
    ],
    [['--dry-run', '--force'], "option '--dry-run' cannot be used with option '--force': leave one out"],
    [
      ['--horizontal-pod-autoscaler-sync-perod', '2s'],
      "unknown option '--horizontal-pod-autoscaler-sync-perod': did you mean --horizontal-pod-autoscaler-sync-period? `tandem hpa --help` shows what there is",
    ],
  ])('%j', (args, sentence) => {
    expect(() => settings(...args)).toThrow(expect.objectContaining({ code: 'TANDEM_USAGE', message: sentence }));
  });
});
