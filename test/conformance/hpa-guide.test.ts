/**
 * The guide's HPA on a real control plane, 1 -> 5 -> 1, under `tandem hpa` with the rights of deploy/hpa. With TANDEM_CONFORMANCE=all the
 * same script under kube-controller-manager's own loop, and both recordings compared.
 */

import { afterAll, describe, expect, onTestFailed, test } from 'vitest';
import { say, type Bed } from './bed/bed.ts';
import { describeOnBed, WITHOUT_HPA } from './bed/harness.ts';
import { accountOf } from './deploy-bed.ts';
import { accountKubeconfig, evidence, grant, guideText, LOOP_FLAGS, STABILIZATION_MS, SYNC_MS } from './hpa-bed.ts';
import { HpaChild, pidOf } from './hpa-child.ts';
import {
  deployTarget,
  HPA,
  hpaEvents,
  hpaOf,
  isOf,
  measuredMillicores,
  playScript,
  SCENARIO,
  setCpu,
  TARGET,
  type Played,
  type Recording,
} from './hpa-script.ts';

const METRICS = { metricsEverySeconds: 1 };
const WITHIN = { timeoutMs: 60_000 };
const ORIGINAL_ACCOUNT = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';

const ABOVE = 'cpu resource utilization (percentage of request) above target';
const BELOW = 'All metrics below target';
const ACTIVE =
  'ScalingActive=True ValidMetricFound: the HPA was able to successfully calculate a replica count from ' +
  'cpu resource utilization (percentage of request)';
const READY = 'AbleToScale=True ReadyForNewScale: recommended size matches current size';
const WITHIN_LIMITS = 'ScalingLimited=False DesiredWithinRange: the desired count is within the acceptable range';
const NOT_ZERO = 'ScaledToZero=False NotScaledToZero: the HPA controller did not scale the workload to zero';

const EXPECTED: Recording = {
  changes: [
    { from: 1, to: 4, reason: ABOVE }, // without a behavior: to four, or to twice as many
    { from: 4, to: 5, reason: ABOVE },
    { from: 5, to: 1, reason: BELOW },
  ],
  events: [
    `Normal SuccessfulRescale x1: New size: 4; reason: ${ABOVE}`,
    `Normal SuccessfulRescale x1: New size: 5; reason: ${ABOVE}`,
    `Normal SuccessfulRescale x1: New size: 1; reason: ${BELOW}`,
  ],
  rests: {
    quiet: ['1 of 1 replicas, cpu at 4 % (20m)', READY, ACTIVE, WITHIN_LIMITS], // ScaledToZero comes with the first scale
    'more than five can take': [
      '5 of 5 replicas, cpu at 300 % (1500m)',
      READY,
      ACTIVE,
      'ScalingLimited=True TooManyReplicas: the desired replica count is more than the maximum replica count',
      NOT_ZERO,
    ],
    'at the target': ['5 of 5 replicas, cpu at 60 % (300m)', READY, ACTIVE, WITHIN_LIMITS, NOT_ZERO],
    'held back': [
      '5 of 5 replicas, cpu at 4 % (20m)',
      'AbleToScale=True ScaleDownStabilized: recent recommendations were higher than current one, applying the highest recent recommendation',
      ACTIVE,
      WITHIN_LIMITS,
      NOT_ZERO,
    ],
    'quiet again': ['1 of 1 replicas, cpu at 4 % (20m)', READY, ACTIVE, WITHIN_LIMITS, NOT_ZERO],
  },
};

describe("evidence 5: the guide's HPA, 1 -> 5 -> 1", () => {
  let ours: Recording | undefined;

  describeOnBed('under tandem hpa', { sidecar: 'tandem', controllers: WITHOUT_HPA, ...METRICS }, (bed) => {
    const children: HpaChild[] = [];
    afterAll(() => children.forEach((child) => child.kill()));
    let played: Played | undefined;
    const script = (): Played => {
      if (played === undefined) throw new Error('the script was not played to its end');
      return played;
    };

    async function started(more: readonly string[], text: string): Promise<HpaChild> {
      const kubeconfig = await accountKubeconfig(bed(), 'hpa');
      const child = new HpaChild(['--kubeconfig', kubeconfig, '--secure-port=0', ...LOOP_FLAGS, ...more]);
      children.push(child);
      onTestFailed(() => say(`tandem hpa wrote:\n${child.output}`));
      await bed().waitFor(`tandem hpa says '${text}'`, () => child.said(text) > 0, WITHIN);
      return child;
    }

    test('a dry run with the rights to read decides 1 -> 4, and writes nothing', async () => {
      await grant(bed(), 'hpa-dry-run');
      const namespace = await deployTarget(bed(), 'dry', '1500m');
      await bed().apply(guideText('HorizontalPodAutoscaler'), namespace);
      const child = await started(['--dry-run', '--verbose'], 'dry run: nothing is written');
      const thrice = (): boolean => child.said('replicas 1 -> 4 not written (dry run)') >= 3;
      await bed().waitFor('three syncs decide 1 -> 4', thrice, WITHIN);
      const { exitCode, ms } = await child.terminate();
      expect({ exitCode, warnings: warningsOf(child) }).toEqual({ exitCode: 0, warnings: [] });
      evidence({ scenario: SCENARIO, loop: 'tandem-hpa', step: 'dry-run', stopMs: ms });

      expect(
        bed()
          .writes()
          .filter(isBy(accountOf('hpa'))),
      ).toEqual([]);
      expect(bed().writes().filter(isOf(namespace, 'deployments/scale'))).toEqual([]);
      expect((await hpaOf(bed(), namespace)).status?.conditions).toBeUndefined();
      expect(await hpaEvents(bed(), namespace)).toEqual([]);
      await bed().kubectl(['delete', 'hpa', HPA, '-n', namespace]);
    });

    test('scales 1 -> 4 -> 5 -> 1, with its reasons', async () => {
      await grant(bed(), 'hpa');
      const child = await started([], 'each HPA every 2s');
      played = await playScript(bed(), { name: 'tandem-hpa', pid: child.pid });
      ours = played.recording;
      expect(ours.changes).toEqual(EXPECTED.changes);
      // the last recommendation of the hold may be a sync older than the fall of the usage, on a busy machine two
      expect(played.fallMs).toBeGreaterThan(STABILIZATION_MS - 2 * SYNC_MS);
      expect(warningsOf(child)).toEqual([]);
    });

    test('tells of each scale by an event, and of nothing else', () => {
      expect(script().recording.events).toEqual(EXPECTED.events);
    });

    test('shows the conditions of each rest', () => {
      expect(script().recording.rests).toEqual(EXPECTED.rests);
    });

    test('is the only one who scales, and writes the scale, the status and its events alone', async () => {
      const { namespace } = script();
      const account = accountOf('hpa');
      expect(scalersOf(bed(), namespace)).toEqual([account]);
      const own = bed().writes().filter(isBy(account)); // the audit log leaves Leases out
      expect(new Set(own.map(({ resource }) => resource))).toEqual(
        new Set(['deployments/scale', 'horizontalpodautoscalers/status']),
      );
      expect(own.filter((write) => write.namespace !== namespace || write.code !== 200)).toEqual([]);
      const events = await hpaEvents(bed(), namespace);
      expect(events.flatMap(({ metadata }) => metadata.managedFields ?? []).map(({ manager }) => manager)).toEqual(
        events.map(() => 'tandem-hpa'),
      );
    });

    test('SIGTERM ends it within 6 s, and nothing is written after', async () => {
      const { namespace } = script();
      const child = children.at(-1);
      if (child === undefined) throw new Error('tandem hpa was not started');
      const { exitCode, at, ms } = await child.terminate();
      evidence({ scenario: SCENARIO, loop: 'tandem-hpa', step: 'stop', stopMs: ms });
      expect(exitCode).toBe(0);
      expect(ms).toBeLessThan(6000);
      expect(child.output).toMatch(/ INFO stopped\n$/);

      await setCpu(bed(), namespace, '1500m');
      const surged = async (): Promise<boolean> => (await measuredMillicores(bed(), namespace)).includes(1500);
      await bed().waitFor('the pod is used as in the rise again', surged, WITHIN);
      expect(
        bed()
          .writes()
          .filter(isBy(accountOf('hpa')))
          .filter((write) => write.at > at),
      ).toEqual([]);
      expect(await bed().value(namespace, `deployments/${TARGET}`, '.spec.replicas')).toBe(1);
    });
  });

  if (process.env['TANDEM_CONFORMANCE'] !== 'all') return;
  const original = { sidecar: 'tandem', controllerManagerFlags: LOOP_FLAGS, ...METRICS } as const;
  describeOnBed("under kube-controller-manager's own loop", original, (bed) => {
    test('the same scale changes, events and conditions', async () => {
      const pid = pidOf('kube-controller-manager', bed().directory);
      const { recording, namespace } = await playScript(bed(), { name: 'kube-controller-manager', pid });
      expect(scalersOf(bed(), namespace)).toEqual([ORIGINAL_ACCOUNT]);
      expect(recording).toEqual(ours);
    });
  });
});

function isBy(user: string): (write: { readonly user: string }) => boolean {
  return (write) => write.user === user;
}

/** Who has changed the number of replicas, or the HPA and its status, but for whoever applied them. */
function scalersOf(bed: Bed, namespace: string): readonly string[] {
  const writes = bed
    .writes()
    .filter(
      ({ namespace: where, resource, user }) =>
        where === namespace &&
        (resource === 'deployments/scale' || resource.startsWith('horizontalpodautoscalers')) &&
        user !== 'admin',
    );
  return [...new Set(writes.map(({ user }) => user))];
}

function warningsOf(child: HpaChild): readonly string[] {
  return child.output.split('\n').filter((line) => line.includes(' WARN '));
}
