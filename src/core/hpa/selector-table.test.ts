import { expect, test } from 'vitest';
import { facts } from '../../../test/support/hpa.ts';
import { EVERYTHING, parseSelector, type Selector } from '../selector/selector.ts';
import { SelectorTable } from './selector-table.ts';

const PODS = [facts('web-0'), facts('web-1')];
const key = (name: string, namespace = 'default') => ({ namespace, name });

function selector(text: string): Selector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

test('HPA-3.22 alone with its pods', () => {
  const table = new SelectorTable();
  table.track(key('a'));
  expect(table.claim(key('a'), selector('app=web'), PODS)).toEqual({ kind: 'sole' });
});

test('HPA-3.19 an HPA that is not in the table was deleted', () => {
  const table = new SelectorTable();
  table.track(key('a'));
  table.forget(key('a'));
  expect(table.claim(key('a'), selector('app=web'), PODS)).toEqual({ kind: 'not-tracked' });
});

test('HPA-3.20 rivals are found by pods, not by equal selectors', () => {
  const table = new SelectorTable();
  for (const name of ['a', 'b']) table.track(key(name));
  expect(table.claim(key('a'), selector('app=web'), PODS)).toEqual({ kind: 'sole' });
  expect(table.claim(key('b'), selector('app in (web,x)'), PODS)).toEqual({
    kind: 'ambiguous',
    claimants: ['default/a', 'default/b'],
  });
});

test('HPA-3.24 an HPA that has not got that far claims nothing, and without pods there is no rival', () => {
  const table = new SelectorTable();
  for (const name of ['a', 'b']) table.track(key(name));
  expect(table.claim(key('a'), selector('app=web'), PODS)).toEqual({ kind: 'sole' });
  expect(table.claim(key('b'), selector('app=web'), [])).toEqual({ kind: 'sole' });
});

test('HPA-3.21 tracking again keeps the selector; another namespace does not matter', () => {
  const table = new SelectorTable();
  for (const one of [key('a'), key('b'), key('c', 'other')]) table.track(one);
  table.claim(key('c', 'other'), selector('app=web'), PODS);
  table.claim(key('a'), selector('app=web'), PODS);
  table.track(key('a'));
  expect(table.claim(key('b'), selector('app=web'), PODS)).toMatchObject({ kind: 'ambiguous' });
});

test('HPA-3.23 all claimants are named where all are wanted, else two', () => {
  const claims = (['two', 'all'] as const).map((claimants) => {
    const table = new SelectorTable({ claimants });
    for (const name of ['a', 'b', 'c']) table.track(key(name));
    for (const name of ['a', 'b']) table.claim(key(name), selector('app=web'), PODS);
    return table.claim(key('c'), selector('app=web'), PODS);
  });
  expect(claims).toEqual([
    { kind: 'ambiguous', claimants: ['default/a', 'default/b'] },
    { kind: 'ambiguous', claimants: ['default/a', 'default/b', 'default/c'] },
  ]);
});

test('HPA-3.26 labels alone say whose a pod is', () => {
  const table = new SelectorTable();
  table.track(key('a'));
  table.track(key('b'));
  table.claim(key('a'), selector('app=web'), PODS);
  expect(table.claim(key('b'), EVERYTHING, [{ labels: { app: 'web' } }]).kind).toBe('ambiguous');
});
