/** The lists of mutations stay in step with the source, with the rules, and with the outcome that was written down. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { applied, type Mutant } from './mutant.ts';
import { HPA } from './hpa.ts';
import { HPA_UNBROKEN } from './hpa/unbroken.ts';
import { RAY } from './ray.ts';
import { RAY_UNBROKEN } from './ray/unbroken.ts';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

describe.each([
  { subject: RAY, minimum: 200, rules: /^RAY-(4|5|6|7|8|9|1[0-3])\./, unbroken: RAY_UNBROKEN },
  { subject: HPA, minimum: 500, rules: /^HPA-([2-9]|1[0-2]|16|18|19|2[12])\./, unbroken: HPA_UNBROKEN },
])('mutations of $subject.name', ({ subject: { name, spec, mutants }, minimum, rules, unbroken }) => {
  test('each applies: its text stands exactly once in its file', () => {
    const faults = mutants.flatMap((mutant) => {
      const mutated = applied(mutant, read(mutant.file));
      return mutated.ok ? [] : [mutated.error];
    });
    expect(faults).toEqual([]);
    expect(mutants.length).toBeGreaterThanOrEqual(minimum);
  });

  test('each has its own name and breaks a rule that is written down, and every rule of the core is broken', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
    const written = new Set(
      [...read(spec).matchAll(/\*\*([A-Z]+-[0-9]+\.[0-9]+[a-z]?)\*\*/g)].map((match) => match[1]),
    );
    expect(mutants.filter(({ rule }) => !written.has(rule)).map(({ id }) => id)).toEqual([]);
    const broken = new Set(mutants.map(({ rule }) => rule));
    const left = [...written].filter((rule) => rule !== undefined && rules.test(rule) && !broken.has(rule));
    expect(new Set(left)).toEqual(new Set(Object.keys(unbroken)));
  });

  test('the page names each with who noticed it, or why nobody can', () => {
    const rows = [...read(`test/mutants/${name}.md`).matchAll(/^\| `([a-z0-9-]+)` \|.* \| ([^|]+) \|$/gm)];
    expect(rows.map((row) => row[1])).toEqual(expect.arrayContaining(mutants.map(({ id }) => id)));
    expect(rows.length).toBe(mutants.length);
    const unnoticed = rows.filter((row) => !/^(vectors|unit tests): /.test(row[2] ?? ''));
    const equivalent = mutants.filter((mutant) => mutant.equivalent !== undefined);
    expect(new Set(unnoticed.map((row) => row[1]))).toEqual(new Set(equivalent.map(({ id }) => id)));
  });
});

describe('a mutation that does not apply', () => {
  const mutant: Mutant = { id: 'm', rule: 'RAY-8.1', file: 'f.ts', about: '', find: 'a < b', replace: 'a <= b' };

  test.each([
    {
      name: 'is applied when its text stands once',
      source: 'if (a < b) x();',
      want: { ok: true, value: 'if (a <= b) x();' },
    },
    { name: 'is refused when its text is gone', source: 'if (b > a) x();', want: { ok: false } },
    { name: 'is refused when its text stands twice', source: 'a < b || a < b', want: { ok: false } },
  ])('$name', ({ source, want }) => {
    expect(applied(mutant, source)).toMatchObject(want);
  });

  test('is refused when it changes nothing', () => {
    expect(applied({ ...mutant, replace: mutant.find }, 'a < b')).toMatchObject({ ok: false });
  });
});
