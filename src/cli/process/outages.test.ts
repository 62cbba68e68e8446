import { expect, test } from 'vitest';
import { Outages } from './outages.ts';

const begun = (source: string, cause: string) => ({ source, outage: { cause } });
const over = (source: string) => ({ source, outage: 'over' });

test('a cause is news once, whoever is hit and however often; its end when nobody is hit any more', () => {
  const outages = new Outages();
  const news = [
    begun('pods', 'refused'),
    begun('pods', 'refused'),
    begun('hpas', 'refused'),
    begun('hpas', 'forbidden'),
    over('pods'),
    over('hpas'),
    over('hpas'),
    begun('pods', 'refused'),
  ].map((fields) => outages.isNews(fields));
  expect(news).toEqual([true, false, false, true, false, true, false, true]);
});

test('another instant makes no other cause', () => {
  const outages = new Outages();
  expect(outages.isNews(begun('pods', 'lost at 2026-01-01T00:00:01Z'))).toBe(true);
  expect(outages.isNews(begun('pods', 'lost at 2026-01-01T00:00:02.5Z'))).toBe(false);
});

test('other lines always are news', () => {
  const outages = new Outages();
  expect([outages.isNews({}), outages.isNews({})]).toEqual([true, true]);
});

test('what it remembers is bounded', () => {
  const outages = new Outages();
  for (let i = 0; i < 101; i++) outages.isNews(begun('pods', `cause ${i}`));
  expect(outages.isNews(begun('pods', 'cause 0'))).toBe(true);
});
