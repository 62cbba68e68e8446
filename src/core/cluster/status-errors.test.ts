import { describe, expect, test } from 'vitest';
import type { Status } from '../kube/object.ts';
import { DEPLOYMENTS, NAMESPACES, PODS } from '../kube/resource.ts';
import { invalidField, requiredField, unsupportedField } from './field-errors.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  continueExpired,
  expired,
  forbidden,
  invalid,
  nameNotGenerated,
  namespaceTerminating,
  notFound,
  otherUid,
  patchNotApplicable,
  resourceNotServed,
  staleVersion,
  tooManyOperations,
  versionOnCreate,
  versionTooLarge,
} from './status-errors.ts';

const HPA = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' };

describe('refusals: code, reason, message and details as clients test them', () => {
  test.each<{ readonly name: string; readonly in: Status; readonly want: Status }>([
    {
      name: 'bad request',
      in: badRequest('no such thing'),
      want: { code: 400, reason: 'BadRequest', message: 'no such thing' },
    },
    {
      name: 'forbidden',
      in: forbidden(NAMESPACES, 'default', 'this namespace may not be deleted'),
      want: {
        code: 403,
        reason: 'Forbidden',
        message: 'namespaces "default" is forbidden: this namespace may not be deleted',
        details: { name: 'default', kind: 'namespaces' },
      },
    },
    {
      name: 'a namespace on its way out',
      in: namespaceTerminating(DEPLOYMENTS, 'web', 'shop'),
      want: {
        code: 403,
        reason: 'Forbidden',
        message:
          'deployments.apps "web" is forbidden: unable to create new content in namespace shop because it is being terminated',
        details: {
          name: 'web',
          group: 'apps',
          kind: 'deployments',
          causes: [
            {
              reason: 'NamespaceTerminating',
              message: 'namespace shop is being terminated',
              field: 'metadata.namespace',
            },
          ],
        },
      },
    },
    {
      name: 'not found, core group',
      in: notFound(PODS, 'x'),
      want: { code: 404, reason: 'NotFound', message: 'pods "x" not found', details: { name: 'x', kind: 'pods' } },
    },
    {
      name: 'not found, named group',
      in: notFound(DEPLOYMENTS, 'x'),
      want: {
        code: 404,
        reason: 'NotFound',
        message: 'deployments.apps "x" not found',
        details: { name: 'x', group: 'apps', kind: 'deployments' },
      },
    },
    {
      name: 'nothing is served there',
      in: resourceNotServed(),
      want: { code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} },
    },
    {
      name: 'already exists',
      in: alreadyExists(PODS, 'x'),
      want: {
        code: 409,
        reason: 'AlreadyExists',
        message: 'pods "x" already exists',
        details: { name: 'x', kind: 'pods' },
      },
    },
    {
      name: 'already exists, and leaves',
      in: alreadyExists(PODS, 'x', 'object is being deleted: '),
      want: {
        code: 409,
        reason: 'AlreadyExists',
        message: 'object is being deleted: pods "x" already exists',
        details: { name: 'x', kind: 'pods' },
      },
    },
    {
      name: 'no free generated name',
      in: nameNotGenerated(PODS, 'x-'),
      want: {
        code: 409,
        reason: 'AlreadyExists',
        message: 'pods "x-" already exists, the server was not able to generate a unique name for the object',
        details: { name: 'x-', kind: 'pods', retryAfterSeconds: 1 },
      },
    },
    {
      name: 'conflict',
      in: conflict({ group: '', resource: 'pods/binding' }, 'x', 'pod x is already assigned to node "n"'),
      want: {
        code: 409,
        reason: 'Conflict',
        message: 'Operation cannot be fulfilled on pods/binding "x": pod x is already assigned to node "n"',
        details: { name: 'x', kind: 'pods/binding' },
      },
    },
    {
      name: 'stale resourceVersion',
      in: staleVersion(DEPLOYMENTS, 'x'),
      want: {
        code: 409,
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on deployments.apps "x": the object has been modified; please apply your changes to the latest version and try again',
        details: { name: 'x', group: 'apps', kind: 'deployments' },
      },
    },
    {
      name: 'another uid',
      in: otherUid(PODS, 'x', { asked: 'a', is: 'b' }),
      want: {
        code: 409,
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on pods "x": Precondition failed: UID in precondition: a, UID in object meta: b',
        details: { name: 'x', kind: 'pods' },
      },
    },
    {
      name: 'history that is gone',
      in: expired(3, 17),
      want: { code: 410, reason: 'Expired', message: 'too old resource version: 3 (17)' },
    },
    {
      name: 'one invalid field',
      in: invalid(HPA, 'x', [requiredField('spec.maxReplicas', 'must be set and greater than 0')]),
      want: {
        code: 422,
        reason: 'Invalid',
        message:
          'HorizontalPodAutoscaler.autoscaling "x" is invalid: spec.maxReplicas: Required value: must be set and greater than 0',
        details: {
          name: 'x',
          group: 'autoscaling',
          kind: 'HorizontalPodAutoscaler',
          causes: [
            {
              reason: 'FieldValueRequired',
              message: 'Required value: must be set and greater than 0',
              field: 'spec.maxReplicas',
            },
          ],
        },
      },
    },
    {
      name: 'two invalid fields',
      in: invalid({ group: '', kind: 'Pod' }, 'x', [
        invalidField('spec.a', -1, 'must be greater than or equal to 0'),
        unsupportedField('spec.b', 'Z', ['B', 'A']),
      ]),
      want: {
        code: 422,
        reason: 'Invalid',
        message:
          'Pod "x" is invalid: [spec.a: Invalid value: -1: must be greater than or equal to 0, spec.b: Unsupported value: "Z": supported values: "A", "B"]',
        details: {
          name: 'x',
          kind: 'Pod',
          causes: [
            {
              reason: 'FieldValueInvalid',
              message: 'Invalid value: -1: must be greater than or equal to 0',
              field: 'spec.a',
            },
            {
              reason: 'FieldValueNotSupported',
              message: 'Unsupported value: "Z": supported values: "A", "B"',
              field: 'spec.b',
            },
          ],
        },
      },
    },
    {
      name: 'a JSON patch that does not apply',
      in: patchNotApplicable(),
      want: {
        code: 422,
        reason: 'Invalid',
        message: 'the server rejected our request due to an error in our request',
        details: {},
      },
    },
    {
      name: 'a JSON patch that is too long',
      in: tooManyOperations(10_001, 10_000),
      want: {
        code: 413,
        reason: 'RequestEntityTooLarge',
        message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
      },
    },
    {
      name: 'a version on create',
      in: versionOnCreate(),
      want: { code: 500, reason: '', message: 'resourceVersion should not be set on objects to be created' },
    },
    {
      name: 'a version from the future',
      in: versionTooLarge(9, 5),
      want: {
        code: 504,
        reason: 'Timeout',
        message: 'Too large resource version: 9, current: 5',
        details: {
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
          retryAfterSeconds: 1,
        },
      },
    },
  ])('$name', ({ in: status, want }) => {
    expect(status).toEqual(want);
  });

  test('an old continue token is expired too', () => {
    expect(continueExpired()).toMatchObject({ code: 410, reason: 'Expired' });
  });
});
