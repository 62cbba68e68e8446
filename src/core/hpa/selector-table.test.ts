import { expect, test } from 'vitest';
import { pod } from '../../../test/support/hpa.ts';
import { parseSelector, type Selector } from '../selector/selector.ts';
import { SelectorTable } from './selector-table.ts';

const PODS = [pod('web-0'), pod('web-1')];
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
