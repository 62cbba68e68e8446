/** Records that say again what the last one of their object said are not worth a line. */

import type { DecisionRecord, Recorder } from '../../ports/recorder.ts';

/** Objects that are remembered; of more the one longest without news is told again. */
const MAX_OBJECTS = 20_000;

type Told = {
  readonly said: string;
  /** When an unbroken row of failures began; undefined: the last record was none. */
  readonly failingSince: number | undefined;
};

/**
 * Hands on what is news: a decision that was not carried out, or a failure, is told once while it stays the same. What was carried out
 * always is news. `over` is called when an object that failed is decided again and stays as it is, with how long it failed: such a
 * record shows only where all are shown. Memory: one text per object.
 */
export function newsOnly(
  recorder: Recorder,
  over: (record: DecisionRecord, lastedMs: number) => void = () => undefined,
): Recorder {
  const last = new Map<string, Told>();
  return {
    record: (record) => {
      const { at, decision, object: of } = record;
      const object = JSON.stringify([of.kind, of.namespace, of.name, of.part ?? '']);
      const before = last.get(object);
      const said = sayingOf(record);
      last.delete(object);
      if (said !== undefined) {
        const failingSince = decision.kind === 'fail' ? (before?.failingSince ?? at) : undefined;
        last.set(object, { said, failingSince });
      }
      const [oldest] = last.size > MAX_OBJECTS ? last.keys() : [];
      if (oldest !== undefined) last.delete(oldest);
      if (decision.kind === 'hold' && before?.failingSince !== undefined) over(record, at - before.failingSince);
      if (said === undefined || said !== before?.said) recorder.record(record);
    },
  };
}

/** What a record says, without the numbers that move on their own; undefined when it is news in any case. */
function sayingOf({ decision, withheld, reason }: DecisionRecord): string | undefined {
  switch (decision.kind) {
    case 'fail':
      return JSON.stringify([decision.kind, reason]);
    case 'hold':
      return undefined;
    case 'scale':
      return withheld === undefined ? undefined : JSON.stringify([decision.from, decision.to, withheld]);
  }
}

/** Says in one line that a failure is over. */
export function decidesAgainText({ object: { kind, namespace, name } }: DecisionRecord, lastedMs: number): string {
  return `${kind} ${namespace}/${name}: decides again after ${Math.round(lastedMs / 1000)} s`;
}
