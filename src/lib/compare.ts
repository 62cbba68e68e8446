/** Total orders that are the same on every machine: bytes, never locale. */

/** Orders strings by code unit. For names in the API (ASCII) that is byte order. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function compareNumber(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
