/** docs/guides/replace-hpa.md against what it speaks of: flags and their defaults, sentences of the program, series, files. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { hpaOptions } from '../src/cli/hpa/options.ts';
import { settingsOf, type HpaFlags } from '../src/cli/hpa/settings.ts';
import { inHpaCluster } from './support/hpa-process.ts';
import { ELECTION } from './support/election.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const GUIDE = `${ROOT}/docs/guides/replace-hpa.md`;
const text = readFileSync(GUIDE, 'utf8');
const HELP = new Map(hpaOptions().map((option) => [option.long, option]));

function settings(...args: readonly string[]): ReturnType<typeof settingsOf> {
  const command = new Command('hpa').exitOverride();
  for (const option of hpaOptions()) command.addOption(option);
  return settingsOf(command.parse([...args], { from: 'user' }).opts<HpaFlags>());
}

describe('flags', () => {
  const typed = [...text.matchAll(/(?<![\w-])(--[a-z][a-z-]+)/g)].map(([, flag = '']) => flag);
  /** Of kubectl, k3s, minikube and kube-controller-manager. */
  const OTHERS = [
    '--prefix',
    '--tail',
    '--cascade',
    '--controllers',
    '--kube-controller-manager-arg',
    '--extra-config',
    '--help',
  ];

  test('each one that the guide names can be typed', () => {
    expect([...new Set(typed)].filter((flag) => !HELP.has(flag) && !OTHERS.includes(flag))).toEqual([]);
    expect(new Set(typed).size).toBeGreaterThan(20);
  });

  test('each one that the original has is in the table', () => {
    const own = ['--context', '--dry-run', '--force', '--log-format', '--verbose'];
    const table = text.slice(text.indexOf('\n## Flags\n'), text.indexOf('\n## Older servers\n'));
    const missing = [...HELP.keys()].filter((flag) => !own.includes(flag ?? '') && !table.includes(`\`${flag}\``));
    expect(missing).toEqual([]);
  });

  test('each default is the one that is told', () => {
    const rows = [...text.matchAll(/^\| (`--[^|]+) \| ([^|]+) \|/gm)];
    const told = rows.flatMap(([, flags = '', defaults = '']) => {
      const values = defaults.split(', ');
      return [...flags.matchAll(/`(--[^`]+)`/g)].map(
        ([, flag = ''], i) => [flag, values[i] ?? values[0] ?? ''] as const,
      );
    });
    const given = told.filter(([, value]) => !['none', 'all on', ''].includes(value.trim()));
    expect(given.length).toBeGreaterThan(12);
    const typedOut = settings(...given.map(([flag, value]) => `${flag}=${value.trim()}`));
    expect(typedOut).toEqual(settings());
  });

  test('the gates of an older server', () => {
    const [, gates = ''] = /--feature-gates=(HPAScaleToZero\S+false)`/.exec(text) ?? [];
    expect(settings(`--feature-gates=${gates}`).config.gates).toMatchObject({
      HPAScaleToZero: false,
      HPAGeneration: false,
    });
  });
});

/** Rows of the table by the version up to which they hold; each begins with what the original does there. */
test.each([
  ['HPA-24.7', '1.36', /looks at a new or edited HPA after a period/],
  ['HPA-24.8', '1.36', /never sets `status\.observedGeneration`/],
  ['HPA-24.8', '1.36', /has not seen its own last write .*`stale_sync_skips_total`/],
  [
    'HPA-24.9',
    '1.36',
    /`are controlled by multiple HPAs: \[\.\.\.\]`.*`are controlled by more than one HPA \(e\.g\. \[\.\.\.\]\)`/,
  ],
  [
    'HPA-24.10',
    '1.36',
    /`unable to get metric m: Service on ns web\/\.\.\.`.*`unable to get metric m on Service ns\/web: \.\.\.`/,
  ],
  ['HPA-24.11', '1.36', /unknown metric type as an `internal` error .*`spec`/],
  ['HPA-24.12', '1.35', /at 0 replicas is disabled unless `minReplicas` is 0.*no condition `ScaledToZero`/],
  ['HPA-24.14', '1.34', /`num_horizontal_pod_autoscalers` and `desired_replicas`/],
  ['HPA-24.14', '1.34', /very large numbers of Object and External metrics overflow/],
  ['HPA-24.14', '1.34', /request of a container that is not there as 0/],
])('%s what differs on servers until %s is told', (_rule, version, said) => {
  const section = text.slice(text.indexOf('\n## Older servers\n'), text.indexOf('\n## What was tried\n'));
  const rows = section.split('\n').filter((line) => line.startsWith(`| ${version} |`));
  expect(rows.filter((row) => said.test(row))).toHaveLength(1);
});

test('files and links', () => {
  const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path);
  const named = [...text.matchAll(/(?<![\w/.-])((?:deploy|test|docs)\/[\w./-]*\w)/g)].map(([, path = '']) => path);
  expect(links.filter((path) => !existsSync(`${ROOT}/docs/guides/${path}`))).toEqual([]);
  expect([...new Set(named)].filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
  expect(links.length).toBeGreaterThan(1);
});

test('the sentences and the series that it quotes are those of a process', async () => {
  await inHpaCluster(async (cluster) => {
    const serving = { host: undefined, port: 10_257 } as const;
    const tandem = cluster.start({ settings: { election: ELECTION, serving } });
    await cluster.wait(20);
    const { body } = await tandem.page('/metrics');
    await tandem.stop();
    const leading = /`(leading: [^`]+)`/.exec(text)?.[1] ?? 'missing';
    expect(tandem.lines).toContain(`INFO ${leading}`);
    for (const name of ['leader_election_master_status{name="tandem-hpa"}', 'horizontal_pod_autoscaler_controller_']) {
      expect(text).toContain(name);
      expect(body).toContain(name);
    }
  });
});
