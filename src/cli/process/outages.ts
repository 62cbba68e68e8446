/** One cause is told once, however many are hit by it; and that it is over, once none is any more. */

import type { OutageFields } from '../../controllers/deps.ts';
import { withoutInstants } from '../../controllers/last-said.ts';

/** Causes that are remembered; with more of them everything is news again. */
const MAX_CAUSES = 100;

export class Outages {
  /** Who is hit, by cause. */
  readonly #hit = new Map<string, Set<string>>();

  /** Whether a line with these fields says something new. Lines that are of no outage always do. */
  isNews(fields: Readonly<Record<string, unknown>>): boolean {
    const { source, outage } = fields as Partial<OutageFields>; // absent in other lines
    if (source === undefined || outage === undefined) return true;
    return outage === 'over' ? this.#over(source) : this.#begun(source, withoutInstants(outage.cause));
  }

  #begun(source: string, cause: string): boolean {
    const hit = this.#hit.get(cause);
    if (this.#hit.size >= MAX_CAUSES) this.#hit.clear();
    this.#hit.set(cause, (hit ?? new Set()).add(source));
    return hit === undefined;
  }

  #over(source: string): boolean {
    let isLast = false;
    for (const [cause, hit] of this.#hit) {
      if (!hit.delete(source) || hit.size > 0) continue;
      this.#hit.delete(cause);
      isLast = true;
    }
    return isLast;
  }
}
