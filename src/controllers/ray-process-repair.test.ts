/** The Ray autoscaler's process where something is wrong that somebody has to repair: an account, a name, an address. */

import { describe, expect, test } from 'vitest';
import { endOf, kubeError, playProcess } from '../../test/support/ray-process.ts';
import { RayWorld, workerGroup } from '../../test/support/ray-world.ts';
import { TandemError } from '../lib/error.ts';
import { GcsError } from '../ports/gcs-api.ts';
import { GRANT } from './ray-permissions.ts';

const world = (): RayWorld => new RayWorld([workerGroup('small')]);

describe('what somebody has to repair', () => {
  const repairs = [
    ['get', kubeError(404, 'not found'), 'there is no RayCluster default/demo'],
    [
      'get',
      kubeError(401, 'Unauthorized'),
      'the API server https://cluster.example (a test) refuses who we are (401 Unauthorized): renew the token or the certificate, or log in again',
    ],
    [
      'get',
      kubeError(403, 'no'),
      'must not get rayclusters.ray.io in namespace default, and without that nothing is scaled',
    ],
    ['list', kubeError(403, 'no'), 'must not list pods in namespace default, and without that nothing is scaled'],
  ] as const;

  test.each(repairs)('%s answered with %s ends a command in one sentence', async (verb, failure, sentence) => {
    await playProcess(world(), { prepare: ({ kubeFailures }) => kubeFailures[verb].push(failure) }, async (stage) => {
      expect(await endOf(stage.ended)).toContain(sentence);
      expect(stage.links.opened).toBe(0);
      stage.stop = () => Promise.resolve();
    });
  });

  test.each(repairs)('%s answered with %s is asked again in a sidecar', async (verb, failure, sentence) => {
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ kubeFailures }) =>
      kubeFailures[verb].push(failure, failure, failure);
    await playProcess(world(), { prepare, refused: 'try-again' }, async (stage) => {
      await stage.pass(25);
      expect(stage.log.filter((line) => line.includes(sentence)).length).toBe(1);
      expect(stage.starts.length).toBe(1);
    });
  });

  test.each([
    [kubeError(0, 'connect ECONNREFUSED'), 'connect ECONNREFUSED; check the address, and that the server runs'],
    [kubeError(0, 'no such CA; check the CA in the kubeconfig'), 'no such CA; check the CA in the kubeconfig'],
    [
      kubeError(503, 'etcd is away'),
      'the API server https://cluster.example (a test) gives no answer: 503 etcd is away',
    ],
    [
      new TandemError('TANDEM_DEADLINE', 'the read was not answered within 10 s'),
      'the API server https://cluster.example (a test): the read was not answered within 10 s; check the address, and that the server runs',
    ],
  ])('a command gives up on an API server that does not answer after five tries: %s', async (down, sentence) => {
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ kubeFailures }) =>
      kubeFailures.get.push(down, down, down, down, down);
    await playProcess(world(), { prepare }, async (stage) => {
      expect(await endOf(stage.ended)).toBe(sentence);
      expect(stage.log).toEqual([`WARN ${sentence}; asked again every 5 s, 5 times in all`]);
      stage.stop = () => Promise.resolve();
    });
  });

  test('what answers, but not as a GCS, ends it and sends to the address first', async () => {
    const stranger = new GcsError('TANDEM_GCS_UNIMPLEMENTED', 'the GCS at head:6379 does not know this call: no such');
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ start }) =>
      start.failures.rayVersion.push(stranger);
    await playProcess(world(), { prepare }, async (stage) => {
      expect(await endOf(stage.ended)).toBe(
        'the GCS at head:6379 does not know this call: no such: check the address, a GCS is on port 6379 unless rayStartParams say otherwise; if it is right, its Ray has no v2 autoscaler, and Ray 2.47 or newer is needed',
      );
      stage.stop = () => Promise.resolve();
    });
  });

  test('a right that only writes need is named, and the rest goes on', async () => {
    await playProcess(world(), { prepare: ({ refusedVerbs }) => refusedVerbs.add('patch') }, async (stage) => {
      await stage.pass(3);
      expect(stage.log[0]).toBe(
        `WARN this account must not patch rayclusters.ray.io in namespace default: decisions are made and cannot be carried out; ${GRANT}`,
      );
      expect(stage.starts.length).toBe(1);
    });
  });

  test('whoever lacks one right is told of all, and of the namespace', async () => {
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ kubeFailures, refusedVerbs }) => {
      kubeFailures.get.push(kubeError(403, 'rayclusters.ray.io "demo" is forbidden'));
      for (const verb of ['get', 'patch', 'watch']) refusedVerbs.add(verb);
    };
    await playProcess(world(), { prepare }, async (stage) => {
      expect(await endOf(stage.ended)).toBe(
        `this account must not get rayclusters.ray.io in namespace default, and without that nothing is scaled: rayclusters.ray.io "demo" is forbidden; it lacks: get rayclusters.ray.io, patch rayclusters.ray.io, watch pods; ${GRANT}, or name another namespace with --cluster-namespace`,
      );
      stage.stop = () => Promise.resolve();
    });
  });

  test('a refused token ends a command, and is tried again in a sidecar', async () => {
    const refusal = new GcsError('TANDEM_GCS_UNAUTHENTICATED', 'InvalidAuthToken');
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ start }) =>
      start.failures.rayVersion.push(refusal, refusal);
    await playProcess(world(), { prepare }, async (stage) => {
      expect(await endOf(stage.ended)).toContain(
        'the GCS at head:6379: InvalidAuthToken: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN',
      );
      stage.stop = () => Promise.resolve();
    });
    await playProcess(world(), { prepare, refused: 'try-again' }, async (stage) => {
      await stage.pass(15);
      expect(stage.starts.length).toBe(1);
    });
  });
});
