/** What the API server's refusals and broken connections become: a {@link KubeError} whose message says what happened. */

import { errorText } from '../lib/error.ts';
import type { Status } from '../core/kube/object.ts';
import { genericRefusal } from '../core/kube/generic-refusal.ts';
import { KubeError } from '../ports/kube-api.ts';
import { isRecord, recordsOf, textOf, type JsonRecord } from './json-shape.ts';
import type { Subject } from './paths.ts';

export type RefusedAnswer = {
  readonly code: number;
  readonly method: string;
  readonly subject: Subject;
  readonly contentType: string | undefined;
  readonly body: string;
  readonly retryAfterSeconds: number | undefined;
};

/** More of a body that is not a Status is of no use in a message. */
const BODY_TEXT_BYTES = 2048;

/** Spec: HPA-20.17. The server's Status where there is one, else a text by code. */
export function refusal(answer: RefusedAnswer): KubeError {
  const status = statusInBody(answer.body);
  return new KubeError(status === undefined ? genericStatus(answer) : statusOf(status, answer.code));
}

/** The error that an `ERROR` event of a watch carries. */
export function watchRefusal(object: unknown): KubeError {
  if (!isRecord(object)) return brokenAnswer('an ERROR event of a watch carries no Status');
  return new KubeError(statusOf(object, 500));
}

/** A body that was promised to be JSON of a certain form and is not. Spec: HPA-20.21. */
export function brokenAnswer(why: string, options?: { readonly cause?: unknown }): KubeError {
  return new KubeError({ code: 0, reason: '', message: `couldn't get version/kind; ${why}` }, options);
}

function statusInBody(body: string): JsonRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) && parsed['kind'] === 'Status' && parsed['status'] !== 'Success' ? parsed : undefined;
  } catch {
    return undefined; // not JSON: the text by code says it
  }
}

function statusOf(body: JsonRecord, httpCode: number): Status {
  const code = typeof body['code'] === 'number' && body['code'] > 0 ? body['code'] : httpCode;
  return {
    code,
    reason: textOf(body, 'reason') ?? '',
    message: textOf(body, 'message') ?? '',
    ...(isRecord(body['details']) ? { details: detailsOf(body['details']) } : {}),
  };
}

function detailsOf(details: JsonRecord): NonNullable<Status['details']> {
  const text = (member: 'name' | 'group' | 'kind' | 'uid'): Partial<Record<typeof member, string>> => {
    const value = textOf(details, member);
    return value === undefined ? {} : { [member]: value };
  };
  const { retryAfterSeconds } = details;
  const causes = recordsOf(details, 'causes').map((cause) => {
    const [reason, field] = [textOf(cause, 'reason'), textOf(cause, 'field')];
    return {
      ...(reason === undefined ? {} : { reason }),
      message: textOf(cause, 'message') ?? '',
      ...(field === undefined ? {} : { field }),
    };
  });
  return {
    ...text('name'),
    ...text('group'),
    ...text('kind'),
    ...text('uid'),
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
    ...(causes.length === 0 ? {} : { causes }),
  };
}

function genericStatus(answer: RefusedAnswer): Status {
  const { code, method, subject, retryAfterSeconds } = answer;
  const body = bodyText(answer);
  const { group, resource, name } = subject;
  return {
    code,
    ...genericRefusal({ code, method, subject, bodyText: body }),
    details: {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      ...(resource === '' ? {} : { kind: resource }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      causes: [{ reason: 'UnexpectedServerResponse', message: body }],
    },
  };
}

function bodyText({ contentType, body }: RefusedAnswer): string {
  const isText = contentType === undefined || contentType === '' || contentType.startsWith('text/');
  return isText ? Buffer.from(body).subarray(0, BODY_TEXT_BYTES).toString().trim() : 'unknown';
}

export type Unreachable = {
  readonly server: string;
  /** Where the connection comes from, for the fix. */
  readonly origin: string;
};

/** A request that got no answer, or lost it on the way. `error` is what the transport threw. */
export function connectionFailure({ server, origin }: Unreachable, error: unknown): KubeError {
  const code = errorCodeOf(error);
  const message = CERTIFICATE_CODES.has(code)
    ? `the certificate of the API server ${server} is not accepted: ${innermostText(error)}; check the CA and the server's name in ${origin}`
    : `the connection to the API server ${server} (${origin}) failed: ${innermostText(error)}`;
  return new KubeError({ code: 0, reason: '', message }, { cause: error });
}

const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** A connection that was cut after the request had been sent. */
export function isConnectionReset(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(errorCodeOf(error));
}

function errorCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Trying several addresses fails with an error of its own that has no text, only a list. */
function innermostText(error: unknown): string {
  const causes: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  return [...new Set(causes.map(errorText))].join(', ');
}
