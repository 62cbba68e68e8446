import { describe, expect, test } from 'vitest';
import { epochMs } from '../time/time.ts';
import { EventCorrelator, type Correlated } from './event-correlation.ts';

const at = (seconds: number) => epochMs(1_772_323_200_000 + seconds * 1000);

function failing(correlator: EventCorrelator, i: number, seconds: number): Correlated {
  const subject = { namespace: 'default', name: `web-${i}`, uid: `uid-${i}` };
  return correlator.correlate(subject, { type: 'Warning', reason: 'FailedGetScale', message: 'no' }, at(seconds));
}

describe('HPA-21.16 the tables of events hold 4096 keys', () => {
  test('all of them', () => {
    const correlator = new EventCorrelator();
    for (let i = 0; i < 4096; i++) failing(correlator, i, 0);
    expect(failing(correlator, 0, 1)).toMatchObject({ kind: 'patch', count: 2 });
  });

  test('one more drops the key that was not used for the longest time, not the oldest', () => {
    const correlator = new EventCorrelator();
    for (let i = 0; i < 4096; i++) failing(correlator, i, 0);
    failing(correlator, 0, 1);
    failing(correlator, 4096, 2);
    expect(failing(correlator, 0, 3)).toMatchObject({ kind: 'patch', count: 3 });
    expect(failing(correlator, 1, 3)).toMatchObject({ kind: 'create', count: 1 });
  });
});
