/** KubeRay's sample cluster on a bed, as the scripts of the first contact see it: numbers, pods, Ray's own view, what the autoscaler wrote and cost. */

import { fileURLToPath } from 'node:url';
import { mergePatch } from '../../src/core/cluster/patch.ts';
import type { AnyObject } from '../../src/core/kube/object.ts';
import type { Write } from './bed/audit.ts';
import type { Bed, PodObject, Target } from './bed/bed.ts';
import { autoscalerSample, type AutoscalerSampleOptions } from './bed/samples.ts';
import { GroupRun, type Strategy } from './first-contact-groups.ts';
import { TaskRun } from './first-contact-tasks.ts';

export const IDLE_SECONDS = 10;
const SCRIPT = fileURLToPath(new URL('./first_contact.py', import.meta.url));
const NAME = 'raycluster-autoscaler';
const GROUP = '.spec.workerGroupSpecs[0]';
/** Unit of CPU times in /proc, the same on all of Linux. */
const TICKS_PER_SECOND = 100;
const HOLD = 'bed.tandem/hold';
const OPERATOR = 'kuberay-operator';
/** A Ray head takes its time on a busy machine. */
const HEAD = { timeoutMs: 300_000 };
const PYTHON = { timeoutMs: 180_000 };

/** A node of Ray as the GCS remembers it. */
export type RayNode = {
  readonly pod: string;
  readonly nodeId: string;
  readonly alive: boolean;
  /** How it ended, in Ray's words; empty while it lives. */
  readonly reason: string;
  readonly message: string;
  readonly endedAt: number;
};

export type RayActor = { readonly name: string; readonly state: string; readonly nodeId: string; readonly pid: number };

/** One write of the autoscaler to the RayCluster, with what it set. */
export type ScalePatch = {
  readonly at: number;
  readonly replicas: number | undefined;
  readonly delete: readonly string[];
};

/** The most memory a process has held, and the processor time it has used. */
export type Cost = { readonly vmHwmMb: number; readonly cpuSeconds: number };

export type ClusterOptions = Partial<AutoscalerSampleOptions> & {
  readonly namespace: string;
  /** `held`: each worker stays Pending until `release`. */
  readonly workers?: 'held' | 'free';
};

export class SampleCluster {
  readonly bed: Bed;
  readonly namespace: string;
  readonly head: Target;
  readonly sidecar: Target & { readonly container: string };
  #runs = 0;

  private constructor(bed: Bed, namespace: string, headPod: string) {
    this.bed = bed;
    this.namespace = namespace;
    this.head = { pod: headPod, namespace, container: 'ray-head' };
    this.sidecar = { pod: headPod, namespace, container: 'autoscaler' };
  }

  /** Applies the sample and waits until the operator calls it ready. */
  static async start(bed: Bed, { namespace, workers = 'free', ...options }: ClusterOptions): Promise<SampleCluster> {
    const sample = autoscalerSample(bed, { idleTimeoutSeconds: IDLE_SECONDS, ...options });
    await bed.apply(workers === 'held' ? withHeldWorkers(sample) : sample, namespace);
    const of = async (path: string): Promise<unknown> => await bed.value(namespace, `rayclusters/${NAME}`, path);
    await bed.waitFor(`${namespace} ready`, async () => (await of('.status.state')) === 'ready', HEAD);
    return new SampleCluster(bed, namespace, String(await of('.status.head.podName')));
  }

  /** Which autoscaler scales it, with its version where it is not ours. */
  get side(): string {
    return this.bed.facts.sidecar === 'tandem' ? 'tandem' : `ray-${this.bed.facts.rayVersion}`;
  }

  /** What the operator says is wanted. */
  async desired(): Promise<number> {
    return Number((await this.#value('.status.desiredWorkerReplicas')) ?? 0);
  }

  async replicas(): Promise<number> {
    return Number((await this.#value(`${GROUP}.replicas`)) ?? 0);
  }

  async workers(): Promise<readonly PodObject[]> {
    return await this.bed.pods(this.namespace, 'ray.io/node-type=worker');
  }

  /** Lets held workers start. */
  async release(...pods: readonly string[]): Promise<void> {
    await this.bed.kubectl(['annotate', 'pods', '-n', this.namespace, ...pods, `${HOLD}-`]);
  }

  /** As a person does it; the operator and the autoscaler see it at the same time. */
  async setMinimum(replicas: number): Promise<void> {
    const patch = [{ op: 'replace', path: '/spec/workerGroupSpecs/0/minReplicas', value: replicas }];
    const json = ['--type=json', '--patch', JSON.stringify(patch)];
    await this.bed.kubectl(['patch', 'raycluster', NAME, '-n', this.namespace, ...json]);
  }

  /** A script of the sample. */
  async sampleScript(name: string, ...args: readonly string[]): Promise<void> {
    await this.bed.enter(this.head, ['python', `samples/${name}`, ...args], PYTHON);
  }

  async status(): Promise<string> {
    return await this.bed.enter(this.head, ['ray', 'status'], PYTHON);
  }

  /** The autoscaler's page, asked for in the head's container at the address of the pod. */
  async metrics(): Promise<string> {
    const address = String(await this.bed.value(this.namespace, `pods/${this.head.pod}`, '.status.podIP'));
    return await this.bed.enter(this.head, ['curl', '-sS', '-m', '10', `http://${address}:44217/metrics`]);
  }

  async nodes(): Promise<readonly RayNode[]> {
    return (await this.#ask('nodes')) as readonly RayNode[]; // first_contact.py
  }

  async actors(): Promise<readonly RayActor[]> {
    return (await this.#ask('actors')) as readonly RayActor[]; // first_contact.py
  }

  /** Submits tasks of one CPU, all at once. */
  submit(count: number): TaskRun {
    const folder = this.#folder();
    const driver = this.bed.start(this.head, ['python', SCRIPT, 'tasks', String(count), folder]);
    const free = async (name: string): Promise<void> => {
      await this.bed.enter(this.head, ['touch', `${folder}/${name}`]);
    };
    return new TaskRun({ driver, count, free, bed: this.bed });
  }

  /** Asks for a placement group of so many bundles of one CPU. */
  placementGroup(strategy: Strategy, count: number): GroupRun {
    const folder = this.#folder();
    const driver = this.bed.start(this.head, ['python', SCRIPT, 'group', strategy, String(count), folder]);
    const remove = async (): Promise<void> => {
      await this.bed.enter(this.head, ['touch', `${folder}/all`]);
    };
    return new GroupRun({ driver, remove, bed: this.bed });
  }

  /** `request_resources(num_cpus=cpus)`; when that was asked. */
  async requestCpus(cpus: number): Promise<number> {
    const text = await this.bed.enter(this.head, ['python', SCRIPT, 'request', String(cpus)], PYTHON);
    return (JSON.parse(text) as { readonly at: number }).at; // first_contact.py
  }

  /** `kill -9` for the autoscaler; how long it took until the kubelet had started it again. */
  async killAutoscaler(): Promise<number> {
    const restarts = await this.#restarts();
    await this.bed.kill(this.sidecar, 'KILL');
    const again = async (): Promise<boolean> => (await this.#restarts()) > restarts;
    return (await this.bed.waitFor('the autoscaler has been started again', again, { timeoutMs: 120_000 })).ms;
  }

  /** What the autoscaler's process has cost since it was started. */
  async cost(): Promise<Cost> {
    const text = await this.bed.enter(this.sidecar, ['cat', '/proc/1/status', '/proc/1/stat']);
    const peakKib = /^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1];
    // the program's name stands in parentheses, and may hold spaces
    const [user, system] = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    return { vmHwmMb: Number(peakKib) / 1024, cpuSeconds: (Number(user) + Number(system)) / TICKS_PER_SECOND };
  }

  /** Everything the sidecar's account has written so far. */
  writes(): readonly Write[] {
    const account = `system:serviceaccount:${this.namespace}:${NAME}`;
    return this.bed.writes().filter(({ user }) => user === account);
  }

  /** What the autoscaler has set since an instant. */
  patchesSince(at: number): readonly ScalePatch[] {
    return this.writes()
      .filter((write) => write.at >= at && write.resource === 'rayclusters')
      .map(({ at: when, body }) => ({ at: when, ...changeOf(body as readonly Operation[]) })); // a JSON patch
  }

  /** Worker pods that the operator has made since an instant. */
  createdSince(at: number): number {
    return this.#operator('create', at).length;
  }

  /** When the operator took a pod away; undefined while it has not. */
  deletedAt(pod: string): number | undefined {
    return this.#operator('delete', 0).find(({ name }) => name === pod)?.at;
  }

  #operator(verb: string, at: number): readonly Write[] {
    return this.bed
      .writes()
      .filter((write) => write.user === OPERATOR && write.resource === 'pods' && write.verb === verb)
      .filter((write) => write.namespace === this.namespace && write.at >= at && write.code < 300);
  }

  /** In the head, a new one for each run. */
  #folder(): string {
    this.#runs += 1;
    return `/tmp/first-contact-${this.#runs}`;
  }

  async #restarts(): Promise<number> {
    const statuses = await this.bed.value(this.namespace, `pods/${this.sidecar.pod}`, '.status.containerStatuses');
    const all = statuses as NonNullable<PodObject['status']['containerStatuses']>;
    const status = all.find(({ name }) => name === this.sidecar.container);
    return status?.ready === true ? status.restartCount : -1;
  }

  async #value(path: string): Promise<unknown> {
    return await this.bed.value(this.namespace, `rayclusters/${NAME}`, path);
  }

  async #ask(what: 'nodes' | 'actors'): Promise<readonly unknown[]> {
    const text = await this.bed.enter(this.head, ['python', SCRIPT, what], PYTHON);
    return text
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  }
}

type Operation = { readonly op: string; readonly path: string; readonly value?: unknown };

function changeOf(operations: readonly Operation[]): Omit<ScalePatch, 'at'> {
  const replicas = operations.find(({ op, path }) => op !== 'test' && path.endsWith('/replicas'))?.value;
  const scaleStrategy = operations.find(({ path }) => path.endsWith('/scaleStrategy'))?.value;
  const { workersToDelete = [] } = (scaleStrategy ?? {}) as { readonly workersToDelete?: readonly string[] };
  return { replicas: replicas as number | undefined, delete: workersToDelete };
}

function withHeldWorkers(sample: string): string {
  const { items, ...list } = JSON.parse(sample) as { readonly items: readonly AnyObject[] }; // a list of objects
  const changed = items.map((item) => (item.kind === 'RayCluster' ? held(item) : item));
  return JSON.stringify({ ...list, items: changed });
}

function held(cluster: AnyObject): unknown {
  const { workerGroupSpecs } = (
    cluster as AnyObject & { readonly spec: { readonly workerGroupSpecs: readonly object[] } }
  ).spec; // by its kind
  const hold = { template: { metadata: { annotations: { [HOLD]: 'true' } } } };
  return mergePatch(cluster, { spec: { workerGroupSpecs: workerGroupSpecs.map((group) => mergePatch(group, hold)) } });
}
