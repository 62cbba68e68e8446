/**
 * How Ray's autoscaler reaches the stand-in. In process for runs whose time jumps; over gRPC on loopback for runs that a person
 * watches, through the client that ships. Virtual time stands still while a message is on the wire: how long a network takes is drawn
 * by the stand-in, in both, so that what is decided does not hang on the machine.
 */

import type { EventClock } from '../clock/event-clock.ts';
import { RealClock } from '../clock/real-clock.ts';
import type { Clock } from '../ports/clock.ts';
import { epochMs } from '../core/time/time.ts';
import type { GcsApi, GcsStart } from '../ports/gcs-api.ts';
import type { GcsModel } from '../gcs/server.ts';

export type GcsLine = {
  readonly gcs: GcsApi;
  /** What the deadlines of its calls run on. */
  readonly networkClock: Clock;
  /** Ends the connection and frees the port. */
  close(): Promise<void>;
};

export type OpenGcsLine = (model: GcsModel) => Promise<GcsLine>;

/** Loads what gRPC needs, which takes a while and belongs before the clock starts; then each line opens at once. */
export async function grpcLines(): Promise<(clock: EventClock) => OpenGcsLine> {
  const [{ GcsClient }, { serveGcs }] = await Promise.all([import('../gcs/client.ts'), import('../gcs/server.ts')]);
  return (clock) => async (model) => {
    const wire = new Wire(clock);
    const server = await serveGcs(answering(model, wire), { host: '127.0.0.1', port: 0 });
    const client = new GcsClient({ address: server.address, credentials: {} });
    return {
      gcs: asking(client, wire),
      networkClock: new RealClock(),
      close: async () => {
        client.close();
        await server.close();
      },
    };
  };
}

/** A message that never arrives (its call was given up) holds time up no longer than this. */
const LONGEST_MS = 1000;

/** The messages under way in both directions. Releasing the wrong one of several only lets time go on a little early. */
class Wire {
  readonly #clock: EventClock;
  readonly #real = new RealClock();
  readonly #requests: (() => void)[] = [];
  readonly #replies: (() => void)[] = [];

  constructor(clock: EventClock) {
    this.#clock = clock;
  }

  async ask<T>(call: () => Promise<T>): Promise<T> {
    const sent = this.#hold();
    this.#requests.push(sent);
    try {
      return await call();
    } finally {
      sent();
      this.#replies.shift()?.();
    }
  }

  async answer<T>(work: () => Promise<T>): Promise<T> {
    this.#requests.shift()?.();
    try {
      return await work();
    } finally {
      this.#replies.push(this.#hold());
    }
  }

  #hold(): () => void {
    const release = this.#clock.hold();
    const limit = this.#real.timer(epochMs(this.#real.now() + LONGEST_MS), release);
    return () => {
      limit.cancel();
      release();
    };
  }
}

function asking(gcs: GcsApi, wire: Wire): GcsApi {
  return {
    getClusterResourceState: (options) => wire.ask(() => gcs.getClusterResourceState(options)),
    getClusterStatus: (options) => wire.ask(() => gcs.getClusterStatus(options)),
    drainNode: (request, options) => wire.ask(() => gcs.drainNode(request, options)),
    stopNodes: (nodeIds, options) => wire.ask(() => gcs.stopNodes(nodeIds, options)),
    reportAutoscalingState: (state, options) => wire.ask(() => gcs.reportAutoscalingState(state, options)),
  };
}

/** Only what a line asks for stops the clock; the rest of the model is handed on. */
function answering(model: GcsModel, wire: Wire): GcsModel {
  const start: GcsStart = {
    rayVersion: (options) => model.rayVersion(options),
    headNode: (options) => model.headNode(options),
    getKey: (key, options) => model.getKey(key, options),
    putKey: (entry, options) => model.putKey(entry, options),
  };
  return {
    clusterId: model.clusterId,
    ...start,
    getClusterResourceState: (options) => wire.answer(() => model.getClusterResourceState(options)),
    getClusterStatus: (options) => wire.answer(() => model.getClusterStatus(options)),
    drainNode: (request, options) => wire.answer(() => model.drainNode(request, options)),
    stopNodes: (nodeIds, options) => wire.answer(() => model.stopNodes(nodeIds, options)),
    reportAutoscalingState: (state, options) => wire.answer(() => model.reportAutoscalingState(state, options)),
  };
}
