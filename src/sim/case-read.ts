/**
 * Reading a case member by member. A place knows its value and its path; what is wrong is noted there and a stand-in goes on, so that
 * one reading finds every fault.
 */

import type { FieldError } from '../lib/result.ts';
import type { JsonDocument } from './case-json.ts';

type Notes = { readonly document: JsonDocument; readonly faults: FieldError[] };

/** More faults than this are not told: the case is of another form altogether. */
const MAX_FAULTS = 20;

export class Place {
  readonly value: unknown;
  readonly #notes: Notes;
  readonly #container: Place | undefined;
  readonly #key: string | number;

  constructor(notes: Notes, value: unknown, container?: Place, key: string | number = '') {
    this.#notes = notes;
    this.value = value;
    this.#container = container;
    this.#key = key;
  }

  /** `node_types[0].max`; '' is the case itself. */
  get path(): string {
    if (this.#container === undefined) return '';
    const before = this.#container.path;
    if (typeof this.#key === 'number') return `${before}[${this.#key}]`;
    return before === '' ? this.#key : `${before}.${this.#key}`;
  }

  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** How the literal of a number was written. */
  get form(): NumberForm {
    const container = this.#container?.value;
    const fraction =
      typeof this.value === 'number' &&
      (!Number.isInteger(this.value) ||
        (typeof container === 'object' &&
          container !== null &&
          this.#notes.document.writtenAsFraction(container, this.#key)));
    return fraction ? 'float' : 'int';
  }

  /** A member; everything below a place that is no object is absent. Asking for it notes nothing. */
  member(name: string): Place {
    const members = isMembers(this.value) ? this.value : {};
    return this.at(name, Object.hasOwn(members, name) ? members[name] : undefined);
  }

  at(key: string | number, value: unknown): Place {
    return new Place(this.#notes, value, this, key);
  }

  note(type: FieldError['type'], message: string): void {
    if (this.#notes.faults.length < MAX_FAULTS) this.#notes.faults.push({ path: this.path, type, message });
  }

  /** Notes that something else stands here than `expected`. */
  expected(expected: string): void {
    if (this.value === undefined) this.note('FieldValueRequired', `${expected} is required`);
    else this.note('FieldValueTypeInvalid', `${shown(this.value)} is not ${expected}`);
  }
}

export type NumberForm = 'int' | 'float';

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SHOWN_LENGTH = 40;

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text;
}

/** Absent and null count as `fallback`. */
export function optional<T, F>(place: Place, read: (place: Place) => T, fallback: F): T | F {
  return place.isAbsent ? fallback : read(place);
}

export function readText(place: Place): string {
  if (typeof place.value === 'string') return place.value;
  place.expected('a string');
  return '';
}

export function readFlag(place: Place): boolean {
  if (typeof place.value === 'boolean') return place.value;
  place.expected('true or false');
  return false;
}

export function readNumber(place: Place): number {
  if (typeof place.value === 'number') return place.value;
  place.expected('a number');
  return 0;
}

/** A whole number, written in whatever way. */
export function readWhole(place: Place): number {
  if (typeof place.value === 'number' && Number.isSafeInteger(place.value)) return place.value;
  place.expected('a whole number');
  return 0;
}

/** A whole number of 0 or more. */
export function readCount(place: Place): number {
  const { value } = place;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  place.expected('a whole number of 0 or more');
  return 0;
}

export function readOneOf<T extends string>(choices: readonly T[]): (place: Place) => T {
  return (place) => {
    const found = choices.find((choice) => choice === place.value);
    if (found === undefined) place.expected(`one of ${choices.join(', ')}`);
    return found ?? (choices[0] as T); // the lists of choices are not empty
  };
}

export function readObject<T>(read: (place: Place) => T): (place: Place) => T {
  return (place) => {
    if (!isMembers(place.value)) place.expected('an object');
    return read(place);
  };
}

export function readList<T>(read: (place: Place) => T): (place: Place) => readonly T[] {
  return (place) => {
    if (Array.isArray(place.value)) return place.value.map((item: unknown, i) => read(place.at(i, item)));
    place.expected('a list');
    return [];
  };
}

/** The members of an object as entries, in order. */
export function readEntries<T>(read: (place: Place) => T): (place: Place) => readonly (readonly [string, T])[] {
  return (place) => {
    if (isMembers(place.value))
      return Object.keys(place.value).map((name) => [name, read(place.member(name))] as const);
    place.expected('an object');
    return [];
  };
}

/** A list of exactly as many items as there are `reads`; `form` shows it to people. */
export function readTuple<T extends readonly unknown[]>(
  form: string,
  reads: { readonly [K in keyof T]: (place: Place) => T[K] },
): (place: Place) => T | undefined {
  return (place) => {
    const { value } = place;
    if (Array.isArray(value) && value.length === reads.length)
      return reads.map((read, i) => read(place.at(i, value[i]))) as unknown as T; // one item per reader, in order
    place.expected(form);
    return undefined;
  };
}

/** Notes every member that `known` does not name. */
export function refuseUnknown(place: Place, known: readonly string[]): void {
  if (!isMembers(place.value)) return;
  for (const name of Object.keys(place.value)) {
    if (known.includes(name)) continue;
    place.member(name).note('FieldValueForbidden', `there is no such field; there are ${known.join(', ')}`);
  }
}
