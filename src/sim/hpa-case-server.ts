/**
 * The API server of a case: faults first, then what the world says, every request noted. It decides nothing about scaling and knows no
 * time: whoever asks lets the latency pass before.
 */

import type { Scale } from '../core/kube/apps.ts';
import type { KubeEvent } from '../core/kube/core-v1.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { keyOf, keyText, type ObjectKey } from '../core/kube/object.ts';
import { groupResourceText, type GroupResource } from '../core/kube/resource.ts';
import { parseSelector, matchesSelector } from '../core/selector/selector.ts';
import { isRecord } from '../core/cluster/kinds/schema.ts';
import { CaseDiscovery } from './hpa-case-discovery.ts';
import { CaseFaults } from './hpa-case-faults.ts';
import { CaseStore, namespaceOr, printedStatus } from './hpa-case-store.ts';
import type {
  CaseApiError,
  CaseMethod,
  CaseMetrics,
  CaseRequest,
  CaseWorld,
  EventWrite,
  ScaleWrite,
  StatusPut,
} from './hpa-cases.types.ts';

/** `body`: JSON, or the text of an answer that is none. */
export type CaseAnswer = { readonly code: number; readonly body: unknown };

export type CaseLog = {
  readonly scaleWrites: readonly ScaleWrite[];
  readonly statusPuts: readonly StatusPut[];
  readonly requests: readonly CaseRequest[];
  readonly eventWrites: readonly EventWrite[];
};

type Asked = { readonly method: CaseMethod; readonly path: string; readonly query?: Readonly<Record<string, string>> };

const NOT_SERVED = 'the server could not find the requested resource';

export class CaseServer {
  readonly store: CaseStore;
  readonly discovery: CaseDiscovery = new CaseDiscovery();
  #podMetrics: CaseWorld['podMetrics'];
  #customMetrics: readonly CaseMetrics[] = [];
  #externalMetrics: readonly CaseMetrics[] = [];
  #faults = new CaseFaults([]);
  #scaleWrites: ScaleWrite[] = [];
  #statusPuts: StatusPut[] = [];
  #requests: CaseRequest[] = [];
  #eventWrites: EventWrite[] = [];

  constructor(options: { readonly rawHpa: boolean }) {
    this.store = new CaseStore(options);
  }

  /** Returns whether discovery is another one now. */
  apply(world: CaseWorld): boolean {
    this.store.apply(world);
    if (world.podMetrics !== undefined) this.#podMetrics = world.podMetrics;
    if (world.customMetrics !== undefined) this.#customMetrics = world.customMetrics;
    if (world.externalMetrics !== undefined) this.#externalMetrics = world.externalMetrics;
    if (world.faults !== undefined) this.#faults = new CaseFaults(world.faults);
    if (world.apiGroups !== undefined) this.discovery.overrides = world.apiGroups;
    if (world.resources !== undefined) this.discovery.extra = world.resources;
    return world.apiGroups !== undefined || world.resources !== undefined;
  }

  /** What was noted since the last call. */
  takeLog(): CaseLog {
    const log = {
      scaleWrites: this.#scaleWrites,
      statusPuts: this.#statusPuts,
      requests: this.#requests,
      eventWrites: this.#eventWrites,
    };
    [this.#scaleWrites, this.#statusPuts, this.#requests, this.#eventWrites] = [[], [], [], []];
    return log;
  }

  /** GET of a discovery document: not noted. */
  discover(path: string): CaseAnswer {
    const fault = this.#faults.strike('GET', path);
    if (fault !== undefined) return refused(fault);
    if (path === '/api') return found(this.discovery.coreVersions());
    if (path === '/apis') return found(this.discovery.groups());
    const [root, group = '', version = ''] = path.split('/').slice(1);
    const resources = root === 'api' ? this.discovery.resources('', group) : this.discovery.resources(group, version);
    return resources === undefined ? notFound(NOT_SERVED) : found(resources);
  }

  getScale(asked: Asked, resource: GroupResource, key: ObjectKey): CaseAnswer {
    return this.#noted(asked, () => this.#scale(resource, key));
  }

  putScale(
    asked: Asked,
    target: { readonly resource: GroupResource; readonly key: ObjectKey },
    scale: Scale,
  ): CaseAnswer {
    const { resource, key } = target;
    const replicas = scale.spec.replicas ?? 0;
    const answer = this.#noted(asked, () => {
      this.store.setReplicas(resource, key, replicas);
      return this.#scale(resource, key);
    });
    this.#scaleWrites.push({ path: asked.path, replicas, code: answer.code });
    return answer;
  }

  putStatus(asked: Asked, hpa: HorizontalPodAutoscaler): CaseAnswer {
    const key = keyText(keyOf(hpa));
    const { name } = hpa.metadata;
    const answer = this.#noted(asked, () => {
      const stored = this.store.putStatus(key, hpa.status);
      return stored === undefined
        ? notFound(`horizontalpodautoscalers.autoscaling "${name}" not found`)
        : found(stored);
    });
    const sent = answer.code === 200 ? {} : { status: printedStatus(hpa.status) };
    this.#statusPuts.push({ key, code: answer.code, ...sent });
    return answer;
  }

  /** Items of the namespace whose labels match; those without labels match every selector. */
  podMetrics(asked: Asked, namespace: string, labelSelector: string): CaseAnswer {
    return this.#noted(asked, () => {
      const metrics = this.#podMetrics;
      if (metrics === undefined) return notFound(NOT_SERVED);
      if (metrics.error !== undefined) return refused(metrics.error);
      const selector = parseSelector(labelSelector);
      if (!selector.ok) return refused({ code: 400, reason: 'BadRequest', message: selector.error });
      const items = (metrics.items ?? []).filter((item) => {
        const metadata = member(item, 'metadata');
        const labels = labelsOf(member(metadata, 'labels'));
        if (namespaceOr(textOf(metadata, 'namespace')) !== namespace) return false;
        if (labels !== undefined && !matchesSelector(selector.value, labels)) return false;
        return !this.store.isGone(namespace, textOf(metadata, 'name') ?? '');
      });
      return found(items);
    });
  }

  /** `rest`: the path behind group and version. Items of pods that do not exist are left out. */
  customMetrics(asked: Asked, rest: string): CaseAnswer {
    return this.#noted(asked, () => {
      const entry = entryFor(this.#customMetrics, rest, asked.query);
      if (entry === undefined) {
        const at = rest.lastIndexOf('/');
        return notFound(`the server could not find the metric ${rest.slice(at + 1)} for ${rest.slice(0, at)}`);
      }
      if (entry.error !== undefined) return refused(entry.error);
      return found((entry.items ?? []).filter((item) => !this.#describesGonePod(item)));
    });
  }

  externalMetrics(asked: Asked, rest: string): CaseAnswer {
    return this.#noted(asked, () => {
      const entry = entryFor(this.#externalMetrics, rest, asked.query);
      if (entry === undefined) return notFound(NOT_SERVED);
      return entry.error === undefined ? found(entry.items ?? []) : refused(entry.error);
    });
  }

  /** POST of an event, or PATCH of one: not among the requests. */
  writeEvent(asked: Asked, event: Pick<KubeEvent, 'message'> & Partial<KubeEvent>): CaseAnswer {
    const fault = this.#faults.strike(asked.method, asked.path);
    if (fault !== undefined) return refused(fault);
    const { type, reason, message, count = 0 } = event;
    const isNew = asked.method === 'POST';
    this.#eventWrites.push({
      op: isNew ? 'create' : 'patch',
      ...(isNew && type !== undefined ? { type } : {}),
      ...(isNew && reason !== undefined ? { reason } : {}),
      ...(message === '' ? {} : { message }),
      count,
    });
    return found(event);
  }

  #describesGonePod(item: unknown): boolean {
    const described = member(item, 'describedObject');
    const kind = textOf(described, 'kind') ?? '';
    if (!isRecord(described) || (kind !== '' && kind !== 'Pod')) return false;
    return this.store.isGone(namespaceOr(textOf(described, 'namespace')), textOf(described, 'name') ?? '');
  }

  #scale(resource: GroupResource, key: ObjectKey): CaseAnswer {
    const scale = this.store.scale(resource, key);
    return scale === undefined ? notFound(`${groupResourceText(resource)} "${key.name}" not found`) : found(scale);
  }

  #noted(asked: Asked, serve: () => CaseAnswer): CaseAnswer {
    const fault = this.#faults.strike(asked.method, asked.path);
    const answer = fault === undefined ? serve() : refused(fault);
    const { query } = asked;
    const shown = query === undefined || Object.keys(query).length === 0 ? {} : { query };
    this.#requests.push({ method: asked.method, path: asked.path, ...shown, code: answer.code });
    return answer;
  }
}

function found(body: unknown): CaseAnswer {
  return { code: 200, body };
}

function notFound(message: string): CaseAnswer {
  return refused({ code: 404, reason: 'NotFound', message });
}

function refused({ code, reason = '', message = '', body }: CaseApiError): CaseAnswer {
  return { code, body: body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code } };
}

/** The first entry that fits. */
function entryFor(
  entries: readonly CaseMetrics[],
  path: string,
  query: Readonly<Record<string, string>> = {},
): CaseMetrics | undefined {
  return entries.find(
    (entry) =>
      entry.path === path && Object.entries(entry.query ?? {}).every(([name, value]) => (query[name] ?? '') === value),
  );
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function textOf(value: unknown, name: string): string | undefined {
  const text = member(value, name);
  return typeof text === 'string' ? text : undefined;
}

function labelsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  return isRecord(value) ? (value as Readonly<Record<string, string>>) : undefined; // labels are texts
}
