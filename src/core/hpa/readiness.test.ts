import { expect, test } from 'vitest';
import { at, facts as factsOf, START } from '../../../test/support/hpa.ts';
import type { PodStatus } from '../kube/core-v1.ts';
import { durationMs, epochMs } from '../time/time.ts';
import { DEFAULT_HPA_CONFIG } from './config.ts';
import { groupOf } from './readiness.ts';

type Group = 'ready' | 'unready' | 'missing' | 'ignored';

type Row = {
  readonly name: string;
  readonly status: PodStatus;
  readonly deleted?: 'deleted';
  /** Seconds of the sample's end after the start; undefined: no sample. */
  readonly sampleAt?: number;
  readonly resource?: string;
  readonly want: Group;
};

const condition = (status: 'True' | 'False' | 'Unknown', transition?: number): PodStatus['conditions'] => [
  { type: 'Ready', status, ...(transition === undefined ? {} : { lastTransitionTime: at(transition) }) },
];
const running = (startedAt: number, conditions: PodStatus['conditions'] = condition('True', -1000)): PodStatus => ({
  phase: 'Running',
  startTime: at(startedAt),
  ...(conditions === undefined ? {} : { conditions }),
});

/** The window of every sample is 30 s; the initialization period 300 s; the readiness delay 30 s. */
const ROWS: readonly Row[] = [
  {
    name: 'HPA-4.1 deleted goes before everything',
    status: running(-900),
    deleted: 'deleted',
    sampleAt: -15,
    want: 'ignored',
  },
  { name: 'HPA-4.1 failed is ignored', status: { phase: 'Failed' }, sampleAt: -15, want: 'ignored' },
  {
    name: 'HPA-4.1 pending is unready even with a sample',
    status: { phase: 'Pending' },
    sampleAt: -15,
    want: 'unready',
  },
  { name: 'HPA-4.1 no sample is missing', status: running(-900), want: 'missing' },
  { name: 'HPA-4.9 succeeded without sample is missing', status: { phase: 'Succeeded' }, want: 'missing' },
  {
    name: 'HPA-4.9 succeeded with sample is ready',
    status: { phase: 'Succeeded' },
    sampleAt: -15,
    resource: 'memory',
    want: 'ready',
  },
  {
    name: 'HPA-4.5 memory does not ask for readiness',
    status: running(-10, condition('False', -5)),
    sampleAt: -15,
    resource: 'memory',
    want: 'ready',
  },
  {
    name: 'HPA-4.2 no Ready condition is unready',
    status: { phase: 'Running', startTime: at(-900) },
    sampleAt: -15,
    want: 'unready',
  },
  {
    name: 'HPA-4.2 no start time is unready',
    status: { phase: 'Running', conditions: condition('True', -900) ?? [] },
    sampleAt: -15,
    want: 'unready',
  },
  {
    name: 'HPA-4.2 within the period, not ready',
    status: running(-299, condition('False', -200)),
    sampleAt: -15,
    want: 'unready',
  },
  {
    name: 'HPA-4.2 within the period, sample reaches before readiness',
    status: running(-100, condition('True', -46)),
    sampleAt: -17,
    want: 'unready',
  },
  {
    name: 'HPA-4.3 sample exactly a window after the transition counts',
    status: running(-100, condition('True', -45)),
    sampleAt: -15,
    want: 'ready',
  },
  {
    name: 'HPA-4.3 exactly at the end of the period the other rule holds',
    status: running(-300, condition('True', -1)),
    sampleAt: -15,
    want: 'ready',
  },
  {
    name: 'HPA-4.2 after the period, never ready',
    status: running(-400, condition('False', -371)),
    sampleAt: -15,
    want: 'unready',
  },
  {
    name: 'HPA-4.3 after the period, transition exactly at the delay',
    status: running(-400, condition('False', -370)),
    sampleAt: -15,
    want: 'ready',
  },
  {
    name: 'HPA-4.3 Unknown is not False',
    status: running(-400, condition('Unknown', -371)),
    sampleAt: -15,
    want: 'ready',
  },
  {
    name: 'HPA-4.4 no transition time is the year 1: within the period',
    status: running(-100, condition('True')),
    sampleAt: -15,
    want: 'ready',
  },
  {
    name: 'HPA-4.4 no transition time is the year 1: after the period',
    status: running(-400, condition('False')),
    sampleAt: -15,
    want: 'unready',
  },
];

test.each(ROWS)('$name', ({ status, deleted, sampleAt, resource = 'cpu', want }) => {
  const sample = { usageMilli: 1, at: epochMs(START + (sampleAt ?? 0) * 1000), windowMs: durationMs(30_000) };
  const facts = factsOf('p', { status, ...(deleted === undefined ? {} : { deleted }) });
  const rules = { resource, now: START, config: DEFAULT_HPA_CONFIG };
  expect(groupOf(facts, sampleAt === undefined ? undefined : sample, rules)).toBe(want);
});
