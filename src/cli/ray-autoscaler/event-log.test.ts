import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { epochMs } from '../../core/time/time.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';
import { eventMessage, openEventLog } from './event-log.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tandem-events-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Step = Pick<DecisionRecord, 'decision' | 'reason'> & Partial<DecisionRecord>;

const record = (step: Step): DecisionRecord => ({
  at: epochMs(1_767_225_600_250),
  layer: 'ray',
  controller: 'ray-autoscaler',
  object: { kind: 'RayCluster', namespace: 'default', name: 'demo', part: 'small' },
  inputsDigest: '',
  message: '',
  numbers: {},
  ...step,
});
const scale = (from: number, to: number): DecisionRecord['decision'] => ({ kind: 'scale', from, to, of: 'workers' });

test.each<readonly [Step, string | undefined]>([
  [{ decision: scale(1, 3), reason: 'ResourceDemand' }, 'Adding 2 node(s) of type small.'],
  [{ decision: scale(3, 1), reason: 'IDLE' }, 'Removing 2 nodes of type small (idle).'],
  [
    { decision: scale(3, 2), reason: 'MAX_NUM_NODE_PER_TYPE' },
    'Removing 1 nodes of type small (max number of worker nodes per type reached).',
  ],
  [{ decision: scale(1, 3), reason: 'ResourceDemand', withheld: 'dry run' }, undefined],
  [{ decision: { kind: 'hold', at: 1, of: 'workers' }, reason: 'NoDemand' }, undefined],
  [{ decision: { kind: 'fail' }, reason: 'NoAnswer' }, undefined],
])('%j is told as %j', (step, want) => {
  expect(eventMessage(record(step))).toBe(want);
});

test("is written as Ray's own lines", () => {
  const log = openEventLog(folder, { maxBytes: 0, backups: 0 });
  log.record(record({ decision: scale(0, 1), reason: 'ResourceDemand' }));
  log.record(record({ decision: { kind: 'hold', at: 1, of: 'workers' }, reason: 'NoDemand' }));
  const lines = readFileSync(join(folder, 'events', 'event_AUTOSCALER.log'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      event_id: expect.stringMatching(/^[0-9a-f]{36}$/),
      source_type: 'AUTOSCALER',
      source_hostname: expect.any(String),
      source_pid: process.pid,
      severity: 'INFO',
      label: '',
      message: 'Adding 1 node(s) of type small.',
      timestamp: '1767225600',
      custom_fields: {},
    },
  ]);
});

test('costs nothing where it cannot be written', () => {
  writeFileSync(join(folder, 'events'), 'a file in its place');
  const log = openEventLog(folder, { maxBytes: 0, backups: 0 });
  expect(() => log.record(record({ decision: scale(0, 1), reason: 'ResourceDemand' }))).not.toThrow();
});
