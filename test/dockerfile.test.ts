/** The Dockerfile's promises, read from its INSTRUCTIONS. That its steps run is tried in the conformance run. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { deployFile } from './support/deploy.ts';
import { INSTRUCTIONS, type Instruction } from './support/dockerfile.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const last = INSTRUCTIONS.slice(INSTRUCTIONS.findLastIndex(({ name }) => name === 'FROM'));

const all = (name: string, of: readonly Instruction[] = INSTRUCTIONS): readonly string[] =>
  of.filter((instruction) => instruction.name === name).map(({ rest }) => rest);

describe('the image', () => {
  test('is read as instructions', () => {
    expect(INSTRUCTIONS.length).toBeGreaterThan(20);
    expect(new Set(INSTRUCTIONS.map(({ name }) => name))).toEqual(
      new Set('ARG FROM SHELL WORKDIR COPY RUN LABEL USER EXPOSE HEALTHCHECK ENTRYPOINT CMD'.split(' ')),
    );
  });

  test('stands on bases with a tag, and Node of a version that runs the program', () => {
    expect(all('ARG')).toEqual(['NODE_IMAGE=node:22-bookworm-slim', 'BASE_IMAGE=debian:bookworm-slim']);
    expect(all('FROM')).toEqual([`$\{NODE_IMAGE} AS program`, `$\{NODE_IMAGE} AS dependencies`, `$\{BASE_IMAGE}`]);
  });

  test('ends as a numbered user that is not root, so that runAsNonRoot can be checked', () => {
    expect(all('USER', last)).toEqual(['1000:1000']);
    expect(last.findIndex(({ name }) => name === 'USER')).toBeLessThan(
      last.findIndex(({ name }) => name === 'ENTRYPOINT'),
    );
  });

  test('starts tandem without a shell, and has the name that KubeRay calls on every PATH', () => {
    expect(all('ENTRYPOINT', last)).toEqual(['["tandem"]']);
    const made = all('RUN').join(' ');
    expect(made).toContain('ln -s /opt/tandem/bin/tandem.js /image/usr/local/bin/tandem ');
    expect(made).toContain('ln -s /opt/tandem/bin/ray /image/usr/local/bin/ray ');
  });

  test('installs exactly the lock file, and runs no script of a package', () => {
    const installs = all('RUN').filter((run) => /\bnpm (ci|install|i)\b/.test(run));
    expect(installs).toHaveLength(2);
    for (const run of installs) expect(run).toMatch(/npm ci .*--ignore-scripts/);
  });

  test('holds production dependencies only, and nothing is run or installed in its last stage', () => {
    expect(all('COPY', last)).toEqual([
      '--from=program /usr/local/bin/node /usr/local/bin/node',
      '--from=dependencies /build/node_modules /opt/tandem/node_modules',
      '--from=program /image/ /',
    ]);
    expect(all('RUN', last)).toEqual([]);
    const from = INSTRUCTIONS.findIndex(({ rest }) => rest.endsWith(' AS dependencies'));
    expect(all('RUN', INSTRUCTIONS.slice(from))[0]).toMatch(/^npm ci --omit=dev /);
  });

  test('takes no secret', () => {
    const text = deployFile('Dockerfile');
    expect(text).not.toMatch(/token|password|secret=|credential|_authToken/i);
    expect(all('ADD')).toEqual([]);
  });
});

describe('the build context', () => {
  const patterns = readFileSync(`${ROOT}/.dockerignore`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  const copied = all('COPY')
    .filter((rest) => !rest.startsWith('--from='))
    .flatMap((rest) => rest.split(' ').slice(0, -1));

  test('begins with nothing', () => {
    expect(patterns[0]).toBe('*');
  });

  test('has all that is copied, and nothing else', () => {
    expect(copied.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
    const allowed = patterns.filter((line) => line.startsWith('!')).map((line) => line.slice(1).replace(/\/$/, ''));
    // a folder must be let in before one of its files can be
    expect(new Set(allowed.filter((path) => path !== 'scripts'))).toEqual(new Set(copied));
  });
});
