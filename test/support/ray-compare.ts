/**
 * What counts as the same answer: numbers exactly (4 and 4.0 are the same), lists in order, maps without order, neighbours of equal
 * content in `infeasible` merged. Strict: also the texts of terminations, which error ends a round, and where it is raised.
 */

import { canonicalJson } from '../../src/lib/json.ts';
import type { CaseDemand, RayResult } from '../../src/sim/ray-cases.types.ts';

export type CompareOptions = { readonly strict: boolean };

/** The parts of an answer that are compared, each as canonical text. */
export function comparable(result: RayResult, { strict }: CompareOptions): Readonly<Record<string, string>> {
  if (!result.ok) return { ok: 'false', ...(strict ? { error: result.error, where: result.where ?? '' } : {}) };
  const terminations = result.terminations.map(({ details, ...rest }) => (strict ? { ...rest, details } : rest));
  return {
    ok: 'true',
    launches: canonicalJson(result.launches),
    terminations: canonicalJson(terminations),
    resizes: canonicalJson(result.resizes),
    infeasible: runs(result.infeasible),
    infeasible_gangs: canonicalJson(result.infeasible_gangs),
    infeasible_constraints: canonicalJson(result.infeasible_constraints),
    cluster_resources: canonicalJson(result.cluster_resources),
    state: canonicalJson(result.state),
  };
}

/** The fields in which the two differ; the final nodes are looked at when both answers have them. */
export function differences(want: RayResult, got: RayResult, options: CompareOptions): readonly string[] {
  const [left, right] = [withTrace(want, got, options), withTrace(got, want, options)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((field) => left[field] !== right[field]);
}

/** The original's own word that this answer may come out differently with another cube, or another order of addition. */
export function isSensitive({ flags }: RayResult): boolean {
  return flags?.ulp_sensitive === true || flags?.sum_order_sensitive === true;
}

function withTrace(result: RayResult, other: RayResult, options: CompareOptions): Readonly<Record<string, string>> {
  const fields = comparable(result, options);
  const both = result.ok && other.ok && result.trace !== undefined && other.trace !== undefined;
  return both ? { ...fields, trace: canonicalJson(result.trace) } : fields;
}

function runs(demands: readonly CaseDemand[]): string {
  const merged: { readonly content: string; count: number }[] = [];
  for (const { count = 1, resources = [], placement = [], selectors = [] } of demands) {
    const content = canonicalJson({ resources: Object.fromEntries(resources), placement, selectors });
    const last = merged.at(-1);
    if (last?.content === content) last.count += count;
    else merged.push({ content, count });
  }
  return canonicalJson(merged);
}
