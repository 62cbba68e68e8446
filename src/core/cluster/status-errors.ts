/**
 * The `Status` of every refusal of the embedded API server: reason, code and wording as clients test and print them (cluster-api 15).
 * Builders only: who throws them, and when, is the store's business.
 */

import type { Status } from '../kube/object.ts';
import { groupResourceText, type GroupResource } from '../kube/resource.ts';
import type { FieldError } from '../../lib/result.ts';

type Cause = NonNullable<NonNullable<Status['details']>['causes']>[number];

/** 400: the request makes no sense as it stands. */
export function badRequest(message: string): Status {
  return { code: 400, reason: 'BadRequest', message };
}

/** 403 `pods "x" is forbidden: <why>`. */
export function forbidden(resource: GroupResource, name: string, why: string, causes: readonly Cause[] = []): Status {
  const what = name === '' ? groupResourceText(resource) : `${groupResourceText(resource)} "${name}"`;
  return {
    code: 403,
    reason: 'Forbidden',
    message: `${what} is forbidden: ${why}`,
    details: { ...detailsOf(resource, name), ...(causes.length === 0 ? {} : { causes }) },
  };
}

/** 403 for an object that would be created in a namespace on its way out. */
export function namespaceTerminating(resource: GroupResource, name: string, namespace: string): Status {
  const message = `namespace ${namespace} is being terminated`;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  return forbidden(resource, name, why, [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]);
}

/** 404 `pods "x" not found`. */
export function notFound(resource: GroupResource, name: string): Status {
  const message = `${groupResourceText(resource)} "${name}" not found`;
  return { code: 404, reason: 'NotFound', message, details: detailsOf(resource, name) };
}

/** 404 for a path that no kind or subresource is served at. */
export function resourceNotServed(): Status {
  return { code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} };
}

/** 409 `pods "x" already exists`; `prefix` says more about the one that is there. */
export function alreadyExists(resource: GroupResource, name: string, prefix = ''): Status {
  const message = `${prefix}${groupResourceText(resource)} "${name}" already exists`;
  return { code: 409, reason: 'AlreadyExists', message, details: detailsOf(resource, name) };
}

/** 409 when eight generated names were all taken. */
export function nameNotGenerated(resource: GroupResource, generateName: string): Status {
  const message =
    `${groupResourceText(resource)} "${generateName}" already exists, ` +
    'the server was not able to generate a unique name for the object';
  return {
    code: 409,
    reason: 'AlreadyExists',
    message,
    details: { ...detailsOf(resource, generateName), retryAfterSeconds: 1 },
  };
}

/** 409 `Operation cannot be fulfilled on pods "x": <why>`. */
export function conflict(resource: GroupResource, name: string, why: string): Status {
  const message = `Operation cannot be fulfilled on ${groupResourceText(resource)} "${name}": ${why}`;
  return { code: 409, reason: 'Conflict', message, details: detailsOf(resource, name) };
}

/** 409 for a write that carries an old resourceVersion. */
export function staleVersion(resource: GroupResource, name: string): Status {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(resource, name, why);
}

/** 409 for a write or a deletion that names another uid than the object has. */
export function otherUid(
  resource: GroupResource,
  name: string,
  uids: { readonly asked: string; readonly is: string },
): Status {
  return conflict(
    resource,
    name,
    `Precondition failed: UID in precondition: ${uids.asked}, UID in object meta: ${uids.is}`,
  );
}

/** 409 for a deletion whose resourceVersion precondition does not hold. */
export function otherVersion(
  resource: GroupResource,
  name: string,
  versions: { readonly asked: string; readonly is: string },
): Status {
  const why = `Precondition failed: ResourceVersion in precondition: ${versions.asked}, ResourceVersion in object meta: ${versions.is}`;
  return conflict(resource, name, why);
}

/** 410 for a watch from, or a list at, a version whose history is gone; `oldest` is the first that can still be asked for. */
export function expired(asked: number, oldest: number): Status {
  return { code: 410, reason: 'Expired', message: `too old resource version: ${asked} (${oldest})` };
}

/** 410 for a `continue` token whose snapshot is gone. */
export function continueExpired(): Status {
  const message =
    'The provided continue parameter is too old to display a consistent list result. ' +
    'You must start a new list without the continue parameter.';
  return { code: 410, reason: 'Expired', message };
}

/**
 * 422 `Pod "x" is invalid: spec.containers: Required value`; several faults as a list in brackets.
 * `details.kind` is the Kind, unlike everywhere else.
 */
export function invalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): Status {
  const texts = errors.map((error) => `${error.path}: ${error.message}`);
  const what = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return {
    code: 422,
    reason: 'Invalid',
    message: `${what} "${name}" is invalid: ${list}`,
    details: {
      name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.kind,
      causes: errors.map(({ path, type, message }) => ({ reason: type, message, field: path })),
    },
  };
}

/** 422 for a JSON patch that does not apply: a failed `test`, a path that leads nowhere. */
export function patchNotApplicable(): Status {
  const message = 'the server rejected our request due to an error in our request';
  return { code: 422, reason: 'Invalid', message, details: {} };
}

/** 413 for a JSON patch with more operations than the server takes. */
export function tooManyOperations(count: number, maximum: number): Status {
  const message = `The allowed maximum operations in a JSON patch is ${maximum}, got ${count}`;
  return { code: 413, reason: 'RequestEntityTooLarge', message };
}

/** 500 for an object that is created with a resourceVersion; the original leaves the reason empty. */
export function versionOnCreate(): Status {
  return { code: 500, reason: '', message: 'resourceVersion should not be set on objects to be created' };
}

/** 504 for a version that the server has not reached. */
export function versionTooLarge(asked: number, current: number): Status {
  return {
    code: 504,
    reason: 'Timeout',
    message: `Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  };
}

function detailsOf(resource: GroupResource, name: string): NonNullable<Status['details']> {
  return { name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.resource };
}
