/**
 * Is another autoscaler at work on this Ray cluster? Told from what is read anyway: the report that the GCS holds, and marks that the
 * original leaves elsewhere. Data in, data out; who looks and what is held back because of it lives in the controllers.
 */

import type { DurationMs } from '../time/time.ts';
import type { AutoscalingState } from './cluster-state.ts';

/** What tells one report from another. Every read of the GCS has a number of its own, so two writers never make the same pair. */
type ReportMark = Pick<AutoscalingState, 'autoscalerStateVersion' | 'lastSeenClusterResourceStateVersion'>;

/**
 * `alone`: nobody else was seen. `watching`: there is a report that may be an old one; whether it changes is not known yet.
 * `foreign`: somebody else wrote not long ago.
 */
export type WriterVerdict = 'alone' | 'watching' | 'foreign';

export type SecondWriterWatch = {
  /** How long a writer at work is silent at most. */
  readonly quietMs: DurationMs;
  /** `new`: nothing has been read yet, which counts as `watching`. */
  readonly phase: 'new' | WriterVerdict;
  /** What was seen of the other, for a sentence; '' while nothing was. */
  readonly evidence: string;
  /** When the last sign of another writer came. */
  readonly changedAt: DurationMs;
  /** The last report that is not ours. */
  readonly foreignReport: string | undefined;
  /** Our last reports: one whose answer was lost may show up late. */
  readonly ownReports: readonly string[];
  /** Last values of other marks, by their name. */
  readonly marks: ReadonlyMap<string, string>;
};

/** A writer that was seen is believed to be gone after this many silences. */
const QUIET_ROUNDS = 3;
const OWN_REPORTS = 8;

/** `quietMs`: longer than the round of any writer, which is 5 s and what it takes in the original (runtime 2). */
export function newWatch(quietMs: DurationMs, at: DurationMs): SecondWriterWatch {
  return {
    quietMs,
    phase: 'new',
    evidence: '',
    changedAt: at,
    foreignReport: undefined,
    ownReports: [],
    marks: new Map(),
  };
}

/** Call before a report is sent: it is ours whether its answer comes or not. */
export function withOwnReport(watch: SecondWriterWatch, report: ReportMark): SecondWriterWatch {
  return { ...watch, ownReports: [...watch.ownReports, textOf(report)].slice(-OWN_REPORTS) };
}

/**
 * Takes in the report that the GCS holds at `at`. The first one may be years old; it is held against the writer only when it changes.
 *
 * An original that was restarted numbers its reports from 0, and the GCS discards them until they pass the number it holds: it does
 * not show here, only by its marks ({@link seeMark}).
 */
export function seeReport(watch: SecondWriterWatch, report: ReportMark | undefined, at: DurationMs): SecondWriterWatch {
  if (report === undefined || watch.ownReports.includes(textOf(report))) {
    return settled(watch.phase === 'new' ? { ...watch, phase: 'alone' } : watch, at);
  }
  const seen = textOf(report);
  if (seen === watch.foreignReport) return settled(watch, at);
  const next = { ...watch, foreignReport: seen, changedAt: at };
  if (watch.phase === 'new') return { ...next, phase: 'watching' };
  return foreign(next, `its report number ${report.autoscalerStateVersion} in the GCS is not ours`, at);
}

/** A value that only a writer changes. The first value seen says nothing; a change is a sign. */
export function seeMark(
  watch: SecondWriterWatch,
  mark: { readonly name: string; readonly value: string; readonly evidence: string },
  at: DurationMs,
): SecondWriterWatch {
  const before = watch.marks.get(mark.name);
  if (before === mark.value) return settled(watch, at);
  const next = { ...watch, marks: new Map(watch.marks).set(mark.name, mark.value) };
  return before === undefined ? settled(next, at) : foreign(next, mark.evidence, at);
}

/** Sets a mark to a value that is ours. */
export function withOwnMark(
  watch: SecondWriterWatch,
  { name, value }: { readonly name: string; readonly value: string },
): SecondWriterWatch {
  return { ...watch, marks: new Map(watch.marks).set(name, value) };
}

export function verdictOf({ phase }: SecondWriterWatch): WriterVerdict {
  return phase === 'new' ? 'watching' : phase;
}

/** How long another writer must be silent before it counts as gone. */
export function patienceOf({ quietMs }: SecondWriterWatch): number {
  return QUIET_ROUNDS * quietMs;
}

function foreign(watch: SecondWriterWatch, evidence: string, at: DurationMs): SecondWriterWatch {
  return { ...watch, phase: 'foreign', evidence, changedAt: at };
}

function settled(watch: SecondWriterWatch, at: DurationMs): SecondWriterWatch {
  const silence = at - watch.changedAt;
  const isOver =
    (watch.phase === 'watching' && silence >= watch.quietMs) ||
    (watch.phase === 'foreign' && silence >= patienceOf(watch));
  return isOver ? { ...watch, phase: 'alone' } : watch;
}

function textOf({ autoscalerStateVersion, lastSeenClusterResourceStateVersion }: ReportMark): string {
  return `${autoscalerStateVersion}/${lastSeenClusterResourceStateVersion}`;
}
