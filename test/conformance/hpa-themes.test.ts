/**
 * The themes of upstream's end-to-end tests on a real control plane, under `tandem hpa` with the rights of deploy/hpa, compared with a
 * recording of kube-controller-manager's own loop. With TANDEM_CONFORMANCE=all the original plays too, and has to repeat its recording; with
 * TANDEM_RECORD=1 it plays three times, and what its plays have in common is written as the recording. What is masked: hpa-themes-recording.ts.
 * A leader that changes in the middle of a rise is hpa-leader.test.ts.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { afterAll, describe, expect, onTestFailed, test } from 'vitest';
import { say, type Bed } from './bed/bed.ts';
import { describeOnBed, WITHOUT_HPA } from './bed/harness.ts';
import { accountOf } from './deploy-bed.ts';
import { accountKubeconfig, evidence, grant } from './hpa-bed.ts';
import { costOf, HpaChild } from './hpa-child.ts';
import { GADGET_API, hpa, resourceValue } from './hpa-themes-objects.ts';
import { play, readyForGadgets, THEME_FLAGS, type Played } from './hpa-themes-play.ts';
import { differences, merged, type Recording, type Run } from './hpa-themes-recording.ts';
import { THEMES } from './hpa-themes.ts';

const FILE = fileURLToPath(new URL('../vectors/hpa-themes/kubernetes-1.37.2.json', import.meta.url));
const METRICS = { metricsEverySeconds: 1 };
const ORIGINAL_ACCOUNT = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';
const RECORDED_RUNS = 3;
const RECORD = process.env['TANDEM_RECORD'] === '1';
const ALL = process.env['TANDEM_CONFORMANCE'] === 'all';
const WITHIN = { timeoutMs: 60_000 };
const SCENARIO = 'hpa-themes';
/** Of a gadget that is nowhere. */
const PROBE = hpa('web', [resourceValue('cpu', '1')], {
  scaleTargetRef: { apiVersion: GADGET_API, kind: 'Gadget', name: 'web' },
});

type File = {
  readonly kubernetes: string;
  readonly runs: number;
  readonly flags: readonly string[];
  readonly hpas: Recording;
};

describe('the themes of the HPA on a real control plane', () => {
  if (RECORD || ALL) {
    const original = { sidecar: 'tandem', controllerManagerFlags: THEME_FLAGS, ...METRICS } as const;
    describeOnBed("under kube-controller-manager's own loop", original, (bed) => {
      if (RECORD) test('is recorded', () => record(bed()));
      else describePlay('kube-controller-manager', bed, () => Promise.resolve(ORIGINAL_ACCOUNT));
    });
  }
  if (RECORD) return;
  describeOnBed('under tandem hpa', { sidecar: 'tandem', controllers: WITHOUT_HPA, ...METRICS }, (bed) => {
    let child: HpaChild | undefined;
    afterAll(() => child?.kill());
    describePlay('tandem-hpa', bed, async () => {
      await grant(bed(), 'hpa');
      const kubeconfig = await accountKubeconfig(bed(), 'hpa');
      const started = new HpaChild(['--kubeconfig', kubeconfig, '--secure-port=0', ...THEME_FLAGS]);
      child = started;
      onTestFailed(() => say(`tandem hpa wrote:\n${started.output}`));
      await bed().waitFor('tandem hpa works', () => started.said('each HPA every 1s') > 0, WITHIN);
      return accountOf('hpa');
    });

    test('no line of it tells of a fault of its own, and it ends when it is told to', async () => {
      if (child === undefined) throw new Error('tandem hpa was not started');
      const { peakMemoryMib, cpuMs } = costOf(child.pid);
      evidence({ scenario: SCENARIO, loop: 'tandem-hpa', peakMemoryMib, cpuMs });
      const { exitCode } = await child.terminate();
      expect({ exitCode, errors: child.output.split('\n').filter((line) => line.includes(' ERROR ')) }).toEqual({
        exitCode: 0,
        errors: [],
      });
    });
  });
});

/** Plays the themes, then one test for each. `start` begins the loop; its account. */
function describePlay(loop: string, bed: () => Bed, start: () => Promise<string>): void {
  let played: Played = { run: {}, failures: {} };
  test('plays the themes', async () => {
    const account = await start();
    await readyForGadgets(bed(), PROBE);
    const begin = performance.now();
    played = await play(bed(), { account, themes: THEMES });
    evidence({ scenario: SCENARIO, loop, step: 'play', totalMs: Math.round(performance.now() - begin) });
  });

  test.for(THEMES.map(({ name }) => name))('%s: as the original did', (theme) => {
    if (theme in played.failures) throw played.failures[theme];
    const recorded = recording();
    const mine = (name: string): boolean => name.startsWith(`${theme}/`);
    const names = [...new Set([...Object.keys(recorded), ...Object.keys(played.run)])].filter(mine);
    expect(names).not.toEqual([]);
    const found = names.flatMap((name) =>
      differences(recorded[name], played.run[name]).map((text) => `${name} ${text}`),
    );
    if (found.length > 0)
      say(
        `${theme} under ${loop}: ${JSON.stringify(
          names.map((name) => played.run[name]),
          undefined,
          1,
        )}`,
      );
    expect(found).toEqual([]);
  });

  test('nobody else has scaled', async () => {
    const account = loop === 'tandem-hpa' ? accountOf('hpa') : ORIGINAL_ACCOUNT;
    const others = bed()
      .writes()
      .filter(({ resource, user }) => resource.endsWith('/scale') && user !== account && user !== 'admin');
    expect(others).toEqual([]);
    expect(
      bed()
        .writes()
        .filter(({ resource, user }) => resource.endsWith('/scale') && user === account),
    ).not.toEqual([]);
  });
}

async function record(bed: Bed): Promise<void> {
  await readyForGadgets(bed, PROBE);
  const runs: Run[] = [];
  for (let i = 0; i < RECORDED_RUNS; i++) {
    const { run, failures } = await play(bed, { account: ORIGINAL_ACCOUNT, themes: THEMES });
    expect(failures).toEqual({});
    runs.push(run);
  }
  const file: File = { kubernetes: '1.37.2', runs: runs.length, flags: THEME_FLAGS, hpas: merged(runs) };
  mkdirSync(new URL('.', `file://${FILE}`), { recursive: true });
  writeFileSync(FILE, await format(JSON.stringify(file), { ...(await resolveConfig(FILE)), parser: 'json' }));
  say(`recorded in ${FILE}`);
}

function recording(): Recording {
  if (!existsSync(FILE)) throw new Error(`${FILE} is not there: TANDEM_RECORD=1 makes it`);
  const { hpas } = JSON.parse(readFileSync(FILE, 'utf8')) as File; // written by `record`
  return hpas;
}
