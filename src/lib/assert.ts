/** Invariant guards. They stay on in production: a broken invariant aborts the round instead of acting on nonsense. */

/** A broken invariant: a defect of ours, never an outcome of a decision. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws {@link AssertionError} with `message` (a sentence with the values) unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** `value`, or an {@link AssertionError} saying that `what` was missing. */
export function defined<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new AssertionError(`expected ${what} to be present`);
  return value;
}

/** Ends a switch over a union; reaching it is a defect. */
export function unreachable(value: never): never {
  throw new AssertionError(`unexpected value ${JSON.stringify(value)}`);
}
