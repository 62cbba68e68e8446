import { describe, expect, test } from 'vitest';
import { DEFAULT_RAY_SETTINGS, RAY_SETTINGS } from '../../core/ray/settings.ts';
import type { Variables } from '../host.ts';
import { readSettings } from './settings.ts';

const strict = (variables: Variables) => readSettings(variables, { compat: 'default', malformed: 'refuse' });

test('without variables everything is as the tables say', () => {
  expect(strict({})).toEqual({
    settings: {
      ray: DEFAULT_RAY_SETTINGS,
      metricsPort: 44217,
      headTries: 20,
      logLevel: 'info',
      logFile: { maxBytes: 536_870_912, backups: 5 },
    },
    warnings: [],
  });
});

test('an empty variable is as good as none', () => {
  const empty = Object.fromEntries(Object.values(RAY_SETTINGS).map(({ variable }) => [variable, ' ']));
  expect(strict(empty).settings.ray).toEqual(DEFAULT_RAY_SETTINGS);
});

describe('each variable of the decision', () => {
  const rows: readonly (readonly [keyof typeof RAY_SETTINGS, string, unknown])[] = [
    ['updateIntervalMs', '2.5', 2500],
    ['maxConcurrentLaunches', '3', 3],
    ['maxConcurrentLaunches', 'inf', Infinity],
    ['requestTimeoutMs', '60', 60_000],
    ['allocateTimeoutMs', '61', 61_000],
    ['rayInstallTimeoutMs', '62', 62_000],
    ['terminatingTimeoutMs', '63', 63_000],
    ['rayStopTimeoutMs', '64', 64_000],
    ['maxRequestRetries', '0', 0],
    ['availabilityRecoveryMs', '90', 90_000],
    ['pendingIdleTimeoutS', '90.5', 90.5],
    ['pendingIdleTimeoutS', '0', 0],
    ['pendingIdleTimeoutS', '-1', 'never'],
    ['gpuNodes', '0', 'use'],
  ];

  test('is in the table below', () => {
    expect(new Set(rows.map(([name]) => name))).toEqual(new Set(Object.keys(RAY_SETTINGS)));
  });

  test.each(rows)('%s = %s', (name, text, want) => {
    expect(strict({ [RAY_SETTINGS[name].variable]: text }).settings.ray).toEqual({
      ...DEFAULT_RAY_SETTINGS,
      [name]: want,
    });
  });
});

test('the variables of the process', () => {
  const { settings } = strict({
    AUTOSCALER_METRIC_PORT: '9000',
    RAY_NUM_REDIS_GET_RETRIES: '3',
    RAY_LOGGER_LEVEL: 'WARNING',
    RAY_ROTATION_MAX_BYTES: '1000',
    RAY_ROTATION_BACKUP_COUNT: '2',
  });
  expect(settings).toMatchObject({
    metricsPort: 9000,
    headTries: 3,
    logLevel: 'warn',
    logFile: { maxBytes: 1000, backups: 2 },
  });
});

describe('a value that cannot be read', () => {
  const bad = [
    ['AUTOSCALER_UPDATE_INTERVAL_S', '0', 'a number of seconds above 0 and up to a year, such as 5'],
    ['AUTOSCALER_UPDATE_INTERVAL_S', '5s', 'a number of seconds above 0 and up to a year, such as 5'],
    ['AUTOSCALER_MAX_CONCURRENT_LAUNCHES', '-1', 'a whole number of 1 or more, such as 10, or inf'],
    ['RAY_AUTOSCALER_RECONCILE_REQUEST_STATUS_TIMEOUT_S', '1e3', 'a number of seconds from 0 to a year, such as 600'],
    ['RAY_AUTOSCALER_RECONCILE_MAX_NUM_RETRY_REQUEST_TO_ALLOCATE', '1.5', 'a whole number of 0 or more, such as 10'],
    [
      'RAY_AUTOSCALER_PENDING_NODE_IDLE_TIMEOUT_S',
      '5m',
      'a number of seconds up to a year, such as 300, or -1 for never',
    ],
    ['AUTOSCALER_METRIC_PORT', '70000', 'a port from 1 to 65535, such as 44217'],
    ['AUTOSCALER_CONSERVE_GPU_NODES', 'yes', '1 (nodes with GPUs are a last resort) or 0'],
    ['RAY_LOGGER_LEVEL', 'loud', 'debug, info, warning, error or critical'],
  ] as const;

  test.each(bad)('%s=%s is refused in one sentence', (variable, text, expectation) => {
    expect(() => strict({ [variable]: text })).toThrow(
      `${variable} is ${JSON.stringify(text)}: it must be ${expectation}; nothing was started`,
    );
  });

  test.each(bad)('%s=%s is left aside where Ray calls us', (variable, text, expectation) => {
    const { settings, warnings } = readSettings({ [variable]: text }, { compat: 'default', malformed: 'default' });
    expect(settings).toEqual(strict({}).settings);
    expect(warnings).toEqual([`${variable} is ${JSON.stringify(text)}: it must be ${expectation}; its default holds`]);
  });
});

test('says which variables are set in vain', () => {
  expect(strict({ KUBERAY_CRD_VER: 'v1' }).warnings).toEqual([]);
  expect(strict({ KUBERAY_CRD_VER: 'v1alpha1' }).warnings).toEqual([
    'KUBERAY_CRD_VER=v1alpha1 has no effect here: only ray.io/v1 is spoken',
  ]);
});

test('the preset of differences is chosen by name', () => {
  const { settings } = readSettings({}, { compat: 'ray-2.60', malformed: 'refuse' });
  expect(settings.ray.compat.reportVersion).toBe('restart');
});
