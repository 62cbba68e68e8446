/**
 * The messages and services of proto/ as TypeScript in src/gcs/gen: buf compiles, ts-proto prints, nothing is fetched. Maps become
 * `Map`, because the order of a map's entries on the wire is part of what they say; 64-bit integers become numbers, and one that a
 * number cannot hold is an error when it is read; enums become constants, which erasable syntax allows.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './layers.mjs';

const OUT = 'src/gcs/gen';
const OPTIONS = [
  'outputServices=generic-definitions',
  'enumsAsLiterals=true',
  'unrecognizedEnum=false',
  'useMapType=true',
  'forceLong=number',
  'importSuffix=.ts',
  'outputJsonMethods=false',
  'outputPartialMethods=false',
  'env=browser',
];

/**
 * The generated files as [path, text]. Where buf does not run (its program comes per platform), `mode: 'check'` falls back to the
 * digest of sources and options that each committed file carries: then `texts` are the committed ones wherever the digest is right.
 *
 * @param {{ mode: 'write' | 'check' }} options
 * @returns {{ files: [string, string][], note: string | undefined }}
 */
export function protoFiles({ mode }) {
  const protos = readdirSync(join(ROOT, 'proto'))
    .filter((name) => name.endsWith('.proto'))
    .sort();
  const stamp = digestOf(protos);
  const folder = mkdtempSync(join(tmpdir(), 'tandem-proto-'));
  try {
    const failure = compile(folder);
    if (failure === undefined)
      return { files: protos.map((name) => [target(name), printed(folder, name, stamp)]), note: undefined };
    if (mode === 'write') throw new Error(`buf does not run: ${failure}`);
    const files = protos.map((name) => {
      const text = readFileSync(target(name), 'utf8');
      return [target(name), text.includes(stamp) ? text : ''];
    });
    return { files, note: `buf does not run here (${failure}): src/gcs/gen was compared by its digests only` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const target = (name) => join(ROOT, OUT, name.replace('.proto', '.ts'));

function digestOf(protos) {
  const hash = createHash('sha256');
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/ts-proto/package.json'), 'utf8'));
  hash.update(JSON.stringify([version, OPTIONS]));
  for (const name of protos) hash.update(`${name}\n${readFileSync(join(ROOT, 'proto', name), 'utf8')}`);
  return hash.digest('hex');
}

/** Undefined when it worked, else why not. */
function compile(folder) {
  const plugin = { local: [process.execPath, join(ROOT, 'node_modules/ts-proto/protoc-gen-ts_proto')] };
  const template = { version: 'v2', plugins: [{ ...plugin, out: folder, opt: OPTIONS }] };
  const buf = join(ROOT, 'node_modules/@bufbuild/buf/bin/buf');
  try {
    execFileSync(process.execPath, [buf, 'generate', join(ROOT, 'proto'), '--template', JSON.stringify(template)], {
      cwd: folder,
      env: { ...process.env, BUF_CACHE_DIR: join(folder, 'cache') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return undefined;
  } catch (error) {
    const said = String(error.stderr ?? '').trim() || error.message;
    return said.split('\n').find((line) => /^\w*Error:/.test(line)) ?? said;
  }
}

/** With the header of the house instead of the printer's, which switches off a linter that is not used here. */
function printed(folder, name, stamp) {
  const text = readFileSync(join(folder, name.replace('.proto', '.ts')), 'utf8');
  const body = text.replace(/^(\/\/.*\n|\n|\/\*.*\*\/\n)*/, '');
  return `/** Written by \`npm run generate\` from proto/${name}; not for editing. Sources and options: ${stamp}.\n * Its \`any\` is the printer's own: it counts the depth of nested messages on the library's reader, which has no field for that. */\n\n${body}`;
}
