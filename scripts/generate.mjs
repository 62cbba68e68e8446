/**
 * Writes what follows from layers.json (.oxlintrc.json and the table in ARCHITECTURE.md) and from proto/ (src/gcs/gen). `--check` only
 * compares, for CI.
 * Lint is the quick gate in the editor; the tidy test resolves every import and is the exact one.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { protoFiles } from './generate-proto.mjs';
import { allowedFolders, readLayers, ROOT } from './layers.mjs';

const table = readLayers();

const baseRules = {
  'typescript/no-floating-promises': 'error',
  'typescript/no-misused-promises': 'error',
  'typescript/await-thenable': 'error',
  'typescript/no-explicit-any': 'error',
  'typescript/no-non-null-assertion': 'error',
  'typescript/switch-exhaustiveness-check': 'error',
  'import/no-default-export': 'error',
  'eslint/no-console': 'error',
  'eslint/no-unused-vars': 'error',
  'eslint/max-lines': ['error', { max: 500, skipBlankLines: false, skipComments: false }],
  'eslint/max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
};

const base = (folder) => folder.slice(folder.lastIndexOf('/') + 1);

/**
 * How an import of `folder` looks from another layer. `src/cluster` and `src/core/cluster` differ only in what stands before the last
 * name: above the core that is `core/`, inside it nothing, so there a name that is allowed for one of the two is left to the tidy test.
 */
function importOf(folder, { from, allowed }) {
  const inCore = (name) => name.startsWith('src/core/');
  if (inCore(from)) return allowed.some((name) => base(name) === base(folder)) ? undefined : `(^|/)${base(folder)}/`;
  return inCore(folder) ? `(^|/)core/${base(folder)}/` : `^(\\.\\./)+${base(folder)}/`;
}

function layerOverride(layer) {
  const allowed = allowedFolders(table, layer);
  const banned = table.layers.map((other) => other.folder).filter((folder) => !allowed.includes(folder));
  const patterns = banned.flatMap((folder) => {
    const regex = importOf(folder, { from: layer.folder, allowed });
    return regex === undefined ? [] : [{ regex, message: `${layer.folder} must not import ${folder} (layers.json)` }];
  });
  if (layer.pure) patterns.push({ regex: '^node:', message: `${layer.folder} is pure: no Node (layers.json)` });
  const rules = { 'eslint/no-restricted-imports': ['error', { patterns }] };
  if (layer.pure) {
    rules['eslint/no-restricted-globals'] = [
      'error',
      ...[
        'Date',
        'Promise',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'queueMicrotask',
        'process',
        'fetch',
        'console',
        'performance',
        'crypto',
      ],
    ];
    rules['eslint/no-restricted-properties'] = [
      'error',
      { object: 'Math', property: 'random', message: 'draw from a RandomStream' },
    ];
  }
  // Date.UTC is a function of its arguments, and the clocks are where time comes from.
  if (!layer.pure && layer.folder !== 'src/clock') {
    rules['eslint/no-restricted-globals'] = [
      'error',
      'Date',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'performance',
    ];
    rules['eslint/no-restricted-properties'] = [
      'error',
      { object: 'Math', property: 'random', message: 'draw from a RandomStream' },
    ];
  }
  return { files: [`${layer.folder}/**/*.ts`], rules };
}

const config = {
  plugins: ['typescript', 'import', 'eslint'],
  categories: { correctness: 'error' },
  rules: baseRules,
  overrides: [
    ...table.layers.map(layerOverride),
    {
      files: ['**/*.test.ts', 'test/**/*.ts', 'bench/**/*.ts'],
      rules: {
        'eslint/max-lines-per-function': 'off',
        'eslint/no-restricted-globals': 'off',
        'eslint/no-restricted-properties': 'off',
        'eslint/no-restricted-imports': 'off',
        'eslint/max-lines': ['error', { max: 700 }],
      },
    },
    {
      // gRPC takes a deadline as an instant of the machine's clock
      files: ['src/gcs/unary.ts'],
      rules: { 'eslint/no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'performance'] },
    },
    {
      files: ['src/cli/**/*.ts'],
      rules: { 'eslint/no-restricted-globals': ['error', 'Date', 'setInterval', 'setImmediate'] },
    },
    {
      files: ['scripts/**', 'bench/**', 'vitest.config.ts'],
      rules: { 'eslint/no-console': 'off', 'import/no-default-export': 'off' },
    },
  ],
  ignorePatterns: ['dist', 'node_modules', 'src/gcs/gen'],
};

/** The layer table between its two marks in ARCHITECTURE.md. */
function withTable(document) {
  const rows = table.layers.map((layer) => {
    const imports = layer.imports.map((folder) => folder.replace('src/', '')).join(', ') || 'nothing';
    return `| ${layer.level} | \`${layer.folder}\` | ${layer.holds} | ${imports} | ${layer.pure ? 'yes' : ''} |`;
  });
  const head = '| Layer | Folder | Holds | May import | Pure |\n|---|---|---|---|---|';
  return document.replace(/(<!-- layers -->\n)[\s\S]*?(<!-- \/layers -->)/, `$1${head}\n${rows.join('\n')}\n$2`);
}

const lintPath = `${ROOT}/.oxlintrc.json`;
const documentPath = `${ROOT}/ARCHITECTURE.md`;
const document = readFileSync(documentPath, 'utf8');
const mode = process.argv.includes('--check') ? 'check' : 'write';
const proto = protoFiles({ mode });
const generated = [
  [lintPath, `${JSON.stringify(config, null, 2)}\n`],
  [documentPath, withTable(document)],
  ...proto.files,
];

let stale = 0;
for (const [path, text] of generated) {
  if (mode === 'write') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`${path.slice(ROOT.length)} is not what layers.json and proto/ say: run npm run generate`);
    stale++;
  }
}
if (proto.note !== undefined) console.error(proto.note);
if (!document.includes('<!-- layers -->')) {
  console.error('ARCHITECTURE.md has no place for the layer table');
  stale++;
}
if (stale > 0) process.exit(1);
console.log(`${generated.length} generated files, ${table.layers.length} layers`);
