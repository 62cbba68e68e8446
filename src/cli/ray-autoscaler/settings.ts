/** What the environment sets for `tandem ray-autoscaler`: every variable that Ray's own autoscaler heeds and that has effect here. */

import { COMPAT, type CompatPreset } from '../../core/ray/compat.ts';
import { RAY_SETTINGS, type RaySettings } from '../../core/ray/settings.ts';
import { seconds, type DurationMs } from '../../core/time/time.ts';
import { TandemError } from '../../lib/error.ts';
import type { Variables } from '../host.ts';

/** Least severe kind of line that is written. */
export type LogLevel = 'debug' | 'info' | 'warn';

export type RayProcessSettings = {
  readonly ray: RaySettings;
  readonly metricsPort: number;
  /** How often the head node is looked for. */
  readonly headTries: number;
  readonly logLevel: LogLevel;
  readonly logFile: { readonly maxBytes: number; readonly backups: number };
};

export type ReadSettings = {
  readonly settings: RayProcessSettings;
  /** Variables whose value was left aside, and those that are set and have no effect here: one sentence each. */
  readonly warnings: readonly string[];
};

export type SettingsOptions = {
  readonly compat: CompatPreset;
  /** What is done about a value that cannot be read: `refuse` throws `TANDEM_USAGE`, `default` goes on with the default and a warning. */
  readonly malformed: 'refuse' | 'default';
};

const METRICS_PORT = 44_217;
const HEAD_TRIES = 20;
const LOG_FILE = { maxBytes: 536_870_912, backups: 5 };

/** Set on purpose, and not followed here: silence would let people believe it. */
const WITHOUT_EFFECT: Readonly<Record<string, { readonly unless: string; readonly why: string }>> = {
  KUBERAY_CRD_VER: { unless: 'v1', why: 'only ray.io/v1 is spoken' },
};

/** Reads and checks everything once. Spec: runtime 1.7. */
export function readSettings(variables: Variables, { compat, malformed }: SettingsOptions): ReadSettings {
  const warnings: string[] = [];
  const read = <T>(variable: string, { form, fallback }: { readonly form: Form<T>; readonly fallback: T }): T => {
    const text = variables[variable]?.trim() ?? '';
    if (text === '') return fallback;
    const value = form.parse(text);
    if (value !== undefined) return value;
    const sentence = `${variable} is ${JSON.stringify(text)}: it must be ${form.expectation}`;
    if (malformed === 'refuse') throw new TandemError('TANDEM_USAGE', `${sentence}; nothing was started`);
    warnings.push(`${sentence}; its default holds`);
    return fallback;
  };
  const set = <K extends keyof typeof RAY_SETTINGS>(name: K, form: Form<RaySettings[K]>): RaySettings[K] =>
    read<RaySettings[K]>(RAY_SETTINGS[name].variable, { form, fallback: RAY_SETTINGS[name].value });
  const ray: RaySettings = {
    updateIntervalMs: set('updateIntervalMs', POSITIVE_SECONDS),
    maxConcurrentLaunches: set('maxConcurrentLaunches', COUNT_OR_INF),
    requestTimeoutMs: set('requestTimeoutMs', SECONDS),
    allocateTimeoutMs: set('allocateTimeoutMs', SECONDS),
    rayInstallTimeoutMs: set('rayInstallTimeoutMs', SECONDS),
    terminatingTimeoutMs: set('terminatingTimeoutMs', SECONDS),
    rayStopTimeoutMs: set('rayStopTimeoutMs', SECONDS),
    maxRequestRetries: set('maxRequestRetries', COUNT),
    availabilityRecoveryMs: set('availabilityRecoveryMs', POSITIVE_SECONDS),
    pendingIdleTimeoutS: set('pendingIdleTimeoutS', SECONDS_OR_NEVER),
    gpuNodes: set('gpuNodes', CONSERVE),
    compat: COMPAT[compat],
  };
  const settings: RayProcessSettings = {
    ray,
    metricsPort: read('AUTOSCALER_METRIC_PORT', { form: PORT, fallback: METRICS_PORT }),
    headTries: read('RAY_NUM_REDIS_GET_RETRIES', { form: POSITIVE_COUNT, fallback: HEAD_TRIES }),
    logLevel: read('RAY_LOGGER_LEVEL', { form: LEVEL, fallback: 'info' }),
    logFile: {
      maxBytes: read('RAY_ROTATION_MAX_BYTES', { form: COUNT, fallback: LOG_FILE.maxBytes }),
      backups: read('RAY_ROTATION_BACKUP_COUNT', { form: COUNT, fallback: LOG_FILE.backups }),
    },
  };
  for (const [variable, { unless, why }] of Object.entries(WITHOUT_EFFECT)) {
    const text = variables[variable]?.trim() ?? '';
    if (text !== '' && text !== unless) warnings.push(`${variable}=${text} has no effect here: ${why}`);
  }
  return { settings: Object.freeze(settings), warnings };
}

type Form<T> = { readonly expectation: string; parse(text: string): T | undefined };

function numberForm<T extends number>(
  expectation: string,
  { accepts, to }: { readonly accepts: (value: number) => boolean; readonly to: (value: number) => T },
): Form<T> {
  return {
    expectation,
    parse: (text) => {
      const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
      return accepts(value) ? to(value) : undefined;
    },
  };
}

const asItIs = (value: number): number => value;
/** A year: a longer time is a slip of units, and timers do not reach further than that by much. */
const LONGEST_S = 366 * 24 * 3600;

const SECONDS: Form<DurationMs> = numberForm('a number of seconds from 0 to a year, such as 600', {
  accepts: (value) => value >= 0 && value <= LONGEST_S,
  to: seconds,
});
const POSITIVE_SECONDS: Form<DurationMs> = numberForm('a number of seconds above 0 and up to a year, such as 5', {
  accepts: (value) => value > 0 && value <= LONGEST_S,
  to: seconds,
});
const COUNT: Form<number> = numberForm('a whole number of 0 or more, such as 10', {
  accepts: (value) => Number.isSafeInteger(value) && value >= 0,
  to: asItIs,
});
const POSITIVE_COUNT: Form<number> = numberForm('a whole number of 1 or more, such as 20', {
  accepts: (value) => Number.isSafeInteger(value) && value >= 1,
  to: asItIs,
});
const PORT: Form<number> = numberForm('a port from 1 to 65535, such as 44217', {
  accepts: (value) => Number.isInteger(value) && value >= 1 && value <= 65_535,
  to: asItIs,
});
const COUNT_OR_INF: Form<number> = {
  expectation: 'a whole number of 1 or more, such as 10, or inf',
  parse: (text) => (/^inf(inity)?$/i.test(text) ? Number.POSITIVE_INFINITY : POSITIVE_COUNT.parse(text)),
};
const SECONDS_OR_NEVER: Form<number | 'never'> = {
  expectation: 'a number of seconds up to a year, such as 300, or -1 for never',
  parse: (text) => {
    const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value < 0) return 'never';
    return value <= LONGEST_S ? value : undefined;
  },
};
const CONSERVE: Form<RaySettings['gpuNodes']> = {
  expectation: '1 (nodes with GPUs are a last resort) or 0',
  parse: (text) => (/^\d+$/.test(text) ? (Number(text) === 0 ? 'use' : 'conserve') : undefined),
};
const LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'warn',
  critical: 'warn',
};
const LEVEL: Form<LogLevel> = {
  expectation: 'debug, info, warning, error or critical',
  parse: (text) => LEVELS[text.toLowerCase()],
};
