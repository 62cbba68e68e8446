// Asks every row of a replay module (first argument) again. Prints `loaded <rows>`, then before each row `row <id>`, and `other` under
// one whose answer is another now; `end` at last, or when as many answers are others as the second argument says. A process that stops
// in between says by that where it stopped.

import { resolve } from 'node:path';
import { runnerImport } from 'vite';

const { module } = await runnerImport(resolve(process.argv[2]), { configFile: false, logLevel: 'error' });
const rows = module.rows();
const say = (text) => process.stdout.write(`${text}\n`);
say(`loaded ${rows.length}`);
let left = Number(process.argv[3]);
for (const row of rows) {
  say(`row ${row.id}`);
  if (await isSame(row)) continue;
  say('other');
  if (--left <= 0) break;
}
say('end');

async function isSame(row) {
  try {
    return await row.isSame();
  } catch {
    return false;
  }
}
