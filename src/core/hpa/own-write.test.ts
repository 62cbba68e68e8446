import { describe, expect, test } from 'vitest';
import { hpa } from '../../../test/support/hpa.ts';
import { HpaMemory } from './memory.ts';
import { hasSeen, rememberWrite } from './own-write.ts';

const write = (resourceVersion: string, uid = 'a') => ({ uid, resourceVersion });

describe('HPA-2.41 versions are compared as decimal numbers', () => {
  test.each([
    ['the same', '100', '100', true],
    ['newer', '101', '100', true],
    ['older', '99', '100', false],
    ['much older, and greater by its bytes', '9', '10', false],
    ['a leading zero cannot be compared', '099', '100', true],
    ['nor can zero', '0', '100', true],
    ['nor a sign', '+99', '100', true],
    ['nor a written version that is no number', '99', '1e2', true],
    ['beyond 2^53', '9007199254740992', '9007199254740993', false],
  ])('%s', (_name, store, written, want) => {
    expect(hasSeen(store, write(written))).toBe(want);
  });
});

describe('HPA-2.40 what is remembered after another write', () => {
  test.each([
    ['the first', undefined, write('7'), write('7')],
    ['a newer one', write('7'), write('10'), write('10')],
    ['not an older one', write('10'), write('9'), write('10')],
    ['one that cannot be compared', write('10'), write('x'), write('x')],
    ['one to another object, although older', write('10'), write('9', 'b'), write('9', 'b')],
  ])('%s', (_name, old, written, want) => {
    expect(rememberWrite(old, written)).toEqual(want);
  });
});

test('HPA-2.44 the delete event of an object leaves the write to the one that took its place', () => {
  const { metadata } = hpa();
  const key = { namespace: 'default', name: 'web' };
  const memory = new HpaMemory();
  memory.wroteStatus({ ...hpa(), metadata: { ...metadata, uid: 'uid-new', resourceVersion: '100' } });
  memory.removed(hpa());
  expect(memory.begin(key, { hpa: hpa(), resourceVersion: '99' }).kind).toBe('skip');
});
