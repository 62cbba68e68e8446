/** What a process shows of itself: its counters as `/metrics`, and whether it is well and ready. */

import { HpaCounters, type HpaSeries } from '../../core/hpa/counters.ts';
import { QueueCounters } from '../../core/hpa/queue-counters.ts';
import type { LeaderElection } from '../../controllers/leader-election.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PageAnswer } from '../process/http-server.ts';
import { healthAnswer, type HealthPage } from './health.ts';
import { prometheusText, PROMETHEUS_TYPE } from './prometheus-text.ts';
import { RequestCounters } from './request-counters.ts';

/** As dashboards for kube-controller-manager know it. Spec: HPA-23.15. */
const QUEUE = 'horizontalpodautoscaler';
/** The original's name of the loop. Spec: HPA-17.9. */
const CONTROLLER = 'horizontal-pod-autoscaler-controller';

/** `starting` until the cluster was looked at, then `waiting` for the lead where one is needed, then the work. */
export type Stage = 'starting' | 'waiting' | 'filling caches' | 'working';

export class ProcessView {
  readonly counters: HpaCounters = new HpaCounters();
  readonly requests: RequestCounters = new RequestCounters();
  readonly queue: QueueCounters;
  readonly #pages: readonly HealthPage[];
  #stage: Stage = 'starting';
  #election: { readonly name: string; readonly election: LeaderElection } | undefined;

  constructor(clock: Pick<Clock, 'instant'>) {
    this.queue = new QueueCounters({ name: QUEUE, now: () => clock.instant().mono });
    this.#pages = [
      {
        name: 'healthz',
        checks: [
          { name: 'leaderElection', trouble: () => this.#election?.election.trouble() },
          { name: CONTROLLER, trouble: () => undefined },
        ],
      },
      { name: 'readyz', checks: [{ name: 'informer-sync', trouble: () => this.#unready() }] },
    ];
  }

  reached(stage: Stage): void {
    this.#stage = stage;
  }

  /** `name` of the Lease. */
  elects(name: string, election: LeaderElection): void {
    this.#election = { name, election };
  }

  /** `/metrics`, `/healthz`, `/readyz`. Spec: HPA-17.9, HPA-17.10, HPA-23. */
  page(path: string, query: URLSearchParams): PageAnswer {
    if (path === '/metrics') {
      return { status: 200, body: prometheusText(this.#series(), helpOf), type: PROMETHEUS_TYPE };
    }
    for (const page of this.#pages) {
      const answer = healthAnswer(page, path, query);
      if (answer !== undefined) return answer;
    }
    return { status: 404, body: 'see /metrics, /healthz and /readyz\n' };
  }

  /** One that waits for the lead is ready to take it: otherwise a Deployment of two would never be. */
  #unready(): string | undefined {
    switch (this.#stage) {
      case 'starting':
        return 'the cluster was not looked at yet';
      case 'filling caches':
        return 'not all HPAs and pods are known yet';
      case 'waiting':
      case 'working':
        return undefined;
    }
  }

  #series(): readonly HpaSeries[] {
    return [
      ...this.counters.series(),
      ...this.queue.series(),
      ...this.requests.series(),
      ...(this.#election === undefined ? [] : [leading(this.#election)]),
    ];
  }
}

/** Spec: HPA-23.15.   Source: component-base metrics/prometheus/clientgo/leaderelection (v0.37.2). */
function leading({
  name,
  election,
}: {
  readonly name: string;
  readonly election: Pick<LeaderElection, 'isLeading'>;
}): HpaSeries {
  return {
    name: 'leader_election_master_status',
    labels: [['name', name]],
    kind: 'gauge',
    value: election.isLeading ? 1 : 0,
  };
}

function helpOf(name: string): string {
  return HELP[name.replace(/^horizontal_pod_autoscaler_controller_/, '')] ?? '';
}

const HELP: Readonly<Record<string, string>> = {
  reconciliations_total: 'Syncs of HPAs, by what they did to the scale and by what went wrong',
  reconciliation_duration_seconds: 'How long a sync of an HPA took',
  metric_computation_total: 'Metrics of HPAs that were computed, by which way they point and by what went wrong',
  metric_computation_duration_seconds: 'How long it took to compute one metric of an HPA',
  num_horizontal_pod_autoscalers: 'HPAs that are known',
  desired_replicas: 'Replicas that the last sync of an HPA asked for',
  stale_sync_skips_total: 'Syncs that were put off because the cache had not seen our own last write',
  workqueue_adds_total: 'Keys that became ready',
  workqueue_depth: 'Keys that are ready and wait',
  workqueue_longest_running_processor_seconds: 'How long the longest sync under way has taken so far',
  workqueue_queue_duration_seconds: 'How long a key was ready before it was taken',
  workqueue_retries_total: 'Keys that were put off until later',
  workqueue_unfinished_work_seconds: 'How long all syncs under way have taken so far, in sum',
  workqueue_work_duration_seconds: 'How long a key was in process',
  leader_election_master_status: 'Whether this process holds the Lease',
  rest_client_requests_total: 'Answers of the API server',
};
