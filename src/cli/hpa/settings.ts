/** What `tandem hpa` is set to by its flags: one record, and what contradicts itself refused. */

import { type HpaConfig } from '../../core/hpa/config.ts';
import { RETRY_JITTER } from '../../core/hpa/leader-election.ts';
import { durationMs, seconds, toGoDuration, type DurationMs } from '../../core/time/time.ts';
import type { LeaderElectionSettings } from '../../controllers/leader-election.ts';
import { TandemError } from '../../lib/error.ts';
import type { LogFormat } from '../process/process-log.ts';
import { gatesOf, type AskedGates } from './feature-gates.ts';

/** As they come from the command line. */
export type HpaFlags = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly master?: string;
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
  readonly featureGates?: AskedGates;
  readonly leaderElect?: boolean;
  readonly leaderElectLeaseDuration?: DurationMs;
  readonly leaderElectRenewDeadline?: DurationMs;
  readonly leaderElectRetryPeriod?: DurationMs;
  readonly leaderElectResourceLock?: 'leases';
  readonly leaderElectResourceName?: string;
  readonly leaderElectResourceNamespace?: string;
  readonly kubeApiQps?: number;
  readonly kubeApiBurst?: number;
  readonly bindAddress: string;
  readonly securePort: number;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
};

/** `write`: unless somebody else does; `dry-run`: never; `force`: beside whomever. */
export type WriteMode = 'write' | 'dry-run' | 'force';

/** How fast requests may follow each other. `adaptive`: until the server says that there are too many. */
export type RequestRate =
  | { readonly kind: 'adaptive' }
  | { readonly kind: 'free' }
  | { readonly kind: 'fixed'; readonly perSecond: number; readonly burst: number };

export type Serving = {
  /** Undefined: every address of this machine. */
  readonly host: string | undefined;
  readonly port: number;
  /** Files; absent: plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
};

export type HpaSettings = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly master?: string;
  readonly mode: WriteMode;
  readonly logFormat: LogFormat;
  /** Whether every decision is logged, or only those that change something or are news. */
  readonly detail: 'all' | 'news';
  readonly config: HpaConfig;
  /** Absent: no Lease is taken. */
  readonly election?: LeaderElectionSettings;
  readonly rate: RequestRate;
  /** Absent: nothing is served. */
  readonly serving?: Serving;
};

/** As kube-controller-manager has them, but for the name: its own Lease is its own (ADR 6). Spec: HPA-17.5. */
export const ELECTION_DEFAULTS: LeaderElectionSettings = {
  key: { namespace: 'kube-system', name: 'tandem-hpa' },
  leaseDurationMs: seconds(15),
  renewDeadlineMs: seconds(10),
  retryPeriodMs: seconds(2),
};

/** As kube-controller-manager has them. */
export const SERVING_DEFAULTS: { readonly address: string; readonly port: number } = {
  address: '0.0.0.0',
  port: 10_257,
};

/** Where only one of the two is given. */
const RATE_DEFAULTS = { qps: 20, burst: 30 };
/** What 0 means. Source: client-go rest/config.go (v0.37.2). */
const ZERO_MEANS = { qps: 5, burst: 10 };

/** Throws TANDEM_USAGE with a sentence that names the flags that do not go together. */
export function settingsOf(flags: HpaFlags): HpaSettings {
  const { kubeconfig, context, master, dryRun, force, logFormat, verbose } = flags;
  const election = electionOf(flags);
  const serving = servingOf(flags);
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(master === undefined ? {} : { master }),
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
      gates: gatesOf(flags.featureGates),
    },
    ...(election === undefined ? {} : { election }),
    rate: rateOf(flags),
    ...(serving === undefined ? {} : { serving }),
  };
}

/** A dry run writes nothing, so it takes no Lease, whatever else was typed. */
function electionOf(flags: HpaFlags): LeaderElectionSettings | undefined {
  const election: LeaderElectionSettings = {
    key: {
      namespace: flags.leaderElectResourceNamespace ?? ELECTION_DEFAULTS.key.namespace,
      name: flags.leaderElectResourceName ?? ELECTION_DEFAULTS.key.name,
    },
    leaseDurationMs: flags.leaderElectLeaseDuration ?? ELECTION_DEFAULTS.leaseDurationMs,
    renewDeadlineMs: flags.leaderElectRenewDeadline ?? ELECTION_DEFAULTS.renewDeadlineMs,
    retryPeriodMs: flags.leaderElectRetryPeriod ?? ELECTION_DEFAULTS.retryPeriodMs,
  };
  if (flags.leaderElect === false) {
    const typed = ELECTION_FLAGS.find(([name]) => flags[name] !== undefined);
    if (typed !== undefined)
      throw refused(`${typed[1]} needs a Lease and --leader-elect=false takes none: leave one out`);
    return undefined;
  }
  checkTimes(election);
  return flags.dryRun === true ? undefined : election;
}

const ELECTION_FLAGS = [
  ['leaderElectLeaseDuration', '--leader-elect-lease-duration'],
  ['leaderElectRenewDeadline', '--leader-elect-renew-deadline'],
  ['leaderElectRetryPeriod', '--leader-elect-retry-period'],
  ['leaderElectResourceLock', '--leader-elect-resource-lock'],
  ['leaderElectResourceName', '--leader-elect-resource-name'],
  ['leaderElectResourceNamespace', '--leader-elect-resource-namespace'],
] as const;

/** Source: client-go tools/leaderelection/leaderelection.go NewLeaderElector (v0.37.2). */
function checkTimes({ leaseDurationMs, renewDeadlineMs, retryPeriodMs }: LeaderElectionSettings): void {
  const longest = durationMs(retryPeriodMs * RETRY_JITTER);
  // the Lease holds whole seconds: what is behind the point would make others come too early
  if (leaseDurationMs % 1000 !== 0)
    throw refused(`--leader-elect-lease-duration (${toGoDuration(leaseDurationMs)}) must be whole seconds`);
  if (leaseDurationMs <= renewDeadlineMs)
    throw refused(
      `--leader-elect-lease-duration (${toGoDuration(leaseDurationMs)}) must be longer than --leader-elect-renew-deadline (${toGoDuration(renewDeadlineMs)})`,
    );
  if (renewDeadlineMs <= longest)
    throw refused(
      `--leader-elect-renew-deadline (${toGoDuration(renewDeadlineMs)}) must be longer than ${RETRY_JITTER} times --leader-elect-retry-period (${toGoDuration(retryPeriodMs)})`,
    );
}

/** Spec: HPA-17.6. */
function rateOf({ kubeApiQps, kubeApiBurst }: HpaFlags): RequestRate {
  if (kubeApiQps === undefined && kubeApiBurst === undefined) return { kind: 'adaptive' };
  const qps = kubeApiQps ?? RATE_DEFAULTS.qps;
  const burst = kubeApiBurst ?? RATE_DEFAULTS.burst;
  if (qps < 0) return { kind: 'free' };
  return {
    kind: 'fixed',
    perSecond: qps === 0 ? ZERO_MEANS.qps : qps,
    burst: burst === 0 ? ZERO_MEANS.burst : burst,
  };
}

function servingOf({ bindAddress, securePort, tlsCertFile, tlsPrivateKeyFile }: HpaFlags): Serving | undefined {
  if ((tlsCertFile === undefined) !== (tlsPrivateKeyFile === undefined))
    throw refused('--tls-cert-file and --tls-private-key-file go together: give both, or neither for plain HTTP');
  if (securePort === 0) {
    if (tlsCertFile !== undefined)
      throw refused('--tls-cert-file is for a server and --secure-port=0 starts none: leave one out');
    return undefined;
  }
  const tls =
    tlsCertFile === undefined || tlsPrivateKeyFile === undefined
      ? {}
      : { tls: { certificate: tlsCertFile, key: tlsPrivateKeyFile } };
  return { host: /^(0\.0\.0\.0|::)$/.test(bindAddress) ? undefined : bindAddress, port: securePort, ...tls };
}

function refused(sentence: string): TandemError {
  return new TandemError('TANDEM_USAGE', `${sentence}; nothing was started`);
}
