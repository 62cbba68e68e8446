/** Faults of a case: requests that fail although the world could answer them. */

import type { CaseApiError, CaseFault, CaseMethod } from './hpa-cases.types.ts';

type Armed = { readonly fault: CaseFault; readonly path: RegExp | undefined; skip: number; left: number };

export class CaseFaults {
  readonly #armed: readonly Armed[];

  constructor(faults: readonly CaseFault[]) {
    this.#armed = faults.map((fault) => ({
      fault,
      path: pathPattern(fault.path),
      skip: fault.skip ?? 0,
      left: fault.times === undefined || fault.times === 0 ? Infinity : fault.times,
    }));
  }

  /** The error that strikes a request; the first fault that fits decides, those that are used up are out of the way. */
  strike(method: CaseMethod, path: string): CaseApiError | undefined {
    for (const armed of this.#armed) {
      if (armed.left <= 0 || ((armed.fault.method ?? '') !== '' && armed.fault.method !== method)) continue;
      if (armed.path?.test(path) !== true) continue;
      if (armed.skip > 0) {
        armed.skip--;
        continue;
      }
      armed.left--;
      return armed.fault.error;
    }
    return undefined;
  }
}

/** RE2 as far as paths need it. Undefined for what is no expression. */
export function pathPattern(text: string): RegExp | undefined {
  const [, flags = '', pattern = ''] = /^(?:\(\?([is]+)\))?(.*)$/su.exec(text) ?? [];
  try {
    return new RegExp(pattern.replaceAll(/\\A/g, '^').replaceAll(/\\z/g, '$'), flags);
  } catch {
    return undefined;
  }
}
