/** What a round cost, counted: the same on every machine, so that tests can gate on it. */

/** Counted in place. `fitChecks`: one unit against one node; `fillings`: nodes tried with all that waits; `picks`: nodes filled. */
export type Work = { fitChecks: number; fillings: number; picks: number };

export function noWork(): Work {
  return { fitChecks: 0, fillings: 0, picks: 0 };
}
