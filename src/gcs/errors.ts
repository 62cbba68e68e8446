/** The GCS's ways to say no, as coded errors, and back for the server's side. Table in the specification: ray-wire 1.3. */

import { Metadata, status as Code, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { errorText } from '../lib/error.ts';
import type { ErrorCode } from '../lib/error-codes.ts';
import { GcsError } from '../ports/gcs-api.ts';
import type { GcsStatus } from './gen/gcs_service.ts';
import { DETAILS_KEY } from './metadata.ts';

/** `GcsStatus.code` of a key or a node that is not there. */
export const NOT_FOUND = 17;
/** `GcsStatus.code` of a request that makes no sense. */
const INVALID = 4;

type Meaning = { readonly code: ErrorCode; readonly did: string };

const REFUSED: Meaning = { code: 'TANDEM_GCS_INVALID', did: 'refused the request' };
const STRANGER: Meaning = { code: 'TANDEM_GCS_UNAUTHENTICATED', did: 'does not accept this caller' };
/** UNAVAILABLE, and whatever leaves open whether the request took effect. */
const UNREACHABLE: Meaning = { code: 'TANDEM_GCS_UNAVAILABLE', did: 'cannot be reached' };

const MEANINGS: ReadonlyMap<Code, Meaning> = new Map([
  [Code.UNAUTHENTICATED, STRANGER],
  [Code.PERMISSION_DENIED, STRANGER],
  [Code.UNIMPLEMENTED, { code: 'TANDEM_GCS_UNIMPLEMENTED', did: 'does not know this call' }],
  [Code.DEADLINE_EXCEEDED, { code: 'TANDEM_DEADLINE', did: 'did not answer in time' }],
  [Code.ABORTED, REFUSED],
  [Code.INVALID_ARGUMENT, REFUSED],
  [Code.NOT_FOUND, REFUSED],
  [Code.ALREADY_EXISTS, REFUSED],
  [Code.FAILED_PRECONDITION, REFUSED],
  [Code.OUT_OF_RANGE, REFUSED],
]);

/** A call that ended with anything but OK. `where` is the address, for the sentence. */
export function fromServiceError(error: ServiceError, where: string): GcsError {
  const { code, did } = MEANINGS.get(error.code) ?? UNREACHABLE;
  return new GcsError(code, `the GCS at ${where} ${did}: ${detailsOf(error)}`, { cause: error });
}

/** Ray puts the name of its status into the message and the text into a trailer. */
function detailsOf(error: ServiceError): string {
  const [trailer] = error.metadata?.get(DETAILS_KEY) ?? [];
  const details = withNoGrpc(withoutDebris(error.details));
  return trailer === undefined ? details : `${details}: ${Buffer.from(trailer).toString('utf8')}`;
}

/** What the library adds for itself: how far it got, its resolver's note even when there is none, and times that differ in every try. */
function withoutDebris(details: string): string {
  return details
    .replace(/^No connection established\. Last error: /, '')
    .replace(/^Error: /, '')
    .replace(/\.? Resolution note:.*$/s, '')
    .replaceAll(/ ?\(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, '')
    .replace(/^Deadline exceeded after .*$/s, 'deadline exceeded');
}

/** What the library says of something that speaks HTTP, but no gRPC, needs a word more. */
function withNoGrpc(details: string): string {
  return details.replace(/^(Received HTTP status code \d+|Protocol error)$/, '$1, so what answers there is no GCS');
}

/** The older services answer OK and say no in the reply. Absent or 0: nothing is wrong. */
export function checkStatus(status: GcsStatus | undefined, where: string): void {
  if (status === undefined || status.code === 0) return;
  throw new GcsError(
    'TANDEM_GCS_INVALID',
    `the GCS at ${where} refused the request: ${status.message} (code ${status.code})`,
  );
}

/** An answer that is not what its type says. */
export function unreadableReply(what: string, where: string, cause: unknown): GcsError {
  const message = `the GCS at ${where} answered ${what} with bytes that are not its reply: ${errorText(cause)}`;
  return new GcsError('TANDEM_GCS_INVALID', message, { cause });
}

const STATUS_OF: ReadonlyMap<ErrorCode, Code> = new Map([
  ['TANDEM_GCS_UNAUTHENTICATED', Code.UNAUTHENTICATED],
  ['TANDEM_GCS_UNIMPLEMENTED', Code.UNIMPLEMENTED],
  ['TANDEM_GCS_UNAVAILABLE', Code.UNAVAILABLE],
  ['TANDEM_DEADLINE', Code.DEADLINE_EXCEEDED],
]);

/** What a server of the newer services answers for `error`. */
export function toStatusObject(error: unknown): StatusObject {
  const metadata = new Metadata();
  const details = errorText(error);
  if (error instanceof GcsError && error.code === 'TANDEM_GCS_INVALID') {
    metadata.set(DETAILS_KEY, Buffer.from(details, 'utf8'));
    return { code: Code.ABORTED, details: 'Invalid', metadata };
  }
  const code = error instanceof GcsError ? STATUS_OF.get(error.code) : undefined;
  return { code: code ?? Code.UNKNOWN, details, metadata };
}

/** What a server of the older services says in its reply; undefined when the call itself must fail. */
export function toGcsStatus(error: unknown): GcsStatus | undefined {
  return error instanceof GcsError && error.code === 'TANDEM_GCS_INVALID'
    ? { code: INVALID, message: error.message }
    : undefined;
}
