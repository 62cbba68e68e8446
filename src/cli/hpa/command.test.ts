import { Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { DEFAULT_HPA_CONFIG, DEFAULT_HPA_GATES } from '../../core/hpa/config.ts';
import { toUsageError } from '../usage.ts';
import { hpaOptions } from './options.ts';
import { settingsOf, type HpaFlags, type HpaSettings } from './settings.ts';

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

test("HPA-17.1, HPA-17.5 without flags: upstream's defaults, but for the name of the Lease and the rate of requests", () => {
  expect(settings()).toEqual({
    mode: 'write',
    logFormat: 'text',
    detail: 'news',
    config: DEFAULT_HPA_CONFIG,
    election: {
      key: { namespace: 'kube-system', name: 'tandem-hpa' },
      leaseDurationMs: 15_000,
      renewDeadlineMs: 10_000,
      retryPeriodMs: 2000,
    },
    rate: { kind: 'adaptive' },
    serving: { host: undefined, port: 10_257 },
  });
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
    gates: DEFAULT_HPA_GATES,
  });
});

describe('HPA-17.3 leader election', () => {
  test("upstream's flags", () => {
    const { election } = settings(
      '--leader-elect',
      '--leader-elect-lease-duration=1m',
      '--leader-elect-renew-deadline=40s',
      '--leader-elect-retry-period=5s',
      '--leader-elect-resource-lock=leases',
      '--leader-elect-resource-name=other',
      '--leader-elect-resource-namespace=tandem',
    );
    expect(election).toEqual({
      key: { namespace: 'tandem', name: 'other' },
      leaseDurationMs: 60_000,
      renewDeadlineMs: 40_000,
      retryPeriodMs: 5000,
    });
  });

  test.each([
    [['--leader-elect=false']],
    [['--leader-elect=F']],
    [['--dry-run']],
    [['--leader-elect=true', '--dry-run', '--leader-elect-resource-name=other']],
  ])('%j takes no Lease', (args) => {
    expect(settings(...args).election).toBeUndefined();
  });

  test('the switch does not swallow the flag behind it', () => {
    expect(settings('--leader-elect', '--force')).toMatchObject({ mode: 'force', election: { retryPeriodMs: 2000 } });
  });
});

describe('HPA-17.6 the rate of requests', () => {
  test.each([
    [['--kube-api-qps=50', '--kube-api-burst=100'], { kind: 'fixed', perSecond: 50, burst: 100 }],
    [['--kube-api-qps=0.5'], { kind: 'fixed', perSecond: 0.5, burst: 30 }],
    [['--kube-api-burst=60'], { kind: 'fixed', perSecond: 20, burst: 60 }],
    [['--kube-api-qps=0', '--kube-api-burst=0'], { kind: 'fixed', perSecond: 5, burst: 10 }],
    [['--kube-api-qps=-1'], { kind: 'free' }],
  ])('%j', (args, rate) => {
    expect(settings(...args).rate).toEqual(rate);
  });
});

describe('HPA-24.1 to HPA-24.6 gates', () => {
  test.each([
    [['--feature-gates=HPAScaleToZero=false'], { HPAScaleToZero: false }],
    [
      ['--feature-gates=HPAGeneration=false,HPAOptimizedSelectorStore=0', '--feature-gates', 'PodLevelResources=f'],
      { HPAGeneration: false, HPAOptimizedSelectorStore: false, PodLevelResources: false },
    ],
    [['--feature-gates=HPAConfigurableTolerance=true, StaleControllerConsistencyHPA=true'], {}],
    [['--feature-gates=AllAlpha=true'], {}],
    [
      ['--feature-gates=AllBeta=false,HPAScaleToZero=true'],
      {
        HPAGeneration: false,
        HPAOptimizedSelectorStore: false,
        PodLevelResources: false,
        StaleControllerConsistencyHPA: false,
      },
    ],
  ])('%j', (args, changed) => {
    expect(settings(...args).config.gates).toEqual({ ...DEFAULT_HPA_GATES, ...changed });
  });
});

test('HPA-24.16 there is no gate of a later version, and none that the controller does not read', () => {
  expect(Object.keys(DEFAULT_HPA_GATES).toSorted()).toEqual([
    'HPAGeneration',
    'HPAOptimizedSelectorStore',
    'HPAScaleToZero',
    'PodLevelResources',
    'StaleControllerConsistencyHPA',
  ]);
});

describe('HPA-17.9 where it is served', () => {
  test.each([
    [['--secure-port=0'], undefined],
    [['--bind-address=127.0.0.1', '--secure-port=9000'], { host: '127.0.0.1', port: 9000 }],
    [['--bind-address=::'], { host: undefined, port: 10_257 }],
    [
      ['--tls-cert-file=c.pem', '--tls-private-key-file=k.pem'],
      { host: undefined, port: 10_257, tls: { certificate: 'c.pem', key: 'k.pem' } },
    ],
  ])('%j', (args, serving) => {
    expect(settings(...args).serving).toEqual(serving);
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
    [
      ['--leader-elect-lease-duration=10s'],
      '--leader-elect-lease-duration (10s) must be longer than --leader-elect-renew-deadline (10s); nothing was started',
    ],
    [
      ['--leader-elect-retry-period=9s'],
      '--leader-elect-renew-deadline (10s) must be longer than 1.2 times --leader-elect-retry-period (9s); nothing was started',
    ],
    [
      ['--leader-elect-lease-duration=15.5s'],
      '--leader-elect-lease-duration (15.5s) must be whole seconds; nothing was started',
    ],
    [
      ['--leader-elect=false', '--leader-elect-retry-period=1s'],
      '--leader-elect-retry-period needs a Lease and --leader-elect=false takes none: leave one out; nothing was started',
    ],
    [
      ['--leader-elect=maybe'],
      "option '--leader-elect [true|false]' argument 'maybe' is invalid: write true or false; nothing was started",
    ],
    [
      ['--leader-elect-resource-lock=endpoints'],
      "option '--leader-elect-resource-lock <kind>' argument 'endpoints' is invalid: Allowed choices are leases; nothing was started",
    ],
    [
      ['--leader-elect-resource-name=Tandem'],
      "option '--leader-elect-resource-name <name>' argument 'Tandem' is invalid: write a name of lower-case letters, digits, dots and dashes; nothing was started",
    ],
    [
      ['--feature-gates=HPAConfigurableTolerance=false'],
      "option '--feature-gates <gates>' argument 'HPAConfigurableTolerance=false' is invalid: cannot set feature gate HPAConfigurableTolerance to false, feature is locked to true; nothing was started",
    ],
    [
      ['--feature-gates=HPAScaleToZer0=false'],
      "option '--feature-gates <gates>' argument 'HPAScaleToZer0=false' is invalid: unrecognized feature gate: HPAScaleToZer0: did you mean HPAScaleToZero?; nothing was started",
    ],
    [
      ['--feature-gates=RotateKubeletServerCertificate=true'],
      "option '--feature-gates <gates>' argument 'RotateKubeletServerCertificate=true' is invalid: unrecognized feature gate: RotateKubeletServerCertificate: known are HPAScaleToZero, HPAGeneration, HPAOptimizedSelectorStore, StaleControllerConsistencyHPA, PodLevelResources, HPAConfigurableTolerance; leave gates of other parts of Kubernetes out; nothing was started",
    ],
    [
      ['--feature-gates=HPAGeneration=true,HPAGeneration=false'],
      "option '--feature-gates <gates>' argument 'HPAGeneration=true,HPAGeneration=false' is invalid: HPAGeneration is asked to be both true and false; nothing was started",
    ],
    [
      ['--feature-gates=HPAGeneration'],
      "option '--feature-gates <gates>' argument 'HPAGeneration' is invalid: missing bool value for HPAGeneration: write HPAGeneration=true; nothing was started",
    ],
    [
      ['--kube-api-qps=fast'],
      "option '--kube-api-qps <n>' argument 'fast' is invalid: write a number of requests per second, such as 20; nothing was started",
    ],
    [
      ['--secure-port=70000'],
      "option '--secure-port <port>' argument '70000' is invalid: write a port from 1 to 65535, or 0 for none; nothing was started",
    ],
    [
      ['--bind-address=localhost'],
      "option '--bind-address <ip>' argument 'localhost' is invalid: write an IP address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them; nothing was started",
    ],
    [
      ['--tls-cert-file=c.pem'],
      '--tls-cert-file and --tls-private-key-file go together: give both, or neither for plain HTTP; nothing was started',
    ],
    [
      ['--secure-port=0', '--tls-cert-file=c.pem', '--tls-private-key-file=k.pem'],
      '--tls-cert-file is for a server and --secure-port=0 starts none: leave one out; nothing was started',
    ],
    [
      ['--master=http://10.0.0.1:8080'],
      "option '--master <url>' argument 'http://10.0.0.1:8080' is invalid: write an address like https://host:6443; nothing was started",
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
