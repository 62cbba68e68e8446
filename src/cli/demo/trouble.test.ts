import { describe, expect, test } from 'vitest';
import { at, HPA_FAIL, HPA_HOLD, HPA_UP, NODE_UP } from '../../../test/support/sample-run.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';
import { substanceOf, Troubles } from './trouble.ts';

const METRIC =
  'failed to compute desired number of replicas based on listed metrics for Deployment/default/web: invalid metrics (1 invalid out of 1), first error is: ';

function failed(seconds: number, message: string): DecisionRecord {
  return { ...HPA_FAIL, at: at(seconds), message };
}

const held = (seconds: number): DecisionRecord => ({ ...HPA_HOLD, at: at(seconds) });

function newsOf(records: readonly DecisionRecord[]): readonly string[] {
  const troubles = new Troubles();
  return records.map((record) => {
    const news = troubles.newsIn('hpa web', record);
    return news === undefined ? '' : `${news.kind}: ${news.text}`;
  });
}

const STARTING = 'waits: no metrics yet: the first pods have to start and be measured';

describe('an HPA', () => {
  test('without a first sample waits; that is no failure, until it lasts', () => {
    const unavailable = `${METRIC}unable to fetch metrics from resource metrics API: service unavailable`;
    const unready = `${METRIC}did not receive metrics for targeted pods (pods might be unready)`;
    expect(newsOf([failed(0, unavailable), failed(15, unready), failed(180, unready), failed(195, unready)])).toEqual([
      STARTING,
      '',
      'failed: did not receive metrics for targeted pods (pods might be unready)',
      '',
    ]);
  });

  test('that fails for another reason than before says so, and what wraps every failure is left out', () => {
    const unavailable = `${METRIC}unable to fetch metrics from resource metrics API: service unavailable`;
    const request = `${METRIC}missing request for cpu in container c of Pod web-557dfcf576-qh4tz`;
    expect(
      newsOf([failed(0, unavailable), failed(75, request), failed(90, request), failed(105, unavailable)]),
    ).toEqual([STARTING, 'failed: missing request for cpu in container c of Pod web-557dfcf576-qh4tz', '', '']);
  });

  test('that works again says so once, and a failure after that is new', () => {
    const message = 'missing request for cpu';
    expect(newsOf([failed(0, message), held(15), held(30), failed(45, message)])).toEqual([
      'failed: missing request for cpu',
      'over: metrics are there',
      '',
      'failed: missing request for cpu',
    ]);
  });

  test('without a sample after it had a number has failed, however early', () => {
    expect(newsOf([held(0), failed(15, 'service unavailable')])).toEqual(['', 'failed: service unavailable']);
  });

  test('whose metrics come and go is told three times', () => {
    const rounds = Array.from({ length: 20 }, (_, i) => [failed(30 * i, 'no metric'), held(30 * i + 15)]).flat();
    const told = newsOf(rounds).filter((news) => news !== '');
    expect(told).toEqual([
      'failed: no metric',
      'over: metrics are there',
      'failed: no metric',
      'over: metrics are there',
      'failed: no metric (it comes and goes: from here on only with --verbose)',
      'over: metrics are there',
    ]);
  });

  test('whose change is the recovery', () => {
    expect(newsOf([failed(0, 'no metric'), { ...HPA_UP, at: at(15) }])[1]).toBe('over: metrics are there');
  });

  test('that failed for something else than metrics works again', () => {
    expect(newsOf([{ ...failed(0, 'conflict'), reason: 'FailedUpdateScale' }, held(15)])[1]).toBe('over: works again');
  });
});

describe('pods without a node', () => {
  const stuck = (seconds: number, message: string): DecisionRecord => ({
    ...NODE_UP,
    at: at(seconds),
    decision: { kind: 'hold', at: 3, of: 'nodes' },
    reason: 'FailedScheduling',
    message,
  });

  test('are told once, although nodes are launched for others meanwhile; and again when they had all found one', () => {
    const nine = 'no node for 9 pods (9.0 CPU): limits';
    const one = 'no node for 1 pod (1.0 CPU): limits';
    expect(
      newsOf([stuck(0, nine), { ...NODE_UP, at: at(5) }, stuck(10, one), stuck(20, one), stuck(300, one)]),
    ).toEqual([`stuck: ${nine}`, '', '', '', `stuck: ${one}`]);
  });
});

describe('the substance of a sentence', () => {
  test.each([
    { a: 'pod web-5477ff4b79-skjdk is late', b: 'pod web-5477ff4b79-hs2rw is late' },
    { a: 'no node for 9 pods (9.0 CPU): limits', b: 'no node for 1 pod (0.5 CPU): limits' },
    { a: 'pods web-x2k4d, web-bcdfg are late', b: 'pods web-zz2zz are late' },
  ])('is the same in "$a" and "$b"', ({ a, b }) => {
    expect(substanceOf(a)).toBe(substanceOf(b));
  });

  test.each([
    { a: 'missing request for cpu in container c', b: 'missing request for memory in container c' },
    { a: 'service unavailable', b: 'did not receive metrics' },
    { a: 'the in-place resize', b: 'the on-call resize' },
  ])('differs in "$a" and "$b"', ({ a, b }) => {
    expect(substanceOf(a)).not.toBe(substanceOf(b));
  });
});
