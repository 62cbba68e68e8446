/** KubeRay's own sample manifests, with what a test sets and what a small machine needs. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Bed } from './bed.ts';

export type AutoscalerSampleOptions = {
  /** Seconds that a worker may be idle. */
  readonly idleTimeoutSeconds: number;
  /** `raycluster-autoscaler` unless said otherwise. */
  readonly name?: string;
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  /** CPU of a worker, requested and limited; 1 unless said otherwise. */
  readonly workerCpu?: string;
  /** Further variables of the autoscaler's container. */
  readonly autoscalerEnv?: Readonly<Record<string, string>>;
};

/** Bytes; the default is a share of the machine's memory for every node, which is too much with all nodes on one machine. */
const OBJECT_STORE = '100000000';

/**
 * `ray-cluster.autoscaler.yaml`: a head without CPUs and one group, `small-group`, of 0 to 10 workers; in the folder `samples`
 * of the head lie detached_actor.py and terminate_detached_actor.py, both called with the name of an actor.
 */
export function autoscalerSample(bed: Bed, options: AutoscalerSampleOptions): string {
  const { idleTimeoutSeconds, name, minReplicas, maxReplicas, workerCpu, autoscalerEnv = {} } = options;
  const text = readFileSync(join(bed.facts.samples, 'ray-cluster.autoscaler.yaml'), 'utf8');
  const documents = parseAllDocuments(text, { version: '1.1' }); // as kubectl reads it: 0777 is octal
  const cluster = documents.find((document) => document.get('kind') === 'RayCluster');
  if (cluster === undefined) throw new Error('the sample holds no RayCluster');
  const group = ['spec', 'workerGroupSpecs', 0];
  const worker = [...group, 'template', 'spec', 'containers', 0];
  const changes: readonly (readonly [path: readonly (string | number)[], value: unknown])[] = [
    [['metadata', 'name'], name],
    [['spec', 'rayVersion'], bed.facts.rayVersion],
    [['spec', 'autoscalerOptions', 'idleTimeoutSeconds'], idleTimeoutSeconds],
    [['spec', 'autoscalerOptions', 'env'], Object.entries(autoscalerEnv).map(([key, value]) => ({ name: key, value }))],
    [['spec', 'headGroupSpec', 'rayStartParams'], { 'num-cpus': '0', 'object-store-memory': OBJECT_STORE }],
    [[...group, 'rayStartParams'], { 'object-store-memory': OBJECT_STORE }],
    [[...group, 'minReplicas'], minReplicas],
    [[...group, 'maxReplicas'], maxReplicas],
    [[...worker, 'resources', 'limits', 'cpu'], workerCpu],
    [[...worker, 'resources', 'requests', 'cpu'], workerCpu],
  ];
  for (const [path, value] of changes) if (value !== undefined) cluster.setIn(path, value);
  const items = documents.map((document): unknown => document.toJS());
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
