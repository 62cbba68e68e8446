/**
 * The Ray autoscaler of one RayCluster: answers the requests of a round over ports, keeps its history, records what it decided.
 * What is decided lives in `core/ray/round.ts`; here is only when a round runs, how each request is answered and what is told.
 */

import type { ClusterResourceState } from '../core/ray/cluster-state.ts';
import type { Failure, RayAnswer, RayRequest, RayResults } from '../core/ray/conversation.ts';
import { CLUSTER_LABEL } from '../core/ray/pods.ts';
import { NEW_RAY_HISTORY, round, type RayHistory, type RoundInput, type RoundOutcome } from '../core/ray/round.ts';
import type { RaySettings } from '../core/ray/settings.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { keyText, type ObjectKey } from '../core/kube/object.ts';
import { PODS, RAY_CLUSTERS } from '../core/kube/resource.ts';
import { durationMs, epochMs, seconds, type DurationMs, type EpochMs, type Instant } from '../core/time/time.ts';
import { errorText, TandemError } from '../lib/error.ts';
import { err, ok } from '../lib/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { GcsApi } from '../ports/gcs-api.ts';
import { KubeError, type CallOptions } from '../ports/kube-api.ts';
import type { DecisionRecord } from '../ports/recorder.ts';
import { callWithin } from './call.ts';
import { abortScope, isAbort, type ControllerDeps } from './deps.ts';
import { Informer } from './informer.ts';

export type RayAutoscalerDeps = ControllerDeps & {
  readonly gcs: GcsApi;
  readonly cluster: ObjectKey;
  readonly config: RaySettings;
  /** What deadlines of calls run on, where calls cross a real network and `clock` is not real. Absent: `clock`. */
  readonly networkClock?: Clock;
  /** Told of every round when it is over. Must not throw. */
  readonly observer?: RayObserver;
};

export type RayObserver = {
  /** `outcome` is undefined for a round that broke off: a defect of ours. */
  round(outcome: RoundOutcome | undefined, timing: { readonly at: Instant; readonly tookMs: DurationMs }): void;
};

/** `unauthenticated`: the GCS is another one than at the start, or no longer takes the token: everything has to begin anew. */
export type RayAutoscalerEnd =
  { readonly kind: 'stopped' } | { readonly kind: 'unauthenticated'; readonly message: string };

const POLL_INTERVAL = seconds(1);
/** Upstream waits 60 s for Kubernetes (KUBERAY_REQUEST_TIMEOUT_S) and for ever for the GCS; a round must not. */
const REQUEST_TIMEOUT = seconds(5);
/** After this long without an answer rounds begin all the same, and say what is wrong. */
const START_PATIENCE = seconds(300);
const WRITES: ReadonlySet<RayRequest['kind']> = new Set([
  'patch-ray-cluster',
  'drain-node',
  'stop-nodes',
  'report-autoscaling-state',
]);
const NAME = 'ray-autoscaler';

/**
 * Runs until the signal is aborted or the GCS refuses the client for good; then resolves. A write that has begun is finished first
 * (`deps.writes`); none is begun after the end.
 */
export async function rayAutoscaler(deps: RayAutoscalerDeps): Promise<RayAutoscalerEnd> {
  const scope = abortScope(deps.signal);
  const inner = { writes: scope.signal, ...deps, signal: scope.signal };
  const pods = new Informer(inner, PODS, {
    namespace: deps.cluster.namespace,
    labelSelector: `${CLUSTER_LABEL}=${deps.cluster.name}`,
  });
  const rounds = new RayAutoscaler(inner, pods).run().finally(() => scope.abort());
  const [end] = await Promise.all([rounds, pods.run()]);
  return end;
}

class RayAutoscaler {
  readonly #deps: RayAutoscalerDeps;
  readonly #pods: Informer<Pod>;
  readonly #input: RoundInput;
  #podsSynced = false;
  #history: RayHistory = NEW_RAY_HISTORY;
  #told = new Set<string>();
  #unauthenticated: string | undefined;

  constructor(deps: RayAutoscalerDeps, pods: Informer<Pod>) {
    this.#deps = deps;
    this.#pods = pods;
    const serial = Math.floor(deps.random.stream(`${NAME}/ids`).next() * 0x1_0000_0000);
    this.#input = { key: deps.cluster, settings: deps.config, idPrefix: `${serial.toString(16).padStart(8, '0')}-` };
    void pods.synced().then(() => (this.#podsSynced = true));
  }

  /**
   * A round every interval, and earlier when the demand, the Ray nodes or the pods have changed and then stayed the same from one
   * poll to the next: a burst that is still coming in is judged as a whole, as the slower rhythm would. The first round waits for Ray
   * and for the pods: a head takes its time to come up, and that is nobody's failure.
   */
  async run(): Promise<RayAutoscalerEnd> {
    const { clock, config, signal } = this.#deps;
    let judged: string | undefined;
    let before: string | undefined;
    let due: EpochMs = epochMs(clock.now() + START_PATIENCE);
    let begun = false;
    while (!signal.aborted) {
      try {
        const seen = await this.#fingerprint();
        if (this.#unauthenticated !== undefined) break;
        if (!begun && seen !== undefined && this.#podsSynced) {
          begun = true;
          due = clock.now();
        }
        const settled = begun && seen !== undefined && seen === before && seen !== judged;
        before = seen;
        if (settled || clock.now() >= due) {
          await this.#round();
          judged = seen;
          due = epochMs(clock.now() + config.updateIntervalMs);
        }
        if (this.#unauthenticated !== undefined) break;
        await clock.sleepUntil(epochMs(clock.now() + POLL_INTERVAL), signal);
      } catch (error) {
        if (!isAbort(error, signal)) throw error;
      }
    }
    const message = this.#unauthenticated;
    return message === undefined || signal.aborted ? { kind: 'stopped' } : { kind: 'unauthenticated', message };
  }

  /** What can make a difference, idle times left out: they always grow. Undefined when the GCS did not answer. */
  async #fingerprint(): Promise<string | undefined> {
    const state = await this.#poll();
    if (state === undefined) return undefined;
    return JSON.stringify({
      demand: state.pendingResourceRequests,
      nodes: state.nodeStates.map(({ nodeId, status }) => [nodeId, status]),
      pods: this.#pods.list().map(({ metadata }) => [metadata.name, metadata.deletionTimestamp ?? '']),
    });
  }

  async #poll(): Promise<ClusterResourceState | undefined> {
    const { gcs, signal } = this.#deps;
    try {
      return await this.#within('poll of the GCS', (options) => gcs.getClusterResourceState(options));
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      this.#refused(error);
      return undefined; // the round, when it is due, says what is wrong
    }
  }

  async #round(): Promise<void> {
    const { clock, signal, observer } = this.#deps;
    const start = clock.instant();
    let outcome: RoundOutcome | undefined;
    try {
      const conversation = round(this.#history, this.#input);
      let step = conversation.next();
      while (step.done !== true) {
        const result = await this.#answer(step.value);
        const answer: RayAnswer = { at: clock.instant(), result };
        step = conversation.next(answer);
      }
      outcome = step.value;
      this.#history = outcome.history;
      this.#record(outcome);
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      // a defect of ours: the history stays as it was, the next round tries again
      const message = `the round broke off: ${errorText(error)}`;
      this.#tell([message]);
      this.#deps.recorder.record(this.#failed('InternalError', message));
    }
    const at = clock.instant();
    observer?.round(outcome, { at, tookMs: durationMs(at.mono - start.mono) });
  }

  async #answer(request: RayRequest): Promise<RayResults[keyof RayResults]> {
    try {
      return ok(await this.#ask(request));
    } catch (error) {
      if (isAbort(error, this.#deps.signal)) throw error;
      this.#refused(error);
      return err(failureOf(error));
    }
  }

  /** What no later round could do better: the loop ends after this one. */
  #refused(error: unknown): void {
    if (error instanceof TandemError && error.code === 'TANDEM_GCS_UNAUTHENTICATED')
      this.#unauthenticated = error.message;
  }

  #ask(request: RayRequest): Promise<never> {
    // each branch answers with the value of RayResults for its kind; the compiler cannot tie the two
    const call = (options: CallOptions): Promise<unknown> => this.#call(request, options);
    if (!WRITES.has(request.kind)) return this.#within(request.kind, call) as Promise<never>;
    const { clock, networkClock = clock, signal, writes = signal } = this.#deps;
    signal.throwIfAborted();
    const deadline = { clock: networkClock, timeout: REQUEST_TIMEOUT, signal: writes };
    return callWithin(request.kind, deadline, call) as Promise<never>;
  }

  async #call(request: RayRequest, options: CallOptions): Promise<unknown> {
    const { api, gcs } = this.#deps;
    switch (request.kind) {
      case 'get-ray-cluster':
        return api.get(RAY_CLUSTERS, request.key, options);
      case 'list-pods':
        if (!this.#podsSynced) throw new TandemError('TANDEM_KUBE_UNAVAILABLE', 'the pods have not been listed yet');
        return this.#pods.list();
      case 'get-cluster-resource-state':
        return gcs.getClusterResourceState(options);
      case 'get-cluster-status':
        return gcs.getClusterStatus(options);
      case 'patch-ray-cluster':
        return api.patch(RAY_CLUSTERS, request.key, { type: 'json', operations: request.operations }, options);
      case 'drain-node':
        return gcs.drainNode(request.request, options);
      case 'stop-nodes':
        return gcs.stopNodes(request.nodeIds, options);
      case 'report-autoscaling-state':
        return gcs.reportAutoscalingState(request.state, options);
    }
  }

  #within<T>(what: string, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const { clock, networkClock = clock, signal } = this.#deps;
    return callWithin(what, { clock: networkClock, timeout: REQUEST_TIMEOUT, signal }, call);
  }

  #record(outcome: RoundOutcome): void {
    const { recorder } = this.#deps;
    switch (outcome.kind) {
      case 'done':
        for (const { group, decision, reason, message, numbers } of outcome.groups) {
          const { inputsDigest } = outcome;
          recorder.record({
            ...this.#frame(),
            object: this.#object(group),
            inputsDigest,
            decision: decision.kind === 'fail' ? decision : { ...decision, of: 'workers' },
            reason,
            message,
            numbers,
          });
        }
        this.#tell([
          ...outcome.warnings.map(
            ({ path, message, fix }) => `${path}: ${message}${fix === undefined ? '' : `; ${fix}`}`,
          ),
          ...outcome.notes,
        ]);
        return;
      case 'rest':
        recorder.record(this.#failed('AtRest', outcome.message));
        this.#tell([outcome.message]);
        return;
      case 'fail':
        recorder.record(this.#failed(outcome.reason, outcome.message));
        this.#tell([outcome.message]);
        return;
    }
  }

  #failed(reason: string, message: string): DecisionRecord {
    return {
      ...this.#frame(),
      object: this.#object(),
      inputsDigest: '',
      decision: { kind: 'fail' },
      reason,
      message,
      numbers: {},
    };
  }

  #frame(): Pick<DecisionRecord, 'at' | 'layer' | 'controller'> {
    return { at: this.#deps.clock.now(), layer: 'ray', controller: NAME };
  }

  #object(part?: string): DecisionRecord['object'] {
    return { kind: RAY_CLUSTERS.kind, ...this.#deps.cluster, ...(part === undefined ? {} : { part }) };
  }

  /** Says what is wrong when it begins, not again in every round while it lasts. */
  #tell(sentences: readonly string[]): void {
    const { log, cluster } = this.#deps;
    for (const sentence of sentences)
      if (!this.#told.has(sentence)) log.warn(`${RAY_CLUSTERS.kind} ${keyText(cluster)}: ${sentence}`);
    this.#told = new Set(sentences);
  }
}

/** `code` 0: no answer, so a write may have happened. */
function failureOf(error: unknown): Failure {
  if (error instanceof KubeError) {
    const { code, reason, message } = error.status;
    return { code, reason, message };
  }
  const refused = error instanceof TandemError && error.retry !== 'backoff';
  return { code: refused ? 400 : 0, reason: '', message: errorText(error) };
}
