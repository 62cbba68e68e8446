/** One call and one answer: deadline, abort, and errors by code. */

import type { Client, Metadata } from '@grpc/grpc-js';
import type { DurationMs } from '../core/time/time.ts';
import { fromServiceError, unreadableReply } from './errors.ts';
import type { Method } from './methods.ts';

export type UnaryOptions = {
  readonly client: Client;
  /** The address, for messages. */
  readonly where: string;
  readonly metadata: Metadata;
  /** On the machine's clock, as gRPC counts. */
  readonly timeout: DurationMs;
  readonly signal: AbortSignal;
};

const asBytes = (bytes: Buffer): Buffer => bytes;

/** Rejects with a GcsError, or with the signal's reason when aborted: then the call is cancelled and its answer dropped. */
export function unary<Request, Reply>(
  method: Method<Request, Reply>,
  request: Request,
  { client, where, metadata, timeout, signal }: UnaryOptions,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const bytes = Buffer.from(method.request.encode(request).finish());
    // the library takes an instant of the machine's clock and knows no other: the exception that clock/real-clock.ts names
    const deadline = Date.now() + timeout;
    const call = client.makeUnaryRequest(
      method.path,
      asBytes,
      asBytes,
      bytes,
      metadata,
      { deadline },
      (error, reply) => {
        signal.removeEventListener('abort', abort);
        if (error !== null) return reject(fromServiceError(error, where));
        try {
          resolve(method.reply.decode(reply ?? Buffer.alloc(0)));
        } catch (cause) {
          reject(unreadableReply(method.path, where, cause));
        }
      },
    );
    const abort = (): void => {
      reject(signal.reason);
      call.cancel();
    };
    signal.addEventListener('abort', abort, { once: true });
  });
}
