import { expect, test } from 'vitest';
import { lastAllowedCore, machineText, pinned } from './machine.ts';

test.each([
  ['Cpus_allowed:\t3\nCpus_allowed_list:\t0-1\nMems_allowed:\t1', 1],
  ['Cpus_allowed_list:\t0', 0],
  ['Cpus_allowed_list:\t0-3,8-11', 11],
  ['Cpus_allowed_list:\t0-3,8\n', 8],
  ['Name:\tnode', undefined],
])('the last core of %j is %s', (status, want) => {
  expect(lastAllowedCore(status)).toBe(want);
});

test('a program is pinned with all its arguments and its environment', () => {
  const program = { command: 'python', args: ['a.py', '3'], env: { PYTHONHASHSEED: '0' } };
  expect(pinned(program, 1)).toEqual({ ...program, command: 'taskset', args: ['-c', '1', 'python', 'a.py', '3'] });
  expect(pinned(program, undefined)).toBe(program);
});

test('the machine is told with day and Node', () => {
  expect(machineText(new Date(Date.UTC(2026, 10, 28)))).toMatch(/^2026-11-28, \d+ x .+ GiB, load \d.*; Node v\d+/);
});
