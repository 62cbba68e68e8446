/** The discovery documents of a case's server: built-in resources, those of the case, and groups it overrides. */

import type { ListedGroup } from '../core/hpa/custom-metrics-version.ts';
import type { CaseApiGroup, CaseResource } from './hpa-cases.types.ts';

const BUILT_IN: readonly CaseResource[] = [
  { group: '', version: 'v1', resource: 'pods', kind: 'Pod' },
  { group: '', version: 'v1', resource: 'services', kind: 'Service' },
  { group: '', version: 'v1', resource: 'namespaces', kind: 'Namespace' },
  { group: '', version: 'v1', resource: 'nodes', kind: 'Node' },
  { group: '', version: 'v1', resource: 'replicationcontrollers', kind: 'ReplicationController', scale: true },
  { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', scale: true },
  { group: 'apps', version: 'v1', resource: 'replicasets', kind: 'ReplicaSet', scale: true },
  { group: 'apps', version: 'v1', resource: 'statefulsets', kind: 'StatefulSet', scale: true },
  { group: 'apps', version: 'v1', resource: 'daemonsets', kind: 'DaemonSet' },
  { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers', kind: 'HorizontalPodAutoscaler' },
  { group: 'autoscaling', version: 'v1', resource: 'horizontalpodautoscalers', kind: 'HorizontalPodAutoscaler' },
  { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses', kind: 'Ingress' },
  { group: 'metrics.k8s.io', version: 'v1beta1', resource: 'pods', kind: 'PodMetrics' },
  { group: 'custom.metrics.k8s.io', version: 'v1beta2', resource: 'namespaces/placeholder', kind: 'MetricValueList' },
  { group: 'custom.metrics.k8s.io', version: 'v1beta1', resource: 'namespaces/placeholder', kind: 'MetricValueList' },
  { group: 'external.metrics.k8s.io', version: 'v1beta1', resource: 'placeholder', kind: 'ExternalMetricValueList' },
];

/** What is overridden: the whole map, as the form has it. */
export type Overrides = Readonly<Record<string, CaseApiGroup>>;

export class CaseDiscovery {
  overrides: Overrides = {};
  extra: readonly CaseResource[] = [];

  /** Of `/api`. */
  coreVersions(): readonly string[] {
    return ['v1'];
  }

  /** Of `/apis`, in order. */
  groups(): readonly ListedGroup[] {
    const versions = new Map<string, readonly string[]>();
    for (const { group, version } of this.#served()) {
      if (group === '') continue;
      const known = versions.get(group) ?? [];
      if (!known.includes(version)) versions.set(group, [...known, version]);
    }
    for (const name of Object.keys(this.overrides).toSorted()) {
      const override = this.overrides[name];
      if (override !== undefined && override.removed !== true) versions.set(name, override.versions ?? []);
    }
    return [...versions].map(([name, listed]) => ({
      name,
      versions: listed,
      preferred: (this.overrides[name]?.preferred ?? '') || (listed[0] ?? ''),
    }));
  }

  /** What one version of a group serves; undefined where it serves nothing. */
  resources(group: string, version: string): readonly CaseResource[] | undefined {
    const served = this.#served().filter((entry) => entry.group === group && entry.version === version);
    return served.length === 0 ? undefined : served;
  }

  #served(): readonly CaseResource[] {
    return [...BUILT_IN, ...this.extra].filter(({ group, version }) => {
      const override = Object.hasOwn(this.overrides, group) ? this.overrides[group] : undefined;
      return override === undefined || (override.removed !== true && (override.versions ?? []).includes(version));
    });
  }
}
