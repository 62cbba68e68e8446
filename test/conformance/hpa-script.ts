/** The script of the guide's HPA, 1 -> 5 -> 1: usage in steps, each ended by what the HPA then shows. Whoever runs the loop, it is this one. */

import type { KubeEvent } from '../../src/core/kube/core-v1.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus } from '../../src/core/kube/hpa.ts';
import type { Write } from './bed/audit.ts';
import type { Bed, PodObject } from './bed/bed.ts';
import { CPU_INITIALIZATION_MS, evidence, guideText, SYNC_MS } from './hpa-bed.ts';
import { costOf } from './hpa-child.ts';

/** Of the lines of evidence. */
export const SCENARIO = 'hpa-guide';
/** Names in the guide. */
export const HPA = 'ray-serve-hpa';
export const TARGET = 'ray-serve-replica';

/** A point where nothing is under way: as many replicas as are wanted, this utilization, and a status that no longer changes. */
type Rest = {
  readonly name: string;
  readonly replicas: number;
  readonly utilization: number;
  /** Reason of AbleToScale, where the numbers alone do not tell two rests apart. */
  readonly ableToScale?: string;
  /** It lasts for the stabilization only, so it is taken at first sight: its numbers and conditions are those of one sync. */
  readonly passes?: true;
};

type Step = {
  readonly name: string;
  /** Used by each pod; the target is 300m. Not a sum they share: while new pods are not measured yet, their share is missing. */
  readonly cpu: string;
  readonly rests: readonly Rest[];
};

const QUIET: Step = { name: 'quiet', cpu: '20m', rests: [{ name: 'quiet', replicas: 1, utilization: 4 }] };
const STEPS: readonly Step[] = [
  { name: 'rise', cpu: '1500m', rests: [{ name: 'more than five can take', replicas: 5, utilization: 300 }] },
  {
    name: 'hold',
    cpu: '300m',
    // until the recommendations of the rise are too old to count
    rests: [{ name: 'at the target', replicas: 5, utilization: 60, ableToScale: 'ReadyForNewScale' }],
  },
  {
    name: 'fall',
    cpu: '20m',
    rests: [
      { name: 'held back', replicas: 5, utilization: 4, passes: true },
      { name: 'quiet again', replicas: 1, utilization: 4 },
    ],
  },
];

/** A status is written at the sync that changes it, and at no other. */
const UNCHANGED_MS = 2.5 * SYNC_MS;
const WITHIN = { timeoutMs: 120_000 };

export type ScaleChange = { readonly from: number; readonly to: number; readonly reason: string };

/** What two loops are compared by: no times, no names of pods. */
export type Recording = {
  readonly changes: readonly ScaleChange[];
  /** `Normal SuccessfulRescale x1: New size ...`, oldest first. */
  readonly events: readonly string[];
  /** By the rest's name: `5 of 5 replicas, cpu at 60 % (300m)`, then `AbleToScale=True ReadyForNewScale: recommended ...` and so on. */
  readonly rests: Readonly<Record<string, readonly string[]>>;
};

export type Played = {
  readonly recording: Recording;
  readonly namespace: string;
  /** From the fall of the usage to the scale write, by the API server's clock; undefined when there was none. */
  readonly fallMs: number | undefined;
};

export type Loop = { readonly name: string; readonly pid: number };

/** The guide's Deployment with its one pod, using `cpu` and measured; no HPA yet. */
export async function deployTarget(bed: Bed, prefix: string, cpu: string): Promise<string> {
  const namespace = await bed.namespace(prefix);
  await setCpu(bed, namespace, cpu);
  await bed.apply(guideText('Deployment'), namespace);
  // until then its CPU counts only under conditions, and an HPA without any that counts reports a failure
  await bed.waitFor('the one pod is measured, and past its start', () => isWarm(bed, namespace), WITHIN);
  return namespace;
}

/** Plays the script from the HPA's creation on, in a namespace that `deployTarget` made with the quiet usage. Prints its timings. */
export async function playScript(bed: Bed, loop: Loop): Promise<Played> {
  const namespace = await deployTarget(bed, 'guide', QUIET.cpu);
  const before = costOf(loop.pid);
  const begin = performance.now();
  await bed.apply(guideText('HorizontalPodAutoscaler'), namespace);
  const rests: Record<string, readonly string[]> = {};
  await restsOf(bed, { namespace, step: QUIET, rests });
  const timed: { step: string; usageAt: number; restAt: number }[] = [];
  for (const step of STEPS) {
    const usageAt = await setCpu(bed, namespace, step.cpu);
    await restsOf(bed, { namespace, step, rests });
    timed.push({ step: step.name, usageAt, restAt: Date.now() - UNCHANGED_MS });
  }
  const scaled = scaleWrites(bed, namespace);
  const events = await eventsOf(bed, namespace, scaled.length);
  const totalMs = Math.round(performance.now() - begin);
  const steps = timed.map(({ step, usageAt, restAt }) => {
    const scalesMs = scaled.filter(({ at }) => at >= usageAt && at <= restAt).map(({ at }) => at - usageAt);
    return { step, scalesMs, restMs: restAt - usageAt };
  });
  for (const { step, scalesMs, restMs } of steps) {
    evidence({ scenario: SCENARIO, loop: loop.name, step, scalesMs: scalesMs.join() || 'none', restMs });
  }
  const { peakMemoryMib, cpuMs } = costOf(loop.pid);
  evidence({
    ...{ scenario: SCENARIO, loop: loop.name, step: 'total', totalMs, scaleWrites: scaled.length },
    statusWrites: bed.writes().filter(isOf(namespace, 'horizontalpodautoscalers/status')).length,
    ...{ events: events.length, peakMemoryMib, cpuMs: cpuMs - before.cpuMs },
  });
  return {
    recording: { changes: changesOf(scaled, events), events: events.map(eventText), rests },
    namespace,
    fallMs: steps.at(-1)?.scalesMs[0],
  };
}

/** Scripts the usage; when the API server took it, by its clock. */
export async function setCpu(bed: Bed, namespace: string, cpu: string): Promise<number> {
  await bed.setUsage(namespace, [{ selector: { app: TARGET }, cpu }]);
  const written = bed.writes().findLast((write) => isOf(namespace, 'configmaps')(write) && write.user === 'admin');
  if (written === undefined) throw new Error('the audit log does not show the usage script');
  return written.at;
}

/** CPU of each measured pod of the target, in whole millicores. */
export async function measuredMillicores(bed: Bed, namespace: string): Promise<readonly number[]> {
  const list = (await bed.get(`/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`)) as {
    readonly items: readonly { readonly containers: readonly { readonly usage: { readonly cpu: string } }[] }[];
  }; // the bed's own metrics server, which writes nanocores
  return list.items.map(({ containers }) =>
    Math.round(containers.reduce((sum, { usage }) => sum + Number.parseInt(usage.cpu, 10), 0) / 1e6),
  );
}

/** True for writes to a resource of a namespace. */
export function isOf(namespace: string, resource: string): (write: Write) => boolean {
  return (write) => write.namespace === namespace && write.resource === resource;
}

export async function hpaOf(bed: Bed, namespace: string): Promise<HorizontalPodAutoscaler> {
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${HPA}`;
  return (await bed.get(path)) as HorizontalPodAutoscaler; // by its path
}

/** The events about HPAs of a namespace. */
export async function hpaEvents(bed: Bed, namespace: string): Promise<readonly KubeEvent[]> {
  const list = (await bed.get(`/api/v1/namespaces/${namespace}/events`)) as { readonly items: readonly KubeEvent[] }; // a list
  return list.items.filter(({ involvedObject }) => involvedObject.kind === 'HorizontalPodAutoscaler');
}

async function isWarm(bed: Bed, namespace: string): Promise<boolean> {
  const pods = await bed.pods(namespace, `app=${TARGET}`);
  const since = pods[0] === undefined ? undefined : readySince(pods[0]);
  const old = since !== undefined && Date.now() - since > CPU_INITIALIZATION_MS + 1000;
  return old && (await measuredMillicores(bed, namespace)).length === 1;
}

function readySince({ status }: PodObject): number | undefined {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? Date.parse(ready.lastTransitionTime) : undefined;
}

type Place = { readonly namespace: string; readonly step: Step; readonly rests: Record<string, readonly string[]> };

async function restsOf(bed: Bed, { namespace, step, rests }: Place): Promise<void> {
  for (const rest of step.rests) {
    let seen: readonly string[] | undefined;
    let since = 0;
    const unchanged = async (): Promise<readonly string[] | undefined> => {
      const { status } = await hpaOf(bed, namespace);
      const now = isAt(rest, status) ? statusTexts(status) : undefined;
      if (now === undefined || now.join() !== seen?.join()) since = performance.now();
      seen = now;
      return rest.passes === true || performance.now() - since > UNCHANGED_MS ? now : undefined;
    };
    const what = `${step.name}: '${rest.name}', ${rest.replicas} replicas at ${rest.utilization} %`;
    rests[rest.name] = (await bed.waitFor(what, unchanged, WITHIN)).value;
  }
}

function isAt(
  { replicas, utilization, ableToScale }: Rest,
  status: HorizontalPodAutoscalerStatus | undefined,
): status is HorizontalPodAutoscalerStatus {
  const measured = status?.currentMetrics?.[0]?.resource?.current.averageUtilization;
  const able = status?.conditions?.find(({ type }) => type === 'AbleToScale')?.reason;
  return (
    status?.currentReplicas === replicas &&
    status.desiredReplicas === replicas &&
    measured === utilization &&
    (ableToScale === undefined || able === ableToScale)
  );
}

/** All of a status but its times; the conditions in their own order. */
function statusTexts(status: HorizontalPodAutoscalerStatus): readonly string[] {
  const { currentReplicas, desiredReplicas, currentMetrics, conditions = [] } = status;
  const metrics = (currentMetrics ?? []).map(({ resource }) => {
    const { averageUtilization, averageValue } = resource?.current ?? {};
    return `${resource?.name} at ${averageUtilization} % (${averageValue})`;
  });
  const texts = conditions.map(({ type, status: value, reason, message }) => `${type}=${value} ${reason}: ${message}`);
  return [[`${currentReplicas} of ${desiredReplicas} replicas`, ...metrics].join(', '), ...texts];
}

function scaleWrites(bed: Bed, namespace: string): readonly Write[] {
  const isScale = isOf(namespace, 'deployments/scale');
  return bed.writes().filter((write) => isScale(write) && write.code === 200);
}

/** The HPA's events once each scale change has its own, oldest first. They are written beside the syncs, so they may come late. */
async function eventsOf(bed: Bed, namespace: string, changes: number): Promise<readonly KubeEvent[]> {
  const complete = async (): Promise<readonly KubeEvent[] | undefined> => {
    const events = await hpaEvents(bed, namespace);
    return events.filter(({ reason }) => reason === 'SuccessfulRescale').length >= changes ? events : undefined;
  };
  const { value } = await bed.waitFor('each scale change has its event', complete, WITHIN);
  const moment = ({ firstTimestamp = '' }: KubeEvent): number => Date.parse(firstTimestamp);
  return value.toSorted((a, b) => moment(a) - moment(b));
}

function eventText({ type, reason, count, message }: KubeEvent): string {
  return `${type} ${reason} x${count}: ${message}`;
}

/** The guide's Deployment begins with one replica; a change's reason is that of its event. */
function changesOf(writes: readonly Write[], events: readonly KubeEvent[]): readonly ScaleChange[] {
  const reasons = events
    .filter(({ reason }) => reason === 'SuccessfulRescale')
    .map(({ message }) => message.replace(/^.*reason: /, ''));
  let from = 1;
  return writes.map(({ body }, i) => {
    const { replicas: to } = (body as { readonly spec: { readonly replicas: number } }).spec; // a Scale
    const change = { from, to, reason: reasons[i] ?? '' };
    from = to;
    return change;
  });
}
