/**
 * Label selectors: what they are, what they match and how they print. Reading the text form is `parse-selector.ts`.
 * A selector is data; nothing here knows pods or services.
 */

import { compareText } from '../../lib/compare.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { LabelSelector } from '../kube/object.ts';
import {
  checkedRequirement,
  selectorOf,
  toInt64,
  type Requirement,
  type Selector,
  type SelectorOperator,
} from './requirement.ts';

export { parseSelector } from './parse-selector.ts';
export { selectorOf, type Requirement, type Selector, type SelectorOperator } from './requirement.ts';

export const EVERYTHING: Selector = { kind: 'requirements', requirements: [] };

export const NOTHING: Selector = { kind: 'nothing' };

/**
 * The selector that a structured one means; absent means {@link NOTHING}, `{}` means {@link EVERYTHING}.
 *
 * The first bad requirement is the error, matchLabels before matchExpressions. **Differs:** matchLabels are checked in key order,
 * where the original's order is random.
 * Spec: HPA-19.6, HPA-19.7.   Source: apimachinery pkg/apis/meta/v1/helpers.go LabelSelectorAsSelector (v0.37.2).
 */
export function selectorFrom(labelSelector: LabelSelector | null | undefined): Result<Selector, string> {
  if (labelSelector === undefined || labelSelector === null) return ok(NOTHING);
  const requirements: Requirement[] = [];
  const labels = Object.entries(labelSelector.matchLabels ?? {}).toSorted(([a], [b]) => compareText(a, b));
  for (const [key, value] of labels) {
    const requirement = checkedRequirement(key, '=', [value]);
    if (!requirement.ok) return requirement;
    requirements.push(requirement.value);
  }
  for (const { key, operator, values } of labelSelector.matchExpressions ?? []) {
    const known = STRUCTURED_OPERATORS.get(operator);
    if (known === undefined) return err(`"${operator}" is not a valid label selector operator`);
    const requirement = checkedRequirement(key, known, values ?? []);
    if (!requirement.ok) return requirement;
    requirements.push(requirement.value);
  }
  return ok(selectorOf(requirements));
}

const STRUCTURED_OPERATORS: ReadonlyMap<string, SelectorOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', 'not-exists'],
]);

/** Whether all requirements hold. Cost: O(requirements x values). Spec: HPA-19.4 (matching), HPA-19.8. */
export function matchesSelector(selector: Selector, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (selector.kind === 'nothing') return false;
  return selector.requirements.every((requirement) => holds(requirement, labelOf(labels, requirement.key)));
}

function labelOf(labels: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function holds({ operator, values }: Requirement, label: string | undefined): boolean {
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return label !== undefined && values.includes(label);
    case '!=':
    case 'notin':
      return label === undefined || !values.includes(label);
    case 'exists':
      return label !== undefined;
    case 'not-exists':
      return label === undefined;
    case '>':
    case '<': {
      const have = label === undefined ? undefined : toInt64(label);
      const bound = toInt64(values[0] ?? '');
      if (have === undefined || bound === undefined) return false;
      return operator === '>' ? have > bound : have < bound;
    }
  }
}

/** The canonical text form. NOTHING prints as empty text, as EVERYTHING does. Spec: HPA-19.5, HPA-19.7. */
export function selectorText(selector: Selector): string {
  return selector.kind === 'nothing' ? '' : selector.requirements.map(requirementText).join(',');
}

function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case 'not-exists':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case '=':
    case '==':
    case '!=':
    case '>':
    case '<':
      return `${key}${operator}${values[0] ?? ''}`;
  }
}
