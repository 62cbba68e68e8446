/** Finds the imports of a TypeScript source and judges them against the layer table. Pure, so that a bad import can be fed to it. */

import { posix } from 'node:path';

export type Layer = { readonly folder: string; readonly pure: boolean; readonly allowed: readonly string[] };

/** Module specifiers of static and dynamic imports and re-exports, comments left out. */
export function importsOf(source: string): readonly string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: string[] = [];
  for (const match of code.matchAll(/\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g))
    found.push(match[1] ?? '');
  for (const match of code.matchAll(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g)) found.push(match[1] ?? '');
  return found;
}

/** The layer whose folder holds `path`: the longest that fits. */
export function layerOf(path: string, layers: readonly Layer[]): Layer | undefined {
  return layers
    .filter((layer) => path.startsWith(`${layer.folder}/`))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0];
}

/** One sentence for each import of `path` that crosses a wall. */
export function wallsCrossed(path: string, source: string, layers: readonly Layer[]): readonly string[] {
  const layer = layerOf(path, layers);
  if (layer === undefined) return [`${path} lies in no folder of the layer table`];
  const faults: string[] = [];
  for (const specifier of importsOf(source)) {
    if (!specifier.startsWith('.')) {
      if (layer.pure) faults.push(`${path} is pure and imports ${specifier}`);
      continue;
    }
    if (!specifier.endsWith('.ts') && !specifier.endsWith('.json'))
      faults.push(`${path} imports ${specifier} without its .ts`);
    const target = posix.join(posix.dirname(path), specifier);
    const other = layerOf(target, layers);
    if (other === undefined) faults.push(`${path} imports ${specifier}, which lies in no folder of the layer table`);
    else if (!layer.allowed.includes(other.folder))
      faults.push(`${path} (${layer.folder}) imports ${specifier} (${other.folder}): a wall`);
  }
  return faults;
}
