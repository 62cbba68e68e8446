/** The layer table, read once for every gate: lint bans, the tidy test and the table in ARCHITECTURE.md. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @returns {{ minimumFiles: number, layers: { level: number, folder: string, holds: string, pure: boolean, imports: string[] }[] }} */
export function readLayers() {
  return JSON.parse(readFileSync(`${ROOT}/layers.json`, 'utf8'));
}

/** Folders of the table that `layer` may import, itself included; `src/core` stands for every folder below it. */
export function allowedFolders(table, layer) {
  const named = [layer.folder, ...layer.imports];
  return table.layers
    .map((other) => other.folder)
    .filter((folder) => named.some((name) => folder === name || folder.startsWith(`${name}/`)));
}
