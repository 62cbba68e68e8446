/** The parts of a label selector and the rules for building one: what `selector.ts` and `parse-selector.ts` share. */

import { compareText } from '../../lib/compare.ts';
import { sortedAsGo } from '../../lib/go-sort.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { keyProblems, valueProblems } from './label-syntax.ts';

/** As written in the text form; `=` and `==` mean the same and are kept apart only for printing. */
export type SelectorOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | 'not-exists' | '>' | '<';

export type Requirement = {
  readonly key: string;
  readonly operator: SelectorOperator;
  /** Sorted by bytes. Empty for `exists` and `not-exists`, exactly one otherwise except for sets. */
  readonly values: readonly string[];
};

/**
 * `requirements`: all must hold; none means that everything matches. `nothing`: matches no object, what an absent (null) structured
 * selector means. Build with `selectorFrom`, `parseSelector` or {@link selectorOf}.
 * Spec: HPA-19.7.
 */
export type Selector =
  { readonly kind: 'requirements'; readonly requirements: readonly Requirement[] } | { readonly kind: 'nothing' };

/**
 * A selector of these requirements, in print order: by key, equal keys in the order in which the original's sort leaves them (up to
 * twelve requirements: as given).
 * Spec: HPA-19.5.   Source: apimachinery pkg/labels/selector.go Add (v0.37.2).
 */
export function selectorOf(requirements: readonly Requirement[]): Selector {
  return { kind: 'requirements', requirements: sortedAsGo(requirements, (a, b) => compareText(a.key, b.key)) };
}

/**
 * One requirement, its key and values checked; values are counted in the order given.
 *
 * Spec: HPA-19.3, HPA-19.4, HPA-19.6.   Source: apimachinery pkg/labels/selector.go NewRequirement (v0.37.2).
 */
export function checkedRequirement(
  key: string,
  operator: SelectorOperator,
  values: readonly string[],
): Result<Requirement, string> {
  const problems: string[] = [];
  const ofKey = keyProblems(key);
  if (ofKey.length > 0) problems.push(`key: Invalid value: ${JSON.stringify(key)}: ${ofKey.join('; ')}`);
  problems.push(...countProblems(operator, values));
  for (const [i, value] of values.entries()) {
    const ofValue = valueProblems(value);
    if (ofValue.length === 0) continue;
    problems.push(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${ofValue.join('; ')}`);
  }
  if (problems.length === 0) return ok({ key, operator, values: values.toSorted(compareText) });
  return err(problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`);
}

function countProblems(operator: SelectorOperator, values: readonly string[]): readonly string[] {
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length > 0) return [];
      return ["values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty"];
    case 'exists':
    case 'not-exists':
      if (values.length === 0) return [];
      return [
        `values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`,
      ];
    case '>':
    case '<':
      return values.flatMap((value, i) => {
        const why = "for 'Gt', 'Lt' operators, the value must be an integer";
        return toInt64(value) === undefined ? [`values[${i}]: Invalid value: ${JSON.stringify(value)}: ${why}`] : [];
      });
    case '=':
    case '==':
    case '!=':
      return [];
  }
}

/** Decimal text of an int64; undefined when it is not that. */
export function toInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
