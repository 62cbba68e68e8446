/** What Pods and Object metrics have in common: how custom.metrics.k8s.io names things. */

import { err, ok, type Result } from '../../lib/result.ts';
import { groupResourceText } from '../kube/resource.ts';
import { ask, type Asking } from './conversation.ts';
import type { SyncDraft } from './draft.ts';
import { describedResource, type GroupKind } from './scale-target.ts';

/** Spec: HPA-20.16. */
export function fetchError(message: string): string {
  return `unable to fetch metrics from custom metrics API: ${message}`;
}

/**
 * `<resource>` or `<resource>.<group>` of a kind, once the API is found.
 *
 * Spec: HPA-20.7.   Source: k8s.io/metrics custom_metrics/versioned_client.go qualResourceForKind (v0.37.2).
 */
export function* mapToResource(draft: SyncDraft, wanted: GroupKind): Asking<Result<string, string>> {
  const found = yield* ask(draft, { kind: 'find-custom-metrics' });
  if (!found.ok) return err(found.error.message);
  const discovered = yield* ask(draft, { kind: 'discover' });
  const resource = discovered.ok ? describedResource(discovered.value, wanted) : err(discovered.error.message);
  if (resource.ok) return ok(groupResourceText(resource.value));
  const { group, kind } = wanted;
  return err(`unable to map kind ${group === '' ? kind : `${kind}.${group}`} to resource: ${resource.error}`);
}
