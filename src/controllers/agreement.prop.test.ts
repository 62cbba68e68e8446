import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEMO_START } from '../clock/event-clock.ts';
import { epochMs } from '../core/time/time.ts';
import { Agreement, agreementText, type AgreementReport, type ScaleStep } from './agreement.ts';

const WINDOW_MS = 60_000;
const OBJECT = 'Deployment default/web';

type Call = {
  /** `confirmed`: kept, and what we look at asks for the number. */
  readonly kind: 'decided' | 'seen' | 'kept' | 'confirmed';
  readonly second: number;
  readonly from: number;
  readonly to: number;
};

const step = ({ second, from, to }: Omit<Call, 'kind'>, object = OBJECT): ScaleStep => ({
  at: epochMs(DEMO_START + second * 1000),
  object,
  from,
  to,
});

function play(calls: readonly Call[], end: number): AgreementReport {
  const agreement = new Agreement({ windowMs: WINDOW_MS });
  for (const call of calls) tell(agreement, call);
  return agreement.report(epochMs(DEMO_START + end * 1000));
}

function tell(agreement: Agreement, call: Call): void {
  const { at, object, to: replicas } = step(call);
  switch (call.kind) {
    case 'decided':
      return agreement.decided(step(call));
    case 'seen':
      return agreement.seen(step(call));
    case 'kept':
      return agreement.kept({ at, object, replicas });
    case 'confirmed':
      return agreement.kept({ at, object, replicas, agrees: ({ to }) => to === replicas });
  }
}

const decided = (second: number, from: number, to: number): Call => ({ kind: 'decided', second, from, to });
const seen = (second: number, from: number, to: number): Call => ({ kind: 'seen', second, from, to });
const kept = (second: number, to: number): Call => ({ kind: 'kept', second, from: to, to });
const confirmed = (second: number, to: number): Call => ({ kind: 'confirmed', second, from: to, to });

type Counts = Omit<AgreementReport, 'at' | 'mismatches'>;
const NONE: Counts = { matched: 0, confirmed: 0, notContradicted: 0, onlyOurs: 0, onlyTheirs: 0, waiting: 0 };

describe('pairs', () => {
  test.each<{ name: string; calls: readonly Call[]; end: number; want: Partial<Counts> }>([
    {
      name: 'ours first, theirs within the window',
      calls: [decided(0, 1, 5), seen(60, 1, 5)],
      end: 500,
      want: { matched: 1 },
    },
    { name: 'theirs first', calls: [seen(0, 1, 5), decided(60, 1, 5)], end: 500, want: { matched: 1 } },
    {
      name: 'just outside the window',
      calls: [decided(0, 1, 5), seen(60.001, 1, 5)],
      end: 500,
      want: { onlyOurs: 1, onlyTheirs: 1 },
    },
    {
      name: 'another number',
      calls: [decided(0, 1, 5), seen(1, 1, 4)],
      end: 500,
      want: { onlyOurs: 1, onlyTheirs: 1 },
    },
    { name: 'smaller steps to the same end', calls: [decided(0, 1, 5), seen(1, 4, 5)], end: 500, want: { matched: 1 } },
    { name: 'still in time', calls: [decided(0, 1, 5), seen(1, 1, 4)], end: 60, want: { waiting: 2 } },
    {
      name: 'the same decision again and again, and nobody follows',
      calls: [0, 15, 30, 45, 60, 75, 90, 500].map((t) => decided(t, 1, 5)),
      end: 900,
      want: { onlyOurs: 1 },
    },
    {
      name: 'the same decision after the number has moved',
      calls: [decided(0, 1, 5), seen(1, 1, 5), seen(10, 5, 1), decided(20, 1, 5), seen(21, 1, 5)],
      end: 500,
      want: { matched: 2, onlyTheirs: 1 },
    },
    {
      name: 'the same decision after another one',
      calls: [decided(0, 1, 5), decided(15, 1, 4), decided(30, 1, 3)],
      end: 500,
      want: { onlyOurs: 3 },
    },
    {
      name: 'a burst that we see coming in, and they as a whole',
      calls: [decided(0, 0, 1), decided(1, 0, 3), seen(4, 0, 3)],
      end: 500,
      want: { matched: 1 },
    },
    {
      name: 'a burst that they see coming in, too',
      calls: [decided(0, 0, 1), decided(1, 0, 3), seen(2, 0, 1), seen(7, 1, 3)],
      end: 500,
      want: { matched: 2 },
    },
    {
      name: 'a burst that nobody follows',
      calls: [decided(0, 0, 1), decided(1, 0, 3)],
      end: 500,
      want: { onlyOurs: 1 },
    },
    {
      name: 'they were there before us, and we would not undo it',
      calls: [seen(0, 1, 5), kept(0, 5)],
      end: 500,
      want: { notContradicted: 1 },
    },
    {
      name: 'the original walks, and we only ever look on',
      calls: [kept(0, 1), seen(15, 1, 4), kept(15, 4), seen(30, 4, 5), kept(30, 5), kept(45, 5)],
      end: 500,
      want: { notContradicted: 2 },
    },
    {
      name: 'they were there before us, and what we look at asks for the same',
      calls: [seen(0, 1, 5), confirmed(0, 5)],
      end: 500,
      want: { confirmed: 1 },
    },
    {
      name: 'it asks for the same a little later',
      calls: [seen(0, 1, 5), kept(0, 5), confirmed(15, 5)],
      end: 500,
      want: { confirmed: 1 },
    },
    {
      name: 'held at first, and decided later within the window',
      calls: [seen(0, 1, 5), kept(0, 5), decided(30, 4, 5)],
      end: 500,
      want: { matched: 1 },
    },
    {
      name: 'they were there before us, and we would go elsewhere',
      calls: [seen(0, 1, 5), decided(0, 5, 2)],
      end: 500,
      want: { onlyTheirs: 1, onlyOurs: 1 },
    },
    {
      name: 'a first look that would go elsewhere is not made good by a later one that holds',
      calls: [seen(0, 1, 5), decided(0, 5, 2), kept(15, 5)],
      end: 500,
      want: { onlyTheirs: 1, onlyOurs: 1 },
    },
    {
      name: 'they were there before us, and we would go on',
      calls: [seen(0, 1, 4), decided(0, 4, 5)],
      end: 500,
      want: { notContradicted: 1, onlyOurs: 1 },
    },
    {
      name: 'nobody of us looked',
      calls: [seen(0, 1, 5)],
      end: 500,
      want: { onlyTheirs: 1 },
    },
    {
      name: 'a number that is kept pairs with nothing of ours',
      calls: [decided(0, 1, 5), kept(15, 5), confirmed(30, 5)],
      end: 500,
      want: { onlyOurs: 1 },
    },
    { name: 'kept too late', calls: [seen(0, 1, 5), kept(61, 5)], end: 500, want: { onlyTheirs: 1 } },
  ])('$name', ({ calls, end, want }) => {
    expect(play(calls, end)).toMatchObject({ ...NONE, ...want });
  });

  test('only within one object', () => {
    const agreement = new Agreement({ windowMs: WINDOW_MS });
    agreement.decided(step(decided(0, 1, 5), 'Deployment a/web'));
    agreement.seen(step(seen(0, 1, 5), 'Deployment b/web'));
    expect(agreement.report(epochMs(DEMO_START + 61_000))).toMatchObject({ matched: 0, onlyOurs: 1, onlyTheirs: 1 });
  });
});

test('mismatches are sentences, the newest five; the text has the counts', () => {
  const calls = [1, 2, 3, 4, 5, 6].map((n) => decided(n * 100, 1, n + 1));
  const report = play([...calls, seen(700, 1, 9), decided(701, 1, 8), seen(702, 1, 8)], 1000);
  expect(report.mismatches).toHaveLength(5);
  expect(report.mismatches.at(-1)).toBe(
    '2026-01-01T00:11:40Z Deployment default/web: 1 -> 9 was done by another and not decided here',
  );
  expect(agreementText(report).split('\n')[0]).toBe(
    'agreement: 7 mismatches in 8 scale steps: 1 alike, 6 decided only here, 1 done only by the other',
  );
  const apart = [seen(0, 1, 5), confirmed(0, 5), seen(100, 5, 6), kept(100, 6), seen(200, 6, 7), confirmed(200, 7)];
  expect(agreementText(play(apart, 1000))).toBe(
    'agreement: 0 mismatches in 3 scale steps: 0 alike, 3 made before our look (2 confirmed, 1 not contradicted)',
  );
  expect(agreementText(play([decided(0, 1, 2), decided(100, 2, 3)], 101))).toBe(
    'agreement: 1 mismatch in 1 scale step: 0 alike, 1 decided only here, 1 still open\n  2026-01-01T00:00:00Z Deployment default/web: 1 -> 2 was decided here and done by nobody',
  );
  expect(agreementText(play([], 0))).toBe('agreement: no scale step yet');
  expect(agreementText(play([decided(0, 1, 2)], 1))).toBe('agreement: no scale step yet, 1 still open');
});

const call = fc.record({
  kind: fc.constantFrom('decided' as const, 'seen' as const, 'kept' as const, 'confirmed' as const),
  second: fc.integer({ min: 0, max: 400 }),
  from: fc.integer({ min: 0, max: 3 }),
  to: fc.integer({ min: 0, max: 3 }),
});
const calls = fc.array(call, { maxLength: 60 }).map((list) => list.toSorted((a, b) => a.second - b.second));

test('every seen step is counted once; a pair counts once for both sides', () => {
  fc.assert(
    fc.property(calls, (list) => {
      const { matched, confirmed: agreed, notContradicted, onlyOurs, onlyTheirs, waiting } = play(list, 10_000);
      const count = (kind: Call['kind']): number => list.filter((one) => one.kind === kind).length;
      expect(waiting).toBe(0);
      expect(matched + agreed + notContradicted + onlyTheirs).toBe(count('seen'));
      expect(onlyOurs).toBeLessThanOrEqual(count('decided'));
    }),
  );
});

test('a second run of the same steps, late by less than the window, agrees in all of them', () => {
  const walk = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 300 }), to: fc.integer({ min: 0, max: 9 }) }), {
    maxLength: 30,
  });
  const late = fc.double({ min: -59, max: 59, noNaN: true });
  fc.assert(
    fc.property(walk, late, (moves, delay) => {
      let second = 100;
      let from = 0;
      const list: Call[] = [];
      for (const { wait, to } of moves) {
        if (to === from) continue;
        second += wait;
        list.push(decided(second, from, to), seen(second + delay, from, to));
        from = to;
      }
      list.sort((a, b) => a.second - b.second);
      // each side alone is told in its order; the walk makes equal decisions in a row impossible
      const { matched, onlyOurs, onlyTheirs } = play(list, 100_000);
      expect({ matched, onlyOurs, onlyTheirs }).toEqual({ matched: list.length / 2, onlyOurs: 0, onlyTheirs: 0 });
    }),
  );
});

test('when it looks does not change what is counted in the end', () => {
  fc.assert(
    fc.property(calls, (list) => {
      const agreement = new Agreement({ windowMs: WINDOW_MS });
      for (const one of list) {
        tell(agreement, one);
        agreement.report(step(one).at);
      }
      const looked = agreement.report(epochMs(DEMO_START + 10_000_000));
      expect(looked).toEqual(play(list, 10_000));
    }),
  );
});

test('what waits is bounded, for one object and for many', () => {
  const one = new Agreement({ windowMs: WINDOW_MS });
  for (let n = 0; n < 100; n++) one.seen(step(seen(n / 1000, n, n + 1)));
  expect(one.report(DEMO_START)).toMatchObject({ waiting: 32, onlyTheirs: 68 });
  const many = new Agreement({ windowMs: WINDOW_MS });
  for (let n = 0; n < 20_010; n++) many.seen(step(seen(0, 0, 1), `Deployment default/${n}`));
  expect(many.report(DEMO_START)).toMatchObject({ waiting: 20_000, onlyTheirs: 10 });
});
