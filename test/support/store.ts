/** A store on a clock that stands still, and the few objects that its tests write. */

import { DEMO_START } from '../../src/clock/event-clock.ts';
import { ObjectStore, type Writer } from '../../src/cluster/store.ts';
import type { Deployment } from '../../src/core/kube/apps.ts';
import type { Pod } from '../../src/core/kube/core-v1.ts';
import type { ObjectMeta, Status } from '../../src/core/kube/object.ts';
import type { RayCluster } from '../../src/core/kube/ray.ts';
import { durationMs, epochMs } from '../../src/core/time/time.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { KubeError } from '../../src/ports/kube-api.ts';

export const WRITER: Writer = { manager: 'test', operation: 'Update' };
export const STATUS_WRITER: Writer = { ...WRITER, subresource: 'status' };

/** Moves only when told. A store waits for nothing, so it has no timers. */
export type ManualClock = Clock & { advance(ms: number): void };

export function manualClock(): ManualClock {
  let at = DEMO_START;
  const refuse = (): never => {
    throw new Error('the store must not wait');
  };
  return {
    kind: 'jump',
    now: () => at,
    instant: () => ({ wall: at, mono: durationMs(at - DEMO_START) }),
    sleepUntil: refuse,
    timer: refuse,
    advance: (ms) => {
      at = epochMs(at + ms);
    },
  };
}

export function newStore(options: { readonly historySize?: number } = {}): {
  readonly store: ObjectStore;
  readonly clock: ManualClock;
} {
  const clock = manualClock();
  return { store: new ObjectStore({ clock, random: new SeededRandom(1), ...options }), clock };
}

export function podNamed(name: string, metadata: Partial<ObjectMeta> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ...metadata },
    spec: { containers: [{ name: 'main', image: 'example.com/app:1' }] },
  };
}

export function deploymentNamed(name: string, metadata: Partial<ObjectMeta> = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', ...metadata },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'example.com/app:1' }] },
      },
    },
  };
}

export function rayClusterNamed(name: string, metadata: Partial<ObjectMeta> = {}): RayCluster {
  const template = { spec: { containers: [{ name: 'ray', image: 'rayproject/ray:2.60.0' }] } };
  return {
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    metadata: { name, namespace: 'default', ...metadata },
    spec: {
      headGroupSpec: { rayStartParams: {}, template },
      workerGroupSpecs: [
        { groupName: 'small', replicas: 1, minReplicas: 0, maxReplicas: 5, rayStartParams: {}, template },
      ],
    },
  };
}

/** The refusal of `run`; fails when it is not refused. */
export function refusal(run: () => unknown): Status {
  try {
    run();
  } catch (error) {
    if (error instanceof KubeError) return error.status;
    throw error;
  }
  throw new Error('expected a refusal, and it went through');
}
