/** Seconds in the words of the original, which prints numbers as Python does. */

import { floatText } from '../../lib/python-text.ts';
import type { IdleTimeout } from './snapshot.ts';

/** Milliseconds as seconds: `61.0`, `60.001`. */
export function secondsText(ms: number): string {
  return floatText(ms / 1000);
}

/** A time-out that is a whole number where it comes from: `60`. */
export function wholeSeconds(seconds: number): IdleTimeout {
  return { seconds, text: String(seconds) };
}

/** A time-out that is a float where it comes from: `60.0`. */
export function floatSeconds(seconds: number): IdleTimeout {
  return { seconds, text: floatText(seconds) };
}
