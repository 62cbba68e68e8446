/** What a call that failed is to a conversation: an answer. */

import type { Failure } from '../core/hpa/conversation.ts';
import { TandemError } from '../lib/error.ts';
import { KubeError } from '../ports/kube-api.ts';

/** A refusal in the server's words; a lost or late answer in ours. Anything else is a defect and goes on. */
export function failureOf(error: unknown): Failure {
  if (error instanceof KubeError) {
    const { code, reason, message } = error.status;
    return { code, reason, message };
  }
  if (error instanceof TandemError) return { code: 0, reason: '', message: error.message };
  throw error;
}
