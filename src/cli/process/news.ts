/** Records that say again what the last one of their object said are not worth a line. */

import type { DecisionRecord, Recorder } from '../../ports/recorder.ts';

/** Objects that are remembered; of more the one longest without news is told again. */
const MAX_OBJECTS = 20_000;

/**
 * Hands on what is news: a decision that was not carried out, or a failure, is told once while it stays the same. What was carried out
 * always is news. Memory: one text per object.
 */
export function newsOnly(recorder: Recorder): Recorder {
  const last = new Map<string, string>();
  return {
    record: (record) => {
      const { kind, namespace, name, part = '' } = record.object;
      const object = JSON.stringify([kind, namespace, name, part]);
      const said = sayingOf(record);
      const isRepeat = said !== undefined && last.get(object) === said;
      last.delete(object);
      if (said !== undefined) last.set(object, said);
      const [oldest] = last.size > MAX_OBJECTS ? last.keys() : [];
      if (oldest !== undefined) last.delete(oldest);
      if (!isRepeat) recorder.record(record);
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
