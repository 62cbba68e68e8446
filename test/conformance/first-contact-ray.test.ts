/**
 * First contact of `tandem ray-autoscaler` with real Ray under the real KubeRay operator: evidence 1 and 4; with TANDEM_CONFORMANCE=all
 * also 2, 3, 6 and 7, and the same scripts under Ray's own autoscaler, of which only the numbers are recorded.
 */

import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { containerOf } from '../support/deploy.ts';
import { describeOnBed } from './bed/harness.ts';
import { accountOf, applied, DEPLOY, logOf } from './deploy-bed.ts';
import { SampleCluster } from './first-contact-cluster.ts';
import { tellActors, tellBurst, tellCrash, tellMinimum, tellTogether } from './first-contact-evidence.ts';
import { playActors, playBurst, playCrash, playMinimum, playTogether } from './first-contact-scripts.ts';

const ALL = process.env['TANDEM_CONFORMANCE'] === 'all';
const WITHIN = { timeoutMs: 120_000 };
/** What a log holds when a permission was missing, a call was refused or a round broke off. */
const TROUBLE = /forbidden|must not|broke off|defect/;

/** Starting a Ray head, at the longest. */
const START_LIMIT_MS = 10 * 60_000;
/** A step that Ray makes in the second before our look is one that ours can only not contradict. */
const ALL_ALIKE =
  /agreement: 0 mismatches in 4 scale steps: [1-4] alike(, \d made before our look \(0 confirmed, \d not contradicted\))?(?!,)/;

describeOnBed('KubeRay’s sample under tandem ray-autoscaler', { sidecar: 'tandem' }, (bed) => {
  describe('workers that start when the test says so', () => {
    let cluster: SampleCluster;
    beforeAll(async () => {
      cluster = await SampleCluster.start(bed(), { namespace: await bed().namespace('first'), workers: 'held' });
    }, START_LIMIT_MS);

    test('the sidecar is ours', async () => {
      const [program, script, command] = (await bed().enter(cluster.sidecar, ['cat', '/proc/1/cmdline'])).split('\0');
      expect([program, command]).toEqual(['node', 'kuberay-autoscaler']);
      expect(script).toMatch(/\/bin\/ray$/);
      expect(bed().logs(cluster.sidecar)).toContain(`for RayCluster ${cluster.namespace}/raycluster-autoscaler on `);
    });

    test('evidence 1: actors 0 -> 1 -> 2 -> 1 -> 0, workers drained before they are deleted', async () => {
      const played = await playActors(cluster, (status, pod) => status.includes(pod));
      tellActors(cluster, played);
      expect(played.desired).toEqual([0, 1, 2, 1, 0]);
      expect(played.created).toBe(2);
      const numbers = played.patches.flatMap(({ replicas }) => (replicas === undefined ? [] : [replicas]));
      expect(numbers).toEqual([1, 2, 1, 0]);

      const { firstWorker, statusWhilePending, metricsWithTwo } = played;
      const pending = `Pending:\n ${firstWorker}: small-group, allocated as pod ${firstWorker}\n`;
      expect(statusWhilePending).toContain(pending);
      expect(metricsWithTwo).toMatch(/^autoscaler_update_time_seconds_count\{.*\} [1-9]/m);

      const [before, after] = played.other;
      expect(before).toBeDefined();
      expect(after).toEqual(before);

      expect(played.leavings.map(({ pod }) => pod)[0]).toBe(firstWorker);
      expect(new Set(played.leavings.map(({ pod }) => pod)).size).toBe(2);
      for (const { node, patchedAt, deletedAt = 0 } of played.leavings) {
        expect(node).toMatchObject({ alive: false, reason: 'AUTOSCALER_DRAIN_IDLE' });
        expect(node?.message).toMatch(/^Termination of node that's idle for \d+/);
        expect(node?.endedAt).toBeLessThanOrEqual(patchedAt);
        expect(patchedAt).toBeLessThanOrEqual(deletedAt);
      }
    });

    test('evidence 4: killed twice in the middle, nothing is launched twice and no busy worker is lost', async () => {
      const played = await playCrash(cluster);
      tellCrash(cluster, played);
      expect(played).toMatchObject({ created: 3, most: 3, mostPods: 3, lost: 0 });
      expect(played.begunAt).toHaveLength(3);
      expect(played.endedAt).toEqual(played.begunAt);
      expect(played.rounds).toHaveLength(2);
      expect(Math.min(...played.rounds)).toBeGreaterThanOrEqual(1);
    });

    test('all of it under the operator’s Role: nothing was refused, and nothing else written', () => {
      const writes = cluster.writes();
      const kinds = new Set(writes.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`));
      expect([...kinds]).toEqual(['patch rayclusters 200']);
      expect(writes.every(({ userAgent }) => userAgent.startsWith('tandem-ray-autoscaler/'))).toBe(true);
      expect(bed().logs(cluster.sidecar)).not.toMatch(TROUBLE);
    });
  });

  describe.runIf(ALL)('workers that start at once', () => {
    let cluster: SampleCluster;
    beforeAll(async () => {
      cluster = await SampleCluster.start(bed(), { namespace: await bed().namespace('free') });
    }, START_LIMIT_MS);

    test('evidence 2: five tasks at once bring five workers', async () => {
      const played = await playBurst(cluster, 5);
      tellBurst(cluster, played);
      expect(played).toMatchObject({ created: 5, most: 5, lost: 0, upPatches: 1 });
    });

    test('evidence 3: the minimum raised and lowered while a task runs', async () => {
      const played = await playMinimum(cluster, 3);
      tellMinimum(cluster, played);
      expect(played).toMatchObject({ created: 3, most: 3, lost: 0 });
      expect(played.begunAt).toHaveLength(1);
      expect(played.endedAt).toEqual(played.begunAt);
    });

    test('evidence 6: a second RayCluster in another namespace, both at work at once', async () => {
      const second = await SampleCluster.start(bed(), { namespace: await bed().namespace('second') });
      const clusters = [cluster, second];
      const played = await playTogether(clusters, 2);
      for (const [i, each] of clusters.entries()) {
        const measured = played[i];
        if (measured !== undefined) tellTogether(each, measured);
        expect(measured).toMatchObject({ created: 2, most: 2 });
        expect(new Set(each.writes().map(({ namespace }) => namespace))).toEqual(new Set([each.namespace]));
      }
      const [first, last] = played.map(({ span }) => span);
      expect(first?.from).toBeLessThan(last?.to ?? 0);
      expect(last?.from).toBeLessThan(first?.to ?? 0);
    });
  });
});

describe.runIf(ALL)('the same under Ray’s own autoscaler', () => {
  describeOnBed('KubeRay’s sample', { sidecar: 'ray' }, (bed) => {
    describe('workers that start when the test says so', () => {
      let cluster: SampleCluster;
      beforeAll(async () => {
        cluster = await SampleCluster.start(bed(), { namespace: 'default', workers: 'held' });
      }, START_LIMIT_MS);

      test('evidence 7: a dry run beside it during the script of evidence 1 agrees with every step', async () => {
        await applied(bed(), 'ray-dry-run');
        const said = async (): Promise<string> => (await logOf(bed(), 'ray-dry-run')) ?? '';
        const noticed = async (): Promise<boolean> => (await said()).includes('this dry run watches it');
        await bed().waitFor('the dry run has noticed the other', noticed, WITHIN);
        const container = containerOf('ray-dry-run').name;
        const [pod] = await bed().pods('default', `app.kubernetes.io/name=${container}`);

        tellActors(cluster, await playActors(cluster, (status) => !status.includes('(no pending nodes)')));
        // it reports once a minute, the last time at its end
        const compared = async (): Promise<boolean> => ALL_ALIKE.test(await said());
        await bed().waitFor('the dry run has compared the last step', compared, WITHIN);
        await bed().kubectl(['delete', '-f', join(DEPLOY, 'ray-dry-run')]);
        const log = (): string => bed().logs({ pod: pod?.metadata.name ?? '', namespace: 'default', container });
        await bed().waitFor('its end', () => log().includes('stopped'), WITHIN);
        const last = log()
          .match(/agreement: .*/g)
          ?.at(-1);
        process.stderr.write(`evidence: shadow side=tandem ${last}\n`);
        expect(last).toMatch(ALL_ALIKE);
        expect(log().match(/workers \d -> \d not written \(dry run\)/g)?.length).toBeGreaterThan(0);
        const account = accountOf('ray-dry-run');
        expect(
          bed()
            .writes()
            .filter(({ user }) => user === account),
        ).toEqual([]);
      });

      test('evidence 4: killed twice in the middle', async () => {
        tellCrash(cluster, await playCrash(cluster));
      });
    });

    describe('workers that start at once', () => {
      let cluster: SampleCluster;
      beforeAll(async () => {
        cluster = await SampleCluster.start(bed(), { namespace: await bed().namespace('free') });
      }, START_LIMIT_MS);

      test('evidence 2: five tasks at once', async () => {
        tellBurst(cluster, await playBurst(cluster, 5));
      });

      test('evidence 3: the minimum raised and lowered while a task runs', async () => {
        tellMinimum(cluster, await playMinimum(cluster, 3));
      });
    });
  });
});
