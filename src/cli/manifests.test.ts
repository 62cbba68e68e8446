import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { AnyObject } from '../core/kube/object.ts';
import { defined } from '../lib/assert.ts';
import { loadManifests, manifestError } from './manifests.ts';

const FIXTURES = 'test/fixtures/manifests';
const never = new AbortController().signal;

const files = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.yaml'))
  .toSorted();

async function faultsOf(...paths: readonly string[]): Promise<string> {
  const loaded = await loadManifests(paths, never);
  return loaded.ok ? 'no fault\n' : `${manifestError(loaded.error).message}\n`;
}

async function objectsOf(...paths: readonly string[]): Promise<readonly AnyObject[]> {
  const loaded = await loadManifests(paths, never);
  if (!loaded.ok) throw manifestError(loaded.error);
  return loaded.value;
}

describe('faults', () => {
  test.each(files.filter((name) => !name.startsWith('good-')))('%s', async (name) => {
    const text = await faultsOf(`${FIXTURES}/${name}`);
    await expect(text).toMatchFileSnapshot(join('../..', FIXTURES, name.replace(/yaml$/, 'faults.txt')));
    for (const line of text.trimEnd().split('\n').slice(1)) {
      if (line.startsWith('  ... and')) continue;
      expect(line).toMatch(/^ {2}test\/fixtures\/manifests\/[\w-]+\.yaml( line \d+, column \d+)?: .+\. Fix: .+\.$/);
    }
  });

  test('enough kinds of fault were tried', () => {
    expect(files.length).toBeGreaterThan(18);
  });

  test('a missing file, a folder and good files together: nothing is loaded, the file is named', async () => {
    const text = await faultsOf(`${FIXTURES}/good-numbers.yaml`, 'no/such.yaml', FIXTURES);
    expect(text).toBe(
      '2 faults in the manifests, nothing was started' +
        '\n  no/such.yaml: there is no such file. Fix: check the path, it is taken from the current folder.' +
        `\n  ${FIXTURES}: this is a folder. Fix: name the files in it, such as -f folder/*.yaml.\n`,
    );
  });

  test('an aborted signal ends the reading', async () => {
    const reason = new Error('enough');
    await expect(loadManifests([`${FIXTURES}/good-numbers.yaml`], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('good manifests', () => {
  test("the guide's set is taken as it is", async () => {
    const kinds = (await objectsOf('examples/guide.yaml')).map(({ kind }) => kind);
    expect(kinds).toEqual(['HorizontalPodAutoscaler', 'Deployment', 'RayCluster', 'NodePool']);
  });

  test('numbers are read as kubectl reads them, dates and times stay text', async () => {
    const [deployment, hpa] = await objectsOf(`${FIXTURES}/good-numbers.yaml`);
    expect(hpa?.spec).toMatchObject({
      minReplicas: 8,
      maxReplicas: 12,
      metrics: [{ resource: { target: { averageUtilization: 60 } } }],
    });
    expect(deployment?.spec).toMatchObject({
      template: { metadata: { annotations: { released: '2026-01-02', window: '12:30:45' } } },
    });
  });

  test('lists are taken apart, what the server had filled in is left out, a missing namespace comes first', async () => {
    const objects = await objectsOf(`${FIXTURES}/good-list-of-exports.yaml`);
    expect(objects.map(({ kind, metadata }) => [kind, metadata])).toEqual([
      ['Namespace', { name: 'shop' }],
      ['Deployment', { name: 'api', namespace: 'shop' }],
      ['Namespace', { name: 'other' }],
    ]);
    expect(objects[1]?.status).toBeUndefined();
  });

  test('a target may be in another file, and a file given twice counts once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const [deployment, hpa] = await objectsOf(`${FIXTURES}/good-numbers.yaml`);
    const [first, second] = [join(folder, 'hpa.json'), join(folder, 'deployment.json')];
    writeFileSync(first, JSON.stringify(defined(hpa, 'the HPA'), undefined, '  '));
    writeFileSync(second, JSON.stringify(defined(deployment, 'the Deployment')));
    expect(await objectsOf(first, second, first)).toEqual([hpa, deployment]);
  });
});
