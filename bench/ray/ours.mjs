// Times this core on one case: the call of `schedule` alone, reading the case and telling the answer apart.
//   node bench/ray/ours.mjs CASE_FILE ROUNDS ENOUGH_MS CLOCK
// TANDEM_BENCH_DIST: another build than dist/.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { tell, timeRounds } from '../measure/rounds.mjs';

const [file, rounds, enoughMs, clock] = process.argv.slice(2);
const given = process.env.TANDEM_BENCH_DIST;
const dist = given === undefined ? new URL('../../dist/', import.meta.url) : pathToFileURL(`${given}/`);
const { schedule } = await import(new URL('core/ray/schedule.js', dist));
const { readCase } = await import(new URL('sim/ray-cases-snapshot.js', dist));
const { resultOf } = await import(new URL('sim/ray-cases-result.js', dist));

const { id, snapshot } = inputOf(readFileSync(file, 'utf8'));
const now = { wall: 0, mono: 0 };
const { result, ...timed } = await timeRounds(() => schedule(snapshot, now), {
  rounds: Number(rounds),
  enoughMs: Number(enoughMs),
  clock,
});
tell({
  kind: 'timed',
  ...timed,
  counted: { launches: launchesOf(result.decision), ...result.work },
  answer: resultOf({ id, snapshot }, result, { trace: true }),
});

/** In a function, so that what was only needed for reading can be collected. */
function inputOf(line) {
  const read = readCase(line);
  if (!read.ok) throw new Error(`the case is malformed: ${JSON.stringify(read.error.faults.slice(0, 3))}`);
  return { id: read.value.id, snapshot: read.value.snapshot };
}

function launchesOf({ launches = [] }) {
  return launches.reduce((sum, { count }) => sum + count, 0);
}
