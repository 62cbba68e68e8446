/** JSON values: freezing, comparing, canonical text and digests. */

import { compareText } from './compare.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Freezes `value` and everything below it, in place. Stops at what is frozen already: shared parts cost nothing twice. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

/** Same JSON content; an absent member equals an undefined one. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => deepEqual(item, b[i]));
  const left = a as Record<string, unknown>; // plain objects: JSON content only
  const right = b as Record<string, unknown>;
  for (const key of Object.keys(left)) if (!deepEqual(left[key], memberOf(right, key))) return false;
  for (const key of Object.keys(right)) if (right[key] !== undefined && memberOf(left, key) === undefined) return false;
  return true;
}

/** One of its own: every object inherits a `constructor`. */
function memberOf(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets a member, also one of the name that an assignment would take for the prototype. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** A copy that shares nothing with `value` and may be changed. */
export function deepCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(deepCopy) as T;
  const copy: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) if (part !== undefined) put(copy, key, deepCopy(part));
  return copy as T;
}

/** A copy of `value` that its owner cannot change. What is frozen is shared, on the same terms as in {@link deepFreeze}. */
export function detachedCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return value.map(detachedCopy) as T;
  const copy: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) if (part !== undefined) put(copy, key, detachedCopy(part));
  return copy as T;
}

/** JSON text with members sorted by name, so that equal content is equal text. bigint prints as its digits. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`);
  return `{${members.join(',')}}`;
}

/**
 * A short digest of content, for telling inputs apart (not for security): 16 hex digits, the same for equal canonical text.
 * Hashes while it walks: controllers digest their inputs every second, and the text itself is of no use to anybody.
 */
export function digest(value: unknown): string {
  const state: HashState = { a: 0x811c9dc5, b: 0x9747b28c };
  hashValue(value, state);
  const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
  return hex(state.a) + hex(state.b);
}

/** Two running 32-bit hashes, FNV-1a and a multiply-rotate one. */
type HashState = { a: number; b: number };

function hashText(text: string, state: HashState): void {
  let { a, b } = state;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(((b << 5) | (b >>> 27)) ^ code, 0x85ebca6b);
  }
  state.a = a;
  state.b = b;
}

function hashValue(value: unknown, state: HashState): void {
  if (typeof value !== 'object' || value === null) {
    hashText(typeof value === 'bigint' ? value.toString() : (JSON.stringify(value) ?? 'null'), state);
  } else if (Array.isArray(value)) {
    hashText('[', state);
    for (const item of value) {
      hashValue(item, state);
      hashText(',', state);
    }
    hashText(']', state);
  } else {
    const members = value as Readonly<Record<string, unknown>>; // a plain object: JSON content only
    hashText('{', state);
    for (const key of Object.keys(members).toSorted()) {
      const part = members[key];
      if (part === undefined) continue;
      hashText(key, state);
      hashText(':', state);
      hashValue(part, state);
      hashText(',', state);
    }
    hashText('}', state);
  }
}
