/** What the embedded API server knows of one kind. A further kind is one entry of `table.ts`, made of this. */

import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';
import type { FieldError } from '../../../lib/result.ts';

/** When `metadata.generation` goes up by one (cluster-api 8.3). `none`: the kind has no generation. */
export type GenerationRule = 'none' | 'spec' | 'spec-or-annotations' | 'all-but-metadata-and-status';

export type KindDefinition<T extends KubeObject> = {
  readonly resource: Resource<T>;
  /** A custom resource: served because of a CRD. PUT then needs a resourceVersion, and list items carry kind and apiVersion. */
  readonly custom: boolean;
  readonly preferredVersion: boolean;
  readonly generation: GenerationRule;
  /** Whether two valid specs mean the same, for the rule `spec`. Absent: when they are equal as JSON. */
  readonly sameSpec?: (a: unknown, b: unknown) => boolean;
  readonly hasStatus: boolean;
  /** `kept`: a create may bring its status (a kubelet registers its Node with capacity). Absent: it is stripped, as for most kinds. */
  readonly statusOnCreate?: 'kept';
  /** Subresources beside status and scale, for discovery. */
  readonly subresources?: readonly string[];
  /** Fields behind `/scale`, as functions; absent when the kind has none. */
  readonly scale?: {
    replicasOf(object: T): number;
    statusReplicasOf(object: T): number;
    selectorOf(object: T): string;
    withReplicas(object: T, replicas: number): T;
  };
  readonly nameRule: 'dns-1123-subdomain' | 'dns-1123-label';
  /** Extra paths a field selector may use, beside metadata.name and metadata.namespace. */
  readonly fields: Readonly<Record<string, (object: T) => string>>;
  /** Grace period in seconds that a first DELETE gets which asks for `asked` (undefined: for none). Absent: the kind knows no grace. */
  graceSecondsOf?(object: T, asked: number | undefined): number;
  /** The object as it must appear in a GET after a minimal create. Never changes its argument. */
  withDefaults(object: T): T;
  /**
   * Everything wrong with the object after defaulting, beyond names and labels, in field order. Must not throw on any JSON. `old` is what
   * an update replaces: some faults that were there before are borne.
   */
  validate(object: T, old?: T): readonly FieldError[];
  /** Everything wrong with a change (immutable fields). */
  validateUpdate(object: T, old: T): readonly FieldError[];
};
