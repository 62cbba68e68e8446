/**
 * The writes of one sync: made or withheld as a whole, and after a stop only where they have begun. A sync asks for its writes as
 * values, so this stands before the ports and nothing behind it needs to know.
 */

import type { HpaRequest, HpaResults } from '../core/hpa/conversation.ts';
import { ok } from '../lib/result.ts';
import type { WriteGate } from './write-gate.ts';

export type HpaWritesDeps = {
  /** Absent: open. */
  readonly gate?: WriteGate;
  /** The stop. */
  readonly signal: AbortSignal;
};

/** What stands in for a write's answer. */
export type Instead = { readonly result: HpaResults[keyof HpaResults] };

/** One per sync. The gate is asked once, before the first write: half a sync would tell of a scale that was not written, or the reverse. */
export class HpaWrites {
  readonly #deps: HpaWritesDeps;
  #begun = false;
  #withheld: string | undefined;

  constructor(deps: HpaWritesDeps) {
    this.#deps = deps;
  }

  /** Why this sync's writes are not made; undefined when they are, or when none was asked for yet. */
  get withheld(): string | undefined {
    return this.#withheld;
  }

  /**
   * The answer that a withheld write gets, as if it had been made; undefined for what is to be answered by the world. Throws the stop's
   * reason when a sync would begin to write after the stop.
   */
  instead(request: HpaRequest): Instead | undefined {
    const answer = doneWithout(request);
    if (answer === undefined) return undefined;
    const { gate, signal } = this.#deps;
    if (!this.#begun) {
      if (signal.aborted) throw signal.reason;
      this.#begun = true;
      this.#withheld = gate?.heldBack();
    }
    return this.#withheld === undefined ? undefined : answer;
  }
}

/** What a write comes to in a world that takes it; undefined for a read. */
function doneWithout(request: HpaRequest): Instead | undefined {
  switch (request.kind) {
    case 'put-scale':
      return { result: ok(request.scale) };
    case 'put-status':
      return { result: ok(request.hpa) };
    case 'emit-event':
      return { result: undefined };
    case 'discover':
    case 'get-scale':
    case 'claim-pods':
    case 'list-pod-metrics':
    case 'find-custom-metrics':
    case 'list-pods-metric':
    case 'get-object-metric':
    case 'list-external-metric':
    case 'list-pods':
    case 'pause':
      return undefined;
  }
}
