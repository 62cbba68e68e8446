/** Starts beds for tests. A bed lives no longer than the process that started it: its standard input is the line between them. */

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { Bed, say } from './bed.ts';
import { run } from './run.ts';

const UP = fileURLToPath(new URL('./up.sh', import.meta.url));
const DOWN = fileURLToPath(new URL('./down.sh', import.meta.url));
const PREFIX = 'tandem-bed-run-';
const OLD_MS = 24 * 3600_000;
/** With nothing built yet, the first bed of a machine takes this long at most. */
const START_LIMIT_MS = 60 * 60_000;
const STOP_LIMIT_MS = 60_000;

export type BedOptions = {
  /** The autoscaler that runs beside a Ray head: ours from this clone, or the one of the Ray wheel. */
  readonly sidecar: 'tandem' | 'ray';
  /** Adds the metrics.k8s.io server, with this many seconds between two samples of a pod. */
  readonly metricsEverySeconds?: number;
  /** For kube-controller-manager; `WITHOUT_HPA` leaves out its HPA loop. */
  readonly controllers?: string;
  readonly controllerManagerFlags?: readonly string[];
  readonly operatorFlags?: readonly string[];
  /** Capacity of a node, as `cpu=4,memory=8Gi`. */
  readonly node?: string;
  /** Pods with this label (`key=value`) stay Pending. */
  readonly hold?: string;
  /** Ray nodes that may start at the same time; half the cores unless said otherwise. */
  readonly starts?: number;
};

/** All controllers but the original HPA loop. */
export const WITHOUT_HPA = '*,-horizontal-pod-autoscaler-controller';

/** A bed that this process started. */
export class OwnBed extends Bed {
  readonly #process: ChildProcess;

  constructor(directory: string, process: ChildProcess) {
    super(directory, () => process.exitCode === null && process.signalCode === null);
    this.#process = process;
  }

  /** Ends everything the bed runs, and waits for that; `logs` says whether they outlive it. */
  async stop({ logs }: { readonly logs: 'keep' | 'drop' }): Promise<void> {
    await ended(this.#process, this.directory);
    if (logs === 'keep') say(`logs are kept in ${this.directory}/logs`);
    else rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Why this machine cannot have a bed, in one sentence; undefined when it can. */
export function bedRefusal(): string | undefined {
  try {
    execFileSync(UP, ['--check'], { stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    const { stderr } = error as { readonly stderr?: Buffer }; // what execFileSync throws
    return (
      stderr
        ?.toString()
        .trim()
        .replace(/^bed: /, '') ?? String(error)
    );
  }
}

/** Starts a bed in a run directory of its own; a person's bed, and other tests' beds, are not touched. */
export async function startBed(options: BedOptions): Promise<OwnBed> {
  sweep();
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const child = spawn(UP, ['--tied', ...upOptions(options)], {
    env: { ...process.env, TANDEM_BED_RUN: directory },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  createInterface({ input: child.stderr }).on('line', (line) => process.stderr.write(`${line}\n`));
  const up = new Promise<boolean>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => resolve(false));
    createInterface({ input: child.stdout }).once('line', () => resolve(true));
  });
  if (await up) return new OwnBed(directory, child);
  throw new Error(`the bed did not start; its words are above, its logs in ${directory}/logs`);
}

/** The bed that runs in a directory already, started by a person or by another process; it is theirs to end. */
export function attachBed(directory: string): Bed {
  return new Bed(directory, () => existsSync(join(directory, 'kubeconfig')));
}

/**
 * A suite with a bed of its own. Where the machine cannot have one the suite is skipped, and its title says why. Logs are
 * kept when a test failed.
 */
export function describeOnBed(title: string, options: BedOptions, body: (bed: () => OwnBed) => void): void {
  const refusal = bedRefusal();
  const shown = refusal === undefined ? title : `${title} (no bed: ${refusal})`;
  describe.skipIf(refusal !== undefined)(shown, () => {
    let bed: OwnBed | undefined;
    let failures = 0;
    beforeAll(async () => {
      bed = await startBed(options);
    }, START_LIMIT_MS);
    afterEach(({ task }) => {
      if (task.result?.state === 'fail') failures += 1;
    });
    afterAll(async () => {
      await bed?.stop({ logs: failures > 0 ? 'keep' : 'drop' });
    }, STOP_LIMIT_MS);
    body(() => {
      if (bed === undefined) throw new Error('the bed is there from the first test on, not before');
      return bed;
    });
  });
}

function upOptions(options: BedOptions): readonly string[] {
  const { sidecar, metricsEverySeconds, controllers, node, hold, starts } = options;
  const named = { sidecar, metrics: metricsEverySeconds, controllers, node, hold, starts };
  return [
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)])),
    ...(options.controllerManagerFlags ?? []).flatMap((flag) => ['--controller-manager-flag', flag]),
    ...(options.operatorFlags ?? []).flatMap((flag) => ['--operator-flag', flag]),
  ];
}

/** Closes the line, and helps along where that does not end the bed. */
async function ended(child: ChildProcess, directory: string): Promise<void> {
  const exit = new Promise<boolean>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(true);
    else child.once('exit', () => resolve(true));
    setTimeout(() => resolve(false), STOP_LIMIT_MS / 2).unref();
  });
  child.stdin?.end();
  if (!(await exit)) await run([DOWN], { env: { ...process.env, TANDEM_BED_RUN: directory } });
}

/** Removes what crashed runs of an earlier day left: logs, nothing that lives. */
function sweep(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const directory = join(tmpdir(), name);
    const old = Date.now() - statSync(directory).mtimeMs > OLD_MS;
    if (old && !running(directory)) rmSync(directory, { recursive: true, force: true });
  }
}

function running(directory: string): boolean {
  const file = join(directory, 'pid');
  return existsSync(file) && existsSync(`/proc/${readFileSync(file, 'utf8').split(' ')[0]}`);
}
