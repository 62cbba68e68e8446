#!/usr/bin/env node
/** The command `tandem`: refuses an old Node in one sentence, then hands over to the built program. */

import { existsSync } from 'node:fs';
import check from '../scripts/check-node.cjs';

check.checkNode();
const program = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(program)) {
  const { main } = await import(program.href);
  await main();
} else {
  process.stderr.write('tandem: the program is not built yet: run `npm start` (or `npm run build`) first\n');
  process.exitCode = 2;
}
