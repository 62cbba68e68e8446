import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesSelector, parseSelector } from '../selector/selector.ts';
import { LabelledList } from './labelled-list.ts';

const labels = fc.record(
  { app: fc.constantFrom('x', 'y', ''), tier: fc.constantFrom('1', '2') },
  { requiredKeys: [] },
) as fc.Arbitrary<Readonly<Record<string, string>>>;
const SELECTORS = [
  'app=x',
  'app in (x,y)',
  'app in (y)',
  'app=',
  'tier',
  '!tier',
  'app=x,tier=1',
  'app!=x',
  'none=1',
  '',
];

test('each selector finds what a walk over the whole list would, in its order', () => {
  fc.assert(
    fc.property(fc.array(labels, { maxLength: 30 }), (all) => {
      const items = all.map((own, i) => ({ own, i }));
      const list = new LabelledList(items, ({ own }) => own);
      for (const text of SELECTORS) {
        const selector = parseSelector(text);
        if (!selector.ok) throw new Error(selector.error);
        expect(list.select(selector.value)).toEqual(items.filter(({ own }) => matchesSelector(selector.value, own)));
      }
    }),
  );
});
