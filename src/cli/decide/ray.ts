/** `tandem decide ray` behind its flags: the case form of the scheduler, or sentences for a person. */

import { decideRayCase } from '../../sim/ray-cases.ts';
import { explainRay } from './explain-ray.ts';
import type { LineAnswer, LineDecider } from './run-lines.ts';

export type DecideRayFlags = { readonly trace?: boolean; readonly explain?: boolean };

export function rayDecider({ trace = false, explain = false }: DecideRayFlags): LineDecider {
  return {
    command: 'decide ray',
    decide: (text) => {
      const answer = decideRayCase(text, { trace, reasons: explain });
      if (answer.kind === 'answered') {
        return { kind: 'answered', text: explain ? explainRay(answer) : answer.line };
      }
      return malformed(answer.id, answer.problem, explain ? '' : answer.line);
    },
    refuse: (problem) => {
      const line = JSON.stringify({ id: null, ok: false, error: 'BadCase', message: problem });
      return malformed(null, problem, explain ? '' : line);
    },
  };
}

function malformed(id: unknown, problem: string, text: string): LineAnswer {
  return { kind: 'malformed', text, problem, name: typeof id === 'string' ? id : undefined };
}
