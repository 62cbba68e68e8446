/**
 * The part of structural schemas that the custom resources here need: types, required fields, enums, bounds, patterns, defaults.
 * One description serves defaulting and validation. Unknown fields are kept, not pruned: pruning needs the complete schemas.
 */

import type { FieldError } from '../../../lib/result.ts';

type Common = {
  /** Put where the field is absent (or null, unless that is allowed). */
  readonly default?: unknown;
  readonly nullable?: 'nullable';
  /** What to write instead, for a person. */
  readonly fix?: string;
};

export type Schema = Common &
  (
    | { readonly type: 'any' }
    | { readonly type: 'boolean' }
    | { readonly type: 'integer'; readonly min?: number; readonly max?: number }
    | { readonly type: 'string'; readonly oneOf?: readonly string[]; readonly pattern?: string }
    /** A Kubernetes quantity: text or a number. */
    | { readonly type: 'quantity' }
    | { readonly type: 'list'; readonly items: Schema; readonly maxItems?: number }
    | { readonly type: 'map'; readonly values: Schema }
    | {
        readonly type: 'object';
        readonly fields: Readonly<Record<string, Schema>>;
        readonly required?: readonly string[];
      }
  );

const QUANTITY =
  /^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$/;

const INT32 = { min: -2_147_483_648, max: 2_147_483_647 };

/** An int32 of the wire; `min` and `max` narrow it. */
export function int32(
  options: { readonly min?: number; readonly max?: number; readonly default?: number } = {},
): Schema {
  return { type: 'integer', ...INT32, ...options };
}

/**
 * A copy of `value` with the schema's defaults filled in; parts of a wrong type are left as they are, for `checkSchema` to name.
 * Defaults come before the check for required fields, as in the API server. Never changes its argument. Cost: O(size of value).
 * Source: cluster-api 17.2.
 */
export function withSchemaDefaults(schema: Schema, value: unknown): unknown {
  if ((value === undefined || (value === null && schema.nullable === undefined)) && schema.default !== undefined) {
    return withSchemaDefaults(schema, schema.default);
  }
  if (typeof value !== 'object' || value === null) return value;
  switch (schema.type) {
    case 'object': {
      if (Array.isArray(value)) return value;
      const filled: Record<string, unknown> = { ...value };
      for (const [name, field] of Object.entries(schema.fields)) {
        const part = withSchemaDefaults(field, filled[name]);
        if (part !== undefined) filled[name] = part;
      }
      return filled;
    }
    case 'list':
      return Array.isArray(value) ? value.map((item: unknown) => withSchemaDefaults(schema.items, item)) : value;
    case 'map': {
      if (Array.isArray(value)) return value;
      return Object.fromEntries(
        Object.entries(value).map(([name, part]) => [name, withSchemaDefaults(schema.values, part)]),
      );
    }
    case 'any':
    case 'boolean':
    case 'integer':
    case 'string':
    case 'quantity':
      return value;
  }
}

/**
 * Everything in `value` that the schema refuses, in field order, worded like the API server. Total on any JSON.
 * Cost: O(size of value). Source: cluster-api 15, 17.2.
 */
export function checkSchema(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  if (value === null && schema.nullable !== undefined) return [];
  switch (schema.type) {
    case 'any':
      return [];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [wrongType(schema, value, path, 'boolean')];
    case 'integer':
      return checkInteger(schema, value, path);
    case 'string':
      return checkString(schema, value, path);
    case 'quantity':
      if (typeof value !== 'string' && typeof value !== 'number')
        return [wrongType(schema, value, path, 'integer,string')];
      return QUANTITY.test(String(value)) ? [] : [mismatch(schema, value, path, QUANTITY.source)];
    case 'list':
      if (!Array.isArray(value)) return [wrongType(schema, value, path, 'array')];
      if (schema.maxItems !== undefined && value.length > schema.maxItems) {
        const message = `Too many: ${value.length}: must have at most ${schema.maxItems} items`;
        return [fieldError(schema, { path, type: 'FieldValueTooMany', message })];
      }
      return value.flatMap((item: unknown, index) => checkSchema(schema.items, item, `${path}[${index}]`));
    case 'map':
      if (!isRecord(value)) return [wrongType(schema, value, path, 'object')];
      return Object.entries(value).flatMap(([name, part]) => checkSchema(schema.values, part, `${path}.${name}`));
    case 'object':
      return checkObject(schema, value, path);
  }
}

function checkObject(
  schema: Schema & { readonly type: 'object' },
  value: unknown,
  path: string,
): readonly FieldError[] {
  if (!isRecord(value)) return [wrongType(schema, value, path, 'object')];
  const errors: FieldError[] = [];
  for (const [name, field] of Object.entries(schema.fields)) {
    const part = value[name];
    const at = path === '' ? name : `${path}.${name}`;
    if (part !== undefined) errors.push(...checkSchema(field, part, at));
    else if (schema.required?.includes(name) === true) {
      errors.push(fieldError(field, { path: at, type: 'FieldValueRequired', message: 'Required value' }));
    }
  }
  return errors;
}

function checkInteger(
  schema: Schema & { readonly type: 'integer' },
  value: unknown,
  path: string,
): readonly FieldError[] {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [wrongType({ fix: 'write a whole number without quotes, such as 1', ...schema }, value, path, 'integer')];
  }
  const bound =
    schema.min !== undefined && value < schema.min
      ? `greater than or equal to ${schema.min}`
      : schema.max !== undefined && value > schema.max
        ? `less than or equal to ${schema.max}`
        : undefined;
  if (bound === undefined) return [];
  const message = `Invalid value: ${value}: ${path} in body should be ${bound}`;
  return [fieldError(schema, { path, type: 'FieldValueInvalid', message })];
}

function checkString(
  schema: Schema & { readonly type: 'string' },
  value: unknown,
  path: string,
): readonly FieldError[] {
  if (typeof value !== 'string') {
    const fix = typeof value === 'number' || typeof value === 'boolean' ? `put it in quotes: "${value}"` : 'write text';
    return [wrongType({ fix, ...schema }, value, path, 'string')];
  }
  if (schema.oneOf !== undefined && !schema.oneOf.includes(value)) {
    const supported = schema.oneOf.map((word) => JSON.stringify(word)).join(', ');
    const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
    return [fieldError(schema, { path, type: 'FieldValueNotSupported', message })];
  }
  if (schema.pattern === undefined || new RegExp(schema.pattern).test(value)) return [];
  return [mismatch(schema, value, path, schema.pattern)];
}

function mismatch(schema: Common, value: unknown, path: string, pattern: string): FieldError {
  const message = `Invalid value: ${JSON.stringify(value)}: ${path} in body should match '${pattern}'`;
  return fieldError(schema, { path, type: 'FieldValueInvalid', message });
}

function wrongType(schema: Common, value: unknown, path: string, wanted: string): FieldError {
  const found = JSON.stringify(typeName(value));
  const message = `Invalid value: ${found}: ${path} in body must be of type ${wanted}: ${found}`;
  return fieldError(schema, { path, type: 'FieldValueTypeInvalid', message });
}

function fieldError(schema: Common, error: FieldError): FieldError {
  return schema.fix === undefined ? error : { ...error, fix: schema.fix };
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
