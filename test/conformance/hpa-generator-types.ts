/** Cases and answers of the HPA case form as plain JSON: a case at random may hold anything that the form allows, and what it does not. */

export type Json = null | boolean | number | string | readonly Json[] | Fields;

/** Members that are undefined are not written. */
export type Fields = { readonly [field: string]: Json | undefined };

export type HpaKind = 'reconcile' | 'loop' | 'validate' | 'convert' | 'quantity' | 'selector';

export type HpaCase = Fields & { readonly id: string; readonly kind: HpaKind };

export function isObject(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A line of input. */
export function caseLine(given: HpaCase): string {
  return JSON.stringify(given);
}
