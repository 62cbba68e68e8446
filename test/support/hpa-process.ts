/** The process `tandem hpa` on an embedded cluster and the jump clock, with or without the original's loop beside it. */

import type { HpaConnection } from '../../src/cli/hpa/connect.ts';
import type { HpaWorld } from '../../src/cli/hpa/process.ts';
import { runHpa } from '../../src/cli/hpa/process.ts';
import { MANAGER } from '../../src/cli/hpa/gate.ts';
import type { HpaSettings } from '../../src/cli/hpa/settings.ts';
import { Interrupted, type Host } from '../../src/cli/host.ts';
import type { PageAnswer, PageHandler } from '../../src/cli/process/http-server.ts';
import { EmbeddedKubeApi } from '../../src/cluster/embedded-kube-api.ts';
import { abortScope } from '../../src/controllers/deps.ts';
import { hpaController } from '../../src/controllers/hpa.ts';
import { DEFAULT_HPA_CONFIG, type HpaConfig } from '../../src/core/hpa/config.ts';
import type { HorizontalPodAutoscaler } from '../../src/core/kube/hpa.ts';
import type { KubeObject } from '../../src/core/kube/object.ts';
import { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, type Resource } from '../../src/core/kube/resource.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { ResourceMetrics } from '../../src/metrics/resource-metrics.ts';
import type { CallOptions, KubeApi } from '../../src/ports/kube-api.ts';
import type { RawGet } from '../../src/ports/metrics-api.ts';
import { addNode, deployment, inApplicationCluster, type ApplicationCluster } from './application-cluster.ts';
import { node } from './cluster-objects.ts';
import { cpuUtilization, hpa } from './hpa.ts';

export const WEB = { namespace: 'default', name: 'web' };

/** A run of `tandem hpa` in the cluster. */
export type HpaProcess = {
  /** What it printed, line by line, without the times. */
  readonly lines: readonly string[];
  readonly closed: () => boolean;
  /** What it serves there. */
  page(url: string): Promise<PageAnswer>;
  /** As SIGTERM does; resolves when the process has ended, rejects when it failed. */
  stop(): Promise<void>;
  /** Its end, whether told to stop or not. */
  readonly ended: Promise<void>;
};

export type StartOptions = {
  readonly settings?: Partial<HpaSettings>;
  /** Access reviews of `verb resource` that are answered with no. */
  readonly denied?: readonly string[];
  readonly wrapApi?: (api: KubeApi) => KubeApi;
  readonly wrapRaw?: (raw: RawGet) => RawGet;
  readonly identity?: string;
  readonly seed?: number;
};

export type HpaCluster = ApplicationCluster & {
  start(options?: StartOptions): HpaProcess;
  /** The loop of kube-controller-manager; ends it. */
  startOriginal(config?: Partial<HpaConfig>): () => Promise<void>;
  /** Requests per second; three pods serve 8.5 of them at 57 % of their CPU. */
  load(requestsPerSecond: number): void;
  replicas(): number;
  hpa(): HorizontalPodAutoscaler;
};

export const SETTINGS: HpaSettings = {
  mode: 'write',
  logFormat: 'text',
  detail: 'news',
  config: DEFAULT_HPA_CONFIG,
  rate: { kind: 'adaptive' },
};

/** A Deployment `web` of one available pod and its HPA: 1 to 5 replicas at 60 % CPU. */
export async function inHpaCluster(play: (cluster: HpaCluster) => Promise<void>): Promise<void> {
  await inApplicationCluster(async (cluster) => {
    const { api, signal, store, workload } = cluster;
    await addNode(cluster, node('n1'));
    await api.create(DEPLOYMENTS, deployment('web', 1), { signal });
    const { spec } = hpa({ maxReplicas: 5, metrics: [cpuUtilization(60)] });
    const made = { ...hpa(), metadata: { ...WEB }, spec };
    await api.create(HORIZONTAL_POD_AUTOSCALERS, made, { signal });
    await cluster.until('available', 60, () => cluster.deployment('web').status?.availableReplicas === 1);
    workload.setLoad(WEB, 2);
    await cluster.wait(60); // metrics are there
    await play({
      ...cluster,
      start: (options = {}) => startProcess(cluster, options),
      startOriginal: (config = {}) => startOriginal(cluster, config),
      load: (requestsPerSecond) => workload.setLoad(WEB, requestsPerSecond),
      replicas: () => cluster.deployment('web').spec.replicas ?? 0,
      hpa: () => store.get(HORIZONTAL_POD_AUTOSCALERS, WEB),
    });
  });
}

function startProcess({ clock, store, metrics, signal }: ApplicationCluster, options: StartOptions): HpaProcess {
  const { settings = {}, denied = [], wrapApi = (api) => api, wrapRaw = (raw) => raw } = options;
  const stop = abortScope(signal);
  const lines: string[] = [];
  let closed = false;
  const random = new SeededRandom(3);
  const api = wrapApi(withAccessReviews(new EmbeddedKubeApi({ store, clock, random, manager: MANAGER }), denied));
  const connection: HpaConnection = {
    server: 'https://cluster.example (a test)',
    host: 'cluster.example',
    api,
    raw: wrapRaw(withVersion(metrics)),
    close: async () => {
      closed = true;
    },
  };
  let pages: PageHandler | undefined;
  const world: HpaWorld = {
    version: '1.2.3',
    seed: options.seed ?? 3,
    identity: options.identity ?? 'a-host_a-uuid',
    connect: async () => connection,
    serve: async ({ handler, port }) => {
      pages = handler;
      return { port, close: async () => void (pages = undefined) };
    },
  };
  const host = hostOf(clock, stop.signal, (text) => lines.push(...text.trimEnd().split('\n')));
  const ended = runHpa({ ...SETTINGS, ...settings }, host, world);
  ended.catch(() => undefined); // whoever waits for it sees it
  return {
    get lines() {
      return lines.map((line) => line.replace(/^\S+Z /, ''));
    },
    closed: () => closed,
    page: async (url) => {
      if (pages === undefined) throw new Error('nothing is served');
      const [path = '', query = ''] = url.split('?');
      return pages(path, new URLSearchParams(query));
    },
    stop: () => {
      stop.abort(new Interrupted('SIGTERM', 130));
      return ended;
    },
    ended,
  };
}

function hostOf(clock: Host['clock'], signal: AbortSignal, write: (text: string) => void): Host {
  const output = { write, isTerminal: false, columns: undefined };
  return {
    stdout: output,
    stderr: output,
    environment: { colour: 'forbidden', charset: 'ascii' },
    variables: {},
    signal,
    clock,
  };
}

function startOriginal(cluster: ApplicationCluster, config: Partial<HpaConfig>): () => Promise<void> {
  const { clock, store, metrics, signal } = cluster;
  const scope = abortScope(signal);
  const random = new SeededRandom(4);
  const running = hpaController({
    api: new EmbeddedKubeApi({ store, clock, random, manager: 'kube-controller-manager' }),
    metrics: new ResourceMetrics(metrics),
    config: { ...DEFAULT_HPA_CONFIG, ...config },
    clock,
    random,
    recorder: { record: () => undefined },
    log: { warn: () => undefined },
    signal: scope.signal,
  });
  return async () => {
    scope.abort(new Error('kube-controller-manager was stopped'));
    await running;
  };
}

type Review = KubeObject & { readonly spec: { readonly resourceAttributes: Readonly<Record<string, string>> } };

/** The embedded store has no authorization: whatever is not denied is allowed. */
function withAccessReviews(api: KubeApi, denied: readonly string[]): KubeApi {
  const create = async <T extends KubeObject>(resource: Resource<T>, object: T, options: CallOptions): Promise<T> => {
    if (resource.kind !== 'SelfSubjectAccessReview') return api.create(resource, object, options);
    const { verb, group, resource: plural, subresource } = (object as KubeObject as Review).spec.resourceAttributes;
    const name = [subresource === undefined ? plural : `${plural}/${subresource}`, ...(group === '' ? [] : [group])];
    return { ...object, status: { allowed: !denied.includes(`${verb} ${name.join('.')}`) } };
  };
  return overriding(api, { create });
}

/** `api` with some of its methods replaced. */
export function overriding(api: KubeApi, methods: Partial<KubeApi>): KubeApi {
  return new Proxy(api, {
    get: (target, name) => {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const method: unknown = Reflect.get(target, name, target);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}

function withVersion(metrics: RawGet): RawGet {
  return {
    get: async (path, query, options) => {
      if (path === '/version') return { gitVersion: 'v1.37.2' };
      if (path === '/apis/metrics.k8s.io/v1beta1') return { kind: 'APIResourceList' };
      return metrics.get(path, query, options);
    },
  };
}
