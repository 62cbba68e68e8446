/**
 * Types of API objects as the original's library reads and prints them: which members there are, of what type, in which order, and
 * which are left out when they are zero. One table of types serves reading, printing and comparing.
 */

import { parseJsonQuantity, quantityEcho, quantityText } from '../../quantity/quantity.ts';
import { parseRfc3339, toRfc3339 } from '../../time/time.ts';
import { timeProblem } from './wire-time.ts';
import { deepEqual } from '../../../lib/json.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { isRecord } from './schema.ts';

/** `name` is the type's name in the original's messages, with its package; a plain type needs none. */
export type WireType =
  | { readonly kind: 'string' | 'bool' | 'int32' | 'int64'; readonly name?: string }
  | { readonly kind: 'quantity' | 'time' | 'any' }
  /** Text by text, quantity by text. */
  | { readonly kind: 'map' | 'quantities' }
  | { readonly kind: 'list'; readonly of: WireType }
  | { readonly kind: 'struct'; readonly name: string; readonly fields: Readonly<Record<string, WireField>> };

/**
 * `optional`: may be absent, and is left out then. `omit-zero`: never absent, left out when zero. `always`: never absent, printed in any
 * case; `nullable`: may be absent and is `null` then.
 */
export type WireField = {
  readonly type: WireType;
  readonly print: 'optional' | 'omit-zero' | 'always' | 'nullable';
};

export const STRING: WireType = { kind: 'string' };
export const INT32: WireType = { kind: 'int32' };
export const INT64: WireType = { kind: 'int64' };
export const BOOL: WireType = { kind: 'bool' };
export const QUANTITY: WireType = { kind: 'quantity' };
export const TIME: WireType = { kind: 'time' };
export const MAP: WireType = { kind: 'map' };
export const ANY: WireType = { kind: 'any' };

export function text(name: string): WireType {
  return { kind: 'string', name };
}

export function listOf(of: WireType): WireType {
  return { kind: 'list', of };
}

export function struct(name: string, fields: Readonly<Record<string, WireField>>): WireType {
  return { kind: 'struct', name, fields };
}

export function always(type: WireType): WireField {
  return { type, print: 'always' };
}

export function optional(type: WireType): WireField {
  return { type, print: 'optional' };
}

export function omitZero(type: WireType): WireField {
  return { type, print: 'omit-zero' };
}

export function nullable(type: WireType): WireField {
  return { type, print: 'nullable' };
}

/** How members are found: by exact name, or like the original's other decoder in any case. */
export type WireNames = 'exact' | 'any-case';

/** A value of the type before its members are known to the compiler. */
export type WireObject = Readonly<Record<string, unknown>>;

/**
 * The members of `value` that the type has, checked and otherwise as given; unknown ones and nulls are dropped, empty lists stay. The
 * error is in the original's words: of the first member (names in byte order) of a wrong type, unless a quantity or time cannot be read,
 * which ends the reading.
 *
 * Cost: O(size). Source: sigs.k8s.io/json internal/golang/encoding/json/decode.go; encoding/json of Go.
 */
export function readWire(type: WireType, value: unknown, names: WireNames = 'exact'): Result<unknown, string> {
  const reader = new Reader(names);
  try {
    const result = reader.read(type, value, { struct: '', path: [] });
    return reader.firstProblem === undefined ? ok(result) : err(reader.firstProblem);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return err(error.message);
  }
}

/** Ends the reading; never leaves this file. */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

type Where = { readonly struct: string; readonly path: readonly string[] };

class Reader {
  firstProblem: string | undefined;
  readonly #names: WireNames;

  constructor(names: WireNames) {
    this.#names = names;
  }

  read(type: WireType, value: unknown, where: Where): unknown {
    switch (type.kind) {
      case 'any':
        return value;
      case 'string':
        return typeof value === 'string' ? value : this.#wrong(type, value, where);
      case 'bool':
        return typeof value === 'boolean' ? value : this.#wrong(type, value, where);
      case 'int32':
      case 'int64':
        return isWhole(type.kind, value) ? value : this.#wrong(type, value, where);
      case 'quantity':
        return readQuantity(value);
      case 'time':
        return readTime(value, where);
      case 'map':
        return this.#map(value, where, STRING);
      case 'quantities':
        return this.#map(value, where, QUANTITY);
      case 'list':
        if (!Array.isArray(value)) return this.#wrong(type, value, where);
        return value.map((item: unknown) => (item === null ? zeroOf(type.of) : this.read(type.of, item, where)));
      case 'struct':
        return isRecord(value) ? this.#struct(type, value, where) : this.#wrong(type, value, where);
    }
  }

  #struct(type: WireType & { readonly kind: 'struct' }, value: WireObject, { path }: Where): WireObject {
    const result: Record<string, unknown> = {};
    for (const name of Object.keys(value).toSorted()) {
      const known = this.#field(type, name);
      const part = value[name];
      if (known === undefined || part === null || part === undefined) continue;
      const field = type.fields[known] as WireField; // found just now
      result[known] = this.read(field.type, part, { struct: shortName(type.name), path: [...path, known] });
    }
    return result;
  }

  #field(type: WireType & { readonly kind: 'struct' }, name: string): string | undefined {
    if (Object.hasOwn(type.fields, name)) return name;
    if (this.#names === 'exact') return undefined;
    const lower = name.toLowerCase();
    return Object.keys(type.fields).find((field) => field.toLowerCase() === lower);
  }

  #map(value: unknown, where: Where, of: WireType): unknown {
    if (!isRecord(value)) return this.#wrong(MAP, value, where);
    const entries = Object.keys(value)
      .toSorted()
      .map((key) => [key, value[key] === null ? zeroOf(of) : this.read(of, value[key], where)] as const);
    return Object.fromEntries(entries);
  }

  /** Noted once; the value counts as zero from here on. */
  #wrong(type: WireType, value: unknown, where: Where): undefined {
    this.firstProblem ??= mismatch(type, value, where);
    return undefined;
  }
}

function mismatch(type: WireType, value: unknown, { struct, path }: Where): string {
  const into = path.length === 0 ? 'Go value' : `Go struct field ${struct}.${path.join('.')}`;
  return `json: cannot unmarshal ${shown(type, value)} into ${into} of type ${typeName(type)}`;
}

function isWhole(kind: 'int32' | 'int64', value: unknown): boolean {
  if (typeof value !== 'number' || !Number.isInteger(value)) return false;
  return kind === 'int64' ? Math.abs(value) < 2 ** 63 : value >= -(2 ** 31) && value < 2 ** 31;
}

/** Numbers become text: no reader needs to know both. */
function readQuantity(value: unknown): string {
  const quantity = parseJsonQuantity(value);
  if (!quantity.ok) throw new Unreadable(quantity.error);
  return String(value).trim();
}

function readTime(value: unknown, where: Where): string {
  if (typeof value !== 'string') throw new Unreadable(mismatch(STRING, value, where));
  const problem = timeProblem(value);
  if (problem !== undefined) throw new Unreadable(problem);
  return value;
}

function shown(type: WireType, value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value !== 'number') return typeof value;
  return type.kind === 'int32' || type.kind === 'int64' ? `number ${value}` : 'number';
}

function typeName(type: WireType): string {
  if (type.kind === 'map') return 'map[string]string';
  if (type.kind === 'list') return `[]${typeName(type.of)}`;
  return ('name' in type ? type.name : undefined) ?? type.kind;
}

/** Without its package. */
function shortName(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

/**
 * An object of the type as it is printed: members in the type's order, zeros left out or filled in as each member asks, times in whole
 * seconds, quantities as the original echoes them. Spec: HPA-2.28, HPA-18.13.
 */
export function printWire(type: WireType, value: unknown): unknown {
  switch (type.kind) {
    case 'struct': {
      const given = isRecord(value) ? value : {};
      const result: Record<string, unknown> = {};
      for (const [name, field] of Object.entries(type.fields)) {
        const part = printField(field, given[name]);
        if (part !== undefined) result[name] = part;
      }
      return result;
    }
    case 'list':
      return Array.isArray(value) ? value.map((item: unknown) => printWire(type.of, item)) : value;
    case 'map':
      return isRecord(value) ? Object.fromEntries(Object.entries(value).toSorted(byKey)) : value;
    case 'quantities':
      if (!isRecord(value)) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toSorted(byKey)
          .map(([name, part]) => [name, printWire(QUANTITY, part)]),
      );
    case 'quantity':
      return typeof value === 'string' ? printQuantity(value) : value;
    case 'time':
      return typeof value === 'string' ? printTime(value) : value;
    case 'any':
    case 'string':
    case 'bool':
    case 'int32':
    case 'int64':
      return value;
  }
}

function printQuantity(text: string): string {
  const echo = quantityEcho(text);
  return echo.ok ? echo.value : text;
}

function printTime(text: string): string {
  const at = parseRfc3339(text);
  return at === undefined ? text : toRfc3339(at);
}

/** With the members that are never absent, lists and maps as empty ones, and without texts that empty are as good as absent. */
export function fillWire(type: WireType, value: unknown): unknown {
  if (type.kind === 'list') return Array.isArray(value) ? value.map((item: unknown) => fillWire(type.of, item)) : value;
  if (type.kind !== 'struct' || !isRecord(value)) return value;
  const result: Record<string, unknown> = { ...value };
  for (const [name, field] of Object.entries(type.fields)) {
    const part = value[name] ?? (field.print === 'always' ? emptyOf(field.type) : undefined);
    if (part === '' && field.print === 'omit-zero') delete result[name];
    else if (part !== undefined) result[name] = fillWire(field.type, part);
  }
  return result;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function printField({ type, print }: WireField, value: unknown): unknown {
  switch (print) {
    case 'optional':
      return value === undefined || isEmptyCollection(type, value) ? undefined : printWire(type, value);
    case 'omit-zero':
      return value === undefined || isZero(type, value) ? undefined : printWire(type, value);
    case 'nullable':
      return value === undefined ? null : printWire(type, value);
    case 'always':
      return printWire(type, value ?? zeroOf(type));
  }
}

function isCollection({ kind }: WireType): boolean {
  return kind === 'list' || kind === 'map' || kind === 'quantities';
}

/** A list or map of no members is left out where an absent one is. */
function isEmptyCollection(type: WireType, value: unknown): boolean {
  return isCollection(type) && isZero(type, value);
}

function isZero(type: WireType, value: unknown): boolean {
  if (type.kind === 'list') return Array.isArray(value) && value.length === 0;
  if (type.kind === 'map' || type.kind === 'quantities') return isRecord(value) && Object.keys(value).length === 0;
  return value === zeroOf(type);
}

function emptyOf(type: WireType): unknown {
  if (!isCollection(type)) return zeroOf(type);
  return type.kind === 'list' ? [] : {};
}

function zeroOf(type: WireType): unknown {
  switch (type.kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
      return 0;
    case 'quantity':
      return '0';
    case 'time':
    case 'list':
    case 'map':
    case 'quantities':
    case 'any':
      return null;
    case 'struct':
      return {};
  }
}

/** Whether two objects of the type mean the same: quantities by value, an absent list like an empty one. Spec: HPA-10.3, HPA-14.43. */
export function meansSame(type: WireType, a: unknown, b: unknown): boolean {
  return deepEqual(a, b) || deepEqual(printWire(type, byValue(type, a)), printWire(type, byValue(type, b)));
}

/** With every quantity in one form, whatever it was written in. */
function byValue(type: WireType, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  switch (type.kind) {
    case 'quantity': {
      const quantity = parseJsonQuantity(value);
      return quantity.ok ? quantityText({ ...quantity.value, format: 'DecimalExponent' }) : value;
    }
    case 'list':
      return Array.isArray(value) && value.length > 0
        ? value.map((item: unknown) => byValue(type.of, item))
        : undefined;
    case 'struct': {
      if (!isRecord(value)) return value;
      return Object.fromEntries(
        Object.entries(type.fields).map(([name, field]) => [name, byValue(field.type, value[name])]),
      );
    }
    case 'any':
    case 'string':
    case 'bool':
    case 'int32':
    case 'int64':
    case 'time':
    case 'map':
    case 'quantities':
      return value;
  }
}

/** JSON text as the original prints it. */
export function wireText(value: unknown): string {
  return htmlSafe(JSON.stringify(value));
}

/** JSON text without what HTML could misread. */
export function htmlSafe(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
