import { expect, test } from 'vitest';
import { CaseFaults, pathPattern } from './hpa-case-faults.ts';

const boom = { code: 500, message: 'boom' };
const gone = { code: 404, message: 'gone' };

test('the first fault that fits decides, after those that it lets pass and until it is used up', () => {
  const faults = new CaseFaults([
    { method: 'PUT', path: '/scale$', skip: 1, times: 2, error: boom },
    { path: '/web/', error: gone },
  ]);
  const strike = (method: 'GET' | 'PUT', path: string): number | undefined => faults.strike(method, path)?.code;
  expect(strike('PUT', '/db/scale')).toBeUndefined();
  expect(strike('GET', '/db/scale')).toBeUndefined();
  expect([strike('PUT', '/web/scale'), strike('PUT', '/web/scale'), strike('PUT', '/web/scale')]).toEqual([
    500, 500, 404,
  ]);
  expect(strike('GET', '/web/status')).toBe(404);
});

test.each([
  ['/scale$', '/a/scale', true],
  ['\\A/apis\\z', '/apis', true],
  ['\\A/apis\\z', '/apis/apps', false],
  ['(?i)/SCALE', '/a/scale', true],
  ['(', '', undefined],
])('the expression %j', (text, path, fits) => {
  expect(pathPattern(text)?.test(path)).toBe(fits);
});
