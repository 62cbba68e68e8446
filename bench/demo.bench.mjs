/** The demo's figures: the guide's scenario at full speed, and one hour of the same cluster. Wall time after start, medians. */

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parseAllDocuments } from 'yaml';
import { runScenario } from '../dist/sim/scenario.js';

const objects = parseAllDocuments(readFileSync(new URL('../examples/guide.yaml', import.meta.url), 'utf8')).map(
  (document) => document.toJS(),
);
const quiet = { step: () => undefined, decision: () => undefined, warning: () => undefined };

async function timed(trace) {
  const started = performance.now();
  const result = await runScenario({
    input: { kind: 'guide', objects },
    trace,
    seed: 1,
    speed: 'max',
    signal: new AbortController().signal,
    observer: quiet,
  });
  return { ms: performance.now() - started, result };
}

async function row(name, runs, trace) {
  const all = [];
  for (let i = 0; i < runs; i++) all.push(await timed(trace));
  const times = all.map(({ ms }) => ms);
  const sorted = times.toSorted((a, b) => a - b);
  const { result } = all[0];
  const virtual = (result.endedAt - result.startedAt) / 1000;
  const median = sorted[Math.floor(sorted.length / 2)];
  console.log(
    `| ${name} | ${virtual.toFixed(0)} s | ${result.decisions.length} | ${times[0].toFixed(0)} ms | ${median.toFixed(0)} ms (${sorted[0].toFixed(0)} to ${sorted.at(-1).toFixed(0)}) | ${(virtual / (median / 1000)).toFixed(0)} |`,
  );
}

console.log(`Node ${process.version}, ${process.arch}; peak memory is printed at the end`);
console.log('| Run | Virtual time | Decisions | First (cold) | Median of 5 (range) | Virtual / real |');
console.log('|---|---|---|---|---|---|');
await row('guide, --speed max', 5, undefined);
// together with start-up and coming to rest one hour; the load wavers between what one and what four replicas serve
const hour = {
  source: 'a wave of 10 minutes',
  requestsPerSecond: Array.from({ length: 3175 }, (_, i) => Math.round(6 + 5 * Math.sin(i / 95))),
};
await row('one hour of the same cluster, load in waves', 5, hour);
console.log(`peak resident memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
