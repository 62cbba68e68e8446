/** The sentence for an old Node, and that the scripts which say it can be read by one. */

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const require = createRequire(import.meta.url);
// a script of ours, in plain JavaScript
const { nodeProblem } = require('../scripts/check-node.cjs') as {
  readonly nodeProblem: (version: string) => string | undefined;
};

test.each([
  { version: '20.19.0', fits: true },
  { version: '20.20.2', fits: true },
  { version: '22.3.0', fits: true },
  { version: '100.0.0', fits: true },
  { version: '20.18.3', fits: false },
  { version: '18.20.8', fits: false },
  { version: '8.9.4', fits: false },
])('Node $version', ({ version, fits }) => {
  const problem = nodeProblem(version);
  if (fits) expect(problem).toBeUndefined();
  else
    expect(problem).toMatch(
      new RegExp(`^tandem: this is Node ${version}, and Node 20\\.19 or newer is needed: .+\\.$`),
    );
});

test.each(['check-node', 'prepare', 'start', 'test', 'conformance', 'bench'])(
  '%s.cjs keeps to syntax that Node 8 can read',
  (name) => {
    const code = readFileSync(`scripts/${name}.cjs`, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    // what people write without thinking and an old parser stops at
    expect(code).not.toMatch(/\?\?|\?\.[A-Za-z_[(]|\bcatch \{|\bimport\b|\bfor await\b|\.\.\.[A-Za-z_[({]|\d_\d/);
    expect(code.length).toBeGreaterThan(200);
  },
);
