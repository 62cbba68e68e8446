/** What a selector demands of labels for certain: the key to finding what it matches without trying all. */

import type { Selector } from '../selector/selector.ts';

type Requirements = Extract<Selector, { kind: 'requirements' }>;

/** One label as the key of a map. No label holds a line break. */
export function labelText(key: string, value: string): string {
  return `${key}\n${value}`;
}

/** The labels that must be there with one certain value, as {@link labelText}. */
export function* demandedLabels({ requirements }: Requirements): Generator<string> {
  for (const { key, operator, values } of requirements) {
    const [value] = values;
    if (value === undefined || values.length !== 1) continue;
    if (operator === '=' || operator === '==' || operator === 'in') yield labelText(key, value);
  }
}

/** What stands under the demanded label that the fewest stand under; undefined when no certain label is demanded. */
export function rarestOf<G>(
  selector: Requirements,
  byLabel: ReadonlyMap<string, ReadonlySet<G>>,
): ReadonlySet<G> | undefined {
  let fewest: ReadonlySet<G> | undefined;
  for (const label of demandedLabels(selector)) {
    const having = byLabel.get(label) ?? new Set<G>();
    if (fewest === undefined || having.size < fewest.size) fewest = having;
  }
  return fewest;
}
