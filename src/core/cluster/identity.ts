/** Names and uids that the API server makes, from a random stream. */

import type { RandomStream } from '../../lib/random.ts';

/** No vowels and nothing that reads like something else, so that no words come out. */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_NAME = 63;

/** Suffixes for objects of a controller as well: `abcde`, 5 draws. Source: apimachinery pkg/util/rand (v0.37.2). */
export function nameSuffix(random: RandomStream): string {
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++)
    suffix += NAME_ALPHABET[Math.floor(random.next() * NAME_ALPHABET.length)] ?? '';
  return suffix;
}

/** A name for `generateName`: the prefix, cut to 58 characters, and a suffix. Spec: cluster-api 8.1. */
export function generatedName(prefix: string, random: RandomStream): string {
  return prefix.slice(0, MAX_NAME - SUFFIX_LENGTH) + nameSuffix(random);
}

/** A version 4 UUID in lower case. */
export function uuidV4(random: RandomStream): string {
  let hex = '';
  for (let i = 0; i < 32; i++) {
    const digit = Math.floor(random.next() * 16);
    hex += (i === 12 ? 4 : i === 16 ? 8 + (digit % 4) : digit).toString(16);
  }
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
