/** The contract of KubeApi, kept by the embedded cluster. */

import { inject } from 'vitest';
import { DEMO_START, EventClock } from '../../src/clock/event-clock.ts';
import { EmbeddedKubeApi } from '../../src/cluster/embedded-kube-api.ts';
import { garbageCollector } from '../../src/cluster/garbage-collector.ts';
import { ObjectStore } from '../../src/cluster/store.ts';
import { abortScope } from '../../src/controllers/deps.ts';
import { NAMESPACES, PODS } from '../../src/core/kube/resource.ts';
import { epochMs, seconds } from '../../src/core/time/time.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { describeKubeApiContract, type KubeApiWorld } from './kube-api.ts';

const HISTORY = 200;

async function run(play: (world: KubeApiWorld) => Promise<void>): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(600) });
  const random = new SeededRandom(inject('seed'));
  const store = new ObjectStore({ clock, random, historySize: HISTORY });
  const apiOf = (manager: string): EmbeddedKubeApi => new EmbeddedKubeApi({ store, clock, random, manager });
  const warnings: string[] = [];
  await clock.run(async () => {
    const scope = abortScope();
    const { signal } = scope;
    const log = { warn: (message: string): unknown => warnings.push(message) };
    const collector = garbageCollector({
      api: apiOf('collector'),
      clock,
      random,
      recorder: { record: () => undefined },
      log,
      signal,
    });
    const api = apiOf('contract');
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'contract' } };
    await api.create(NAMESPACES, namespace, { signal });
    try {
      await play({
        api,
        signal,
        namespace: namespace.metadata.name,
        sleep: (ms) => clock.sleepUntil(epochMs(clock.now() + ms), signal),
      });
    } finally {
      scope.abort(new Error('the test is over'));
      await collector;
    }
  });
  if (warnings.length > 0) throw new Error(`the garbage collector complained: ${warnings.join('; ')}`);
}

describeKubeApiContract('embedded', {
  run,
  ownerCollection: 'runs',
  expiredVersion: async ({ api, namespace, signal }) => {
    for (let i = 0; i <= HISTORY; i++) {
      const metadata = { name: `p${i}`, namespace };
      const spec = { containers: [{ name: 'main', image: 'example.com/app:1' }] };
      await api.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata, spec }, { signal });
    }
    return { resource: PODS, resourceVersion: '2' };
  },
});
