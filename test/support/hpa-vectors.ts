/** HPA cases with the answers of the original: reading them, and asking ours the same. */

import { readFileSync } from 'node:fs';
import { decideHpaCase } from '../../src/sim/hpa-cases-line.ts';

/** Files of test/vectors/hpa, each with the fewest cases it must hold. */
export const HPA_VECTOR_FILES = [
  { file: 'examples.ndjson', minimum: 218 },
  { file: 'reports.ndjson', minimum: 45 },
  { file: 'generated.ndjson', minimum: 70 },
  { file: 'aimed.ndjson', minimum: 490 },
  { file: 'found.ndjson', minimum: 14 },
] as const;

type Fields = { readonly [field: string]: unknown };

export type HpaVectorCase = Fields & { readonly id: string; readonly kind?: string };
export type HpaVector = { readonly case: HpaVectorCase; readonly want: Fields };

/** `podsOf`: the case before this one whose pods it has, too. */
type Row = HpaVector & { readonly podsOf?: string };

export function readHpaVectors(file: string): { readonly head: unknown; readonly vectors: readonly HpaVector[] } {
  const [head = '', ...lines] = readFileSync(new URL(`../vectors/hpa/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const pods = new Map<string, unknown>();
  const vectors = lines.map((line) => {
    const row = JSON.parse(line) as Row; // the file's form: the first line says so
    const vector = row.podsOf === undefined ? row : withPods(row, pods.get(row.podsOf));
    pods.set(vector.case.id, worldOf(vector)['pods']);
    return vector;
  });
  return { head: JSON.parse(head), vectors };
}

function worldOf({ case: given }: HpaVector): Fields {
  return (given['world'] ?? {}) as Fields; // the form of a case
}

function withPods(row: Row, pods: unknown): HpaVector {
  return { case: { ...row.case, world: { ...worldOf(row), pods } }, want: row.want };
}

export async function ourHpaAnswer({ case: given }: HpaVector): Promise<Fields> {
  const { line } = await decideHpaCase(JSON.stringify(given));
  return JSON.parse(line) as Fields; // our own form
}
