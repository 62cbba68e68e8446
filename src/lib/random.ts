/** Seeded randomness in named streams: one more draw in one stream changes nothing in another. */

/** A stream of numbers that repeats for the same seed and name. */
export type RandomStream = {
  /** Uniform in [0, 1). */
  next(): number;
};

/** FNV-1a, 32 bits, over UTF-16 code units. Not for security. */
export function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i);
    h = Math.imul(h, 0x01000193);
  }
  return h >>> 0;
}

/** sfc32, seeded from `seed` and the stream's `name`. Source: Chris Doty-Humphrey, PractRand. */
export function randomStream(seed: number, name: string): RandomStream {
  let a = hash32(`${seed}/${name}`);
  let b = hash32(`${name}/${seed}`);
  let c = seed >>> 0;
  let d = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 15; i++) next();
  return { next };
}

/** Streams by name under one seed. Asking twice for a name gives the same stream, which goes on where it was. */
export class SeededRandom {
  readonly seed: number;
  readonly #streams = new Map<string, RandomStream>();

  constructor(seed: number) {
    this.seed = seed;
  }

  stream(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = randomStream(this.seed, name);
      this.#streams.set(name, stream);
    }
    return stream;
  }
}
