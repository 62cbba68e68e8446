/** Which objects of a kind a list or a watch is about. */

import type { AnyObject } from '../core/kube/object.ts';
import { fieldSelectorOf, type FieldSelector } from '../core/cluster/field-selector.ts';
import type { AnyKind } from '../core/cluster/kinds/table.ts';
import { badRequest } from '../core/cluster/status-errors.ts';
import { EVERYTHING, matchesSelector, parseSelector, type Selector } from '../core/selector/selector.ts';
import { KubeError, type ListQuery } from '../ports/kube-api.ts';

export type Selection = {
  /** Undefined: all of them, or the kind has none. */
  readonly namespace: string | undefined;
  /** Whether anything but the namespace narrows it. */
  readonly narrowed: 'by-selector' | 'no';
  /** Does not look at the namespace. */
  matches(object: AnyObject): boolean;
};

/** Throws 400 for a selector that does not parse or names a field the kind does not offer. */
export function selectionOf(
  kind: AnyKind,
  query: Pick<ListQuery, 'namespace' | 'labelSelector' | 'fieldSelector'>,
): Selection {
  const namespace = query.namespace === '' || !kind.resource.namespaced ? undefined : query.namespace;
  const labels = labelsOf(query.labelSelector ?? '');
  const fields = fieldsOf(kind, query.fieldSelector ?? '');
  const narrowed = labels === undefined && fields === undefined ? 'no' : 'by-selector';
  return {
    namespace,
    narrowed,
    matches: (object) =>
      matchesSelector(labels ?? EVERYTHING, object.metadata.labels) && (fields === undefined || fields(object)),
  };
}

function labelsOf(text: string): Selector | undefined {
  if (text === '') return undefined;
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new KubeError(badRequest(`unable to parse requirement: ${parsed.error}`));
  return parsed.value;
}

function fieldsOf(kind: AnyKind, text: string): FieldSelector | undefined {
  if (text === '') return undefined;
  const parsed = fieldSelectorOf(kind, text);
  if (!parsed.ok) throw new KubeError(badRequest(parsed.error));
  return parsed.value;
}
