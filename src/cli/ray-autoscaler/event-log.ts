/**
 * Ray's event file of the autoscaler: JSON lines that the head forwards to drivers and to the dashboard, where people read
 * `(autoscaler +5s) Adding 1 node(s) of type small.`
 */

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { pid } from 'node:process';
import type { DecisionRecord, Recorder } from '../../ports/recorder.ts';
import { RotatingFile, type RotatingFileOptions } from './monitor-log.ts';

/** The original's words for its causes. */
const CAUSES: Readonly<Record<string, string>> = {
  IDLE: 'idle',
  MAX_NUM_NODES: 'max number of worker nodes reached',
  MAX_NUM_NODE_PER_TYPE: 'max number of worker nodes per type reached',
  OUTDATED: 'outdated',
};

/**
 * What a record says in Ray's words; undefined when Ray would say nothing.
 *
 * **Differs:** told when a step has been written, not in each round that decides it.
 * Spec: runtime 11.1.
 */
export function eventMessage({ decision, reason, withheld, object: { part } }: DecisionRecord): string | undefined {
  if (decision.kind !== 'scale' || part === undefined || withheld !== undefined) return undefined;
  const count = decision.to - decision.from;
  if (count > 0) return `Adding ${count} node(s) of type ${part}.`;
  return `Removing ${-count} nodes of type ${part} (${CAUSES[reason] ?? reason}).`;
}

/** Writes the events of records below Ray's log directory; what cannot be written is left out without a word, as in the original. */
export function openEventLog(logDirectory: string, limits: Omit<RotatingFileOptions, 'path'>): Recorder {
  const path = join(logDirectory, 'events', 'event_AUTOSCALER.log');
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch {
    return { record: () => undefined };
  }
  const file = new RotatingFile({ path, ...limits });
  const host = hostname();
  return {
    record: (record) => {
      const message = eventMessage(record);
      if (message === undefined) return;
      const event = {
        event_id: randomBytes(18).toString('hex'),
        source_type: 'AUTOSCALER',
        source_hostname: host,
        source_pid: pid,
        severity: 'INFO',
        label: '',
        message,
        timestamp: String(Math.floor(record.at / 1000)),
        custom_fields: {},
      };
      file.write(`${JSON.stringify(event)}\n`);
    },
  };
}
