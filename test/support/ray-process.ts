/** A Ray autoscaler's process over a `RayWorld`, on the jump clock: what a start asks is scripted, what it does and says is kept. */

import { DEMO_START, EventClock } from '../../src/clock/event-clock.ts';
import { abortScope } from '../../src/controllers/deps.ts';
import { rayProcess, type RayProcessDeps } from '../../src/controllers/ray-process.ts';
import type { RayStart } from '../../src/controllers/ray-start.ts';
import type { AutoscalingState } from '../../src/core/ray/cluster-state.ts';
import { DEFAULT_RAY_SETTINGS } from '../../src/core/ray/settings.ts';
import { durationMs, epochMs, seconds } from '../../src/core/time/time.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { GcsError, type GcsApi, type GcsKey, type GcsStart, type HeadNode } from '../../src/ports/gcs-api.ts';
import { KubeError, type CallOptions, type KubeApi } from '../../src/ports/kube-api.ts';
import type { DecisionRecord } from '../../src/ports/recorder.ts';
import { portsOf } from './ray-ports.ts';
import { KEY, type RayWorld } from './ray-world.ts';

const HEAD: HeadNode = { nodeId: 'ab'.repeat(28), address: '10.0.0.1', tempDir: '/tmp/ray' };
const keyText = ({ namespace, name }: GcsKey): string => `${namespace}/${name}`;

/** The part of the GCS that a start asks, and ways to make it fail. */
export class FakeStart implements GcsStart {
  version = '2.60.0';
  head: HeadNode | undefined = HEAD;
  readonly keys = new Map<string, string>([
    ['__autoscaler/__autoscaler_v2_enabled', '1'],
    ['session/session_name', 'session_1'],
  ]);
  readonly puts: string[] = [];
  /** What the next calls of a method fail with. */
  readonly failures: Record<'rayVersion' | 'headNode' | 'getKey' | 'putKey', Error[]> = {
    rayVersion: [],
    headNode: [],
    getKey: [],
    putKey: [],
  };
  asked: string[] = [];

  rayVersion(): Promise<string> {
    return this.#answer('rayVersion', this.version);
  }

  headNode(): Promise<HeadNode | undefined> {
    return this.#answer('headNode', this.head);
  }

  getKey(key: GcsKey): Promise<string | undefined> {
    return this.#answer('getKey', this.keys.get(keyText(key)));
  }

  async putKey(entry: Parameters<GcsStart['putKey']>[0]): Promise<void> {
    await this.#answer('putKey', undefined);
    this.puts.push(`${keyText(entry)}=${entry.value} (${entry.existing})`);
    this.keys.set(keyText(entry), entry.value);
  }

  async #answer<T>(method: keyof FakeStart['failures'], value: T): Promise<T> {
    this.asked.push(method);
    const failure = this.failures[method].shift();
    if (failure !== undefined) throw failure;
    return value;
  }
}

export type ProcessStage = {
  readonly world: RayWorld;
  readonly clock: EventClock;
  readonly start: FakeStart;
  /** Failures of the next calls of the API server, by verb; `create` answers reviews of rights. */
  readonly kubeFailures: Record<'get' | 'list', Error[]>;
  /** Verbs that a review of rights refuses. */
  readonly refusedVerbs: Set<string>;
  readonly log: string[];
  readonly records: DecisionRecord[];
  readonly withheld: string[];
  readonly starts: RayStart[];
  /** How many connections to the GCS were opened, and how many were closed. */
  readonly links: { opened: number; closed: number };
  /** Every later call of the GCS fails with this. */
  gcsFailure: GcsError | undefined;
  /** Called with each request's kind when its answer is under way. */
  slow: (kind: string) => number;
  /** Lets time pass, one second at a time, the operator at work. */
  pass(seconds: number): Promise<void>;
  /** Tells the process to stop, and waits for its end. */
  stop(): Promise<void>;
  readonly ended: Promise<void>;
};

/** What another autoscaler would report. */
export function foreignReport(version: number, seen: number): AutoscalingState {
  return {
    lastSeenClusterResourceStateVersion: seen,
    autoscalerStateVersion: version,
    pendingInstanceRequests: [],
    infeasibleResourceRequests: [],
    infeasibleGangResourceRequests: [],
    infeasibleClusterResourceConstraints: [],
    pendingInstances: [],
    failedInstanceRequests: [],
  };
}

export function kubeError(code: number, message: string): KubeError {
  return new KubeError({ code, reason: '', message });
}

/** The sentence that a process ended with. */
export async function endOf(ended: Promise<void>): Promise<string> {
  return ended.then(
    () => 'ended',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** Sets a stage up, lets `prepare` change it, starts the process, and plays `script`. */
export async function playProcess(
  world: RayWorld,
  options: Partial<Pick<RayProcessDeps, 'safety' | 'refused' | 'headTries' | 'observer' | 'saw'>> & {
    readonly prepare?: (stage: ProcessStage) => void;
    readonly metricsAddress?: string;
  },
  script: (stage: ProcessStage) => Promise<void>,
): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(7200) });
  await clock.run(async () => {
    const { stage, deps, ...process } = setUp(world, clock, options);
    options.prepare?.(stage);
    process.begin(rayProcess(deps));
    await script(stage);
    await stage.stop();
  });
}

type SetUp = {
  readonly stage: ProcessStage;
  readonly deps: RayProcessDeps;
  readonly begin: (running: Promise<void>) => void;
};

function setUp(world: RayWorld, clock: EventClock, options: Parameters<typeof playProcess>[1]): SetUp {
  const scope = abortScope();
  const start = new FakeStart();
  let begin: SetUp['begin'] = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    begin = (running) => void running.then(resolve, reject);
  });
  ended.catch(() => undefined); // whoever cares awaits it
  const stage: ProcessStage = {
    world,
    clock,
    start,
    kubeFailures: { get: [], list: [] },
    refusedVerbs: new Set(),
    log: [],
    records: [],
    withheld: [],
    starts: [],
    links: { opened: 0, closed: 0 },
    gcsFailure: undefined,
    slow: () => 0,
    pass: async (count) => {
      for (let i = 0; i < count; i++) {
        await clock.sleepUntil(epochMs(clock.now() + 1000), new AbortController().signal);
        world.operate();
      }
    },
    stop: async () => {
      scope.abort();
      await ended;
    },
    ended,
  };
  const { api, gcs } = slowed(world, stage);
  const deps: RayProcessDeps = {
    api,
    server: 'https://cluster.example (a test)',
    clock,
    random: new SeededRandom(1),
    recorder: { record: (record) => stage.records.push(record) },
    log: { warn: (message) => stage.log.push(`WARN ${message}`), info: (message) => stage.log.push(message) },
    signal: scope.signal,
    // a test's stop has no last word: writes end by their own deadline
    writes: new AbortController().signal,
    refused: options.refused ?? 'end',
    cluster: KEY,
    config: DEFAULT_RAY_SETTINGS,
    headTries: options.headTries ?? 20,
    safety: options.safety ?? 'guard',
    connect: async () => {
      stage.links.opened++;
      const close = (): void => void stage.links.closed++;
      const startCalls: GcsStart = {
        rayVersion: () => start.rayVersion(),
        headNode: () => start.headNode(),
        getKey: (key) => start.getKey(key),
        putKey: (entry) => start.putKey(entry),
      };
      return { gcs: { ...gcs, ...startCalls }, address: 'head:6379', metricsAddress: options.metricsAddress, close };
    },
    started: (facts) => stage.starts.push(facts),
    withheld: ({ verb, object, why }) => stage.withheld.push(`${verb} ${object}: ${why}`),
    saw: options.saw ?? (() => undefined),
    observer: options.observer ?? { round: () => undefined },
  };
  return { stage, deps, begin: (running) => begin(running) };
}

/** The world's ports with the stage's failures and delays. */
function slowed(world: RayWorld, stage: ProcessStage): { readonly api: KubeApi; readonly gcs: GcsApi } {
  const ports = portsOf(world, stage.clock);
  const before = async (kind: string, { signal }: CallOptions): Promise<void> => {
    const wait = stage.slow(kind);
    if (wait > 0) await stage.clock.sleepUntil(epochMs(stage.clock.now() + durationMs(wait)), signal);
  };
  const checked = async <T>(kind: string, call: CallOptions, run: () => Promise<T>): Promise<T> => {
    if (stage.gcsFailure !== undefined) throw stage.gcsFailure;
    await before(kind, call);
    return run();
  };
  const gcs: GcsApi = {
    getClusterResourceState: (call) => checked('state', call, () => ports.gcs.getClusterResourceState(call)),
    getClusterStatus: (call) => checked('status', call, () => ports.gcs.getClusterStatus(call)),
    drainNode: (request, call) => checked('drain', call, () => ports.gcs.drainNode(request, call)),
    stopNodes: (ids, call) => checked('stop', call, () => ports.gcs.stopNodes(ids, call)),
    reportAutoscalingState: (state, call) =>
      checked('report', call, () => ports.gcs.reportAutoscalingState(state, call)),
  };
  const failing =
    <A extends unknown[], T>(failures: Error[], call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return call(...args);
    };
  const patch: KubeApi['patch'] = async (resource, key, change, call) => {
    await before('patch', call);
    return ports.api.patch(resource, key, change, call);
  };
  // only what the process uses; the cast stands for the generic signatures of the port
  const api = {
    ...ports.api,
    get: failing(stage.kubeFailures.get, ports.api.get.bind(ports.api)),
    list: failing(stage.kubeFailures.list, ports.api.list.bind(ports.api)),
    patch,
    create: async (_: unknown, review: { spec: { resourceAttributes: { verb: string } } }) => ({
      ...review,
      status: { allowed: !stage.refusedVerbs.has(review.spec.resourceAttributes.verb) },
    }),
  } as unknown as KubeApi;
  return { api, gcs };
}
