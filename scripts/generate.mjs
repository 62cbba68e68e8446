/**
 * Writes what follows from layers.json: .oxlintrc.json and the table in ARCHITECTURE.md. `--check` only compares, for CI.
 * Lint is the quick gate in the editor; the tidy test resolves every import and is the exact one.
 */

import { readFileSync, writeFileSync } from 'node:fs';
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

function layerOverride(layer) {
  const allowed = allowedFolders(table, layer);
  const allowedBases = new Set(allowed.map(base));
  const banned = [...new Set(table.layers.map((other) => base(other.folder)))].filter(
    (name) => !allowedBases.has(name),
  );
  const patterns = banned.map((name) => ({
    regex: `(^|/)${name}/`,
    message: `${layer.folder} must not import ${name}/ (layers.json)`,
  }));
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
      files: ['src/cli/**/*.ts'],
      rules: { 'eslint/no-restricted-globals': ['error', 'Date', 'setInterval', 'setImmediate'] },
    },
    {
      files: ['scripts/**', 'bench/**', 'vitest.config.ts'],
      rules: { 'eslint/no-console': 'off', 'import/no-default-export': 'off' },
    },
  ],
  ignorePatterns: ['dist', 'node_modules'],
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
const generated = [
  [lintPath, `${JSON.stringify(config, null, 2)}\n`],
  [documentPath, withTable(document)],
];

let stale = 0;
for (const [path, text] of generated) {
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`${path.slice(ROOT.length)} is not what layers.json says: run npm run generate`);
    stale++;
  }
}
if (!document.includes('<!-- layers -->')) {
  console.error('ARCHITECTURE.md has no place for the layer table');
  stale++;
}
if (stale > 0) process.exit(1);
console.log(`${generated.length} generated files, ${table.layers.length} layers`);
