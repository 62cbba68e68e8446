/** The one door to randomness: streams by name, so that a new draw in one changes nothing in another. */

import type { RandomStream } from '../lib/random.ts';

export interface Random {
  stream(name: string): RandomStream;
}
