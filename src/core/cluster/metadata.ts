/** What `metadata` may hold: names, labels, annotations, owners, finalizers. The same for every kind (cluster-api 8.1). */

import type { KubeObject, ObjectMeta, OwnerReference } from '../kube/object.ts';
import { keyProblems, valueProblems } from '../selector/label-syntax.ts';
import type { FieldError } from '../../lib/result.ts';
import { forbiddenField, invalidField, requiredField, tooLongField } from './field-errors.ts';
import { checkSchema, type Schema } from './kinds/schema.ts';

export type NameRule = 'dns-1123-subdomain' | 'dns-1123-label';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const RULES = {
  'dns-1123-label': {
    pattern: new RegExp(`^${LABEL}$`),
    maximum: 63,
    text:
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
      `alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
  },
  'dns-1123-subdomain': {
    pattern: new RegExp(`^${LABEL}(\\.${LABEL})*$`),
    maximum: 253,
    text:
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
      `alphanumeric character (e.g. 'example.com', regex used for validation is '${LABEL}(\\.${LABEL})*')`,
  },
} as const satisfies Record<NameRule, unknown>;

const MAX_ANNOTATION_BYTES = 262_144;

const TEXT: Schema = { type: 'string' };
const TEXTS: Schema = { type: 'map', values: TEXT };

const METADATA: Schema = {
  type: 'object',
  fields: {
    name: TEXT,
    generateName: TEXT,
    namespace: TEXT,
    uid: TEXT,
    resourceVersion: TEXT,
    labels: TEXTS,
    annotations: TEXTS,
    finalizers: { type: 'list', items: TEXT },
    ownerReferences: {
      type: 'list',
      items: {
        type: 'object',
        fields: {
          apiVersion: TEXT,
          kind: TEXT,
          name: TEXT,
          uid: TEXT,
          controller: { type: 'boolean' },
          blockOwnerDeletion: { type: 'boolean' },
        },
      },
    },
  },
};

/** Parts of the metadata that have a wrong JSON type. Everything else here may be called only when there are none. */
export function metadataTypeErrors(metadata: unknown): readonly FieldError[] {
  return checkSchema(METADATA, metadata, 'metadata');
}

/**
 * What is wrong with a name; empty when nothing is.
 *
 * Source: apimachinery pkg/util/validation/validation.go IsDNS1123Label, IsDNS1123Subdomain (v0.37.2).
 */
export function nameProblems(name: string, rule: NameRule): readonly string[] {
  const { pattern, maximum, text } = RULES[rule];
  const problems: string[] = [];
  if (name.length > maximum) problems.push(`must be no more than ${maximum} characters`);
  if (!pattern.test(name)) {
    const onlyDots = rule === 'dns-1123-label' && RULES['dns-1123-subdomain'].pattern.test(name);
    problems.push(onlyDots ? 'must not contain dots' : text);
  }
  return problems;
}

/**
 * Everything wrong with the metadata of an object that is about to be stored, in field order.
 *
 * Cost: O(labels + annotations + owners + finalizers).
 * Source: apimachinery pkg/api/validation/objectmeta.go (v0.37.2).
 */
export function validateMetadata(metadata: ObjectMeta, rule: NameRule): readonly FieldError[] {
  return [
    ...nameProblems(metadata.name, rule).map((problem) => invalidField('metadata.name', metadata.name, problem)),
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations),
    ...validateOwners(metadata.ownerReferences ?? []),
    ...(metadata.finalizers ?? []).flatMap((finalizer, i) =>
      keyProblems(finalizer).map((problem) => invalidField(`metadata.finalizers[${i}]`, finalizer, problem)),
    ),
  ];
}

/** Label keys are qualified names, values at most 63 characters of a small alphabet. */
export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: string,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const problem of keyProblems(key)) errors.push(invalidField(path, key, problem));
    for (const problem of valueProblems(value)) errors.push(invalidField(path, value, problem));
  }
  return errors;
}

/** Everything wrong with a change of metadata: no finalizer is added to what is being deleted. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject): readonly FieldError[] {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const before = new Set(old.metadata.finalizers);
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (added.length === 0) return [];
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return [forbiddenField('metadata.finalizers', why)];
}

function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const problem of keyProblems(key.toLowerCase()))
      errors.push(invalidField('metadata.annotations', key, problem));
    bytes += utf8Bytes(key) + utf8Bytes(value);
  }
  if (bytes > MAX_ANNOTATION_BYTES) errors.push(tooLongField('metadata.annotations', MAX_ANNOTATION_BYTES));
  return errors;
}

const API_VERSION = /^([^/]*\/)?[^/]+$/;

/** Events cannot own: they would keep what they tell of alive. */
function isEvent({ apiVersion, kind }: OwnerReference): boolean {
  return kind === 'Event' && (apiVersion === 'v1' || apiVersion === '/v1');
}

function bannedOwner(owner: OwnerReference, path: string): FieldError {
  const { apiVersion, kind, name, uid, controller, blockOwnerDeletion } = owner;
  const shown = JSON.stringify({ apiVersion, kind, name, uid, controller, blockOwnerDeletion });
  const message = `Invalid value: ${shown}: /v1, Kind=Event is disallowed from being an owner`;
  return { path, type: 'FieldValueInvalid', message };
}

function validateOwners(owners: readonly OwnerReference[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  let controller: OwnerReference | undefined;
  for (const [i, owner] of owners.entries()) {
    const path = `metadata.ownerReferences[${i}]`;
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      // types say present, objects from outside may lack it
      if ((owner[field] ?? '') === '') errors.push(requiredField(`${path}.${field}`, 'must not be empty'));
      else if (field === 'apiVersion' && !API_VERSION.test(owner.apiVersion)) {
        errors.push(invalidField(`${path}.apiVersion`, owner.apiVersion, 'must be <group>/<version> or <version>'));
      }
    }
    if (isEvent(owner)) errors.push(bannedOwner(owner, path));
    if (owner.controller !== true) continue;
    if (controller !== undefined) {
      const why =
        'Only one reference can have Controller set to true. ' +
        `Found "true" in references for ${controller.kind}/${controller.name} and ${owner.kind}/${owner.name}`;
      errors.push(invalidField('metadata.ownerReferences', owner.name, why));
    }
    controller = owner;
  }
  return errors;
}

/** Bytes of UTF-8. */
function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}
