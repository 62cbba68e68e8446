/** Measured numbers as a person reads them. Nothing here measures. */

/** Of at least one value; of an even number of them the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError('the median of no values');
  return (lower + upper) / 2;
}

/** Two digits or more: `4.0 ms`, `19 ms`, `2.7 s`, `830 s`. */
export function durationText(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  return `${grouped(Math.round(ms / 1000))} s`;
}

/** How many times longer: `0.8`, `9.3`, `1,250`. */
export function ratioText(ratio: number): string {
  return ratio < 9.95 ? ratio.toFixed(1) : grouped(Math.round(ratio));
}

/** A ratio of which only a lower bound is known. Rounded down, so that it is true. */
export function atLeastRatioText(bound: number): string {
  return `> ${bound < 10 ? (Math.floor(bound * 10) / 10).toFixed(1) : grouped(Math.floor(bound))}`;
}

/** A whole number with its thousands apart: `13,315`. */
export function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}
