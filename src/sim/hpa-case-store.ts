/** The objects of a case's server: HPAs, scales and the pool of pods, as steps change them. Versions rise with every change. */

import { withHpaDefaults } from '../core/cluster/kinds/hpa.ts';
import { HPA_V2, HPA_V2_SPEC, HPA_V2_STATUS } from '../core/cluster/kinds/hpa-wire-types.ts';
import { isRecord } from '../core/cluster/kinds/schema.ts';
import { fillWire, printWire, readWire } from '../core/cluster/kinds/wire-type.ts';
import type { Scale } from '../core/kube/apps.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus } from '../core/kube/hpa.ts';
import { keyText, type ObjectKey } from '../core/kube/object.ts';
import type { GroupResource } from '../core/kube/resource.ts';
import { compareText } from '../lib/compare.ts';
import type { CaseScale, CaseWorld } from './hpa-cases.types.ts';

type StoredScale = {
  spec: number;
  status: number;
  selector: string;
  follows: boolean;
  version: number;
};

/** The world of a case is not what the form says. */
export class BrokenWorld extends Error {
  override readonly name = 'BrokenWorld';
}

export class CaseStore {
  readonly #defaulting: boolean;
  readonly #hpas = new Map<string, HorizontalPodAutoscaler>();
  readonly #scales = new Map<string, StoredScale>();
  #pods: readonly Pod[] = [];
  #podsFollowScale = '';
  #version = 1000;

  constructor({ rawHpa }: { readonly rawHpa: boolean }) {
    this.#defaulting = !rawHpa;
  }

  get version(): string {
    return String(this.#version);
  }

  nextVersion(): string {
    return String(++this.#version);
  }

  /** By key, keys in byte order. */
  hpas(): ReadonlyMap<string, HorizontalPodAutoscaler> {
    return new Map([...this.#hpas].toSorted(([a], [b]) => compareText(a, b)));
  }

  hpa(key: string): HorizontalPodAutoscaler | undefined {
    return this.#hpas.get(key);
  }

  /** `spec.replicas` of every scale. */
  replicas(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#scales].map(([key, scale]) => [key, scale.spec]));
  }

  /** Each present part replaces the one before; HPAs and scales are upserted. */
  apply(world: CaseWorld): void {
    for (const hpa of world.hpas ?? []) this.#upsertHpa(hpa);
    for (const key of world.deleteHpas ?? []) this.#hpas.delete(key);
    for (const scale of world.scales ?? []) this.#upsertScale(scale);
    for (const key of world.deleteScales ?? []) this.#scales.delete(key);
    if (world.pods !== undefined) this.#pods = world.pods.map(podOf);
    if (world.podsFollowScale !== undefined) this.#podsFollowScale = world.podsFollowScale;
  }

  /** Lets status replicas and pods follow their scales. Returns the pods that exist now. */
  settle(): readonly Pod[] {
    for (const scale of this.#scales.values()) {
      if (!scale.follows || scale.status === scale.spec) continue;
      scale.status = scale.spec;
      scale.version = ++this.#version;
    }
    return this.#podsFollowScale === '' ? this.#pods : this.#pods.slice(0, this.#following());
  }

  /** A pod of the pool that does not exist at the moment. */
  isGone(namespace: string, name: string): boolean {
    if (this.#podsFollowScale === '') return false;
    const at = this.#pods.findIndex(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
    return at >= this.#following();
  }

  #following(): number {
    return Math.max(0, this.#scales.get(this.#podsFollowScale)?.spec ?? 0);
  }

  scale(resource: GroupResource, key: ObjectKey): Scale | undefined {
    const stored = this.#scales.get(scaleKey(resource, key));
    if (stored === undefined) return undefined;
    const { spec, status, selector, version } = stored;
    return {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { ...key, uid: `uid-scale-${key.name}`, resourceVersion: String(version) },
      spec: spec === 0 ? {} : { replicas: spec },
      status: { replicas: status, ...(selector === '' ? {} : { selector }) },
    };
  }

  setReplicas(resource: GroupResource, key: ObjectKey, replicas: number): void {
    const stored = this.#scales.get(scaleKey(resource, key));
    if (stored === undefined) return;
    stored.spec = replicas;
    stored.version = ++this.#version;
  }

  /** Takes the status of `hpa`, as it is read back; undefined when there is no such HPA. */
  putStatus(key: string, status: unknown): HorizontalPodAutoscaler | undefined {
    const old = this.#hpas.get(key);
    if (old === undefined) return undefined;
    const metadata = { ...old.metadata, resourceVersion: this.nextVersion() };
    const stored = { ...old, metadata, status: printedStatus(status) };
    this.#hpas.set(key, stored);
    return stored;
  }

  #upsertHpa(given: unknown): void {
    const read = readHpa(given);
    const { name, namespace: ns = '', uid = '', generation = 0 } = read.metadata;
    const namespace = ns === '' ? 'default' : ns;
    const key = keyText({ namespace, name });
    const old = this.#hpas.get(key);
    const keepsStatus = old !== undefined && isRecord(given) && (given['status'] ?? null) === null;
    const status = keepsStatus ? old.status : read.status;
    const hpa = this.#defaulting ? withHpaDefaults(read) : read;
    const metadata = {
      ...read.metadata,
      namespace,
      uid: (uid === '' ? old?.metadata.uid : uid) ?? `uid-${namespace}-${name}`,
      generation: generation === 0 && this.#defaulting ? 1 : generation,
      resourceVersion: this.nextVersion(),
    };
    this.#hpas.set(key, { ...hpa, metadata, status: status ?? NO_STATUS });
  }

  #upsertScale(given: CaseScale): void {
    const key = scaleKey(given, { namespace: namespaceOr(given.namespace), name: given.name });
    const old = this.#scales.get(key);
    this.#scales.set(key, {
      spec: given.specReplicas ?? old?.spec ?? 0,
      status: given.statusReplicas ?? old?.status ?? 0,
      selector: given.selector ?? old?.selector ?? '',
      follows: given.statusFollowsSpec ?? old?.follows ?? false,
      version: ++this.#version,
    });
  }
}

/** The HPA object that is meant: members of its type, in any case; a wrong type makes the case a broken one. */
function readHpa(given: unknown): HorizontalPodAutoscaler {
  const read = readWire(HPA_V2, given, 'any-case');
  if (!read.ok) throw new BrokenWorld(`hpa: ${read.error}`);
  const { metadata = { name: '' }, spec, status } = read.value as Partial<HorizontalPodAutoscaler>; // read by its type
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: fillWire(HPA_V2_SPEC, spec ?? {}) as HorizontalPodAutoscaler['spec'], // read by its type
    ...(status === undefined ? {} : { status: fillWire(HPA_V2_STATUS, status) as HorizontalPodAutoscalerStatus }), // as above
  };
}

const NO_STATUS: HorizontalPodAutoscalerStatus = { desiredReplicas: 0, currentMetrics: null };

/** As the server prints it. */
export function printedStatus(status: unknown): HorizontalPodAutoscalerStatus {
  return printWire(HPA_V2_STATUS, status) as HorizontalPodAutoscalerStatus; // printed by its type
}

/** As everyone sees it who reads it over the wire. */
export function printedHpa(hpa: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  return printWire(HPA_V2, hpa) as HorizontalPodAutoscaler; // printed by its type
}

/** Only what decisions read must be there. */
function podOf(given: unknown): Pod {
  const pod = given as Partial<Pod>; // an object with a name: the form was checked
  const { namespace } = pod.metadata ?? {};
  const spec = pod.spec ?? { containers: [] };
  const metadata = { ...pod.metadata, name: pod.metadata?.name ?? '', namespace: namespaceOr(namespace) };
  return { ...pod, apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...spec, containers: spec.containers ?? [] } };
}

export function namespaceOr(namespace: string | undefined): string {
  return namespace === undefined || namespace === '' ? 'default' : namespace;
}

function scaleKey({ group, resource }: GroupResource, key: ObjectKey): string {
  return `${group}/${resource}/${key.namespace}/${key.name}`;
}
