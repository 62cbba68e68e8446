/** The process `tandem hpa` where the cluster refuses, lacks or loses something. */

import { describe, expect, test } from 'vitest';
import { inHpaCluster, overriding } from '../../../test/support/hpa-process.ts';
import { abortScope } from '../../controllers/deps.ts';
import { KubeError } from '../../ports/kube-api.ts';

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

describe('a bad world', () => {
  const refusing = (code: number, message: string) => ({
    wrapRaw: () => ({ get: () => Promise.reject(new KubeError({ code, reason: '', message })) }),
  });

  test.each([
    [
      0,
      'no answer from the API server https://127.0.0.1:6443: connect ECONNREFUSED 127.0.0.1:6443',
      'no answer from the API server https://127.0.0.1:6443: connect ECONNREFUSED 127.0.0.1:6443; check the address, and that the server runs',
    ],
    [
      0,
      'the certificate of the API server is not accepted: no; check the CA',
      /^the certificate of the API server is not accepted: no; check the CA$/,
    ],
    [
      401,
      'Unauthorized',
      'the API server https://cluster.example (a test) refuses who we are (401 Unauthorized): renew the token or the certificate, or log in again',
    ],
  ])('code %i at the start is one sentence', async (code, message, sentence) => {
    await inHpaCluster(async (cluster) => {
      const tandem = cluster.start(refusing(code, message));
      await expect(tandem.ended).rejects.toThrow(sentence);
      expect(tandem.closed()).toBe(true);
    });
  });

  test('a server that hangs is one that cannot be reached', async () => {
    await inHpaCluster(async (cluster) => {
      const tandem = cluster.start({ wrapRaw: () => ({ get: (_, __, { signal }) => hang(signal) }) });
      await expect(tandem.ended).rejects.toThrow(
        'the API server https://cluster.example (a test): the version of the server was not answered within 10 s; check the address',
      );
    });
  });

  test('what every decision needs is named, and nothing starts', async () => {
    await inHpaCluster(async (cluster) => {
      const denied = ['list pods', 'watch horizontalpodautoscalers.autoscaling', 'create events'];
      const tandem = cluster.start({ denied });
      await expect(tandem.ended).rejects.toMatchObject({
        code: 'TANDEM_KUBE_FORBIDDEN',
        message: [
          'this user may not read what every decision is made of: give it the ClusterRole of the HPA controller (deploy/hpa/1-rights.yaml)',
          '  watch horizontalpodautoscalers.autoscaling in all namespaces: without it a new or edited HPA is not noticed',
          '  list pods in all namespaces: without it pods cannot be counted',
          '  create events in all namespaces: without it no event tells of a scale',
        ].join('\n'),
      });
    });
  });

  test('what only some need is warned of; a dry run needs no right to write', async () => {
    await inHpaCluster(async (cluster) => {
      const denied = ['update deployments/scale.apps', 'list pods.metrics.k8s.io', 'patch events'];
      const writing = cluster.start({ denied });
      const dry = cluster.start({ denied, settings: { mode: 'dry-run' } });
      await cluster.wait(5);
      await Promise.all([writing.stop(), dry.stop()]);
      const metrics =
        'WARN missing permission list pods.metrics.k8s.io in all namespaces: without it HPAs with CPU or memory metrics keep their number of replicas';
      const grant = (set: string): string => `; grant it in the account's ClusterRole (deploy/${set}/1-rights.yaml)`;
      expect(writing.lines.slice(0, 3)).toEqual([
        `${metrics}${grant('hpa')}`,
        `WARN missing permission update deployments/scale.apps in all namespaces: without it HPAs of Deployments fail with FailedRescale${grant('hpa')}`,
        `WARN missing permission patch events in all namespaces: without it repeated events are not counted${grant('hpa')}`,
      ]);
      expect(dry.lines.slice(0, 2)).toEqual([`${metrics}${grant('hpa-dry-run')}`, expect.stringMatching(/dry run/)]);
    });
  });

  test('a cluster without metrics is warned of, and goes on', async () => {
    await inHpaCluster(async (cluster) => {
      const answer = new KubeError({
        code: 404,
        reason: 'NotFound',
        message: 'the server could not find the requested resource',
      });
      const tandem = cluster.start({
        wrapRaw: (raw) => ({
          get: (path, query, options) =>
            path.includes('metrics.k8s.io') ? Promise.reject(answer) : raw.get(path, query, options),
        }),
      });
      await cluster.wait(40);
      await tandem.stop();
      expect(tandem.lines.filter((line) => line.startsWith('WARN'))).toEqual([
        'WARN the cluster has no metrics API (metrics.k8s.io): install metrics-server; until then HPAs with CPU or memory metrics keep their number of replicas',
        expect.stringMatching(/^WARN HorizontalPodAutoscaler default\/web: no decision \(FailedGetResourceMetric\): /),
      ]);
      expect(cluster.replicas()).toBe(1);
    });
  });

  test.each([
    [
      403,
      'forbidden: User "somebody" cannot get path "/apis/metrics.k8s.io/v1beta1"',
      /^WARN this user may not ask whether there is a metrics API .*: forbidden: User "somebody" .*; bind it to the ClusterRole system:discovery; until then HPAs /,
    ],
    [
      503,
      'no endpoints available',
      /^WARN the metrics API .* does not answer: no endpoints .*; look at metrics-server;/,
    ],
  ])('a metrics API that answers %d at the start', async (code, message, said) => {
    await inHpaCluster(async (cluster) => {
      const tandem = cluster.start({
        wrapRaw: (raw) => ({
          get: (path, query, options) =>
            path === '/apis/metrics.k8s.io/v1beta1'
              ? Promise.reject(new KubeError({ code, reason: '', message }))
              : raw.get(path, query, options),
        }),
      });
      await cluster.wait(2);
      await tandem.stop();
      expect(tandem.lines.filter((line) => line.startsWith('WARN'))).toEqual([expect.stringMatching(said)]);
    });
  });

  test('a refused status and refused events are said once each, not in every sync', async () => {
    await inHpaCluster(async (cluster) => {
      const refuse = (what: string) => async (): Promise<never> => {
        throw new KubeError({ code: 403, reason: 'Forbidden', message: `${what} is forbidden` });
      };
      const tandem = cluster.start({
        wrapApi: (api) =>
          overriding(api, {
            update: refuse('status'),
            create: (resource, object, options) =>
              resource.kind === 'Event' ? refuse('event')() : api.create(resource, object, options),
          }),
      });
      for (const load of [8.5, 15]) {
        cluster.load(load);
        await cluster.wait(150);
      }
      await tandem.stop();
      expect(cluster.replicas()).toBe(5);
      const warnings = tandem.lines.filter((line) => line.startsWith('WARN'));
      expect(warnings.filter((line) => line.includes('status is forbidden')).length).toBeLessThanOrEqual(2);
      expect(warnings.filter((line) => line.includes('event is forbidden'))).toEqual([
        'WARN event FailedUpdateStatus of HorizontalPodAutoscaler default/web was not written: event is forbidden',
      ]);
      expect(
        warnings.filter((line) => !/^WARN (event \S+ of )?HorizontalPodAutoscaler default\/web/.test(line)),
      ).toEqual([]);
    });
  });

  test('an API server that goes is one sentence, and so is that it is back', async () => {
    await inHpaCluster(async (cluster) => {
      let isDown = false;
      const lost = new KubeError({ code: 0, reason: '', message: 'no answer from the API server' });
      const tandem = cluster.start({
        wrapApi: (api) =>
          overriding(api, {
            list: (resource, query, options) => (isDown ? Promise.reject(lost) : api.list(resource, query, options)),
            watch: async function* (resource, query, options) {
              const scope = abortScope(options.signal);
              try {
                if (isDown) throw lost;
                for await (const event of api.watch(resource, query, { signal: scope.signal })) {
                  yield event;
                  if (isDown) throw lost;
                }
              } finally {
                scope.abort();
              }
            },
          }),
      });
      await cluster.wait(20);
      isDown = true;
      cluster.load(8.5);
      await cluster.wait(120);
      isDown = false;
      await cluster.wait(120);
      await tandem.stop();
      const told = tandem.lines.filter((line) => /list (or|and) watch of/.test(line));
      expect(told).toEqual([
        expect.stringMatching(
          /^WARN list or watch of \S+ failed, next try in \d+ ms: no answer from the API server; check that the API server runs and can be reached$/,
        ),
        expect.stringMatching(/^INFO list and watch of \S+ works again after \d+ s$/),
      ]);
    });
  });

  test('permissions that cannot be asked for do not stop it', async () => {
    await inHpaCluster(async (cluster) => {
      const refuse = new KubeError({ code: 403, reason: 'Forbidden', message: 'no reviews' });
      const tandem = cluster.start({ wrapApi: (api) => overriding(api, { create: () => Promise.reject(refuse) }) });
      await cluster.wait(5);
      await tandem.stop();
      expect(tandem.lines[0]).toBe(
        'WARN permissions could not be checked, a missing one will show as a failed request: no reviews',
      );
    });
  });
});
