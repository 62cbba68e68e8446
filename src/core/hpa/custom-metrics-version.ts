/** Which version of custom.metrics.k8s.io is spoken with a server. */

import { err, ok, type Result } from '../../lib/result.ts';

/** An API group as the list of groups shows it. */
export type ListedGroup = {
  readonly name: string;
  readonly versions: readonly string[];
  readonly preferred: string;
};

export type CustomMetricsVersion = 'v1beta2' | 'v1beta1';

export const CUSTOM_METRICS_GROUP = 'custom.metrics.k8s.io';

/**
 * The group's preferred version if it is one that is spoken, else the first of its versions that is. The answer may be kept for a sync
 * period; an error may not.
 *
 * Cost: O(groups). Spec: HPA-20.8, HPA-16.13.   Source: k8s.io/metrics pkg/client/custom_metrics/discovery.go (v0.37.2).
 */
export function customMetricsVersion(groups: readonly ListedGroup[]): Result<CustomMetricsVersion, string> {
  const group = groups.find(({ name }) => name === CUSTOM_METRICS_GROUP);
  if (group === undefined) return err(`no custom metrics API (${CUSTOM_METRICS_GROUP}) registered`);
  const version = [group.preferred, ...group.versions].find(isSpoken);
  return version === undefined ? err('no known available metric versions found') : ok(version);
}

function isSpoken(version: string): version is CustomMetricsVersion {
  return version === 'v1beta2' || version === 'v1beta1';
}
