/** Reads objects from the bed's API server without the cost of a kubectl process, for conditions that are asked often. */

import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { parse } from 'yaml';

/** Where a kind's objects lie; what is not here goes by its whole path. */
const PREFIXES: Readonly<Record<string, string>> = {
  pods: '/api/v1',
  services: '/api/v1',
  configmaps: '/api/v1',
  events: '/api/v1',
  serviceaccounts: '/api/v1',
  deployments: '/apis/apps/v1',
  replicasets: '/apis/apps/v1',
  horizontalpodautoscalers: '/apis/autoscaling/v2',
  leases: '/apis/coordination.k8s.io/v1',
  rayclusters: '/apis/ray.io/v1',
  rayjobs: '/apis/ray.io/v1',
  rayservices: '/apis/ray.io/v1',
};
const LIMIT_MS = 30_000;

/** The part of a kubeconfig that machine.sh writes. */
type Kubeconfig = {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
};

export class ApiReader {
  readonly #server: string;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(kubeconfig: string) {
    // our own file
    const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    const cluster = clusters[0]?.cluster;
    this.#server = cluster?.server ?? '';
    this.#token = users[0]?.user.token ?? '';
    const ca = Buffer.from(cluster?.['certificate-authority-data'] ?? '', 'base64');
    this.#agent = new Agent({ keepAlive: true, ca });
  }

  /** The object at a path such as `/api/v1/namespaces/a/pods/b`; undefined when there is none. */
  async get(path: string): Promise<unknown> {
    const { status, text } = await this.#fetch(path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return JSON.parse(text);
  }

  async #fetch(path: string): Promise<{ readonly status: number; readonly text: string }> {
    return await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.#token}`, accept: 'application/json' };
      const options = { agent: this.#agent, headers, timeout: LIMIT_MS };
      const request = get(`${this.#server}${path}`, options, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error(`GET ${path}: no answer within ${LIMIT_MS} ms`)));
      request.on('error', reject);
    });
  }
}

/** The path of `resource` or `resource/name` in a namespace. */
export function pathOf(namespace: string, object: string): string {
  const [resource = '', ...name] = object.split('/');
  const prefix = PREFIXES[resource];
  if (prefix === undefined) throw new Error(`${resource} is not in the table of api.ts`);
  return [`${prefix}/namespaces/${namespace}/${resource}`, ...name].join('/');
}

/** The value at a path such as `.spec.workerGroupSpecs[0].replicas`; undefined where something on the way is absent. */
export function valueAt(object: unknown, path: string): unknown {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  return steps.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return (value as Readonly<Record<string, unknown>>)[step]; // arrays too: their indices are keys
  }, object);
}
