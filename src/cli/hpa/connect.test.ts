import { expect, test } from 'vitest';
import type { KubeConnection } from '../../kube/connection.ts';
import { atServer, userAgentOf } from './connect.ts';
import { MANAGER } from './gate.ts';

test('HPA-17.7 the user agent begins with the name that the server notes, and ends as the original does', () => {
  expect(userAgentOf('1.2.3')).toMatch(new RegExp(`^${MANAGER}/1\\.2\\.3 .*/horizontal-pod-autoscaler$`));
});

test('--master changes the address and keeps the credentials, also those that are read again', async () => {
  const given: KubeConnection = {
    server: 'https://old:6443',
    origin: 'kubeconfig k',
    ca: 'CA',
    renew: async () => ({ server: 'https://old:6443', origin: 'kubeconfig k', ca: 'newer CA' }),
  };
  const moved = atServer(given, 'https://new:6443');
  const origin = '--master, credentials of kubeconfig k';
  expect(moved).toMatchObject({ server: 'https://new:6443', origin, ca: 'CA' });
  expect(await moved.renew?.('age')).toEqual({ server: 'https://new:6443', origin, ca: 'newer CA' });
});
