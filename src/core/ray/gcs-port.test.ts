import { expect, test } from 'vitest';
import type { RayCluster } from '../kube/ray.ts';
import { gcsPortOf } from './gcs-port.ts';

type Head = { readonly port?: string; readonly ports?: unknown };

function cluster({ port, ports }: Head): RayCluster {
  const container = { name: 'ray-head', ...(ports === undefined ? {} : { ports }) };
  return {
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    metadata: { name: 'a' },
    spec: {
      headGroupSpec: {
        rayStartParams: port === undefined ? {} : { port },
        template: { spec: { containers: [container] } },
      },
    },
  };
}

test.each([
  [{}, 6379],
  [{ port: '6380' }, 6380],
  [{ port: 'six' }, 6379],
  [{ port: '0' }, 6379],
  [{ ports: [{ name: 'dashboard', containerPort: 8265 }] }, 6379],
  [{ ports: [{ name: 'gcs-server', containerPort: 7000 }] }, 7000],
  [{ ports: [null, 3, { name: 'gcs', containerPort: 'x' }] }, 6379],
  [{ port: '6380', ports: [{ name: 'gcs', containerPort: 7000 }] }, 6380],
])('the GCS of a head with %j listens on %i', (head, want) => {
  expect(gcsPortOf(cluster(head))).toBe(want);
});
