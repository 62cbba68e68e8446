/** docs/guides/own-cluster.md against what it speaks of: the roles, the sentences of the program, the files and the flags. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DEMO_START } from '../src/clock/event-clock.ts';
import { agreementText } from '../src/controllers/agreement.ts';
import { grantedBy, rightText, SETS, type SetName } from './support/deploy.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const GUIDE = 'docs/guides/own-cluster.md';
const text = readFileSync(`${ROOT}/${GUIDE}`, 'utf8');

/** The rows of the table that stands under `heading`, cells trimmed; the row of the names first. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const section = text.slice(text.indexOf(`\n## ${heading}\n`)).slice(1);
  const end = section.indexOf('\n## ');
  return section
    .slice(0, end === -1 ? undefined : end)
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('|---'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('the table of permissions', () => {
  const [names = [], ...rows] = tableUnder('Permissions');

  /** `list, watch \`pods\` of \`metrics.k8s.io\`` as single rights. */
  const rightsOf = (cell: string): readonly string[] => {
    const [, verbs = '', resource = '', , group = ''] = /^([a-z, ]+) `([^`]+)`( of `([^`]+)`)?$/.exec(cell) ?? [];
    return verbs.split(', ').map((verb) => rightText({ verb, resource, group }));
  };

  test.each(SETS)('says of %s what its role grants', (set: SetName) => {
    const column = names.indexOf(set);
    const told = rows.filter((cells) => cells[column] === 'yes').flatMap(([right = '']) => rightsOf(right));
    expect(told.toSorted()).toEqual(grantedBy(set).map(rightText).toSorted());
  });

  test('says `yes` or nothing', () => {
    expect(new Set(rows.flatMap((cells) => cells.slice(2)))).toEqual(new Set(['yes', '']));
  });
});

describe('the table of messages', () => {
  const program = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src'], { cwd: ROOT })
    .toString()
    .split('\n')
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && existsSync(`${ROOT}/${path}`))
    .map((path) => readFileSync(`${ROOT}/${path}`, 'utf8'))
    .join('\n');

  const sentences = tableUnder('When something is wrong')
    .slice(1)
    .map(([sentence = '']) => sentence.replaceAll('`', ''));

  test('has rows', () => {
    expect(sentences.length).toBeGreaterThan(8);
  });

  test.each(sentences)('the program says: %s', (sentence) => {
    const pieces = sentence.split('...').map((piece) => piece.replace(/:? *$/, '').trim());
    expect(pieces.filter((piece) => piece.length > 2 && !program.includes(piece))).toEqual([]);
    expect(pieces.some((piece) => piece.length > 10)).toBe(true);
  });
});

describe('the line of agreement', () => {
  const shown = [text, readFileSync(`${ROOT}/docs/guides/replace-hpa.md`, 'utf8')].flatMap((guide) =>
    [...guide.matchAll(/`(agreement: [^`]+)`/g)].map(([, line = '']) => line),
  );

  test('stands in both guides', () => {
    expect(shown).toHaveLength(2);
  });

  test.each(shown)('is one that the program prints: %s', (line) => {
    const count = (what: RegExp): number => Number(what.exec(line)?.[1] ?? 0);
    const printed = agreementText({
      at: DEMO_START,
      matched: count(/(\d+) alike/),
      confirmed: count(/(\d+) confirmed/),
      notContradicted: count(/(\d+) not contradicted/),
      onlyOurs: count(/(\d+) decided only here/),
      onlyTheirs: count(/(\d+) done only by/),
      waiting: 0,
      mismatches: [],
    });
    expect(printed).toBe(line);
  });
});

describe('what the guide names is there', () => {
  test('files and folders', () => {
    const named = [...text.matchAll(/(?<![\w/.-])((?:deploy|test|docs|bin)\/[\w./-]*[\w])/g)].map(
      ([, path = '']) => path,
    );
    expect([...new Set(named)].filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
    expect(named.length).toBeGreaterThan(10);
  });

  test('links within the guide', () => {
    const slugs = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, slug = '']) => slug);
    expect(links.filter((slug) => !slugs.includes(slug))).toEqual([]);
  });
});
