/** The house rules that neither compiler nor lint can hold. Each gate says how much it saw. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { layerOf, wallsCrossed, type Layer } from './imports.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

type Table = {
  readonly minimumFiles: number;
  readonly layers: readonly { readonly folder: string; readonly pure: boolean; readonly imports: readonly string[] }[];
};
// the file is ours; its form is checked by the tests below
const table = JSON.parse(readFileSync(`${ROOT}/layers.json`, 'utf8')) as Table;

const layers: readonly Layer[] = table.layers.map((layer) => {
  const named = [layer.folder, ...layer.imports];
  const allowed = table.layers
    .map((other) => other.folder)
    .filter((folder) => named.some((name) => folder === name || folder.startsWith(`${name}/`)));
  return { folder: layer.folder, pure: layer.pure, allowed };
});

/** Tracked files and new ones that git does not ignore. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(`${ROOT}/${path}`));

const read = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8');

const isTest = (path: string): boolean => /\.test\.ts$/.test(path);
const sources = files.filter((path) => path.startsWith('src/') && path.endsWith('.ts') && !isTest(path));

function checkWalls(paths: readonly string[], source: (path: string) => string, minimum: number): readonly string[] {
  const faults = paths.flatMap((path) => wallsCrossed(path, source(path), layers));
  return paths.length < minimum ? [...faults, `saw only ${paths.length} files, expected at least ${minimum}`] : faults;
}

describe('walls between folders', () => {
  test('no import crosses a wall, and enough files were seen', () => {
    expect(checkWalls(sources, read, table.minimumFiles)).toEqual([]);
  });

  test.each([
    ['src/core/hpa/sync.ts', `import { x } from '../ray/schedule.ts';`],
    ['src/core/ray/schedule.ts', `import type { x } from '../hpa/sync.ts';`],
    ['src/core/cluster/kinds/a.ts', `export { x } from '../../../cluster/store.ts';`],
    ['src/core/time/time.ts', `import { x } from 'node:fs';`],
    ['src/core/hpa/sync.ts', `const x = await import('../../controllers/hpa.ts');`],
    ['src/ports/clock.ts', `import { x } from '../controllers/hpa.ts';`],
    ['src/controllers/hpa.ts', `import {\n  x,\n} from '../cluster/store.ts';`],
    ['src/elsewhere/a.ts', `import { x } from './b.ts';`],
  ])('a bad import in %s is caught', (path, source) => {
    expect(wallsCrossed(path, source, layers)).not.toEqual([]);
  });

  test('a gate that sees too few files fails', () => {
    expect(checkWalls(sources.slice(0, 3), read, table.minimumFiles)).toEqual([
      `saw only 3 files, expected at least ${table.minimumFiles}`,
    ]);
  });

  test('every folder of the table holds files, and every source lies in one', () => {
    for (const layer of layers)
      expect(
        sources.some((path) => layerOf(path, layers) === layer),
        layer.folder,
      ).toBe(true);
  });
});

describe('texts', () => {
  const texts = files.filter(
    (path) => /\.(ts|mjs|cjs|js|json|md|yaml|yml|sh)$/.test(path) && path !== 'package-lock.json',
  );
  // spelled in two halves, so that this file does not contain what it looks for
  const machinePath = new RegExp(
    `(^|[^A-Za-z0-9_.])/(${['wo' + 'rk', 'fa' + 'rm', 'ro' + 'ot', 'ho' + 'me/[a-z]+'].join('|')})/`,
  );

  test('no file names a path of one machine', () => {
    const hits = texts.filter((path) =>
      read(path)
        .split('\n')
        .some((line) => machinePath.test(line)),
    );
    expect(hits).toEqual([]);
    expect(texts.length).toBeGreaterThan(table.minimumFiles);
  });

  test('the lock file names no registry host', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"');
  });

  test('no loose ends in the sources', () => {
    const loose = new RegExp(
      ['TO' + 'DO', 'FIX' + 'ME', '@ts-' + 'ignore', 'oxlint-' + 'disable', 'eslint-' + 'disable'].join('|'),
    );
    const focus = new RegExp(`\\b(it|test|describe)\\.(on` + `ly|sk` + `ip|to` + `do)\\(`);
    const code = files.filter((path) => /^(src|test|bench|scripts)\/.*\.(ts|mjs|cjs)$/.test(path));
    expect(code.filter((path) => loose.test(read(path)) || focus.test(read(path)))).toEqual([]);
    expect(code.length).toBeGreaterThan(table.minimumFiles);
  });

  test('every source opens with a module header', () => {
    expect(sources.filter((path) => !/^(#!.*\n)?(import .*\n|\n)*\/\*\*/.test(read(path)))).toEqual([]);
  });
});

describe('rule ids', () => {
  const SPEC: Readonly<Record<string, string>> = { HPA: 'docs/spec/hpa.md', RAY: 'docs/spec/ray.md' };

  test.each(Object.entries(SPEC))(
    'every %s rule that a test cites stands in %s, and every rule there has a test',
    (prefix, path) => {
      const rules = new Set(
        [...read(path).matchAll(/\*\*((?:HPA|RAY)-[0-9]+(?:\.[0-9]+[a-z]?)?)\*\*/g)].map((match) => match[1] ?? ''),
      );
      const cited = new Set<string>();
      for (const file of files.filter(isTest)) {
        for (const match of read(file).matchAll(/\b(HPA|RAY)-[0-9]+(?:\.[0-9]+[a-z]?)?\b/g))
          if (match[1] === prefix) cited.add(match[0]);
      }
      expect(
        [...cited].filter((id) => !rules.has(id)),
        'cited but not written down',
      ).toEqual([]);
      expect(
        [...rules].filter((id) => !cited.has(id)),
        'written down but not tested',
      ).toEqual([]);
      expect(rules.size).toBeGreaterThan(20);
    },
  );
});
