/**
 * The API server of a case: objects as given, answers as requests come in, faults first, every request with its latency. It decides
 * nothing about scaling; it is the table that a sync's questions are answered from.
 */

import type { DiscoveredKind, Failure } from '../core/hpa/conversation.ts';
import { HPA_KIND } from '../core/cluster/kinds/hpa.ts';
import type { Scale } from '../core/kube/apps.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import type { PodMetrics } from '../core/kube/metrics.ts';
import { keyOf, keyText, type ObjectKey } from '../core/kube/object.ts';
import { apiVersionOf, groupResourceText, type GroupVersionResource } from '../core/kube/resource.ts';
import { matchesSelector, parseSelector } from '../core/selector/selector.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type {
  CaseApiError,
  CaseFault,
  CaseRequest,
  CaseResource,
  CaseScale,
  CaseSync,
  CaseWorld,
} from './hpa-cases.types.ts';

const BUILT_IN: readonly CaseResource[] = [
  { group: '', version: 'v1', resource: 'pods', kind: 'Pod' },
  { group: '', version: 'v1', resource: 'services', kind: 'Service' },
  { group: '', version: 'v1', resource: 'namespaces', kind: 'Namespace' },
  { group: '', version: 'v1', resource: 'nodes', kind: 'Node' },
  { group: '', version: 'v1', resource: 'replicationcontrollers', kind: 'ReplicationController' },
  { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment' },
  { group: 'apps', version: 'v1', resource: 'replicasets', kind: 'ReplicaSet' },
  { group: 'apps', version: 'v1', resource: 'statefulsets', kind: 'StatefulSet' },
  { group: 'apps', version: 'v1', resource: 'daemonsets', kind: 'DaemonSet' },
  { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers', kind: 'HorizontalPodAutoscaler' },
  { group: 'autoscaling', version: 'v1', resource: 'horizontalpodautoscalers', kind: 'HorizontalPodAutoscaler' },
  { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses', kind: 'Ingress' },
];

const NOT_SERVED: CaseApiError = {
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
};

type StoredScale = {
  spec: number;
  status: number;
  selector: string;
  follows: boolean;
  resourceVersion: number;
  name: string;
};

type Log = {
  scaleWrites: CaseSync['scaleWrites'][number][];
  statusPuts: CaseSync['statusPuts'][number][];
  requests: CaseRequest[];
};

/** Time of a case: it stands still, except that every request takes its latency before the server sees it. */
export type CaseClock = { advance(ms: number): void };

export class HpaCaseWorld {
  readonly #clock: CaseClock;
  readonly #latencyMs: number;
  readonly #hpas = new Map<string, HorizontalPodAutoscaler>();
  readonly #scales = new Map<string, StoredScale>();
  #pods: readonly Pod[] = [];
  #podsFollowScale = '';
  #podMetrics: CaseWorld['podMetrics'];
  #extra: readonly CaseResource[] = [];
  #faults: { readonly fault: CaseFault; readonly path: RegExp; skip: number; left: number }[] = [];
  #version = 1000;
  #log: Log = { scaleWrites: [], statusPuts: [], requests: [] };

  constructor(clock: CaseClock, latencyMs: number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  get resourceVersion(): string {
    return String(this.#version);
  }

  /** HPAs on the server by key, keys in byte order. */
  hpas(): ReadonlyMap<string, HorizontalPodAutoscaler> {
    return new Map([...this.#hpas].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  replicas(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#scales].map(([key, scale]) => [key, scale.spec]));
  }

  /** What was logged since the last call. */
  takeLog(): Log {
    const log = this.#log;
    this.#log = { scaleWrites: [], statusPuts: [], requests: [] };
    return log;
  }

  /** Each present part replaces the one before; HPAs and scales are upserted. */
  apply(world: CaseWorld): void {
    for (const hpa of world.hpas ?? []) this.#upsertHpa(hpa);
    for (const key of world.deleteHpas ?? []) this.#hpas.delete(key);
    for (const scale of world.scales ?? []) this.#upsertScale(scale);
    for (const key of world.deleteScales ?? []) this.#scales.delete(key);
    if (world.pods !== undefined) this.#pods = world.pods.map(withNamespace);
    if (world.podsFollowScale !== undefined) this.#podsFollowScale = world.podsFollowScale;
    if (world.podMetrics !== undefined) this.#podMetrics = world.podMetrics;
    if (world.resources !== undefined) this.#extra = world.resources;
    if (world.faults !== undefined) {
      this.#faults = world.faults.map((fault) => ({
        fault,
        path: new RegExp(fault.path, 'u'),
        skip: fault.skip ?? 0,
        left: fault.times === undefined || fault.times === 0 ? Infinity : fault.times,
      }));
    }
  }

  /** Lets status replicas and pods follow their scales. Returns the pods that exist now. */
  settle(): readonly Pod[] {
    for (const scale of this.#scales.values()) {
      if (!scale.follows || scale.status === scale.spec) continue;
      scale.status = scale.spec;
      scale.resourceVersion = ++this.#version;
    }
    return this.#podsFollowScale === ''
      ? this.#pods
      : this.#pods.slice(0, this.#scales.get(this.#podsFollowScale)?.spec ?? 0);
  }

  discover(): readonly DiscoveredKind[] {
    const all = [...BUILT_IN, ...this.#extra];
    return all.map((entry) => ({
      ...entry,
      preferred: all.find(({ group }) => group === entry.group)?.version === entry.version,
    }));
  }

  getScale(resource: GroupVersionResource, key: ObjectKey): Result<Scale, Failure> {
    return this.#request({ method: 'GET', path: scalePath(resource, key) }, () => this.#scaleOf(resource, key));
  }

  putScale(resource: GroupVersionResource, key: ObjectKey, scale: Scale): Result<Scale, Failure> {
    const path = scalePath(resource, key);
    const replicas = scale.spec.replicas ?? 0;
    const answer = this.#request({ method: 'PUT', path }, () => {
      const stored = this.#scales.get(scaleKey(resource, key));
      if (stored !== undefined) {
        stored.spec = replicas;
        stored.resourceVersion = ++this.#version;
      }
      return this.#scaleOf(resource, key);
    });
    this.#log.scaleWrites.push({ path, replicas, code: answer.ok ? 200 : answer.error.code });
    return answer;
  }

  putStatus(hpa: HorizontalPodAutoscaler): Result<HorizontalPodAutoscaler, Failure> {
    const { namespace, name } = keyOf(hpa);
    const key = keyText({ namespace, name });
    const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}/status`;
    const answer = this.#request({ method: 'PUT', path }, (): Result<HorizontalPodAutoscaler, Failure> => {
      const old = this.#hpas.get(key);
      if (old === undefined) return fail(notFound('horizontalpodautoscalers.autoscaling', name));
      const metadata = { ...old.metadata, resourceVersion: String(++this.#version) };
      const stored = HPA_KIND.withDefaults({
        ...old,
        metadata,
        ...(hpa.status === undefined ? {} : { status: hpa.status }),
      });
      this.#hpas.set(key, stored);
      return ok(stored);
    });
    this.#log.statusPuts.push({ key, code: answer.ok ? 200 : answer.error.code });
    return answer;
  }

  listPodMetrics(namespace: string, labelSelector: string): Result<readonly PodMetrics[], Failure> {
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`;
    const query = labelSelector === '' ? {} : { query: { labelSelector } };
    return this.#request({ method: 'GET', path, ...query }, () => {
      if (this.#podMetrics === undefined) return fail(NOT_SERVED);
      if (this.#podMetrics.error !== undefined) return fail(this.#podMetrics.error);
      const selector = parseSelector(labelSelector);
      if (!selector.ok) return fail({ code: 400, reason: 'BadRequest', message: selector.error });
      return ok(
        (this.#podMetrics.items ?? []).filter(({ metadata }) => {
          if ((metadata.namespace ?? 'default') !== namespace || this.#isGone(namespace, metadata.name)) return false;
          return metadata.labels === undefined || matchesSelector(selector.value, metadata.labels);
        }),
      );
    });
  }

  #upsertHpa(given: HorizontalPodAutoscaler): void {
    const { name, namespace = 'default', uid, generation = 1 } = given.metadata;
    const key = keyText({ namespace, name });
    const old = this.#hpas.get(key);
    const status = given.status ?? old?.status;
    const hpa = HPA_KIND.withDefaults({ ...given, apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' });
    const metadata = {
      ...given.metadata,
      namespace,
      uid: uid ?? old?.metadata.uid ?? `uid-${namespace}-${name}`,
      generation,
      resourceVersion: String(++this.#version),
    };
    this.#hpas.set(key, { ...hpa, metadata, ...(status === undefined ? {} : { status }) });
  }

  #upsertScale(given: CaseScale): void {
    const key = scaleKey(given, { namespace: given.namespace ?? 'default', name: given.name });
    const old = this.#scales.get(key);
    this.#scales.set(key, {
      name: given.name,
      spec: given.specReplicas ?? old?.spec ?? 0,
      status: given.statusReplicas ?? old?.status ?? 0,
      selector: given.selector ?? old?.selector ?? '',
      follows: given.statusFollowsSpec ?? old?.follows ?? false,
      resourceVersion: ++this.#version,
    });
  }

  #scaleOf(resource: GroupVersionResource, key: ObjectKey): Result<Scale, Failure> {
    const stored = this.#scales.get(scaleKey(resource, key));
    if (stored === undefined) return fail(notFound(groupResourceText(resource), key.name));
    return ok({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { ...key, uid: `uid-scale-${key.name}`, resourceVersion: String(stored.resourceVersion) },
      spec: stored.spec === 0 ? {} : { replicas: stored.spec },
      status: { replicas: stored.status, ...(stored.selector === '' ? {} : { selector: stored.selector }) },
    });
  }

  /** A pod of the pool that does not exist at the moment. */
  #isGone(namespace: string, name: string): boolean {
    if (this.#podsFollowScale === '') return false;
    const at = this.#pods.findIndex(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
    return at >= (this.#scales.get(this.#podsFollowScale)?.spec ?? 0);
  }

  #request<T>(request: Omit<CaseRequest, 'code'>, serve: () => Result<T, Failure>): Result<T, Failure> {
    this.#clock.advance(this.#latencyMs);
    const fault = this.#faults.find((entry) => this.#strikes(entry, request));
    if (fault !== undefined) fault.left--;
    const answer = fault === undefined ? serve() : fail(fault.fault.error);
    this.#log.requests.push({ ...request, code: answer.ok ? 200 : answer.error.code });
    return answer;
  }

  /** A fault that fits lets `skip` requests pass first; a used-up one is out of the way. */
  #strikes(
    entry: { readonly fault: CaseFault; readonly path: RegExp; skip: number; left: number },
    request: { readonly method: string; readonly path: string },
  ): boolean {
    if (entry.left <= 0 || (entry.fault.method ?? request.method) !== request.method || !entry.path.test(request.path))
      return false;
    if (entry.skip > 0) {
      entry.skip--;
      return false;
    }
    return true;
  }
}

function withNamespace(pod: Pod): Pod {
  return { ...pod, metadata: { ...pod.metadata, namespace: pod.metadata.namespace ?? 'default' } };
}

function scaleKey(resource: { readonly group: string; readonly resource: string }, key: ObjectKey): string {
  return `${resource.group}/${resource.resource}/${key.namespace}/${key.name}`;
}

function scalePath(resource: GroupVersionResource, key: ObjectKey): string {
  const root = resource.group === '' ? '/api' : '/apis';
  return `${root}/${apiVersionOf(resource)}/namespaces/${key.namespace}/${resource.resource}/${key.name}/scale`;
}

function notFound(what: string, name: string): CaseApiError {
  return { code: 404, reason: 'NotFound', message: `${what} "${name}" not found` };
}

function fail({ code, reason = '', message = '' }: CaseApiError): Result<never, Failure> {
  return err({ code, reason, message });
}
