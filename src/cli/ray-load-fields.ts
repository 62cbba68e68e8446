/** Reads the fields of one step of a load for Ray: each value with its default, or a fault that says what to write. */

import { milliValue, parseQuantity } from '../core/quantity/quantity.ts';
import type { Resources } from '../core/ray/cluster-state.ts';
import { nearest } from './nearest.ts';
import type { ManifestFault } from './manifests/fault.ts';
import { isFields, type SourceObject } from './manifests/source.ts';

type NumberRule = {
  readonly least: number;
  readonly most: number;
  readonly absent: number;
  readonly kind?: 'whole';
};

export class FieldReader {
  readonly #source: SourceObject;
  readonly #title: string;
  readonly #faults: ManifestFault[] = [];

  /** `title` is what the faults call the object. */
  constructor(source: SourceObject, title: string) {
    this.#source = source;
    this.#title = title;
  }

  get faults(): readonly ManifestFault[] {
    return this.#faults;
  }

  /** Remembers a fault; the value of a field that has one is undefined. */
  fault(path: string, problem: string, fix: string): undefined {
    this.#faults.push(this.faultAt(path, problem, fix));
  }

  faultAt(path: string, problem: string, fix: string): ManifestFault {
    const field = path === '' ? {} : { field: path };
    return { place: this.#source.placeOf(path), object: this.#title, ...field, problem, fix };
  }

  /** The names of the fields at `path`; one that is not known is a fault. An empty value has none. */
  fields(path: string, known: readonly string[]): readonly string[] {
    const value = this.#source.valueAt(path);
    if (value === undefined || value === null) return [];
    if (!isFields(value)) {
      this.fault(path, 'an object was expected', `write ${path}: {${known[0]}: ...}`);
      return [];
    }
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue;
      const meant = nearest(name, known);
      const fix = meant === undefined ? `write one of ${known.join(', ')}` : `write ${meant}`;
      this.fault(path === '' ? name : `${path}.${name}`, `unknown field ${JSON.stringify(name)}`, fix);
    }
    return Object.keys(value);
  }

  number(path: string, { least, most, absent, kind }: NumberRule): number | undefined {
    const value = this.#source.valueAt(path);
    if (value === undefined || value === null) return absent;
    const isGood = typeof value === 'number' && value >= least && value <= most;
    if (isGood && (kind !== 'whole' || Number.isInteger(value))) return value;
    return this.fault(
      path,
      `${shown(value)} is not possible`,
      `write a ${kind ?? ''} number from ${least} to ${most}`.replace('  ', ' '),
    );
  }

  text(path: string, { absent }: { readonly absent: string }): string | undefined {
    const value = this.#source.valueAt(path);
    if (value === undefined || value === null) return absent;
    if (typeof value === 'string' && value.trim() !== '') return value;
    return this.fault(path, `${shown(value)} is no name`, `write text, such as ${absent}`);
  }

  oneOf<T extends string>(
    path: string,
    { of, absent }: { readonly of: readonly T[]; readonly absent: T },
  ): T | undefined {
    const value = this.#source.valueAt(path);
    if (value === undefined || value === null) return absent;
    const known = of.find((word) => word === value);
    if (known !== undefined) return known;
    const meant = typeof value === 'string' ? nearest(value, of) : undefined;
    return this.fault(path, `${shown(value)} is not known`, `write ${meant ?? `one of ${of.join(', ')}`}`);
  }

  /** What one of something asks for: amounts as numbers or quantities, those of 0 left out. */
  resources(path: string, { absent }: { readonly absent?: Resources } = {}): Resources | undefined {
    const value = this.#source.valueAt(path);
    if (absent !== undefined && (value === undefined || value === null)) return absent;
    if (!isFields(value)) return this.fault(path, `${shown(value)} are no resources`, 'write {CPU: 1}, for example');
    const resources: (readonly [string, number])[] = [];
    for (const [name, given] of Object.entries(value)) {
      const amount = amountOf(given);
      if (amount === undefined) {
        return this.fault(`${path}.${name}`, `${shown(given)} is no amount`, 'write 0.5, 2 or 2Gi, for example');
      }
      if (amount > 0) resources.push([name, amount]);
    }
    return resources;
  }

  /** A list of resources, each of something. */
  bundles(
    path: string,
    { least, most }: { readonly least: number; readonly most: number },
  ): readonly Resources[] | undefined {
    const value = this.#source.valueAt(path) ?? [];
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      const problem = Array.isArray(value) ? `there are ${value.length} bundles` : `${shown(value)} is no list`;
      return this.fault(path, problem, `write ${least} to ${most} bundles, such as [{CPU: 1}, {CPU: 1}]`);
    }
    const bundles = value.map((_, i) => this.resources(`${path}[${i}]`));
    const read = bundles.filter((bundle) => bundle !== undefined);
    if (read.length < bundles.length) return undefined;
    const empty = read.findIndex((bundle) => bundle.length === 0);
    if (empty < 0) return read;
    return this.fault(
      `${path}[${empty}]`,
      'the bundle asks for nothing, which Ray refuses',
      'write {CPU: 1}, for example',
    );
  }
}

/** undefined for what is no amount, or below 0. */
function amountOf(given: unknown): number | undefined {
  if (typeof given === 'number') return given >= 0 && Number.isFinite(given) ? given : undefined;
  const quantity = typeof given === 'string' ? parseQuantity(given) : undefined;
  if (quantity?.ok !== true) return undefined;
  const amount = Number(milliValue(quantity.value)) / 1000;
  return amount >= 0 ? amount : undefined;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
