/** Everything that can be typed behind `tandem hpa`, in the order of its help. Flags of kube-controller-manager keep its spelling. */

import { Option } from 'commander';
import { HPA_SETTINGS } from '../../core/hpa/config.ts';
import { toGoDuration, type DurationMs } from '../../core/time/time.ts';
import { parseFeatureGates } from './feature-gates.ts';
import {
  parseAddress,
  parseBurst,
  parseConcurrency,
  parseDuration,
  parseName,
  parsePort,
  parseQps,
  parseServer,
  parseSwitch,
  parseTolerance,
} from './flag-values.ts';
import { ELECTION_DEFAULTS, SERVING_DEFAULTS } from './settings.ts';

export function hpaOptions(): readonly Option[] {
  const under = (heading: string, options: readonly Option[]): readonly Option[] =>
    options.map((option) => option.helpGroup(`${heading}, as kube-controller-manager has them:`));
  return [
    ...connectionOptions(),
    ...under('Decisions', decisionOptions()),
    ...under('Leader election', electionOptions()),
    ...under('Requests and pages', requestOptions()),
  ];
}

function connectionOptions(): readonly Option[] {
  return [
    new Option(
      '--kubeconfig <file>',
      'how to reach the cluster; without it the pod, $KUBECONFIG or ~/.kube/config says',
    ),
    new Option('--context <name>', "which of the kubeconfig's contexts"),
    new Option('--master <url>', 'the address of the API server, in place of what the kubeconfig says').argParser(
      parseServer,
    ),
    new Option(
      '--dry-run',
      'decide and report, write nothing; compares itself with the controller that does write',
    ).conflicts('force'),
    new Option('--force', 'write although another controller writes the same HPAs'),
    new Option('--log-format <format>', 'log lines for people or for collectors')
      .choices(['text', 'json'])
      .default('text'),
    new Option('--verbose', 'log decisions that change nothing, too'),
  ];
}

function decisionOptions(): readonly Option[] {
  return [
    settingOption('syncPeriodMs', 'from the end of one sync of an HPA to its next', 'above 0'),
    settingOption('downscaleStabilizationMs', 'how long a higher recommendation holds back a lower one', '0 or more'),
    settingOption('initialReadinessDelayMs', "from a pod's start: how long not ready means never ready", '0 or more'),
    settingOption(
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
    new Option(
      '--feature-gates <gates>',
      "the original's gates as Gate=true,Other=false; all of them are on in 1.37",
    ).argParser(parseFeatureGates),
  ];
}

/** Defaults stand in the text: that one of them was typed must be seen. */
function electionOptions(): readonly Option[] {
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs, key } = ELECTION_DEFAULTS;
  return [
    new Option(
      '--leader-elect [true|false]',
      'write only while this process holds the Lease, so that there may be several (default: true)',
    ).argParser(parseSwitch),
    electionDuration('lease-duration', 'how long others wait after the last renewal', leaseDurationMs),
    electionDuration('renew-deadline', 'how long a renewal is tried before the process ends', renewDeadlineMs),
    electionDuration('retry-period', 'between two attempts to take or renew it', retryPeriodMs),
    new Option('--leader-elect-resource-lock <kind>', 'what is locked: only leases (default: "leases")').choices([
      'leases',
    ]),
    new Option('--leader-elect-resource-name <name>', `name of the Lease (default: "${key.name}")`).argParser(
      parseName,
    ),
    new Option(
      '--leader-elect-resource-namespace <namespace>',
      `namespace of the Lease (default: "${key.namespace}")`,
    ).argParser(parseName),
  ];
}

function requestOptions(): readonly Option[] {
  const { address, port } = SERVING_DEFAULTS;
  return [
    new Option(
      '--kube-api-qps <n>',
      'requests per second of each client, as the original (default: as many as the server takes)',
    ).argParser(parseQps),
    new Option('--kube-api-burst <n>', 'how many of them may come at once (default: 30 with --kube-api-qps)').argParser(
      parseBurst,
    ),
    new Option('--bind-address <ip>', 'where /metrics, /healthz and /readyz are served')
      .argParser(parseAddress)
      .default(address),
    new Option('--secure-port <port>', 'the port they are served on, by HTTP unless a certificate is given; 0: nowhere')
      .argParser(parsePort)
      .default(port),
    new Option('--tls-cert-file <file>', 'serve by HTTPS with this certificate (PEM)'),
    new Option('--tls-private-key-file <file>', 'and this key (PEM)'),
  ];
}

type DurationSetting =
  'syncPeriodMs' | 'downscaleStabilizationMs' | 'initialReadinessDelayMs' | 'cpuInitializationPeriodMs';

function settingOption(setting: DurationSetting, description: string, range: '0 or more' | 'above 0'): Option {
  const { flag, value } = HPA_SETTINGS[setting];
  return new Option(`${flag} <duration>`, description)
    .argParser((text) => parseDuration(text, range))
    .default(value, toGoDuration(value));
}

function electionDuration(name: string, description: string, value: DurationMs): Option {
  return new Option(`--leader-elect-${name} <duration>`, `${description} (default: ${toGoDuration(value)})`).argParser(
    (text) => parseDuration(text, 'above 0'),
  );
}
