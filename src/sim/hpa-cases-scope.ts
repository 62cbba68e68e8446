/** Which HPA cases the core covers today. What it does not cover is refused: an answer that looks right would be worse than none. */

import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import type { CaseWorld, ReconcileCase } from './hpa-cases.types.ts';

/** A case as it stands in a file: fields that the runner does not know say what it is about. */
export type HpaCase = ReconcileCase & {
  readonly controller?: { readonly featureGates?: unknown; readonly rawHpa?: boolean };
  readonly world?: CaseWorld & { readonly apiGroups?: unknown };
};

/** Why a case is left out; undefined for those that must be answered alike. */
export function outOfScope(given: HpaCase): string | undefined {
  if (given.controller?.featureGates !== undefined) return 'with feature gates';
  if (given.controller?.rawHpa === true) return 'without the defaults of the API';
  for (const world of [given.world ?? {}, ...(given.steps ?? []).map((step) => step.world ?? {})]) {
    if ('apiGroups' in world) return 'with changed API groups';
    for (const hpa of world.hpas ?? []) {
      const reason = hpaOutOfScope(hpa);
      if (reason !== undefined) return reason;
    }
  }
  return undefined;
}

function hpaOutOfScope({ spec }: HorizontalPodAutoscaler): string | undefined {
  if (spec.behavior !== undefined) return 'with behavior';
  const other = spec.metrics?.find((metric) => metric.type !== 'Resource');
  return other === undefined ? undefined : `with a metric of type ${other.type}`;
}
