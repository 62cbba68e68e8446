/**
 * What every implementation of the port `KubeApi` must do, in terms of what a real API server does. The suite knows neither store nor
 * clock: names are unique, the cluster may hold other things, controllers may or may not run, and time passes through `sleep` only.
 */

import { describe, test } from 'vitest';
import { aborts, lists, watches, watchIsExpired } from './kube-api-reads.ts';
import type { ExpiredVersion, KubeApiWorld } from './kube-api-support.ts';
import { deletion, dependentsGo, objects, patches, subresources } from './kube-api-writes.ts';

export type { KubeApiWorld } from './kube-api-support.ts';

export type KubeApiContract = {
  readonly run: (play: (world: KubeApiWorld) => Promise<void>) => Promise<void>;
  /** What the cluster behind it does, or why not: the reason stands in the name of the skipped test. */
  readonly ownerCollection: 'runs' | { readonly missing: string };
  /** Makes history short where it must, and returns a version that is no longer kept. */
  readonly expiredVersion: ((world: KubeApiWorld) => Promise<ExpiredVersion>) | { readonly missing: string };
};

export function describeKubeApiContract(name: string, contract: KubeApiContract): void {
  const it = (title: string, play: (world: KubeApiWorld) => Promise<void>): void =>
    test(title, () => contract.run(play));
  describe(`KubeApi contract: ${name}`, () => {
    describe('objects', () => objects(it));
    describe('patches', () => patches(it));
    describe('subresources', () => subresources(it));
    describe('deletion', () => deletion(it));
    describe('lists', () => lists(it));
    describe('watches', () => watches(it));
    describe('aborts', () => aborts(it));

    const { ownerCollection, expiredVersion } = contract;
    const collected = 'dependents go with their owner, and only with theirs';
    if (ownerCollection === 'runs') it(collected, dependentsGo);
    else test.skipIf(true)(`${collected} (${ownerCollection.missing})`, () => undefined);

    const gone = 'a watch from a version that is no longer kept throws 410 Expired';
    if (typeof expiredVersion === 'function')
      it(gone, async (world) => watchIsExpired(world, await expiredVersion(world)));
    else test.skipIf(true)(`${gone} (${expiredVersion.missing})`, () => undefined);
  });
}
