/** Coded errors: what goes wrong outside of us. A defect of ours is an AssertionError; an outcome of a decision is a value. */

import { ERROR_CODES, type ErrorCode, type RetryAdvice } from './error-codes.ts';

export class TandemError extends Error {
  override readonly name: string = 'TandemError';
  readonly code: ErrorCode;

  /** `message` is one sentence that names the object, the field and the fix where there is one. */
  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  get retry(): RetryAdvice {
    return ERROR_CODES[this.code];
  }
}

/** The text of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
