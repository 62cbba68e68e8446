import { expect, test } from 'vitest';

test('tests of the pure core run with time and chance poisoned', () => {
  expect(() => Date.now()).toThrow('pure core');
  expect(() => Math.random()).toThrow('pure core');
});
