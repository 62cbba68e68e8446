/** A result as one line of JSON in which numbers have the form that the original gives them. */

import type { NumberForms } from './ray-cases-forms.ts';
import { floatText } from '../lib/python-text.ts';
import { numberText } from './ray-cases-numbers.ts';
import type { CaseDemand, CaseResize, CaseTraceNode, RayDecided, RayResult } from './ray-cases.types.ts';

type Writers<T> = { readonly [K in keyof T]?: (value: Exclude<T[K], undefined>) => string };

export function resultLine(result: RayResult, forms: NumberForms): string {
  if (!result.ok) return JSON.stringify(result);
  return objectText<RayDecided>(result, {
    resizes: (resizes) => listText(resizes, (resize) => resizeText(resize, forms)),
    infeasible: demandsText,
    cluster_resources: resourcesText,
    state: (state) => `{"pending_unneeded_since_s":${sinceText(state.pending_unneeded_since_s, forms)}}`,
    trace: (nodes) =>
      listText(nodes, (node) =>
        objectText<CaseTraceNode>(node, {
          total: resourcesText,
          available: resourcesText,
          demand: demandsText,
          constraint: demandsText,
        }),
      ),
  });
}

/** Members in order; those without a writer as JSON.stringify writes them. */
function objectText<T extends object>(value: T, writers: Writers<T>): string {
  const members = Object.entries(value).map(([name, member]) => {
    const write = writers[name as keyof T] as ((value: unknown) => string) | undefined; // the writer of this very member
    return `${JSON.stringify(name)}:${write === undefined ? JSON.stringify(member) : write(member)}`;
  });
  return `{${members.join(',')}}`;
}

function listText<T>(items: readonly T[], write: (item: T) => string): string {
  return `[${items.map(write).join(',')}]`;
}

function resourcesText(resources: RayDecided['cluster_resources']): string {
  return listText(resources, ([name, amount]) => `[${JSON.stringify(name)},${floatText(amount)}]`);
}

function demandsText(demands: readonly CaseDemand[]): string {
  return listText(demands, (demand) => objectText<CaseDemand>(demand, { resources: resourcesText }));
}

function resizeText(resize: CaseResize, forms: NumberForms): string {
  const { cloud_id: cloudId } = resize;
  return objectText<CaseResize>(resize, {
    desired_cpu: (value) => numberText(value, forms.desired(cloudId, 'cpu', value)),
    desired_memory: (value) => numberText(value, forms.desired(cloudId, 'memory', value)),
  });
}

function sinceText(since: Readonly<Record<string, readonly number[]>>, forms: NumberForms): string {
  const members = Object.entries(since).map(
    ([type, times]) =>
      `${JSON.stringify(type)}:${listText(times, (time) => numberText(time, forms.second(type, time)))}`,
  );
  return `{${members.join(',')}}`;
}
