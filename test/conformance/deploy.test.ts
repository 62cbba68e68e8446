/**
 * deploy/ on a real control plane and a real KubeRay operator: what is applied is taken as it is, the accounts may do what the files
 * say and nothing else, and the pods run under them.
 */

import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  containerOf,
  grantedBy,
  leaseRightsOf,
  OPERATOR_ROLES,
  rightsOf,
  rightText,
  SETS,
  type Right,
  type RoleObject,
  type SetName,
} from '../support/deploy.ts';
import { autoscalerSample } from './bed/samples.ts';
import { describeOnBed } from './bed/harness.ts';
import { refusedOfLease } from './hpa-bed.ts';
import {
  accountOf,
  applied,
  CLUSTER,
  DEPLOY,
  examples,
  headOf,
  heldSample,
  logOf,
  logsOf,
  patched,
  refused,
  replacedHead,
  scopeOf,
  WITHIN,
} from './deploy-bed.ts';

/** What none of the accounts needs, the most dangerous first. A set that has one of them is asked about the others. */
const NOT_NEEDED: readonly Right[] = [
  { group: '', resource: 'secrets', verb: 'get' },
  { group: '', resource: 'secrets', verb: 'list' },
  { group: '', resource: 'pods', verb: 'create' },
  { group: '', resource: 'pods', verb: 'delete' },
  { group: '', resource: 'pods', verb: 'patch' },
  { group: '', resource: 'pods/exec', verb: 'create' },
  { group: '', resource: 'events', verb: 'create' },
  { group: '', resource: 'nodes', verb: 'list' },
  { group: 'apps', resource: 'deployments', verb: 'patch' },
  { group: 'apps', resource: 'deployments/scale', verb: 'update' },
  { group: 'autoscaling', resource: 'horizontalpodautoscalers', verb: 'update' },
  { group: 'autoscaling', resource: 'horizontalpodautoscalers/status', verb: 'update' },
  { group: 'ray.io', resource: 'rayclusters', verb: 'delete' },
  { group: 'ray.io', resource: 'rayclusters', verb: 'list' },
  { group: 'ray.io', resource: 'rayclusters', verb: 'patch' },
  { group: 'ray.io', resource: 'rayclusters/status', verb: 'patch' },
  { group: 'rbac.authorization.k8s.io', resource: 'clusterroles', verb: 'bind' },
];

/** A Ray head takes its time on a busy machine. */
const HEAD = { timeoutMs: 180_000 };

describeOnBed('deploy/', { sidecar: 'ray' }, (bed) => {
  describe.each(SETS)('%s', (set) => {
    beforeAll(() => applied(bed(), set));

    test('is taken as it is, and again without a change', async () => {
      const { stdout, stderr } = await bed().tryKubectl(['apply', '--validate=strict', '-f', join(DEPLOY, set)]);
      expect(stderr).toBe('');
      const changed = stdout.split('\n').filter((line) => line !== '' && !line.endsWith(' unchanged'));
      expect(changed).toEqual([]);
    });

    test('its account may do what its role says', async () => {
      const wanted = grantedBy(set).flatMap(examples);
      expect(await refused(bed(), { set, rights: wanted, namespace: scopeOf(set) })).toEqual([]);
      expect(wanted.length).toBeGreaterThan(2);
    });

    test('its account may do nothing else', async () => {
      const granted = new Set(grantedBy(set).flatMap(examples).map(rightText));
      const others = NOT_NEEDED.filter((right) => !granted.has(rightText(right)));
      const answers = await refused(bed(), { set, rights: others, namespace: scopeOf(set) });
      expect(answers).toEqual(others.map(rightText));
    });
  });

  test.each<SetName>(['ray-dry-run', 'ray-outside'])('%s: nothing is granted in another namespace', async (set) => {
    await applied(bed(), set);
    const rights = grantedBy(set);
    expect(await refused(bed(), { set, rights, namespace: 'kube-system' })).toEqual(rights.map(rightText));
  });

  describe('the HPA controller as it is applied', () => {
    test.each<SetName>(['hpa-dry-run', 'hpa'])(
      'deploy/%s starts, and misses no permission',
      async (set) => {
        await applied(bed(), set);
        const wanted = set === 'hpa-dry-run' ? 'dry run: nothing is written' : 'each HPA every 15s\n';
        const running = async (): Promise<readonly string[] | undefined> => {
          const logs = await logsOf(bed(), set);
          return logs?.every((log) => log.includes(wanted)) === true ? logs : undefined;
        };
        const logs = (await bed().waitFor(`deploy/${set} has started`, running, WITHIN)).value;
        for (const log of logs) expect(log).not.toMatch(/missing permission|forbidden|may not/);
        await bed().waitFor(`deploy/${set} is ready`, () => isReady('tandem'), WITHIN);
      },
      90_000,
    );

    test('of the two pods of deploy/hpa one leads, and the other waits for it', async () => {
      const settled = async (): Promise<readonly string[] | undefined> => {
        const logs = (await logsOf(bed(), 'hpa')) ?? [];
        const leaders = logs.filter((log) => log.includes('INFO leading: '));
        const others = logs.filter((log) => !leaders.includes(log));
        const wait = others.every((log) => log.includes('INFO waiting for the lease kube-system/tandem-hpa: '));
        return leaders.length === 1 && others.length === 1 && wait ? logs : undefined;
      };
      await bed().waitFor('one leads', settled, WITHIN);
    }, 90_000);

    test('its account may take the Lease, and no other one', async () => {
      expect(await refusedOfLease(bed(), 'hpa')).toEqual([]);
      const rights = leaseRightsOf('hpa').filter(({ verb }) => verb !== 'create');
      const other = { set: 'hpa', rights, namespace: 'kube-system', name: 'kube-controller-manager' } as const;
      expect(await refused(bed(), other)).toEqual(rights.map(rightText));
    });

    const isReady = async (namespace: string): Promise<boolean> => {
      const jsonpath = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}';
      const states = await bed().kubectl(['get', 'pods', '-n', namespace, '-o', jsonpath]);
      return /^True( True)*$/.test(states);
    };
  });

  describe("the Ray autoscaler as it is applied, beside Ray's own", () => {
    beforeAll(async () => {
      await bed().apply(autoscalerSample(bed(), { idleTimeoutSeconds: 60, maxReplicas: 1 }), 'default');
    });

    test.each<SetName>(['ray-dry-run', 'ray-outside'])(
      'deploy/%s starts, notices the other, writes nothing',
      async (set) => {
        await applied(bed(), set);
        const wanted = set === 'ray-dry-run' ? 'this dry run watches it' : 'nothing is written until it has been quiet';
        const noticed = async (): Promise<string | undefined> => {
          const log = await logOf(bed(), set);
          return log?.includes(wanted) === true ? log : undefined;
        };
        const log = (await bed().waitFor(`deploy/${set} has noticed Ray's own`, noticed, HEAD)).value;
        expect(log).not.toMatch(/must not|forbidden/);
        await bed().waitFor(`deploy/${set} is ready`, async () => (await readyOf(set)) === 'True', WITHIN);
        const writes = bed().writes();
        expect(writes.filter(({ user }) => user === accountOf(set))).toEqual([]);
        expect(writes.length).toBeGreaterThan(0);
      },
      300_000,
    );

    const readyOf = (set: SetName): Promise<string> =>
      bed().kubectl([
        ...['get', 'pods', '-l', `app.kubernetes.io/name=${containerOf(set).name}`],
        ...['-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'],
      ]);
  });

  describe('the sidecar', () => {
    let namespace = '';

    beforeAll(async () => {
      namespace = await bed().namespace('sidecar');
      await bed().apply(heldSample(bed()), namespace);
      await bed().waitFor('the head pod is made', () => headOf(bed(), namespace), WITHIN);
    }, 90_000);

    test("the operator's Role is the one that the unit tests know", async () => {
      const text = await bed().kubectl(['get', 'role', '-n', namespace, CLUSTER, '-o', 'json']);
      const role = JSON.parse(text) as RoleObject; // by its kind
      expect(rightsOf(role).map(rightText)).toEqual(OPERATOR_ROLES['1.5 and newer'].map(rightText));
    });

    test.each([
      { file: 'sidecar-kuberay-1.6.yaml', dropped: [] },
      // this operator has no such fields: the API server says so, and drops them
      { file: 'sidecar-kuberay-1.7.yaml', dropped: ['args', 'command'] },
      { file: 'sidecar-off.yaml', dropped: [] },
    ])('$file is taken by the API server', async ({ file, dropped }) => {
      const { exitCode, stderr } = await patched(bed(), { namespace, file, more: ['--dry-run=server'] });
      expect(exitCode).toBe(0);
      const unknown = [...stderr.matchAll(/unknown field "spec\.autoscalerOptions\.([^"]+)"/g)];
      expect(unknown.map(([, field]) => field)).toEqual(dropped);
    });

    test('a patched RayCluster gets our image with its next head, and the original after the patch back', async () => {
      const before = await headOf(bed(), namespace);
      await patched(bed(), { namespace, file: 'sidecar-kuberay-1.6.yaml' });
      const ours = await replacedHead(bed(), namespace);
      expect(ours).toMatchObject({
        image: containerOf('hpa').image,
        command: ['/bin/bash', '-c', '--'],
        args: [expect.stringMatching(/^ray kuberay-autoscaler --cluster-name \$\(RAY_CLUSTER_NAME\) /)],
        securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true },
      });
      await patched(bed(), { namespace, file: 'sidecar-off.yaml' });
      const theirs = await replacedHead(bed(), namespace);
      expect(theirs).toMatchObject({ image: before?.sidecar.image, resources: { limits: { cpu: '500m' } } });
    }, 120_000);
  });
});
