/** The metrics that dashboards for Ray's autoscaler expect, under its names, filled from rounds. */

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RayObserver } from '../../controllers/ray-autoscaler.ts';
import type { RayCluster } from '../../core/kube/ray.ts';
import type { Compat } from '../../core/ray/compat.ts';
import { configOf } from '../../core/ray/config.ts';
import { countsSince, gaugesOf } from '../../core/ray/gauges.ts';
import type { RoundOutcome } from '../../core/ray/round.ts';
import type { NodeType } from '../../core/ray/snapshot.ts';
import { durationMs, type DurationMs, type Instant } from '../../core/time/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GcsApi } from '../../ports/gcs-api.ts';

/** Written by nobody: the v1 autoscaler filled them, and a dashboard that names them must find them. */
const IDLE_GAUGES = ['updating_nodes', 'recovering_nodes', 'running_workers_nodes'];
const COUNTERS = [
  'started_nodes',
  'stopped_nodes',
  'failed_create_nodes',
  'failed_updates',
  'successful_updates',
  'failed_recoveries',
  'successful_recoveries',
  'update_loop_exceptions',
  'node_launch_exceptions',
  'reset_exceptions',
  'config_validation_exceptions',
  'drain_node_exceptions',
] as const;
const NODE_TIME_BUCKETS = [5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 360, 480, 600, 720, 900, 1200, 1500, 1800];
const HISTOGRAMS: readonly (readonly [name: string, buckets: number[]])[] = [
  ['worker_create_node_time_seconds', NODE_TIME_BUCKETS],
  ['worker_update_time_seconds', NODE_TIME_BUCKETS],
  ['update_time_seconds', [0.01, 0.1, 1, 10, 100, 1000]],
];
const NO_SESSION = 'None';

type CounterName = (typeof COUNTERS)[number];

/** Spec: runtime 11.2. Source: _private/prom_metrics.py (Ray 2.60.0). */
export class RayMetrics implements RayObserver {
  readonly #registry = new Registry();
  readonly #counters: ReadonlyMap<CounterName, Counter>;
  readonly #updateTime: Histogram | undefined;
  readonly #nodes: Readonly<Record<'pending' | 'active' | 'failed', Gauge<'NodeType'>>>;
  readonly #resources: Readonly<Record<'pending' | 'active', Gauge<'resource'>>>;
  readonly #compat: Compat;
  #nodeTypes: readonly NodeType[] = [];
  #countedUntil: DurationMs = durationMs(Number.NEGATIVE_INFINITY);

  constructor({ clock, compat }: { readonly clock: Clock; readonly compat: Compat }) {
    this.#compat = compat;
    this.named(undefined);
    const createdAt = clock.now() / 1000;
    const registers = [this.#registry];
    const gauge = <L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> =>
      new Gauge({ name: `autoscaler_${name}`, help, labelNames, registers });
    const created = (base: string): void => gauge(`${base}_created`, 'Unix time of the first count', []).set(createdAt);
    this.#nodes = {
      pending: gauge('pending_nodes', 'Nodes that are wanted, requested or starting', ['NodeType']),
      active: gauge('active_nodes', 'Nodes whose Ray runs, the head included', ['NodeType']),
      failed: gauge('recently_failed_nodes', 'Nodes whose pods are being deleted', ['NodeType']),
    };
    this.#resources = {
      pending: gauge('pending_resources', 'Resources of pending nodes', ['resource']),
      active: gauge('cluster_resources', 'Resources of active nodes', ['resource']),
    };
    for (const name of IDLE_GAUGES) gauge(name, 'Not used by the v2 autoscaler', []).set(0);
    this.#counters = new Map(
      COUNTERS.map((name) => {
        created(name);
        const help = `Number of ${name.replaceAll('_', ' ')}`;
        return [name, new Counter({ name: `autoscaler_${name}_total`, help, registers })];
      }),
    );
    const histograms = HISTOGRAMS.map(([name, buckets]) => {
      created(name);
      return new Histogram({ name: `autoscaler_${name}`, help: name.replaceAll('_', ' '), buckets, registers });
    });
    this.#updateTime = histograms.at(-1);
  }

  /** Every metric carries the session of Ray's that it was taken in. */
  named(sessionName: string | undefined): void {
    this.#registry.setDefaultLabels({ SessionName: sessionName ?? NO_SESSION });
  }

  /** Which types and resources there are. */
  saw(cluster: RayCluster): void {
    this.#nodeTypes = configOf(cluster, this.#compat).nodeTypes;
  }

  round(
    outcome: RoundOutcome | undefined,
    { at, tookMs }: { readonly at: Instant; readonly tookMs: DurationMs },
  ): void {
    this.#updateTime?.observe(tookMs / 1000);
    if (outcome === undefined || outcome.kind === 'fail') this.#count('update_loop_exceptions', 1);
    if (outcome === undefined) return;
    if (outcome.kind === 'done' && outcome.groups.some(({ decision }) => decision.kind === 'fail'))
      this.#count('node_launch_exceptions', 1);
    const { table } = outcome.history;
    const { started, stopped, failedToCreate } = countsSince(table, this.#countedUntil);
    this.#count('started_nodes', started);
    this.#count('stopped_nodes', stopped);
    this.#count('failed_create_nodes', failedToCreate);
    this.#countedUntil = at.mono;
    const gauges = gaugesOf(table, this.#nodeTypes);
    show(this.#nodes.pending, 'NodeType', gauges.pendingNodes);
    show(this.#nodes.active, 'NodeType', gauges.activeNodes);
    show(this.#nodes.failed, 'NodeType', gauges.recentlyFailedNodes);
    show(this.#resources.pending, 'resource', gauges.pendingResources);
    show(this.#resources.active, 'resource', gauges.activeResources);
  }

  /** `gcs`, with drains that fail counted. */
  counted(gcs: GcsApi): GcsApi {
    const counting = async <T>(call: Promise<T>): Promise<T> => {
      try {
        return await call;
      } catch (error) {
        this.#count('drain_node_exceptions', 1);
        throw error;
      }
    };
    return {
      getClusterResourceState: (call) => gcs.getClusterResourceState(call),
      getClusterStatus: (call) => gcs.getClusterStatus(call),
      reportAutoscalingState: (state, call) => gcs.reportAutoscalingState(state, call),
      drainNode: (request, call) => counting(gcs.drainNode(request, call)),
      stopNodes: (nodeIds, call) => counting(gcs.stopNodes(nodeIds, call)),
    };
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The page, in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #count(name: CounterName, by: number): void {
    if (by > 0) this.#counters.get(name)?.inc(by);
  }
}

/** What has gone from the values goes from the page. */
function show<L extends string>(gauge: Gauge<L>, label: L, values: ReadonlyMap<string, number>): void {
  gauge.reset();
  // the gauge was made with this one label
  for (const [name, value] of values) gauge.set({ [label]: name } as Record<L, string>, value);
}
