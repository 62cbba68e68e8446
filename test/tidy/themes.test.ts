/** The table of upstream's test themes in docs/spec/hpa.md says where each is covered: all that it names is there. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FAMILY_NAMES } from '../conformance/hpa-generator.ts';
import { HPA_VECTOR_FILES, readHpaVectors } from '../support/hpa-vectors.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const THEMES = 31;

const document = readFileSync(`${ROOT}/docs/spec/hpa.md`, 'utf8');
const [, section = ''] = document.split(/^## 25\. /m);
const defined = [...document.matchAll(/\*\*(HPA-[0-9]+\.[0-9]+[a-z]?)\*\*/g)].map(([, id = '']) => id);
const rowIds = HPA_VECTOR_FILES.flatMap(({ file }) => readHpaVectors(file).vectors.map(({ case: { id } }) => id));

type Row = readonly [theme: string, upstream: string, rules: string, tests: string];

const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Theme |'))
  .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')) as unknown as Row); // its length is tested

/** What is wrong with one code span of the column of tests; undefined: it names something that is there. */
function faultOf(span: string): string | undefined {
  const [, family] = /^family (.+)$/.exec(span) ?? [];
  if (family !== undefined) return (FAMILY_NAMES as readonly string[]).includes(family) ? undefined : 'no such family';
  const [, path, text = ''] = /^((?:src|test)\/\S+\.ts)(?: > (.+))?$/.exec(span) ?? [];
  if (path === undefined) return rowIds.some((id) => id.startsWith(span)) ? undefined : 'no row begins so';
  if (!existsSync(`${ROOT}/${path}`)) return 'no such file';
  return readFileSync(`${ROOT}/${path}`, 'utf8').includes(text) ? undefined : 'no such text in the file';
}

describe('themes of upstream', () => {
  test('the table is whole', () => {
    expect(rows.map((row) => row.length)).toEqual(rows.map(() => 4));
    expect(new Set(rows.map(([theme]) => theme)).size).toBe(THEMES);
    for (const [theme, upstream] of rows) expect(upstream, theme).toMatch(/^[0-9]+( \+ [0-9]+)*$/);
  });

  test.each(rows)('%s: the rules are written down', (_theme, _upstream, rules) => {
    const named = [...rules.matchAll(/HPA-[0-9]+\.[0-9]+[a-z]?/g)].map(([id]) => id);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((id) => !defined.includes(id))).toEqual([]);
  });

  test.each(rows)('%s: the tests are there', (_theme, _upstream, _rules, tests) => {
    const spans = [...tests.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
    expect(spans.length).toBeGreaterThan(0);
    expect(spans.map((span) => [span, faultOf(span)]).filter(([, fault]) => fault !== undefined)).toEqual([]);
  });

  test.each([
    ['src/core/hpa/nothing.test.ts', 'no such file'],
    ['src/core/hpa/zero.test.ts > from zero to nowhere', 'no such text in the file'],
    ['aimed/nothing', 'no row begins so'],
    ['family weather', 'no such family'],
  ])('%s is caught', (span, fault) => {
    expect(faultOf(span)).toBe(fault);
  });
});
