/** What both ends of a connection to a GCS share. */

import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';

/** As Ray's own server and client allow; gRPC's default of 4 MiB is too little for a state with thousands of nodes. */
export const MESSAGE_LIMIT_BYTES: number = 512 * 1024 * 1024;

/** The library prints beside every log what the caller is told anyway, with a code. */
export function silenceLibrary(): void {
  setLogVerbosity(logVerbosity.NONE);
}
