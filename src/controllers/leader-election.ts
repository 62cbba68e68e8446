/**
 * Leads or waits to lead, by a Lease: of several processes one works. What one attempt asks and decides is `core/hpa/leader-election.ts`;
 * here is when attempts are made, and what becomes of the work when they fail.
 */

import type { Failure } from '../core/hpa/conversation.ts';
import {
  givenBack,
  isInForce,
  leads,
  RETRY_JITTER,
  tryToLead,
  type Attempt,
  type Candidate,
  type LeaseRequest,
  type Observed,
} from '../core/hpa/leader-election.ts';
import type { Lease } from '../core/kube/lease.ts';
import { keyText, type ObjectKey } from '../core/kube/object.ts';
import { LEASES } from '../core/kube/resource.ts';
import { durationMs, epochMs, seconds, toGoDuration, type DurationMs } from '../core/time/time.ts';
import { TandemError, errorText } from '../lib/error.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { KubeError, type CallOptions } from '../ports/kube-api.ts';
import { callWithin } from './call.ts';
import { abortScope, isAbort, type ControllerDeps } from './deps.ts';
import { failureOf } from './failure.ts';
import { LastSaid } from './last-said.ts';

export type LeaderElectionSettings = {
  /** Of the Lease. */
  readonly key: ObjectKey;
  /** How long others wait after our last renewal. Longer than `renewDeadlineMs`. */
  readonly leaseDurationMs: DurationMs;
  /** How long a renewal is tried before the lead is given up. Longer than `retryPeriodMs` with its jitter. */
  readonly renewDeadlineMs: DurationMs;
  /** Between two attempts. */
  readonly retryPeriodMs: DurationMs;
};

export type LeaderElectionDeps = Pick<ControllerDeps, 'api' | 'clock' | 'random' | 'log' | 'signal'> & {
  readonly settings: LeaderElectionSettings;
  /** Ours, and nobody else's. */
  readonly identity: string;
};

/** Beyond the lease's duration. Source: component-base leaderelection healthzadaptor (v0.37.2). */
const TOLERATED_EXPIRY: DurationMs = seconds(20);
/** Together with the last write it ends before a stopped program does (src/cli/host.ts). */
const GIVE_BACK_WITHIN: DurationMs = durationMs(800);
const SHORTEST_REQUEST: DurationMs = seconds(1);
const WORDS: Readonly<Record<LeaseRequest['kind'], string>> = {
  'get-lease': 'the read',
  'create-lease': 'the creation',
  'update-lease': 'the write',
};

/** Spec: HPA-17.3.   Source: client-go tools/leaderelection/leaderelection.go (v0.37.2). */
export class LeaderElection {
  readonly #deps: LeaderElectionDeps;
  readonly #candidate: Candidate;
  readonly #name: string;
  readonly #said = new LastSaid();
  #observed: Observed | undefined;
  #leading = false;

  constructor(deps: LeaderElectionDeps) {
    this.#deps = deps;
    const { settings, identity } = deps;
    this.#candidate = { key: settings.key, identity, leaseDurationMs: settings.leaseDurationMs };
    this.#name = keyText(settings.key);
  }

  /** Whether the work is ours. */
  get isLeading(): boolean {
    return this.#leading;
  }

  /** Why nothing may be written now, though we lead: a process that was held up may find that its time is over. */
  heldBack(): string | undefined {
    const isOurs = this.#observed !== undefined && isInForce(this.#observed, this.#deps.clock.instant().mono);
    return isOurs ? undefined : `the lease ${this.#name} ran out`;
  }

  /** What a health check says: we lead, and the lease ran out long ago. Undefined when all is well. */
  trouble(): string | undefined {
    const { clock, settings } = this.#deps;
    if (!this.#leading || this.#observed === undefined) return undefined;
    const since = durationMs(clock.instant().mono - this.#observed.at);
    if (since <= settings.leaseDurationMs + TOLERATED_EXPIRY) return undefined;
    return `the lease ${this.#name} was not renewed for ${toGoDuration(durationMs(Math.round(since / 1000) * 1000))}`;
  }

  /**
   * Waits for the lead, then works and goes on renewing until the work has ended, and gives the lease back. Work that is told that the lead
   * is lost must write nothing more. Rejects with `TANDEM_LEASE_LOST` then, and with the stop's reason when it comes before the lead.
   *
   * **Differs:** a lease that somebody else is seen to hold is lost at once, not after the renew deadline (ADR 6).
   */
  async lead(work: (lost: AbortSignal) => Promise<void>): Promise<void> {
    await this.#acquire();
    const { log } = this.#deps;
    log.info?.(`leading: the lease ${this.#name} is held by this process`);
    const lost = abortScope();
    const ended = abortScope();
    const renewing = this.#renew(ended.signal).then((error) => {
      this.#leading = false;
      if (error !== undefined) lost.abort(error);
    });
    try {
      await work(lost.signal);
    } catch (error) {
      if (!isAbort(error, lost.signal)) throw error;
    } finally {
      ended.abort(new Error('the work has ended'));
      await renewing;
      if (!lost.signal.aborted) await this.#giveBack();
    }
    lost.signal.throwIfAborted();
  }

  async #acquire(): Promise<void> {
    const { clock, random, signal, settings } = this.#deps;
    const jitter = random.stream('leader-election');
    for (;;) {
      const attempt = await this.#attempt(signal, settings.renewDeadlineMs);
      if (attempt.kind === 'held') break;
      this.#tell(attempt, 'taken');
      const wait = settings.retryPeriodMs * (1 + RETRY_JITTER * jitter.next());
      await clock.sleepUntil(epochMs(clock.now() + wait), signal);
    }
    this.#said.forget();
    this.#leading = true;
  }

  /** Until `ended`, then undefined; or why the lead is lost. */
  async #renew(ended: AbortSignal): Promise<TandemError | undefined> {
    const { clock, settings } = this.#deps;
    try {
      for (;;) {
        await clock.sleepUntil(epochMs(clock.now() + settings.retryPeriodMs), ended);
        const failed = await this.#renewOnce(ended);
        if (failed !== undefined) return failed;
      }
    } catch (error) {
      if (isAbort(error, ended)) return undefined;
      throw error;
    }
  }

  async #renewOnce(ended: AbortSignal): Promise<TandemError | undefined> {
    const { clock, settings, log } = this.#deps;
    const { renewDeadlineMs, retryPeriodMs } = settings;
    const until = clock.instant().mono + renewDeadlineMs;
    for (;;) {
      const attempt = await this.#attempt(ended, durationMs(until - clock.instant().mono));
      if (attempt.kind === 'held') {
        if (this.#said.anything) log.info?.(`the lease ${this.#name} is renewed again`);
        this.#said.forget();
        return undefined;
      }
      if (attempt.kind === 'taken') return this.#lost(`was taken by ${attempt.holder}`);
      this.#tell(attempt, 'kept');
      const left = until - clock.instant().mono;
      if (left <= retryPeriodMs) {
        await clock.sleepUntil(epochMs(clock.now() + Math.max(0, left)), ended);
        return this.#lost(`could not be renewed for ${toGoDuration(renewDeadlineMs)} (${attempt.failure.message})`);
      }
      await clock.sleepUntil(epochMs(clock.now() + retryPeriodMs), ended);
    }
  }

  #lost(what: string): TandemError {
    const text = `the lease ${this.#name} ${what}: another process may lead now, so this one ends; start it again to take its turn`;
    return new TandemError('TANDEM_LEASE_LOST', text);
  }

  #tell(attempt: Exclude<Attempt, { kind: 'held' }>, lead: 'kept' | 'taken'): void {
    const { log } = this.#deps;
    if (attempt.kind === 'taken') {
      const text = `waiting for the lease ${this.#name}: ${attempt.holder} holds it`;
      if (this.#said.isNews(text)) log.info?.(text);
      return;
    }
    const verb = lead === 'kept' ? 'renewed' : 'taken';
    const text = `the lease ${this.#name} could not be ${verb}: ${attempt.failure.message}`;
    if (this.#said.isNews(text)) log.warn(text);
  }

  async #attempt(signal: AbortSignal, withinMs: DurationMs): Promise<Attempt> {
    const { clock } = this.#deps;
    const until = clock.instant().mono + withinMs;
    const trying = tryToLead(this.#candidate, this.#observed, clock.instant());
    let next = trying.next();
    while (next.done !== true) {
      const left = until - clock.instant().mono;
      const result = await this.#ask(next.value, signal, durationMs(Math.max(1, left)));
      next = trying.next({ at: clock.instant(), result });
    }
    this.#observed = next.value.observed;
    return next.value;
  }

  async #ask(request: LeaseRequest, signal: AbortSignal, leftMs: DurationMs): Promise<Result<Lease, Failure>> {
    const { api, clock, settings } = this.#deps;
    const one = Math.max(SHORTEST_REQUEST, settings.renewDeadlineMs / 2);
    const deadline = { clock, signal, timeout: durationMs(Math.min(one, leftMs)) };
    try {
      return ok(
        await callWithin(`${WORDS[request.kind]} of the lease ${this.#name}`, deadline, (options) => {
          switch (request.kind) {
            case 'get-lease':
              return api.get(LEASES, settings.key, options);
            case 'create-lease':
              return api.create(LEASES, request.lease, options);
            case 'update-lease':
              return api.update(LEASES, request.lease, options);
          }
        }),
      );
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      return err(failureOf(error));
    }
  }

  /** So that the next one need not wait. When it fails the lease runs out by itself. */
  async #giveBack(): Promise<void> {
    const { api, clock, log, settings } = this.#deps;
    const observed = this.#observed;
    if (observed === undefined || !leads(this.#candidate, observed)) return;
    const deadline = { clock, signal: abortScope().signal, timeout: GIVE_BACK_WITHIN };
    const giveBack = async (from: Observed, options: CallOptions): Promise<void> => {
      await api.update(LEASES, givenBack(from, clock.now()), options);
    };
    try {
      await callWithin(`giving back ${this.#name}`, deadline, async (options) => {
        try {
          await giveBack(observed, options);
        } catch (error) {
          if (!(error instanceof KubeError) || error.status.code !== 409) throw error;
          // a renewal that was broken off had arrived
          const now = { ...observed, lease: await api.get(LEASES, settings.key, options) };
          if (leads(this.#candidate, now)) await giveBack(now, options);
        }
      });
    } catch (error) {
      const wait = toGoDuration(settings.leaseDurationMs);
      log.warn(`the lease ${this.#name} was not given back and runs out in ${wait}: ${errorText(error)}`);
    }
  }
}
