/** What goes with every call beside its message: which cluster is meant, and who calls. */

import { Metadata } from '@grpc/grpc-js';
import { GcsError } from '../ports/gcs-api.ts';

export const CLUSTER_ID_KEY = 'ray_cluster_id';
export const AUTHORIZATION_KEY = 'authorization';

/** Trailer of a refusal: the text for a person, as raw bytes. */
export const DETAILS_KEY = 'grpc-status-details-bin';

/** Throws `TANDEM_GCS_UNAUTHENTICATED` for a token that cannot be sent. */
export function callMetadata(caller: { readonly clusterId?: string; readonly token?: string }): Metadata {
  const metadata = new Metadata();
  if (caller.clusterId !== undefined) metadata.set(CLUSTER_ID_KEY, caller.clusterId);
  if (caller.token !== undefined) {
    if (!/^[\x21-\x7e]+$/.test(caller.token)) {
      const why = caller.token === '' ? 'is empty' : 'has characters that no header can carry';
      throw new GcsError('TANDEM_GCS_UNAUTHENTICATED', `the token for the GCS ${why}: check where it is read from`);
    }
    metadata.set(AUTHORIZATION_KEY, `Bearer ${caller.token}`);
  }
  return metadata;
}
