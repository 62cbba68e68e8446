/** A decided case for a person: a few sentences, numbers with their units, no JSON. */

import type { Schedule } from '../../core/ray/schedule.ts';
import type { Reasons } from '../../core/ray/explain-types.ts';
import { launchTexts } from './explain-ray-launches.ts';
import { nodeTexts, resizeTexts } from './explain-ray-nodes.ts';
import { unservedTexts } from './explain-ray-unserved.ts';
import { counted } from './ray-words.ts';

/** The case's name on a line of its own, then what is done and why. However large the case, its lines are few. */
export function explainRay({ id, schedule }: { readonly id: unknown; readonly schedule: Schedule }): string {
  const name = typeof id === 'string' ? id : id === null ? 'without an id' : JSON.stringify(id);
  return [`case ${name}`, ...sentences(schedule).map((sentence) => `  ${sentence}`)].join('\n');
}

function sentences({ decision, explanation, reasons }: Schedule): readonly string[] {
  if (decision.kind === 'abort')
    return [`The round is given up, as the original does, and nothing is done: ${decision.message}.`];
  const { launches = [], unserved = [], resizes = [], nodes = [] } = reasons ?? ({} satisfies Partial<Reasons>);
  const done = [...launchTexts(launches), ...nodeTexts(nodes, 'terminated'), ...resizeTexts(resizes)];
  return [
    ...(done.length === 0 ? ['Nothing is launched, terminated or resized.'] : done),
    ...waitingTexts(explanation),
    ...unservedTexts(unserved),
    ...nodeTexts(nodes, 'kept'),
    ...nodeTexts(nodes, 'not-counted'),
  ];
}

/** How much waits, and where it went. */
function waitingTexts({ demands, gangs, constraint }: Schedule['explanation']): readonly string[] {
  const sum = (of: 'total' | 'onExisting' | 'onNew' | 'unserved'): number =>
    demands.reduce((so, demand) => so + demand[of], 0);
  const placed = gangs.filter(({ isPlaced }) => isPlaced).length;
  const texts = [
    ...waitingText(counted(sum('total'), 'request'), sum('total'), [
      [sum('onExisting'), 'on what is there or on its way'],
      [sum('onNew'), 'on new nodes'],
      [sum('unserved'), 'nowhere'],
    ]),
    ...waitingText(counted(gangs.length, 'placement group'), gangs.length, [
      [placed, 'as a whole'],
      [gangs.length - placed, 'nowhere'],
    ]),
    ...(constraint === 'met' ? ['What request_resources asks for has room.'] : []),
  ];
  return texts.length === 0 && constraint === 'none' ? ['Nothing waits.'] : texts;
}

/** `5 requests wait and find room: 2 on new nodes, 3 nowhere.` */
function waitingText(
  what: string,
  total: number,
  places: readonly (readonly [count: number, where: string])[],
): readonly string[] {
  if (total === 0) return [];
  const taken = places.filter(([count]) => count > 0);
  const lead = `${what} ${total === 1 ? 'waits and finds' : 'wait and find'}`;
  if (taken.length > 1) return [`${lead} room: ${taken.map(([count, where]) => `${count} ${where}`).join(', ')}.`];
  const where = taken.map(([, only]) => only).join('');
  return [where === 'nowhere' ? `${lead} no room.` : `${lead} room ${where}.`];
}
