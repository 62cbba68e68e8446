import { expect, test } from 'vitest';
import { randomStream } from '../../lib/random.ts';
import { generatedName, nameSuffix, uuidV4 } from './identity.ts';

test('a generated name is its prefix and five characters that spell nothing', () => {
  const random = randomStream(1, 'names');
  const names = Array.from({ length: 200 }, () => generatedName('web-', random));
  for (const name of names) expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  expect(new Set(names).size).toBe(200);
});

test('a long prefix is cut to 58 characters, so that the name stays a label', () => {
  const name = generatedName('x'.repeat(100), randomStream(1, 'names'));
  expect(name).toHaveLength(63);
  expect(name.startsWith('x'.repeat(58))).toBe(true);
});

test('a suffix takes five draws: the stream goes on where it was', () => {
  const one = randomStream(7, 'names');
  const other = randomStream(7, 'names');
  nameSuffix(one);
  for (let i = 0; i < 5; i++) other.next();
  expect(one.next()).toBe(other.next());
});

test('uids are version 4 and differ', () => {
  const random = randomStream(1, 'uids');
  const uids = Array.from({ length: 500 }, () => uuidV4(random));
  for (const uid of uids) expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(uids).size).toBe(500);
});
