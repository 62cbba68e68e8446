/**
 * Placement groups and `request_resources` of real Ray under `tandem ray-autoscaler`, on workers of two CPUs: so a PACK group of 2 x 1 CPU
 * needs one worker and a STRICT_SPREAD group two. Runs with TANDEM_CONFORMANCE=all.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { describeOnBed } from './bed/harness.ts';
import { SampleCluster } from './first-contact-cluster.ts';
import { tellGroup, tellRequest } from './first-contact-evidence.ts';
import { playGroup, playRequest } from './first-contact-group-scripts.ts';

const ALL = process.env['TANDEM_CONFORMANCE'] === 'all';
const TITLE = 'gangs and a floor of real Ray under tandem ray-autoscaler';
const START_LIMIT_MS = 10 * 60_000;
/** What a log holds when a permission was missing, a call was refused, a round broke off or a demand could not be met. */
const TROUBLE = /forbidden|must not|broke off|defect|infeasible/i;

describe.runIf(ALL)(ALL ? TITLE : `${TITLE} (only with TANDEM_CONFORMANCE=all: it takes minutes)`, () => {
  describeOnBed('KubeRay’s sample', { sidecar: 'tandem' }, (bed) => {
    let cluster: SampleCluster;
    beforeAll(async () => {
      cluster = await SampleCluster.start(bed(), { namespace: await bed().namespace('gangs'), workerCpu: '2' });
    }, START_LIMIT_MS);

    test('a PACK group shares one worker, which leaves once the group is removed', async () => {
      const played = await playGroup(cluster, 'PACK');
      tellGroup(cluster, played);
      expect(played).toMatchObject({ created: 1, numbers: [1, 0] });
      expect(played.nodeIds).toHaveLength(2);
      expect(new Set(played.nodeIds).size).toBe(1);
      for (const status of played.statuses) expect(status).not.toMatch(/infeasible/i);
    });

    test('a STRICT_SPREAD group gets two workers, by one patch', async () => {
      const played = await playGroup(cluster, 'STRICT_SPREAD');
      tellGroup(cluster, played);
      expect(played).toMatchObject({ created: 2, most: 2 });
      expectOnceUpThenDown(played.numbers);
      expect(new Set(played.nodeIds).size).toBe(2);
      for (const status of played.statuses) expect(status).not.toMatch(/infeasible/i);
    });

    test('request_resources keeps two idle workers until it asks for none', async () => {
      const played = await playRequest(cluster, { cpus: 4, workers: 2 });
      tellRequest(cluster, played);
      expect(played).toMatchObject({ created: 2, most: 2, fewest: 2 });
      expectOnceUpThenDown(played.numbers);
      expect(played.statuses.at(-1)).toMatch(/\{'CPU': 1(\.0)?\}: 4 from request_resources\(\)/);
      for (const status of played.statuses) expect(status).not.toMatch(/infeasible/i);
    });

    test('nothing else was written, nothing was refused', () => {
      const kinds = new Set(cluster.writes().map(({ verb, resource, code }) => `${verb} ${resource} ${code}`));
      expect([...kinds]).toEqual(['patch rayclusters 200']);
      expect(bed().logs(cluster.sidecar)).not.toMatch(TROUBLE);
    });
  });
});

/** Two workers by one patch; idle ones leave together or one after the other, as they became idle. */
function expectOnceUpThenDown(numbers: readonly number[]): void {
  expect(['2-0', '2-1-0']).toContain(numbers.join('-'));
}
