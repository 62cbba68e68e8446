/** What a loop did to one HPA and its target, from the API server's audit log, the events and the status. */

import type { KubeEvent } from '../../src/core/kube/core-v1.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
  MetricValueStatus,
} from '../../src/core/kube/hpa.ts';
import type { Write } from './bed/audit.ts';
import type { Bed } from './bed/bed.ts';
import type { HpaRun } from './hpa-themes-recording.ts';

/** Whose writes are read: what is written later than `until` (epoch milliseconds) belongs to nobody's play. */
export type Place = { readonly namespace: string; readonly account: string; readonly until: number };

const RESCALE = 'SuccessfulRescale';
/** Events have whole seconds, the audit log writes when the answer is out. */
const CLOCKS_MS = 1500;
const WITHIN = { timeoutMs: 60_000 };

/** All of a status but its times: numbers and metrics in one line, then a line for each condition. */
export function statusLines({ status }: HorizontalPodAutoscaler, namespace: string): readonly string[] {
  if (status === undefined) return [];
  const { observedGeneration, currentMetrics, conditions = [] } = status;
  const numbers = [`${replicasText(status)} replicas`, ...(currentMetrics ?? []).map(metricText)];
  const lines = conditions.map(({ type, ...condition }) => `${type}=${conditionText(condition)}`);
  return [`generation ${observedGeneration ?? 'none'}`, numbers.join(', '), ...lines].map((line) =>
    masked(line, namespace),
  );
}

/** Everything but the rests, once each rescale has its event. They are written beside the syncs, so they may come late. */
export async function observed(
  bed: Bed,
  { hpa, place }: { readonly hpa: HorizontalPodAutoscaler; readonly place: Place },
): Promise<Omit<HpaRun, 'rests'>> {
  const writes = bed.writes().filter(({ namespace, at }) => namespace === place.namespace && at <= place.until);
  const scales = scalesOf(writes, hpa, place);
  const complete = async (): Promise<readonly KubeEvent[] | undefined> => {
    const events = await eventsOf(bed, place.namespace);
    const told = events.filter(({ reason }) => reason === RESCALE).reduce((sum, { count = 1 }) => sum + count, 0);
    // rivals share a target: either may have scaled it
    return told >= scales.length ? events : undefined;
  };
  const { value } = await bed.waitFor(`${hpa.metadata.name}: each scale has its event`, complete, WITHIN);
  const events = value.filter(({ involvedObject }) => involvedObject.name === hpa.metadata.name);
  const isOwn = (scale: Scale): boolean => reasonsOf(events, scale).length > 0 || reasonsOf(value, scale).length === 0;
  const statuses = writes
    .filter((write) => isStatusOf(write, hpa.metadata.name, place.account))
    .map(({ body }) => (body as HorizontalPodAutoscaler).status) // it was accepted
    .filter((status) => status !== undefined);
  const types = [...new Set(statuses.flatMap(({ conditions = [] }) => conditions.map(({ type }) => type)))];
  const sequence = (type: string): readonly string[] =>
    statuses.flatMap(({ conditions = [] }) =>
      conditions
        .filter((condition) => condition.type === type)
        .map((condition) => masked(conditionText(condition), place.namespace)),
    );
  return {
    scales: scales
      .filter(isOwn)
      .map((scale) => `${scale.from} -> ${scale.to}: ${reasonsOf(events, scale).join(' or ')}`),
    events: eventTexts(events, place.namespace),
    replicas: collapsed(statuses.map(replicasText)),
    conditions: Object.fromEntries(types.map((type) => [type, collapsed(sequence(type))])),
  };
}

type Scale = { readonly from: number; readonly to: number; readonly at: number };

/** The loop's changes of the target's replicas; by what everybody wrote it is known from where. */
function scalesOf(writes: readonly Write[], { spec }: HorizontalPodAutoscaler, { account }: Place): readonly Scale[] {
  const { kind, name } = spec.scaleTargetRef;
  const resource = `${kind.toLowerCase()}s`;
  const scales: Scale[] = [];
  let from = 0;
  for (const write of writes) {
    if (write.code >= 300 || write.name !== name || ![resource, `${resource}/scale`].includes(write.resource)) continue;
    const body = (write.body ?? {}) as { readonly spec?: { readonly replicas?: number } }; // a Scale or a workload, or part of one
    const isScale = write.resource.endsWith('/scale');
    const to = body.spec?.replicas ?? (isScale && body.spec !== undefined ? 0 : undefined);
    if (to === undefined) continue;
    if (write.user === account && isScale) scales.push({ from, to, at: write.at });
    from = to;
  }
  return scales;
}

/** The reasons that events of this moment give for this size; none where no event tells of it. */
function reasonsOf(events: readonly KubeEvent[], { to, at }: Scale): readonly string[] {
  const start = `New size: ${to}; reason: `;
  const reasons = events
    .filter(({ reason, message }) => reason === RESCALE && message.startsWith(start))
    .filter(({ firstTimestamp = '', lastTimestamp = '' }) => {
      return Date.parse(firstTimestamp) - CLOCKS_MS <= at && at <= Date.parse(lastTimestamp) + CLOCKS_MS;
    })
    .map(({ message }) => message.slice(start.length));
  return [...new Set(reasons)];
}

/** Each text once, as two warnings may differ in what is masked; without what a hand tells that comes in the middle of a sync. */
function eventTexts(events: readonly KubeEvent[], namespace: string): readonly string[] {
  const told = events.filter(
    ({ reason, message }) => reason !== 'FailedUpdateStatus' && !message.endsWith('was deleted during reconciliation'),
  );
  return [...new Set(told.map((event) => masked(eventText(event), namespace)))];
}

/** About HPAs of a namespace, oldest first: a name ends in the nanoseconds of its making. */
async function eventsOf(bed: Bed, namespace: string): Promise<readonly KubeEvent[]> {
  const list = (await bed.get(`/api/v1/namespaces/${namespace}/events`)) as { readonly items: readonly KubeEvent[] }; // a list
  const made = ({ metadata }: KubeEvent): string => metadata.name.replace(/^.*\./, '');
  return list.items
    .filter(({ involvedObject }) => involvedObject.kind === 'HorizontalPodAutoscaler')
    .toSorted((a, b) => (made(a) < made(b) ? -1 : 1));
}

function isStatusOf({ resource, name, code, user }: Write, hpa: string, account: string): boolean {
  return resource === 'horizontalpodautoscalers/status' && name === hpa && code === 200 && user === account;
}

function eventText({ type, reason, count, message }: KubeEvent): string {
  return `${type} ${reason}${type === 'Normal' ? ` x${count}` : ''}: ${message}`;
}

function replicasText({ currentReplicas = 0, desiredReplicas }: HorizontalPodAutoscalerStatus): string {
  return `${currentReplicas} of ${desiredReplicas}`;
}

type ConditionLike = { readonly status: string; readonly reason?: string; readonly message?: string };

function conditionText({ status, reason = '', message = '' }: ConditionLike): string {
  return `${status} ${reason}: ${message}`;
}

function metricText({ resource, containerResource, pods, object, external }: MetricStatus): string {
  if (resource !== undefined) return `${resource.name} at ${valueText(resource.current)}`;
  if (containerResource !== undefined) {
    const { container, name, current } = containerResource;
    return `${container} ${name} at ${valueText(current)}`;
  }
  if (pods !== undefined) return `pods ${pods.metric.name} at ${valueText(pods.current)}`;
  if (object !== undefined) {
    return `${object.describedObject.kind} ${object.metric.name} at ${valueText(object.current)}`;
  }
  if (external !== undefined) return `external ${external.metric.name} at ${valueText(external.current)}`;
  return 'no metric';
}

function valueText({ averageUtilization, averageValue, value }: MetricValueStatus): string {
  if (averageUtilization !== undefined) return `${averageUtilization} % (${averageValue})`;
  return averageValue === undefined ? `${value}, all of it` : averageValue;
}

/** Without what differs from play to play: the namespace, and which of two rivals comes first. */
function masked(text: string, namespace: string): string {
  return text
    .replaceAll(namespace, 'NAMESPACE')
    .replace(/\(e\.g\. \[(\S+) (\S+)\]\)/, (_, a: string, b: string) => `(e.g. [${[a, b].toSorted().join(' ')}])`);
}

function collapsed(texts: readonly string[]): readonly string[] {
  return texts.filter((text, i) => text !== texts[i - 1]);
}
