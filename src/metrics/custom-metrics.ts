/**
 * custom.metrics.k8s.io over an authenticated GET, in the version that the server prefers. Answers are checked, and those of v1beta1 turned
 * into the form of v1beta2. What the values mean is the core's.
 */

import {
  CUSTOM_METRICS_GROUP,
  customMetricsVersion,
  type CustomMetricsVersion,
  type ListedGroup,
} from '../core/hpa/custom-metrics-version.ts';
import type { MetricValue } from '../core/kube/metrics.ts';
import type { DurationMs } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';
import type { Clock } from '../ports/clock.ts';
import { KubeError, type CallOptions } from '../ports/kube-api.ts';
import type { CustomMetricsApi, RawGet } from '../ports/metrics-api.ts';
import { isAbsent, isRecord, itemsIn, valueProblem, type JsonRecord } from './answer-shape.ts';
import { checkSegment, namespacedPath, selectorsIn } from './paths.ts';

export type CustomMetricsOptions = {
  readonly transport: RawGet;
  readonly clock: Pick<Clock, 'instant'>;
  /** How often the version is forgotten, counted from here on. Spec: HPA-16.13. */
  readonly forgetEveryMs: DurationMs;
};

type Query<K extends 'listPodsMetric' | 'getObjectMetric'> = Parameters<CustomMetricsApi[K]>[0];

export class CustomMetrics implements CustomMetricsApi {
  readonly #options: CustomMetricsOptions;
  readonly #start: DurationMs;
  #found: { readonly version: CustomMetricsVersion; readonly tick: number } | undefined;

  constructor(options: CustomMetricsOptions) {
    this.#options = options;
    this.#start = options.clock.instant().mono;
  }

  /** Spec: HPA-20.8. */
  async find(options: CallOptions): Promise<void> {
    await this.#version(options);
  }

  /** Spec: HPA-20.2. */
  async listPodsMetric(query: Query<'listPodsMetric'>, options: CallOptions): Promise<readonly MetricValue[]> {
    const { namespace, metric, labelSelector, metricLabelSelector } = query;
    checkSegment('subresource', metric);
    const selectors = selectorsIn({ labelSelector, metricLabelSelector });
    return this.#values([namespace, 'pods', '*', metric], selectors, options);
  }

  /** Spec: HPA-20.3, HPA-20.4. */
  async getObjectMetric(query: Query<'getObjectMetric'>, options: CallOptions): Promise<readonly MetricValue[]> {
    const { namespace, resource, name, metric, metricLabelSelector } = query;
    const isNamespace = resource === 'namespaces';
    checkSegment('resource name', isNamespace ? metric : name);
    checkSegment('subresource', metric);
    const object = isNamespace ? ['metrics'] : [resource, name];
    return this.#values([namespace, ...object, metric], selectorsIn({ metricLabelSelector }), options);
  }

  async #values(
    segments: readonly string[],
    selectors: Readonly<Record<string, string>>,
    options: CallOptions,
  ): Promise<readonly MetricValue[]> {
    const version = await this.#version(options);
    const path = namespacedPath(`${CUSTOM_METRICS_GROUP}/${version}`, segments);
    const body = await this.#options.transport.get(path, selectors, options);
    const kind = 'MetricValueList';
    checkKind(body, kind);
    const items = itemsIn(body, { path, kind, problemOf: (item) => itemProblem(item, version) });
    return items.map((item) => toValue(item as JsonRecord, version)); // their shape was checked
  }

  async #version(options: CallOptions): Promise<CustomMetricsVersion> {
    const tick = this.#tick();
    if (this.#found?.tick === tick) return this.#found.version;
    const version = customMetricsVersion(await this.#groups(options));
    if (!version.ok) throw new TandemError('TANDEM_METRICS_UNAVAILABLE', version.error);
    this.#found = { version: version.value, tick };
    return version.value;
  }

  /** How often the version has been forgotten so far. */
  #tick(): number {
    const { clock, forgetEveryMs } = this.#options;
    return Math.floor((clock.instant().mono - this.#start) / forgetEveryMs);
  }

  /** A server that hides its list of groups has none. Source: client-go discovery/discovery_client.go (v0.37.2). */
  async #groups(options: CallOptions): Promise<readonly ListedGroup[]> {
    let body: unknown;
    try {
      body = await this.#options.transport.get('/apis', {}, options);
    } catch (error) {
      if (error instanceof KubeError && [403, 404].includes(error.status.code)) return [];
      throw error;
    }
    return listedGroups(body);
  }
}

function listedGroups(body: unknown): readonly ListedGroup[] {
  const groups: readonly unknown[] = isRecord(body) && Array.isArray(body['groups']) ? body['groups'] : [];
  return groups.filter(isRecord).map(({ name, versions, preferredVersion }) => ({
    name: textOf(name),
    versions: (Array.isArray(versions) ? versions : []).map(versionOf),
    preferred: versionOf(preferredVersion),
  }));
}

function versionOf(entry: unknown): string {
  return isRecord(entry) ? textOf(entry['version']) : '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Spec: HPA-20.14. */
function checkKind(body: unknown, kind: string): void {
  const told = isRecord(body) ? body['kind'] : undefined;
  if (typeof told !== 'string' || told === kind) return;
  const text = `the custom metrics API server didn't return ${kind}, the type is ${told}`;
  throw new TandemError('TANDEM_METRICS_UNAVAILABLE', text);
}

/** v1beta1 has other names for two fields. Spec: HPA-20.13. */
function itemProblem(item: unknown, version: CustomMetricsVersion): string | undefined {
  if (!isRecord(item)) return ' is not an object';
  const { describedObject } = item;
  if (!isRecord(describedObject) || typeof describedObject['name'] !== 'string')
    return '.describedObject.name is not text';
  const window = WINDOW[version];
  if (!isAbsent(item[window]) && !Number.isSafeInteger(item[window])) return `.${window} is not a number of seconds`;
  return valueProblem(item);
}

const WINDOW: Readonly<Record<CustomMetricsVersion, string>> = { v1beta1: 'window', v1beta2: 'windowSeconds' };

function toValue(item: JsonRecord, version: CustomMetricsVersion): MetricValue {
  const { describedObject, metric, metricName, timestamp, value } = item;
  const windowSeconds = item[WINDOW[version]];
  const name = version === 'v1beta1' ? metricName : isRecord(metric) ? metric['name'] : undefined;
  // all of it was checked
  return {
    describedObject: describedObject as MetricValue['describedObject'],
    metric: { name: textOf(name) },
    ...(isAbsent(timestamp) ? {} : { timestamp: timestamp as string }),
    ...(isAbsent(windowSeconds) ? {} : { windowSeconds: windowSeconds as number }),
    value: value as string | number,
  };
}
