import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { AnyObject } from '../core/kube/object.ts';
import { defined } from '../lib/assert.ts';
import { loadManifests, manifestError, warningTexts } from './manifests.ts';

const FIXTURES = 'test/fixtures/manifests';
const never = new AbortController().signal;

const files = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.yaml'))
  .toSorted();

async function faultsOf(...paths: readonly string[]): Promise<string> {
  const loaded = await loadManifests(paths, { signal: never });
  return loaded.ok ? 'no fault\n' : `${manifestError(loaded.error).message}\n`;
}

async function objectsOf(...paths: readonly string[]): Promise<readonly AnyObject[]> {
  const loaded = await loadManifests(paths, { signal: never });
  if (!loaded.ok) throw manifestError(loaded.error);
  return loaded.value.objects;
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

  test.each([
    {
      file: '',
      want: '-f "": the name of the file is empty. Fix: write a path behind -f, or - for what is piped in.',
    },
    {
      file: 'https://example.com/hpa.yaml',
      want: 'https://example.com/hpa.yaml: this is an address, and nothing is fetched from the network. Fix: fetch it first: curl -fsSL https://example.com/hpa.yaml -o manifest.yaml, then -f manifest.yaml; or pipe it to -f -.',
    },
  ])('what is no file: "$file"', async ({ file, want }) => {
    expect(await faultsOf(file)).toBe(`one fault in the manifests, nothing was started\n  ${want}\n`);
  });

  test('an aborted signal ends the reading', async () => {
    const reason = new Error('enough');
    await expect(loadManifests([`${FIXTURES}/good-numbers.yaml`], { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
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

describe('standard input', () => {
  async function* piped(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
    for (const part of parts) yield await Promise.resolve(Buffer.from(part));
  }

  test('is read for -, as kubectl does, beside files', async () => {
    const text = await readFile(`${FIXTURES}/good-list-of-exports.yaml`, 'utf8');
    const stdin = (): AsyncIterable<Uint8Array> => piped(text.slice(0, 40), text.slice(40));
    const loaded = await loadManifests(['-', `${FIXTURES}/good-numbers.yaml`], { signal: never, stdin });
    if (!loaded.ok) throw manifestError(loaded.error);
    expect(loaded.value.objects).toHaveLength(5);
  });

  test('is named in faults', async () => {
    const loaded = await loadManifests(['-'], { signal: never, stdin: () => piped('kind: [') });
    expect(loaded.ok ? '' : manifestError(loaded.error).message).toContain('stdin line 1');
  });
});

test('what is allowed and will surprise is said, and the objects are taken', async () => {
  const loaded = await loadManifests([`${FIXTURES}/good-with-warnings.yaml`], { signal: never });
  if (!loaded.ok) throw manifestError(loaded.error);
  expect(loaded.value.objects).toHaveLength(4);
  expect(`\n${warningTexts(loaded.value.warnings)}`).toMatchInlineSnapshot(`
    "
    Warning: test/fixtures/manifests/good-with-warnings.yaml line 16, column 100: HorizontalPodAutoscaler web: spec.metrics[0].resource.target.averageUtilization: container c of Deployment web requests no cpu, and this target is a share of the request: it will give no number. Fix: add resources: {requests: {cpu: 100m}} to the container.
    Warning: test/fixtures/manifests/good-with-warnings.yaml line 22, column 65: HorizontalPodAutoscaler web-too: spec.scaleTargetRef.name: HPA web has the same target, Deployment web: neither of them will scale it (AmbiguousSelector). Fix: keep one of the two.
    Warning: test/fixtures/manifests/good-with-warnings.yaml line 25, column 7: HorizontalPodAutoscaler web-too: spec.metrics[0]: nothing serves custom.metrics.k8s.io here, so this metric of type Pods will give no number. Fix: scale by a Resource or ContainerResource metric.
    Warning: test/fixtures/manifests/good-with-warnings.yaml line 33, column 1: RayCluster ray: spec.enableInTreeAutoscaling: Ray's autoscaler is off for this cluster: its workers stay as many as replicas says, and no tasks are sent. Fix: write enableInTreeAutoscaling: true below spec.
    "
  `);
  const guide = await loadManifests(['examples/guide.yaml'], { signal: never });
  expect(guide.ok ? guide.value.warnings : 'faults').toEqual([]);
});
