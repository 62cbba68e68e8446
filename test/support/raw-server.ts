/** A server behind the port RawGet: paths that answer, or refuse with an error. */

import { KubeError } from '../../src/ports/kube-api.ts';
import type { RawGet } from '../../src/ports/metrics-api.ts';

export const OPTIONS = { signal: new AbortController().signal };

export type AskedPath = readonly [path: string, query: Readonly<Record<string, string>>];

/** `answers` by path; an Error is thrown. `asked` holds every request. */
export function rawServer(answers: Readonly<Record<string, unknown>>): {
  readonly transport: RawGet;
  readonly asked: readonly AskedPath[];
} {
  const asked: AskedPath[] = [];
  const get = async (path: string, query: Readonly<Record<string, string>>): Promise<unknown> => {
    asked.push([path, query]);
    const answer = answers[path] ?? new KubeError({ code: 404, reason: 'NotFound', message: `nothing at ${path}` });
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { transport: { get }, asked };
}
