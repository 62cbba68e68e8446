/** Writing the scale, with the one retry loop of a sync. */

import { err, ok, type Result } from '../../lib/result.ts';
import type { Scale } from '../kube/apps.ts';
import type { GroupVersionResource } from '../kube/resource.ts';
import { durationMs } from '../time/time.ts';
import { ask, type Asking, type Failure } from './conversation.ts';
import { handleError, type SyncDraft } from './draft.ts';
import { readableScale, type ReadScale } from './scale-target.ts';

/** A scale and where it is served. */
export type Target = ReadScale & { readonly resource: GroupVersionResource };

const MAX_TRIES = 5;
const PAUSE = { kind: 'pause', afterMs: durationMs(10), jitter: 0.1 } as const;

/**
 * Sets `spec.replicas` of the scale as it was read, under its optimistic lock. After every failed write the scale is read again; only
 * a conflict is tried again, five times in all, with the same number.
 *
 * Bounds: 5 writes, 5 reads, 4 pauses.
 * Spec: HPA-3.8, HPA-3.10, HPA-3.11.   Source: horizontal.go updateScaleWithRetry (v1.37.2).
 */
export function* writeScale(
  draft: SyncDraft,
  target: Target,
  desiredReplicas: number,
): Asking<Result<undefined, Failure>> {
  const { resource } = target;
  const { namespace } = draft.key;
  const readKey = { namespace, name: draft.hpa.spec.scaleTargetRef.name };
  let scale = target.scale;
  for (let tries = 1; ; tries++) {
    // 0 is left out, as Go's omitempty does; absent means 0
    const sending: Scale = { ...scale, spec: desiredReplicas === 0 ? {} : { replicas: desiredReplicas } };
    const key = { namespace, name: scale.metadata.name };
    const put = readable(yield* ask(draft, { kind: 'put-scale', resource, key, scale: sending }));
    if (put.ok) return ok(undefined);
    const again = readable(yield* ask(draft, { kind: 'get-scale', resource, key: readKey }));
    if (again.ok) scale = again.value.scale;
    else
      handleError(
        draft,
        `error getting latest scale for ${draft.reference} during conflict retry: ${again.error.message}`,
      );
    if (!isConflict(put.error) || tries === MAX_TRIES) return put;
    yield* ask(draft, PAUSE);
  }
}

/** An answer that cannot be converted is a failed request. Spec: HPA-3.6b, HPA-3.7. */
export function readable(answer: Result<Scale, Failure>): Result<ReadScale, Failure> {
  if (!answer.ok) return answer;
  const scale = readableScale(answer.value);
  return scale.ok ? scale : err({ code: 0, reason: '', message: scale.error });
}

/** Reasons that the client library knows; any other one leaves it to the code. */
const KNOWN_REASONS: ReadonlySet<string> = new Set([
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Gone',
  'Invalid',
  'ServerTimeout',
  'StorageReadError',
  'Timeout',
  'TooManyRequests',
  'BadRequest',
  'MethodNotAllowed',
  'NotAcceptable',
  'RequestEntityTooLarge',
  'UnsupportedMediaType',
  'InternalError',
  'Expired',
  'ServiceUnavailable',
]);

/** Spec: HPA-3.11.   Source: apimachinery pkg/api/errors/errors.go IsConflict (v0.37.2). */
function isConflict({ code, reason }: Failure): boolean {
  return reason === 'Conflict' || (code === 409 && !KNOWN_REASONS.has(reason));
}
