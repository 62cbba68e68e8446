/**
 * One round of the Ray scheduler in worlds of many nodes and demands: the call alone, the first round and the median of warm ones, the
 * work counted, and the peak of memory with the input. Each world has a process of its own.
 *   node bench/ray.bench.mjs [world ...]
 */

import { execFileSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { WORLDS } from './ray-worlds.mjs';

const DIST = new URL(process.env.TANDEM_BENCH_DIST ?? '../dist/', import.meta.url);
const NOW = { wall: 0, mono: 0 };
const ENOUGH_MS = 3000;

const [mode, ...rest] = process.argv.slice(2);
if (mode === '--one') await one(rest[0]);
else table(mode === undefined ? WORLDS : WORLDS.filter(({ name }) => [mode, ...rest].includes(name)));

function table(worlds) {
  console.log(`Node ${process.version}, ${process.arch}; one process per world`);
  console.log(
    '| World | Goal | First (cold) | Warm, median (range) | Peak memory, first round (all) | Fillings | Fit checks | Picks | Launches |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const { name } of worlds)
    process.stdout.write(
      execFileSync(process.execPath, [fileURLToPath(import.meta.url), '--one', name], { stdio: [0, 'pipe', 2] }),
    );
}

async function one(name) {
  const { schedule } = await import(new URL('core/ray/schedule.js', DIST));
  const { goalMs, make } = WORLDS.find((world) => world.name === name);
  const snapshot = make();
  const times = [];
  const peaks = [];
  let result;
  for (let spent = 0; times.length < 25 && (times.length === 0 || spent < ENOUGH_MS);) {
    const started = performance.now();
    result = schedule(snapshot, NOW);
    times.push(performance.now() - started);
    spent += times.at(-1);
    peaks.push(process.resourceUsage().maxRSS);
  }
  const [cold, ...warm] = times;
  const sorted = warm.toSorted((a, b) => a - b);
  const median =
    sorted.length === 0 ? 'none' : `${ms(sorted[sorted.length >> 1])} (${ms(sorted[0])} to ${ms(sorted.at(-1))})`;
  const launches = result.decision.launches.reduce((sum, { count }) => sum + count, 0);
  const { fillings = '-', fitChecks = '-', picks = '-' } = result.work ?? {};
  const peak = `${mib(peaks[0])} (${mib(peaks.at(-1))})`;
  console.log(
    `| ${name} | ${goalMs === undefined ? '-' : `${goalMs} ms`} | ${ms(cold)} | ${median} | ${peak} | ${fillings} | ${fitChecks} | ${picks} | ${launches} |`,
  );
}

function mib(kib) {
  return `${Math.round(kib / 1024)} MiB`;
}

function ms(value) {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}
