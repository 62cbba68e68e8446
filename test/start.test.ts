/** Flags that npm keeps for itself when `--` is forgotten: said before anything is installed, built or played. */

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test.each([
  { name: '-f', args: ['web.yaml'], variables: { npm_config_force: 'true' }, want: '`npm start -- -f web.yaml`' },
  {
    name: '--ray-load',
    args: [],
    variables: { npm_config_ray_load: 'load.yaml' },
    want: '`npm start -- --ray-load`',
  },
  { name: '--once', args: [], variables: { npm_config_once: 'true' }, want: '`npm start -- --once`' },
])('$name', ({ args, variables, want }) => {
  const env = { PATH: process.env['PATH'], npm_lifecycle_event: 'start', ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/start.cjs', ...args], {
    env,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(want);
});
