/** `tandem decide hpa` behind its flags: the case form of the HPA controller. */

import { decideHpaCase } from '../../sim/hpa-cases-line.ts';
import type { LineAnswer, LineDecider } from './run-lines.ts';

export function hpaDecider(): LineDecider {
  return {
    command: 'decide hpa',
    decide: async (text) => {
      const answer = await decideHpaCase(text);
      if (answer.kind === 'answered') return { kind: 'answered', text: answer.line };
      return malformed(answer.id, answer.problem, answer.line);
    },
    refuse: (problem) => malformed('', problem, JSON.stringify({ id: '', oracleError: problem })),
  };
}

function malformed(id: string, problem: string, text: string): LineAnswer {
  return { kind: 'malformed', text, problem, name: id === '' ? undefined : id };
}
