/** A real GCS as a subject of the contract: started by real_gcs.py, asked through the client that ships, used again while it is as new. */

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ClusterResourceState } from '../../src/core/ray/cluster-state.ts';
import { GcsClient } from '../../src/gcs/client.ts';
import type { GcsSubject, WithGcs } from '../contract/gcs-api.ts';

const SCRIPT = fileURLToPath(new URL('./real_gcs.py', import.meta.url));
const WORKERS = 2;
const READY_MS = 60_000;
/** How often the GCS hears from its nodes. */
const REFRESH_MS = 1000;

type Answer = { readonly address?: string; readonly done?: string; readonly error?: string };

/** The process of real_gcs.py: one answer per line that is written. */
export class Bed {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor(python: string, args: readonly string[] = []) {
    this.#process = spawn(python, [SCRIPT, ...args], { stdio: 'pipe' });
    this.#process.stderr.pipe(process.stderr, { end: false });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async answer(): Promise<Answer> {
    const line = await this.#answers.next();
    if (line.done === true) throw new Error('real_gcs.py has ended');
    const answer = JSON.parse(line.value) as Answer; // our own script
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  async tell(command: string): Promise<void> {
    this.#process.stdin.write(`${command}\n`);
    await this.answer();
  }

  /** Ends everything it started, and waits for that. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.stdin.end();
    if (this.#process.exitCode === null && this.#process.signalCode === null) await ended;
  }
}

type Running = { readonly bed: Bed; readonly address: string };

/** One real cluster, replaced by a new one when a test has left its traces on it. */
export class RealGcs {
  readonly #python: string;
  #running: Running | undefined;

  constructor(python: string) {
    this.#python = python;
  }

  readonly withGcs: WithGcs = async (body) => {
    const { bed, address } = await this.#asNew();
    const client = new GcsClient({ address, credentials: {} });
    const { signal } = new AbortController();
    let submitted = 0;
    let drives: 'nothing' | 'tasks' | 'groups' = 'nothing';
    let told: Promise<void> = Promise.resolve();
    const drive = (command: string, what: 'tasks' | 'groups'): void => {
      if (drives !== 'groups') drives = what;
      told = told.then(() => bed.tell(`drive ${command}`));
    };
    const subject: GcsSubject = {
      gcs: client,
      signal,
      submit: (count) => {
        submitted += count;
        drive(`submit ${count}`, 'tasks');
      },
      group: (strategy, bundles) => drive(`group ${strategy} ${bundles}`, 'groups'),
      submitInside: (count) => drive(`inside ${count}`, 'groups'),
      removeGroup: () => drive('ungroup', 'groups'),
      requestCpus: (count) => drive(`request ${count}`, 'groups'),
      stop: () => bed.tell('kill-gcs'),
      settle: async () => {
        await told;
        await sleep(REFRESH_MS);
        if (drives === 'groups') return;
        if (submitted > 0) await bed.tell(`running ${Math.min(submitted, WORKERS)}`);
        await until('tasks run or wait', async () =>
          accountedFor(await client.getClusterResourceState({ signal }), submitted),
        );
      },
    };
    try {
      await body(subject);
      await told;
      if (drives !== 'nothing') await bed.tell('forget');
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      client.close();
    }
  };

  async close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.bed.close();
  }

  /** The cluster at hand if nothing of earlier tests is left on it, else a new one. */
  async #asNew(): Promise<Running> {
    if (this.#running !== undefined && (await isAsNew(this.#running.address, 'at-once'))) return this.#running;
    await this.close();
    const bed = new Bed(this.#python);
    try {
      const { address = '' } = await bed.answer();
      if (!(await isAsNew(address, 'patient'))) throw new Error('the workers did not come up');
      this.#running = { bed, address };
      return this.#running;
    } catch (error) {
      await bed.close();
      throw error;
    }
  }
}

/** Three idle nodes, none dead, nothing waiting, nothing reported. Idleness after work that was ended may take a moment. */
async function isAsNew(address: string, patience: 'at-once' | 'patient'): Promise<boolean> {
  const client = new GcsClient({ address, credentials: {} });
  const { signal } = new AbortController();
  try {
    let spoilt = false;
    await until('three idle nodes', async () => {
      const { autoscalingState, clusterResourceState } = await client.getClusterStatus({ signal });
      const { nodeStates, pendingResourceRequests, pendingGangResourceRequests } = clusterResourceState;
      const gone = nodeStates.some(({ status }) => status === 'DEAD' || status === 'DRAINING');
      // what was asked for once with request_resources stays, if only as nothing
      const asked = clusterResourceState.clusterResourceConstraints.length > 0;
      spoilt = patience === 'at-once' && (gone || asked || autoscalingState !== undefined);
      const idle = nodeStates.length === 1 + WORKERS && nodeStates.every(({ status }) => status === 'IDLE');
      return spoilt || (idle && pendingResourceRequests.length + pendingGangResourceRequests.length === 0);
    });
    return !spoilt;
  } catch (error) {
    if (patience === 'at-once') return false; // its GCS is gone
    throw error;
  } finally {
    client.close();
  }
}

/** Whether Ray has told of everything that was submitted: the workers are busy, the rest is reported as waiting. */
function accountedFor({ nodeStates, pendingResourceRequests }: ClusterResourceState, submitted: number): boolean {
  const busy = nodeStates.filter(({ rayNodeTypeName, status }) => rayNodeTypeName === 'small' && isBusy(status)).length;
  const waiting = pendingResourceRequests.reduce((sum, { count }) => sum + count, 0);
  return busy === Math.min(submitted, WORKERS) && waiting === submitted - busy;
}

const isBusy = (status: string): boolean => status === 'RUNNING' || status === 'DRAINING';

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + READY_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${READY_MS / 1000} s: ${what}`);
    await sleep(100);
  }
}
