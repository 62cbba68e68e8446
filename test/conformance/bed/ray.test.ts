/** The bed with nothing of ours: KubeRay's sample cluster under Ray's own autoscaler grows by a worker and shrinks again. */

import { expect, test } from 'vitest';
import { describeOnBed } from './harness.ts';
import { autoscalerSample } from './samples.ts';

const IDLE_SECONDS = 10;

describeOnBed('KubeRay’s sample with Ray’s own autoscaler', { sidecar: 'ray' }, (bed) => {
  test('an actor brings a worker, its end takes the worker away', async () => {
    const namespace = await bed().namespace('ray');
    const cluster = 'rayclusters/raycluster-autoscaler';
    const status = async (path: string): Promise<unknown> => await bed().value(namespace, cluster, path);
    await bed().apply(autoscalerSample(bed(), { idleTimeoutSeconds: IDLE_SECONDS }), namespace);
    const ready = async (): Promise<boolean> => (await status('.status.state')) === 'ready';
    await bed().waitFor('cluster ready', ready, { timeoutMs: 240_000 });

    const pod = String(await status('.status.head.podName'));
    const head = { pod, namespace, container: 'ray-head' };
    const sidecar = { pod, namespace, container: 'autoscaler' };
    expect(await bed().enter(sidecar, ['cat', '/proc/1/cmdline'])).toContain('kuberay-autoscaler');
    expect(await bed().pods(namespace, 'ray.io/node-type=worker')).toEqual([]);

    const replicas = async (): Promise<unknown> => await status('.spec.workerGroupSpecs[0].replicas');
    await bed().enter(head, ['python', 'samples/detached_actor.py', 'actor1'], { timeoutMs: 120_000 });
    await bed().waitFor('replicas 1', async () => (await replicas()) === 1, { timeoutMs: 60_000 });
    const readyWorkers = async (): Promise<boolean> => (await status('.status.readyWorkerReplicas')) === 1;
    await bed().waitFor('worker ready', readyWorkers, { timeoutMs: 240_000 });
    const alive = async (): Promise<boolean> =>
      (await bed().enter(head, ['ray', 'list', 'actors', '--filter', 'name=actor1'])).includes('ALIVE');
    await bed().waitFor('actor alive', alive, { timeoutMs: 180_000, everyMs: 1000 });
    expect(await bed().enter(head, ['ray', 'status'])).toMatch(/1\.0\/1\.0 CPU/);

    await bed().enter(head, ['python', 'samples/terminate_detached_actor.py', 'actor1'], { timeoutMs: 120_000 });
    await bed().waitFor('replicas 0', async () => (await replicas()) === 0, {
      timeoutMs: IDLE_SECONDS * 1000 + 60_000,
    });
    const none = async (): Promise<boolean> => (await bed().pods(namespace, 'ray.io/node-type=worker')).length === 0;
    await bed().waitFor('worker gone', none, { timeoutMs: 60_000 });

    const account = `system:serviceaccount:${namespace}:raycluster-autoscaler`;
    const patches = bed()
      .writes()
      .filter(({ user, resource }) => user === account && resource === 'rayclusters');
    expect(patches.map(({ verb, code }) => `${verb} ${code}`)).toEqual(['patch 200', 'patch 200']);
  });
});
