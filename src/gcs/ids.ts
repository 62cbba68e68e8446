/** Binary ids on the wire, lower-case hex in the core. The real GCS process dies of a node id that is not 28 bytes long. */

import { GcsError } from '../ports/gcs-api.ts';

const NODE_ID = /^[0-9a-f]{56}$/;

/** Throws `TANDEM_GCS_INVALID` for anything that is not 56 lower-case hex digits: nothing else may reach a GCS. */
export function nodeIdBytes(hex: string): Uint8Array {
  if (!NODE_ID.test(hex))
    throw new GcsError('TANDEM_GCS_INVALID', `node id ${JSON.stringify(hex)} is not 56 hex digits`);
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function hexText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
