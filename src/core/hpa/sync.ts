/**
 * One sync of one HPA, from its scale to its status, as a conversation: what is asked next depends on what was answered. This file is
 * the order of things; every rule has its own file beside it. It reads no clock and writes nothing itself.
 */

import { err, ok, type Result } from '../../lib/result.ts';
import {
  failedGetScale,
  failedUpdateScale,
  NOT_SCALED_TO_ZERO,
  SCALED_TO_ZERO,
  SCALING_DISABLED,
  succeededRescale,
  SUCCEEDED_GET_SCALE,
} from './conditions.ts';
import { ask, instantOf, type Asking, type HpaAnswer, type HpaRequest } from './conversation.ts';
import { internalError, type SyncError } from './counts.ts';
import { decide, type Decision } from './decide.ts';
import {
  conditionReason,
  emit,
  explain,
  handleError,
  newDraft,
  outcome,
  putConditions,
  putNewStatus,
  removeCondition,
  setCondition,
  type HpaOutcome,
  type SyncDraft,
  type SyncInput,
} from './draft.ts';
import { CRASH_TEXT, missingField, type MissingField } from './missing-field.ts';
import { storeScaleEvent } from './scale-events.ts';
import { mapKind, targetGroup } from './scale-target.ts';
import { readable, writeScale, type Target } from './write-scale.ts';

/** Why there is no scale: the words of the event and the condition, and those of the sync's error. */
type NoScale = { readonly message: string; readonly error: SyncError };

/**
 * One sync. The caller answers each request with its result and the instant at which it was there, and keeps `nextHistory` for the
 * key's next sync. Whatever fails is an answer; nothing is scaled because of a failure.
 *
 * Bounds: requests are limited by the number of metrics and of mappings of the target's kind, asserted.
 * Spec: HPA-2.4 to HPA-2.25, HPA-2.26 (order of reads), HPA-2.30 to HPA-2.38.
 * Source: pkg/controller/podautoscaler/horizontal.go reconcileAutoscaler (v1.37.2).
 */
export function* sync(input: SyncInput): Generator<HpaRequest, HpaOutcome, HpaAnswer> {
  const draft = newDraft(input);
  const target = yield* findTarget(draft);
  if (!target.ok) return yield* endWithoutScale(draft, target.error);
  setCondition(draft, SUCCEEDED_GET_SCALE);
  const currentReplicas = target.value.scale.spec.replicas ?? 0;
  draft.recommendations ??= [{ replicas: currentReplicas, at: instantOf(draft).mono }]; // HPA-2.10
  if (draft.writer === 'another') noteSeen(draft, currentReplicas);
  explain(draft, { currentReplicas });

  const decision = yield* decide(draft, target.value);
  switch (decision.kind) {
    case 'missing-field':
      return endMissingField(draft, decision);
    case 'failed':
      return yield* endWithoutDecision(draft, currentReplicas, decision);
    case 'replicas':
      return yield* carryOut(draft, target.value, decision);
  }
}

/** The kind's resource, and its scale from the first mapping that answers. Spec: HPA-2.6 to HPA-2.8, HPA-3.3, HPA-3.7. */
function* findTarget(draft: SyncDraft): Asking<Result<Target, NoScale>> {
  const { kind, name, apiVersion } = draft.hpa.spec.scaleTargetRef;
  const group = targetGroup(apiVersion);
  if (!group.ok) return noScale('invalid API version in scale target reference', group.error, 'spec');
  const discovered = yield* ask(draft, { kind: 'discover' });
  const mappings = discovered.ok
    ? mapKind(discovered.value, { group: group.value, kind })
    : err(discovered.error.message);
  if (!mappings.ok) return noScale('unable to determine resource for scale target reference', mappings.error);
  let first: string | undefined;
  for (const resource of mappings.value) {
    const key = { namespace: draft.key.namespace, name };
    const read = readable(yield* ask(draft, { kind: 'get-scale', resource, key }));
    if (read.ok) return ok({ resource, ...read.value });
    first ??= read.error.message;
  }
  return noScale(`failed to query scale subresource for ${draft.reference}`, first ?? 'unrecognized resource');
}

function noScale(what: string, message: string, label: SyncError['label'] = 'internal'): Result<never, NoScale> {
  return err({ message, error: { text: `${what}: ${message}`, label } });
}

/** F1 to F3: only conditions change. Spec: HPA-2.30 to HPA-2.32, HPA-2.36, HPA-2.37. */
function* endWithoutScale(draft: SyncDraft, { message, error }: NoScale): Asking<HpaOutcome> {
  explain(draft, { branch: 'scale-unreadable' });
  yield* emit(draft, { type: 'Warning', reason: 'FailedGetScale', message });
  setCondition(draft, failedGetScale(message));
  handleError(draft, yield* putConditions(draft));
  return outcome(draft, { result: { kind: 'failed' }, reason: 'FailedGetScale', error });
}

/** F4: the status keeps its desired number, and is written before the event. Spec: HPA-2.33, HPA-2.37. */
function* endWithoutDecision(
  draft: SyncDraft,
  currentReplicas: number,
  { error, currentMetrics }: Extract<Decision, { kind: 'failed' }>,
): Asking<HpaOutcome> {
  const { desiredReplicas } = draft.oldStatus;
  handleError(draft, yield* putNewStatus(draft, { currentReplicas, desiredReplicas, currentMetrics }));
  yield* emit(draft, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: error.text });
  return outcome(draft, {
    result: { kind: 'failed' },
    reason: conditionReason(draft, 'ScalingActive', 'False') ?? 'FailedComputeMetricsReplicas',
    error: {
      ...error,
      text: `failed to compute desired number of replicas based on listed metrics for ${draft.reference}: ${error.text}`,
    },
  });
}

/**
 * Nothing more is done, not even to the status. The original crashes here; on its way down it counts the sync, by an error that it had
 * kept from some of the metrics.
 *
 * **Differs:** only this sync ends. Spec: HPA-2.39.
 */
function endMissingField(draft: SyncDraft, { field, kept }: MissingField): HpaOutcome {
  explain(draft, { branch: 'field-missing', missingField: field });
  const error = { text: CRASH_TEXT, label: kept?.label ?? 'none' } as const;
  return outcome(draft, { result: { kind: 'failed' }, reason: 'MissingField', error });
}

/** The scale written if the number changed, then the status. Spec: HPA-2.19 to HPA-2.25. */
function* carryOut(
  draft: SyncDraft,
  target: Target,
  decision: Extract<Decision, { kind: 'replicas' }>,
): Asking<HpaOutcome> {
  const currentReplicas = target.scale.spec.replicas ?? 0;
  const { desiredReplicas, reason, currentMetrics, error } = decision;
  explain(draft, { desiredReplicas });
  const rescale =
    decision.write === 'always' || (decision.write === 'if-different' && desiredReplicas !== currentReplicas);
  if (rescale) {
    const written = yield* writeScale(draft, target, desiredReplicas);
    if (!written.ok)
      return yield* endWithoutWrite(draft, { currentReplicas, decision, message: written.error.message });
    const missing = yield* afterRescale(draft, { currentReplicas, desiredReplicas, reason });
    if (missing !== undefined)
      return endMissingField(draft, error === undefined ? missing : { ...missing, kept: error });
  }
  const scaled = rescale ? { scaledAt: instantOf(draft).wall } : {};
  draft.desiredReplicasGauge = desiredReplicas; // HPA-23.13
  const statusError = yield* putNewStatus(draft, { currentReplicas, desiredReplicas, currentMetrics, ...scaled });
  return outcome(draft, {
    result: rescale
      ? { kind: 'rescaled', from: currentReplicas, to: desiredReplicas }
      : { kind: 'held', at: currentReplicas },
    reason: rescale ? 'SuccessfulRescale' : holdReason(draft),
    error: statusError === undefined ? error : internalError(statusError), // HPA-2.25
  });
}

/** The word of the condition that says best why the number stays. */
function holdReason(draft: SyncDraft): string {
  if (draft.explanation.branch === 'scaling-disabled') return SCALING_DISABLED.reason;
  return conditionReason(draft, 'ScalingLimited', 'True') ?? conditionReason(draft, 'AbleToScale', 'True') ?? '';
}

type Rescale = { readonly currentReplicas: number; readonly desiredReplicas: number; readonly reason: string };

/** Condition, event, scale event, ScaledToZero, in this order. Spec: HPA-2.21, HPA-8.18, HPA-8.25, HPA-8.30. */
function* afterRescale(
  draft: SyncDraft,
  { currentReplicas, desiredReplicas, reason }: Rescale,
): Asking<MissingField | undefined> {
  setCondition(draft, succeededRescale(desiredReplicas));
  const message = `New size: ${desiredReplicas}; reason: ${reason}`;
  yield* emit(draft, { type: 'Normal', reason: 'SuccessfulRescale', message });
  const missing = draft.writer === 'another' ? undefined : noteScaleEvent(draft, { currentReplicas, desiredReplicas });
  if (missing !== undefined) return missing;
  const toZero = currentReplicas > 0 && desiredReplicas === 0 && draft.minReplicas === 0 && draft.hasObjectOrExternal;
  if (draft.config.gates.HPAScaleToZero) setCondition(draft, toZero ? SCALED_TO_ZERO : NOT_SCALED_TO_ZERO);
  else removeCondition(draft, 'ScaledToZero');
  draft.action = desiredReplicas > currentReplicas ? 'scale_up' : 'scale_down'; // HPA-23.9
  return undefined;
}

/** The step of another since the last sync. Where rules are missing, they are missed when a step is to be limited. */
function noteSeen(draft: SyncDraft, currentReplicas: number): void {
  const before = draft.seenReplicas;
  draft.seenReplicas = currentReplicas;
  if (before === undefined || before === currentReplicas) return;
  noteScaleEvent(draft, { currentReplicas: before, desiredReplicas: currentReplicas });
}

/** Only under a `behavior`, and whatever made the number change. Spec: HPA-8.18, HPA-8.19. */
function noteScaleEvent(
  draft: SyncDraft,
  { currentReplicas, desiredReplicas }: Omit<Rescale, 'reason'>,
): MissingField | undefined {
  const { behavior } = draft.hpa.spec;
  if (behavior === undefined) return undefined;
  const now = instantOf(draft).mono;
  if (desiredReplicas > currentReplicas) {
    if (behavior.scaleUp === undefined) return missingField('spec.behavior.scaleUp');
    const event = { change: desiredReplicas - currentReplicas, rules: behavior.scaleUp, now };
    draft.scaleEvents = { ...draft.scaleEvents, up: storeScaleEvent(draft.scaleEvents.up, event) };
  } else {
    if (behavior.scaleDown === undefined) return missingField('spec.behavior.scaleDown');
    const event = { change: currentReplicas - desiredReplicas, rules: behavior.scaleDown, now };
    draft.scaleEvents = { ...draft.scaleEvents, down: storeScaleEvent(draft.scaleEvents.down, event) };
  }
  return undefined;
}

/** F5: the number stays what it was. Spec: HPA-2.34, HPA-2.38. */
function* endWithoutWrite(
  draft: SyncDraft,
  failed: {
    readonly currentReplicas: number;
    readonly decision: Extract<Decision, { kind: 'replicas' }>;
    readonly message: string;
  },
): Asking<HpaOutcome> {
  const { currentReplicas, decision, message } = failed;
  const event = `New size: ${decision.desiredReplicas}; reason: ${decision.reason}; error: ${message}`;
  yield* emit(draft, { type: 'Warning', reason: 'FailedRescale', message: event });
  setCondition(draft, failedUpdateScale(message));
  const { desiredReplicas } = draft.oldStatus;
  const status = { currentReplicas, desiredReplicas, currentMetrics: decision.currentMetrics };
  handleError(draft, yield* putNewStatus(draft, status));
  return outcome(draft, {
    result: { kind: 'failed' },
    reason: 'FailedRescale',
    error: internalError(`failed to rescale ${draft.reference}: ${message}`),
  });
}
