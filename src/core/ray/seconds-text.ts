/** Milliseconds as seconds in the words of the original. */

/** Printed as Python prints a float: `61.0`, `60.001`. */
export function secondsText(ms: number): string {
  const text = String(ms / 1000);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
