/** What refusals and broken connections become. */

import { describe, expect, test } from 'vitest';
import { connectionFailure, refusal, watchRefusal, type RefusedAnswer } from './refusal.ts';

const PODS = { group: 'metrics.k8s.io', resource: 'pods', name: '' };

function refused(answer: Partial<RefusedAnswer> & { readonly code: number }): ReturnType<typeof refusal> {
  const common = { method: 'GET', subject: PODS, contentType: 'text/plain', body: 'why', retryAfterSeconds: undefined };
  return refusal({ ...common, ...answer });
}

describe('refusals', () => {
  test("HPA-20.17: the server's Status says it all", () => {
    const status = {
      kind: 'Status',
      status: 'Failure',
      message: 'pods "p" is forbidden: no',
      reason: 'Forbidden',
      code: 403,
      details: { name: 'p', kind: 'pods', causes: [{ reason: 'X', message: 'm', field: 'f' }, 'nonsense'] },
    };
    const error = refused({ code: 403, contentType: 'application/json', body: JSON.stringify(status) });
    expect(error).toMatchObject({ code: 'TANDEM_KUBE_FORBIDDEN', message: 'pods "p" is forbidden: no' });
    expect(error.status).toEqual({
      code: 403,
      reason: 'Forbidden',
      message: 'pods "p" is forbidden: no',
      details: { name: 'p', kind: 'pods', causes: [{ reason: 'X', message: 'm', field: 'f' }] },
    });
  });

  test.each([
    [400, 'BadRequest', 'the server rejected our request for an unknown reason'],
    [401, 'Unauthorized', 'the server has asked for the client to provide credentials'],
    [403, 'Forbidden', 'why'],
    [404, 'NotFound', 'the server could not find the requested resource'],
    [405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'],
    [406, 'NotAcceptable', 'why'],
    [409, 'Conflict', 'the server reported a conflict'],
    [415, 'UnsupportedMediaType', 'why'],
    [418, '', 'the server responded with the status code 418 but did not return more information'],
    [422, 'Invalid', 'the server rejected our request due to an error in our request'],
    [429, 'TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
    [500, 'InternalError', 'an error on the server ("why") has prevented the request from succeeding'],
    [503, 'ServiceUnavailable', 'the server is currently unable to handle the request'],
    [
      504,
      'Timeout',
      'the server was unable to return a response in the time allotted, but may still be processing the request',
    ],
  ])('HPA-20.17: a bare %i is %s', (code, reason, message) => {
    const { status } = refused({ code });
    expect(status).toMatchObject({ code, reason, message: `${message} (get pods.metrics.k8s.io)` });
  });

  test('HPA-20.17: a body that is not text is called unknown, a long one is cut', () => {
    const binary = refused({ code: 500, contentType: 'application/octet-stream' });
    expect(binary.message).toContain('("unknown")');
    expect(refused({ code: 406, contentType: 'image/png' }).message).toContain(
      'a content type that the client supports',
    );
    const long = refused({ code: 403, body: ` ${'x'.repeat(5000)} ` });
    expect(long.message).toBe(`${'x'.repeat(2047)} (get pods.metrics.k8s.io)`);
  });

  test('a conflict of a create is that the object exists', () => {
    expect(refused({ code: 409, method: 'POST' }).code).toBe('TANDEM_KUBE_ALREADY_EXISTS');
  });

  test.each([
    [{ group: '', resource: 'deployments', name: 'web' }, 'PUT', '(put deployments web)'],
    [
      { group: 'custom.metrics.k8s.io', resource: 'services', name: '*' },
      'GET',
      '(get services.custom.metrics.k8s.io *)',
    ],
    [{ group: '', resource: '', name: '' }, 'GET', 'resource'],
  ])('HPA-20.18: the subject %o is shown', (subject, method, end) => {
    expect(refused({ code: 404, subject, method }).message).toMatch(new RegExp(`${end.replace(/[()*.]/g, '\\$&')}$`));
  });

  test('an ERROR event of a watch is its Status', () => {
    const error = watchRefusal({
      kind: 'Status',
      code: 410,
      reason: 'Expired',
      message: 'too old resource version: 1 (9)',
    });
    expect(error).toMatchObject({ code: 'TANDEM_KUBE_EXPIRED', status: { code: 410, reason: 'Expired' } });
    expect(watchRefusal('nonsense').status.code).toBe(0);
  });
});

describe('broken connections', () => {
  const where = { server: 'https://kube:6443', origin: 'kubeconfig /c, context "x"' };

  test('name the server and where its address comes from', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6443'), { code: 'ECONNREFUSED' });
    expect(connectionFailure(where, error)).toMatchObject({
      code: 'TANDEM_KUBE_UNAVAILABLE',
      status: { code: 0 },
      message:
        'the connection to the API server https://kube:6443 (kubeconfig /c, context "x") failed: connect ECONNREFUSED 10.0.0.1:6443',
    });
  });

  test('to several addresses say why each failed', () => {
    const both = new AggregateError([
      new Error('connect ECONNREFUSED ::1:1'),
      new Error('connect ECONNREFUSED 127.0.0.1:1'),
    ]);
    expect(connectionFailure(where, both).message).toMatch(/failed: .*::1:1, .*127\.0\.0\.1:1$/);
  });
});
