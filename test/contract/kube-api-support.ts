/** What the cases of the contract of `KubeApi` are made of: the world they play in, their objects, what they wait for. */

import { expect } from 'vitest';
import type { ReplicaSet } from '../../src/core/kube/apps.ts';
import type { Pod } from '../../src/core/kube/core-v1.ts';
import type { KubeObject, ObjectKey, ObjectMeta, Status } from '../../src/core/kube/object.ts';
import type { RayCluster } from '../../src/core/kube/ray.ts';
import { REPLICA_SETS, type Resource } from '../../src/core/kube/resource.ts';
import { KubeError, type KubeApi, type WatchEvent, type WatchQuery } from '../../src/ports/kube-api.ts';

export type KubeApiWorld = {
  readonly api: KubeApi;
  /** Aborted when the test is over. */
  readonly signal: AbortSignal;
  /** Exists, is empty and belongs to this test alone. */
  readonly namespace: string;
  /** Waits on the cluster's clock. */
  readonly sleep: (ms: number) => Promise<void>;
};

/** A version of a kind whose history is no longer kept. */
export type ExpiredVersion = { readonly resource: Resource<KubeObject>; readonly resourceVersion: string };

/** Declares one case. */
export type It = (title: string, play: (world: KubeApiWorld) => Promise<void>) => void;

/** No scheduler looks at it, and no kubelet while it has no node. */
export function pod(namespace: string, name: string, metadata: Partial<ObjectMeta> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, ...metadata },
    spec: { schedulerName: 'nobody', containers: [{ name: 'main', image: 'example.com/app:1' }] },
  };
}

export function replicaSet(namespace: string, name: string, metadata: Partial<ObjectMeta> = {}): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace, ...metadata },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: pod(namespace, name).spec },
    },
  };
}

/** Suspended: an operator makes no pods for it. */
export function rayCluster(namespace: string, name: string): RayCluster {
  const template = { spec: { containers: [{ name: 'ray', image: 'example.com/ray:1' }] } };
  return {
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    metadata: { name, namespace },
    spec: { suspend: true, headGroupSpec: { rayStartParams: {}, template } },
  };
}

export function key(namespace: string, name: string): ObjectKey {
  return { namespace, name };
}

export function lineOf(event: WatchEvent<KubeObject>): string {
  return event.type === 'BOOKMARK' ? 'BOOKMARK' : `${event.type} ${event.object.metadata.name}`;
}

/** The refusal of `call`; fails when it goes through or is refused otherwise. */
export async function refused(call: Promise<unknown>, code: number, reason: string, text: string): Promise<Status> {
  const error: unknown = await call.then(
    (value) => new Error(`expected ${code} ${reason}, and it went through: ${JSON.stringify(value)}`),
    (caught: unknown) => caught,
  );
  if (!(error instanceof KubeError)) throw error;
  expect({ code: error.status.code, reason: error.status.reason }).toEqual({ code, reason });
  expect(error.status.message).toContain(text);
  return error.status;
}

/** The first `count` events of a watch. */
export async function told<T extends KubeObject>(
  { api, signal }: KubeApiWorld,
  resource: Resource<T>,
  query: WatchQuery,
  count: number,
): Promise<readonly WatchEvent<T>[]> {
  const events: WatchEvent<T>[] = [];
  for await (const event of api.watch(resource, query, { signal })) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}

/** The events of a watch up to the one with this line. */
export async function toldUntil<T extends KubeObject>(
  { api, signal }: KubeApiWorld,
  resource: Resource<T>,
  query: WatchQuery,
  last: string,
): Promise<readonly WatchEvent<T>[]> {
  const events: WatchEvent<T>[] = [];
  for await (const event of api.watch(resource, query, { signal })) {
    events.push(event);
    if (lineOf(event) === last) break;
  }
  return events;
}

/** A ReplicaSet whose controller, where there is one, has said what it has to say: no write of it comes in between. */
export async function settledReplicaSet(
  world: KubeApiWorld,
  name: string,
  metadata: Partial<ObjectMeta> = {},
): Promise<ReplicaSet> {
  const { api, namespace, signal, sleep } = world;
  let current = await api.create(REPLICA_SETS, replicaSet(namespace, name, metadata), { signal });
  for (let tries = 0; tries < 20 && current.status?.observedGeneration !== current.metadata.generation; tries++) {
    await sleep(50);
    current = await api.get(REPLICA_SETS, key(namespace, name), { signal });
  }
  return current;
}

export async function eventually({ sleep }: KubeApiWorld, what: string, check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    if (await check()) return;
    await sleep(250);
  }
  throw new Error(`waited 10 s in vain: ${what}`);
}
