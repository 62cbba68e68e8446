/** `tandem decide`: what can be typed. What decides is loaded when it is run. */

import { Option, type Command } from 'commander';
import type { Host } from '../host.ts';
import type { DecideRayFlags } from './ray.ts';

const HELP = `
Cases come on standard input, one JSON object per line (at most 64 MiB); results leave in the same order. A malformed case is told on
standard error with its line, its field and what was expected there, and the next one goes on. Empty lines and lines that start with
# are passed over. Nothing is contacted: no cluster, no network.

Exit codes: 0 every line was a case, 1 some were malformed, 2 bad usage.`;

const RAY_HELP = `${HELP}

With --explain a score tells how well a new node would be used, as Ray 2.60 counts it: of each resource, its amount times the third power
of the used share; the least of them is compared first, then their mean.

Examples:
  tandem decide ray < cases.jsonl > results.jsonl
  tandem decide ray --explain < cases.jsonl`;

const HPA_HELP = `${HELP}

Kinds of cases: reconcile (syncs by hand on a small world, the default) and loop (the whole controller for some minutes); validate and
convert (what the API server makes of an HPA); quantity and selector (how texts are read).

Example:
  tandem decide hpa < cases.jsonl > results.jsonl`;

/** Adds the commands to `program`; `done` is told the exit code. */
export function addDecideCommand(program: Command, host: Host, done: (exitCode: number) => void): void {
  const decide = program
    .command('decide')
    .description('decide cases from standard input, one per line, as the originals would')
    .helpOption('-h, --help', 'print this help and end');
  decide
    .command('ray')
    .description("rounds of Ray's scheduler: what to launch, to terminate and to resize, and what finds no place")
    .helpOption('-h, --help', 'print this help and end')
    .option('--trace', 'add the nodes at the end of the round, in order, with what was placed on them')
    .addOption(new Option('--explain', 'say in a few sentences per case why, instead of results').conflicts('trace'))
    .addHelpText('after', RAY_HELP)
    .action(async (flags: DecideRayFlags) => {
      const [{ runLines }, { rayDecider }] = await Promise.all([import('./run-lines.ts'), import('./ray.ts')]);
      done((await runLines(host, rayDecider(flags))) === 'all-fine' ? 0 : 1);
    });
  decide
    .command('hpa')
    .description('what the HorizontalPodAutoscaler controller, and the API server, make of a small world')
    .helpOption('-h, --help', 'print this help and end')
    .addHelpText('after', HPA_HELP)
    .action(async () => {
      const [{ runLines }, { hpaDecider }] = await Promise.all([import('./run-lines.ts'), import('./hpa.ts')]);
      done((await runLines(host, hpaDecider())) === 'all-fine' ? 0 : 1);
    });
}
