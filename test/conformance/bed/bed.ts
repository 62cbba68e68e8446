/** A running bed as tests use it: kubectl, commands inside containers, logs, writes, waiting with progress. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiReader, pathOf, valueAt } from './api.ts';
import { readWrites, type Write } from './audit.ts';
import { mustRun, run, start, type Ran, type RunOptions, type Started } from './run.ts';

const ENTER = fileURLToPath(new URL('./enter.sh', import.meta.url));
const TELL_EVERY_MS = 15_000;
const LOOK_EVERY_MS = 200;
const METRICS_APIS = ['v1beta1.metrics.k8s.io', 'v1beta2.custom.metrics.k8s.io', 'v1beta1.external.metrics.k8s.io'].map(
  (name) => `apiservice/${name}`,
);

/** A container of a pod; the first one of the spec, in `default`, unless said otherwise. */
export type Target = { readonly pod: string; readonly namespace?: string; readonly container?: string };

/** What one of the bed's metric rules says (metrics_server.py); the first rule whose selector fits a pod counts. */
export type UsageRule = {
  readonly selector: Readonly<Record<string, string>>;
  /** Used by each pod. */
  readonly cpu?: string;
  /** Shared equally by the Ready pods that fit. */
  readonly cpuTotal?: string;
  readonly memory?: string;
  readonly memoryTotal?: string;
  /** In place of the four above, by the name of a container. */
  readonly containers?: Readonly<Record<string, Omit<UsageRule, 'selector' | 'containers'>>>;
};

/** A value of custom.metrics.k8s.io or external.metrics.k8s.io (scripted_metrics.py): of pods, of an object, of something else. */
export type MetricRule = { readonly metric: string } & (
  | { readonly pods: Readonly<Record<string, string>>; readonly value: string }
  /** Shared equally by the Ready pods that fit. */
  | { readonly pods: Readonly<Record<string, string>>; readonly total: string }
  /** As `services/front` or `deployments.apps/web`; `metrics` for the namespace itself. */
  | { readonly object: string; readonly value: string }
  /** With these labels. */
  | { readonly external: Readonly<Record<string, string>>; readonly value: string }
);

export type WaitOptions = { readonly timeoutMs: number; readonly everyMs?: number; readonly signal?: AbortSignal };

/** What was waited for, and how long that took. */
export type Waited<T> = { readonly value: T; readonly ms: number };

/** What tests read of a pod. */
export type PodObject = {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
  };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime: string;
    }[];
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly restartCount: number;
    }[];
  };
};

/** What up.sh leaves in the run directory. */
type Facts = {
  readonly sidecar: 'tandem' | 'ray';
  readonly kubectl: string;
  readonly samples: string;
  readonly venv: string;
  readonly rayVersion: string;
};

/** One line on standard error, with the time. */
export function say(text: string): void {
  process.stderr.write(`bed: ${new Date().toTimeString().slice(0, 8)} ${text}\n`);
}

export class Bed {
  /** The run directory: `logs` lies in it. */
  readonly directory: string;
  /** Admin access by way of a port of 127.0.0.1. */
  readonly kubeconfig: string;
  readonly facts: Facts;
  readonly #alive: () => boolean;
  readonly #api: ApiReader;
  #namespaces = 0;

  constructor(directory: string, alive: () => boolean) {
    this.directory = directory;
    this.kubeconfig = join(directory, 'kubeconfig');
    // written by up.sh
    this.facts = JSON.parse(readFileSync(join(directory, 'bed.json'), 'utf8')) as Facts;
    this.#alive = alive;
    this.#api = new ApiReader(this.kubeconfig);
  }

  /** The environment of the bed's commands. */
  get env(): NodeJS.ProcessEnv {
    const cache = join(this.directory, 'kubectl');
    return { ...process.env, TANDEM_BED_RUN: this.directory, KUBECONFIG: this.kubeconfig, KUBECACHEDIR: cache };
  }

  /** Runs kubectl; what it printed. An exit code other than 0 is an error with its words. */
  async kubectl(args: readonly string[], options: Omit<RunOptions, 'env'> = {}): Promise<string> {
    return await mustRun([this.facts.kubectl, ...args], { ...options, env: this.env });
  }

  /** Runs kubectl where a refusal is an answer too. */
  async tryKubectl(args: readonly string[], options: Omit<RunOptions, 'env'> = {}): Promise<Ran> {
    return await run([this.facts.kubectl, ...args], { ...options, env: this.env });
  }

  /** `kubectl apply` of a manifest's text. */
  async apply(manifest: string, namespace: string): Promise<void> {
    await this.kubectl(['apply', '-n', namespace, '-f', '-'], { stdin: manifest });
  }

  /** The object at an API path, undefined when there is none; cheaper than kubectl. */
  async get(path: string): Promise<unknown> {
    return await this.#api.get(path);
  }

  /**
   * One value of an object (`rayclusters/sample`, the plural first) by a path such as `.spec.workerGroupSpecs[0].replicas`;
   * undefined where the object, or something on the way, is absent.
   */
  async value(namespace: string, object: string, path: string): Promise<unknown> {
    return valueAt(await this.#api.get(pathOf(namespace, object)), path);
  }

  /** The pods with a label selector, the empty one for all. */
  async pods(namespace: string, selector: string): Promise<readonly PodObject[]> {
    const list = await this.#api.get(`${pathOf(namespace, 'pods')}?labelSelector=${encodeURIComponent(selector)}`);
    return (list as { readonly items: readonly PodObject[] }).items; // the API's own form
  }

  /** A new namespace with its default service account, so that tests on one bed keep out of each other's way. */
  async namespace(prefix: string): Promise<string> {
    this.#namespaces += 1;
    const name = `${prefix}-${process.pid}-${this.#namespaces}`;
    await this.kubectl(['create', 'namespace', name]);
    const account = async (): Promise<boolean> =>
      (await this.value(name, 'serviceaccounts/default', '.metadata.name')) !== undefined;
    await this.waitFor(`service account of namespace ${name}`, account, { timeoutMs: 60_000 });
    return name;
  }

  /** Runs a command inside a container (network, root, environment, service account); what it printed on stdout. */
  async enter(target: Target, command: readonly string[], options: Omit<RunOptions, 'env'> = {}): Promise<string> {
    return await mustRun([ENTER, ...flags(target), target.pod, ...command], { ...options, env: this.env });
  }

  /** Starts a command inside a container and leaves it running; it ends with this process at the latest. */
  start(target: Target, command: readonly string[]): Started {
    return start([ENTER, ...flags(target), target.pod, ...command], { env: this.env });
  }

  /** Sends a signal to process 1 of a container, as a crash (`KILL`) or the kubelet (`TERM`) would. */
  async kill(target: Target, signal: 'KILL' | 'TERM' | 'STOP' | 'CONT'): Promise<void> {
    await mustRun([ENTER, ...flags(target), '-k', signal, target.pod], { env: this.env });
  }

  /** Everything a container has written, over all its runs; the empty string before its first. */
  logs({ pod, namespace = 'default', container }: Target & { readonly container: string }): string {
    return this.#read(`logs/pods/${namespace}_${pod}_${container}.log`);
  }

  /** The log of a part of the bed itself. */
  ownLog(part: 'kubelet' | 'ray-operator' | 'kube-controller-manager' | 'kube-apiserver' | 'metrics-server'): string {
    return this.#read(`logs/${part}.log`);
  }

  /** Every write to the cluster so far, oldest first, from the API server's audit log. */
  writes(): readonly Write[] {
    return readWrites(join(this.directory, 'logs/audit.ndjson'));
  }

  /** Scripts what the pods of a namespace use, from the next sampling on. */
  async setUsage(namespace: string, rules: readonly UsageRule[]): Promise<void> {
    await this.apply(configMap('bed-usage', { rules: JSON.stringify(rules) }), namespace);
  }

  /** Scripts the custom and external metrics of a namespace, from now on. */
  async setMetrics(namespace: string, metrics: readonly MetricRule[]): Promise<void> {
    await this.apply(configMap('bed-metrics', { metrics: JSON.stringify(metrics) }), namespace);
  }

  /**
   * Takes the metrics away: `apis`, metrics.k8s.io as on a cluster without metrics-server; `servers`, all three groups are served by nobody.
   * `none` brings everything back, and waits until it is.
   */
  async setMetricsAway(away: 'apis' | 'servers' | 'none'): Promise<void> {
    const gone = {
      apis: ['apiservice/v1beta1.metrics.k8s.io'],
      servers: ['endpointslice/metrics-server-bed', '-n', 'kube-system'],
    };
    if (away !== 'none') return void (await this.kubectl(['delete', ...gone[away]]));
    await this.kubectl(['apply', '-f', join(this.directory, 'metrics.yaml')]); // machine.sh leaves it there
    await this.kubectl(['wait', '--for=condition=Available', ...METRICS_APIS, '--timeout=60s']);
  }

  /**
   * Waits until `condition` gives something other than undefined or false, and says how long that took; says every few
   * seconds that it still waits. An error of the condition counts as "not yet" and is shown when time runs out.
   */
  async waitFor<T>(
    what: string,
    condition: () => Promise<T | undefined | false> | T | undefined | false,
    { timeoutMs, everyMs = LOOK_EVERY_MS, signal }: WaitOptions,
  ): Promise<Waited<T>> {
    const begin = performance.now();
    let told = begin;
    let trouble: unknown;
    for (;;) {
      signal?.throwIfAborted();
      try {
        const value = await condition();
        const ms = Math.round(performance.now() - begin);
        if (value !== undefined && value !== false) {
          say(`${what}: ${(ms / 1000).toFixed(1)} s`);
          return { value, ms };
        }
        trouble = undefined;
      } catch (error) {
        trouble = error;
      }
      const passed = performance.now() - begin;
      if (!this.#alive()) throw new Error(`${what}: the bed has ended; logs in ${this.directory}/logs`);
      if (passed > timeoutMs) {
        say(await this.#state());
        throw new Error(`${what}: not seen within ${timeoutMs} ms`, { cause: trouble });
      }
      if (performance.now() - told > TELL_EVERY_MS) {
        told = performance.now();
        say(`waiting for: ${what}, ${Math.round(passed / 1000)} s`);
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  /** All pods, and the ends of the logs that explain most failures. */
  async #state(): Promise<string> {
    const pods = await this.tryKubectl(['get', 'pods', '-A', '-o', 'wide']);
    const tails = (['kubelet', 'ray-operator'] as const).map(
      (part) => `${part}:\n${this.ownLog(part).split('\n').slice(-8).join('\n')}`,
    );
    return [`the pods; logs in ${this.directory}/logs`, pods.stdout, ...tails].join('\n');
  }

  #read(path: string): string {
    const file = join(this.directory, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }
}

function configMap(name: string, data: Readonly<Record<string, string>>): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
}

function flags({ namespace, container }: Target): readonly string[] {
  return [...(namespace === undefined ? [] : ['-n', namespace]), ...(container === undefined ? [] : ['-c', container])];
}
