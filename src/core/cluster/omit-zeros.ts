/** Counts as the API writes them: the original's structs leave out fields that are 0. */

/** `counts` without the members that are 0. */
export function omitZeros<T extends Readonly<Record<string, number | undefined>>>(counts: T): Partial<T> {
  const kept = Object.entries(counts).filter(([, count]) => count !== 0 && count !== undefined);
  return Object.fromEntries(kept) as Partial<T>; // members of T, less some
}
