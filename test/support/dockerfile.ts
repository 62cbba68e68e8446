/** deploy/Dockerfile as instructions. */

import { deployFile } from './deploy.ts';

export type Instruction = { readonly name: string; readonly rest: string };

/** Comments left out, continued lines joined. */
export const INSTRUCTIONS: readonly Instruction[] = deployFile('Dockerfile')
  .split('\n')
  .filter((line) => !/^\s*#/.test(line))
  .join('\n')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => ({ name: line.split(' ', 1)[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));

export type Stage = { readonly name: string; readonly steps: readonly Instruction[] };

/** The stages in their order; the last one has no name in the file and is `final` here. */
export function stages(): readonly Stage[] {
  const found: { name: string; steps: Instruction[] }[] = [];
  for (const instruction of INSTRUCTIONS) {
    if (instruction.name === 'FROM')
      found.push({ name: / AS (\w+)$/.exec(instruction.rest)?.[1] ?? 'final', steps: [] });
    else found.at(-1)?.steps.push(instruction);
  }
  return found;
}
