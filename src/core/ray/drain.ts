/** Asking Ray to stop nodes before their pods go: gracefully when idle, at once when there are too many. */

import { defined } from '../../lib/assert.ts';
import { ask, instantOf, type Asking, type Conversation } from './conversation.ts';
import { rowOf, type Instance } from './instances.ts';
import { advance, type Progress } from './reconcile.ts';
import { secondsText } from './seconds-text.ts';

export type DrainOutcome = {
  readonly progress: Progress;
  /** Why a row goes on running, by instance id. */
  readonly refusals: ReadonlyMap<string, string>;
};

/** Another length makes the GCS process abort. */
const NODE_ID = /^[0-9a-f]{56}$/;

/**
 * Drains rows that were asked to stop, in order. A node that refuses (it is busy again) or whose answer is lost runs on: if the drain
 * was heard after all, the next round reads it from the node's status. After a lost answer the rest waits for the next round.
 *
 * Bounds: one request per row.
 * Spec: RAY-28.1, RAY-28.2.   Source: v2/instance_manager/subscribers/ray_stopper.py (Ray 2.60.0).
 */
export function* drainNodes(
  conversation: Conversation,
  start: Progress,
  toDrain: readonly string[],
): Asking<DrainOutcome> {
  let progress = start;
  const refusals = new Map<string, string>();
  let lost: string | undefined;
  for (const instanceId of toDrain) {
    const refusal = lost ?? (yield* drainOne(conversation, rowOf(progress.table, instanceId)));
    if (refusal === undefined) continue;
    if (refusal.startsWith(LOST)) lost = refusal;
    refusals.set(instanceId, refusal);
    const details = `goes on: ${refusal}`;
    progress = advance(
      progress,
      [{ kind: 'transition', instanceId, to: 'RAY_RUNNING', details }],
      instantOf(conversation),
    );
  }
  return { progress, refusals };
}

const LOST = 'no answer';

/** The refusal, or undefined when the node stops. */
function* drainOne(conversation: Conversation, row: Instance): Asking<string | undefined> {
  const { nodeId } = row;
  if (!NODE_ID.test(nodeId)) return `${JSON.stringify(nodeId)} is no node id`;
  const termination = defined(row.termination, `the termination of instance ${row.instanceId}`);
  if (termination.cause !== 'IDLE') {
    const stopped = yield* ask(conversation, { kind: 'stop-nodes', nodeIds: [nodeId] });
    if (!stopped.ok) return failureText(stopped.error);
    return stopped.value.includes(nodeId) ? undefined : 'the GCS did not stop it';
  }
  const idle = secondsText(termination.idleDurationMs ?? 0);
  const result = yield* ask(conversation, {
    kind: 'drain-node',
    request: {
      nodeId,
      reason: 'IDLE_TERMINATION',
      reasonMessage: `Termination of node that's idle for ${idle} seconds.`,
      deadlineTimestampMs: 0,
    },
  });
  if (!result.ok) return failureText(result.error);
  return result.value.isAccepted ? undefined : result.value.rejectionReasonMessage || 'the GCS refused';
}

function failureText({ code, message }: { readonly code: number; readonly message: string }): string {
  return code === 0 ? `${LOST}: ${message}` : message;
}
