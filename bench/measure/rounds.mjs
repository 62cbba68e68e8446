// What a measuring process of Node does (see child.ts): the rounds, and the lines it tells them in. Runs without a build.

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** One line for the process that started this one. */
export function tell(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Milliseconds: `wall` of the clock on the wall, `processor` of all threads of this process, whatever else the machine does. */
const CLOCKS = {
  wall: () => performance.now(),
  processor: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/**
 * Calls `round` once cold and then warm, until there were `rounds` warm ones or all of them took `enoughMs`; only the call is timed.
 * Tells `ready` before and `cold` after the first one.
 * @param {() => unknown} round may return a promise
 * @param {{ rounds: number, enoughMs: number, clock: 'wall' | 'processor' }} options
 * @returns what `timed` tells of the rounds, and the first one's result
 */
export async function timeRounds(round, { rounds, enoughMs, clock }) {
  const nowMs = CLOCKS[clock];
  tell({ kind: 'ready' });
  const once = async () => {
    const started = nowMs();
    const result = await round();
    return { ms: nowMs() - started, result };
  };
  const first = await once();
  const firstPeak = peakMib();
  tell({ kind: 'cold', ms: first.ms });
  const warmMs = [];
  for (let spent = first.ms; warmMs.length < rounds && spent < enoughMs; spent += warmMs.at(-1))
    warmMs.push((await once()).ms);
  return { warmMs, peakMib: { first: firstPeak, all: peakMib() }, result: first.result };
}

/** Of this process since it began. Linux counts in `maxRSS` the process that it was forked from, `VmHWM` is its own. */
function peakMib() {
  try {
    const own = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (own !== null) return Number(own[1]) / 1024;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return process.resourceUsage().maxRSS / 1024;
}
