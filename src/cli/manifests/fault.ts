/** One thing that is wrong with what the user gave, and its text: where, which object, which field, what, and what to write instead. */

/** `line` and `column` count from 1 and are absent when the file could not be read at all. */
export type Place = { readonly file: string; readonly line?: number; readonly column?: number };

export type ManifestFault = {
  readonly place: Place;
  /** Kind and name, as far as they are known. */
  readonly object?: string;
  /** The field's path, `spec.maxReplicas`. */
  readonly field?: string;
  readonly problem: string;
  readonly fix: string;
};

/** `web.yaml line 9, column 16: HorizontalPodAutoscaler web: spec.maxReplicas: ... Fix: ...` */
export function faultText(fault: ManifestFault): string {
  const { place, object, field, problem, fix } = fault;
  const line = place.line === undefined ? '' : ` line ${place.line}, column ${place.column ?? 1}`;
  const parts = [`${place.file}${line}`, object, field, problem].filter((part) => part !== undefined);
  return `${parts.join(': ').replace(/[.]$/, '')}. Fix: ${fix}.`;
}

const SHOWN = 20;

/** The first of them, a line each; every line begins with a line end. */
export function faultLines(faults: readonly ManifestFault[]): string {
  const lines = faults.slice(0, SHOWN).map((fault) => `\n  ${faultText(fault)}`);
  const more = faults.length > SHOWN ? `\n  ... and ${faults.length - SHOWN} more` : '';
  return `${lines.join('')}${more}`;
}

/** By file in the order given, then by line and column: as a reader goes through them. */
export function inReadingOrder(faults: readonly ManifestFault[]): readonly ManifestFault[] {
  const files = [...new Set(faults.map((fault) => fault.place.file))];
  const rank = (fault: ManifestFault): readonly number[] => [
    files.indexOf(fault.place.file),
    fault.place.line ?? 0,
    fault.place.column ?? 0,
  ];
  return faults.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((part, i) => part !== right[i]);
    return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
  });
}
