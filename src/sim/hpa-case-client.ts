/**
 * Talking to a case's server as the original's client libraries do: which request a question becomes, and what is made of the answer. A
 * request is a value here; who asks decides when it is sent.
 */

import type { Failure } from '../core/hpa/conversation.ts';
import type { CustomMetricsVersion } from '../core/hpa/custom-metrics-version.ts';
import { isRecord } from '../core/cluster/kinds/schema.ts';
import { fillWire, readWire, type WireType } from '../core/cluster/kinds/wire-type.ts';
import { pathSegmentProblems } from '../core/cluster/kinds/hpa-field-checks.ts';
import type { Scale } from '../core/kube/apps.ts';
import { genericRefusal } from '../core/kube/generic-refusal.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import type { ExternalMetricValue, MetricValue, PodMetrics } from '../core/kube/metrics.ts';
import { pathResource } from '../core/kube/path-resource.ts';
import { keyOf, type ObjectKey } from '../core/kube/object.ts';
import { apiVersionOf, type GroupResource, type GroupVersionResource } from '../core/kube/resource.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { EXTERNAL_METRICS, METRIC_VALUES, POD_METRICS } from './hpa-case-metric-types.ts';
import type { CaseAnswer, CaseServer } from './hpa-case-server.ts';
import type { CaseMethod } from './hpa-cases.types.ts';

/** One request, ready to be sent. */
export type Exchange<T> = { send(server: CaseServer): Result<T, Failure> };

type Subject = GroupResource & { readonly name: string };

/** Spec: HPA-3.5. */
export function getScale(resource: GroupVersionResource, key: ObjectKey): Result<Exchange<Scale>, Failure> {
  const broken = nameFailure(key.name);
  if (broken !== undefined) return err(broken);
  const path = scalePath(resource, key);
  return ok({
    send: (server) =>
      read<Scale>(server.getScale({ method: 'GET', path }, resource, key), scaleAbout('GET', resource, key)),
  });
}

/** Spec: HPA-3.8. */
export function putScale(resource: GroupVersionResource, key: ObjectKey, scale: Scale): Exchange<Scale> {
  const path = scalePath(resource, key);
  return {
    send: (server) =>
      read<Scale>(server.putScale({ method: 'PUT', path }, { resource, key }, scale), scaleAbout('PUT', resource, key)),
  };
}

export function putStatus(hpa: HorizontalPodAutoscaler): Exchange<HorizontalPodAutoscaler> {
  const { namespace, name } = keyOf(hpa);
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}/status`;
  const subject = { group: 'autoscaling', resource: 'horizontalpodautoscalers', name };
  return {
    send: (server) =>
      read<HorizontalPodAutoscaler>(server.putStatus({ method: 'PUT', path }, hpa), { method: 'PUT', subject }),
  };
}

/** Spec: HPA-20.1. */
export function listPodMetrics(namespace: string, labelSelector: string): Exchange<readonly PodMetrics[]> {
  const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`;
  const asked = { method: 'GET', path, query: queryOf({ labelSelector }) } as const;
  const about = { method: 'GET', subject: { group: 'metrics.k8s.io', resource: 'pods', name: '' } } as const;
  return { send: (server) => readItems(server.podMetrics(asked, namespace, labelSelector), about, POD_METRICS) };
}

export type CustomMetricQuery = {
  readonly version: CustomMetricsVersion;
  readonly namespace: string;
  /** `<resource>` or `<resource>.<group>`; `metrics` for the namespace itself. */
  readonly resource: string;
  /** `*` for all. Absent for the namespace itself. */
  readonly name?: string;
  readonly metric: string;
  readonly labelSelector?: string;
  readonly metricLabelSelector: string;
};

/** Spec: HPA-20.2 to HPA-20.4. */
export function customMetric(query: CustomMetricQuery): Result<Exchange<readonly MetricValue[]>, Failure> {
  const { version, namespace, resource, name, metric, labelSelector = '', metricLabelSelector } = query;
  const broken = nameFailure(name ?? metric) ?? segmentFailure('subresource', metric);
  if (broken !== undefined) return err(broken);
  const rest = pathOf(['namespaces', namespace, resource, name ?? '', metric]);
  const path = `/apis/custom.metrics.k8s.io/${version}/${rest}`;
  const asked = { method: 'GET', path, query: queryOf({ labelSelector, metricLabelSelector }) } as const;
  const subject = { group: 'custom.metrics.k8s.io', resource, name: name ?? metric };
  return ok({
    send: (server) => readItems(server.customMetrics(asked, rest), { method: 'GET', subject }, METRIC_VALUES),
  });
}

export type ExternalMetricQuery = {
  readonly namespace: string;
  readonly metric: string;
  readonly labelSelector: string;
};

/** Spec: HPA-20.5. */
export function externalMetric({
  namespace,
  metric,
  labelSelector,
}: ExternalMetricQuery): Result<Exchange<readonly ExternalMetricValue[]>, Failure> {
  const broken = segmentFailure('resource', metric);
  if (broken !== undefined) return err(broken);
  const rest = pathOf(['namespaces', namespace, pathResource(metric)]);
  const path = `/apis/external.metrics.k8s.io/v1beta1/${rest}`;
  const asked = { method: 'GET', path, query: queryOf({ labelSelector }) } as const;
  const subject = { group: 'external.metrics.k8s.io', resource: metric, name: '' };
  return ok({
    send: (server) => readItems(server.externalMetrics(asked, rest), { method: 'GET', subject }, EXTERNAL_METRICS),
  });
}

/** An empty name leaves no trace in a path. */
function pathOf(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/');
}

type About = { readonly method: CaseMethod; readonly subject: Subject };

/** The client of scales knows no group. Spec: HPA-20.18. */
function scaleAbout(method: CaseMethod, { resource }: GroupResource, { name }: ObjectKey): About {
  return { method, subject: { group: '', resource, name } };
}

function scalePath(resource: GroupVersionResource, key: ObjectKey): string {
  const root = resource.group === '' ? '/api' : '/apis';
  return `${root}/${apiVersionOf(resource)}/namespaces/${key.namespace}/${resource.resource}/${key.name}/scale`;
}

/** Spec: HPA-20.6. */
function queryOf(parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ''));
}

/** The server of a case answers with objects of the type that was asked for. */
function read<T>(answer: CaseAnswer, about: About): Result<T, Failure> {
  return isObject(answer) ? ok(answer.body as T) : err(failureOf(answer, about));
}

/** Items of a list; one that does not read makes the whole list unreadable. Spec: HPA-20.21. */
function readItems<T>(answer: CaseAnswer, about: About, type: WireType): Result<readonly T[], Failure> {
  if (!isObject(answer)) return err(failureOf(answer, about));
  const items = readWire(type, answer.body);
  return items.ok
    ? ok(fillWire(type, items.value) as readonly T[]) // read by its type
    : err({ code: 0, reason: '', message: items.error });
}

/** Success, and neither a Status nor text that is none of ours. */
function isObject(answer: CaseAnswer): boolean {
  return isSuccess(answer) && typeof answer.body !== 'string' && statusIn(answer.body) === undefined;
}

export function isSuccess({ code }: CaseAnswer): boolean {
  return code >= 200 && code <= 206;
}

/** What the client library says of a refusal. `raw`: it does not look for a Status. Spec: HPA-20.17. */
export function failureOf(answer: CaseAnswer, about: About, look: 'for-status' | 'raw' = 'for-status'): Failure {
  const status = look === 'raw' ? undefined : statusIn(answer.body);
  if (status !== undefined) return { ...status, code: status.code === 0 ? answer.code : status.code };
  const { reason, message } = genericRefusal({ code: answer.code, ...about, bodyText: 'unknown' });
  return { code: answer.code, reason, message };
}

function statusIn(body: unknown): Failure | undefined {
  const object = typeof body === 'string' ? parsed(body) : body;
  if (!isRecord(object) || (object['kind'] ?? 'Status') !== 'Status' || object['status'] !== 'Failure')
    return undefined;
  const { code, reason, message } = object;
  return {
    code: typeof code === 'number' ? code : 0,
    reason: typeof reason === 'string' ? reason : '',
    message: typeof message === 'string' ? message : '',
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a body of another kind
  }
}

/** Names that cannot be part of a path are refused before anything is sent. Source: client-go rest/request.go (v0.37.2). */
function nameFailure(name: string): Failure | undefined {
  return name === '' ? failed('resource name may not be empty') : segmentFailure('resource name', name);
}

function segmentFailure(what: string, segment: string): Failure | undefined {
  const problems = pathSegmentProblems(segment);
  if (problems.length === 0) return undefined;
  return failed(`invalid ${what} ${JSON.stringify(segment)}: [${problems.join(' ')}]`);
}

function failed(message: string): Failure {
  return { code: 0, reason: '', message };
}
