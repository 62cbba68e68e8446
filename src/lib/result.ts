/** Outcomes of reading input from outside: a value, or the reasons why there is none. */

export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/**
 * One thing that is wrong with an input. `path` is the field (`spec.maxReplicas`), `type` the API server's cause reason,
 * `message` its wording without the field (`Required value`), `fix` says what to write instead, for a person.
 */
export type FieldError = {
  readonly path: string;
  readonly type:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid';
  readonly message: string;
  readonly fix?: string;
};

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}
