/** How long the emulated kubelet takes for each step of a pod: one table, drawn from per pod. */

import type { RandomStream } from '../../lib/random.ts';
import type { PodSpec } from '../kube/core-v1.ts';
import { isSidecar } from '../quantity/resources.ts';
import { durationMs, type DurationMs } from '../time/time.ts';

/** Uniform between the two, in milliseconds. */
export type LatencyRange = { readonly minMs: number; readonly maxMs: number };

/** A range per step. */
export type LatencyModel = {
  /** From the binding to the pod's first status: the kubelet's watch and admission. */
  readonly accept: LatencyRange;
  /** Network and volumes, before images are pulled. */
  readonly sandbox: LatencyRange;
  /** First pull of an image on a node, by the first entry whose text the image's name contains. The last entry's text is ''. */
  readonly coldPull: readonly { readonly imageContains: string; readonly range: LatencyRange }[];
  /** The image is on the node. */
  readonly warmPull: LatencyRange;
  /** One init container, from start to end. */
  readonly initContainer: LatencyRange;
  /** Create and start the containers. */
  readonly start: LatencyRange;
  /** From started to ready. */
  readonly readiness: LatencyRange;
  /** From the request to stop to the last container's end; the grace period cuts it short. */
  readonly stop: LatencyRange;
};

/**
 * Defaults. Assumptions of the usual order of magnitude, no measurements: a Ray image weighs gigabytes, others some hundred megabytes.
 */
export const DEFAULT_LATENCIES: LatencyModel = {
  accept: { minMs: 20, maxMs: 200 },
  sandbox: { minMs: 300, maxMs: 1500 },
  coldPull: [
    { imageContains: 'rayproject/ray', range: { minMs: 30_000, maxMs: 60_000 } },
    { imageContains: '', range: { minMs: 3000, maxMs: 8000 } },
  ],
  warmPull: { minMs: 50, maxMs: 300 },
  initContainer: { minMs: 500, maxMs: 2000 },
  start: { minMs: 200, maxMs: 800 },
  readiness: { minMs: 1000, maxMs: 3000 },
  stop: { minMs: 300, maxMs: 2000 },
};

/** The draws of one pod. */
export type PodLatencies = {
  readonly accept: DurationMs;
  readonly sandbox: DurationMs;
  /** Per image of the pod: if it has to be fetched, and if not. */
  readonly pulls: readonly { readonly image: string; readonly cold: DurationMs; readonly warm: DurationMs }[];
  /** All init containers, one after the other. */
  readonly init: DurationMs;
  readonly start: DurationMs;
  readonly readiness: DurationMs;
  readonly stop: DurationMs;
};

/** Draws all latencies of a pod at once and in one order, so that what happens to it changes no draw. O(containers). */
export function drawLatencies(spec: PodSpec, model: LatencyModel, random: RandomStream): PodLatencies {
  const draw = ({ minMs, maxMs }: LatencyRange): DurationMs =>
    durationMs(Math.floor(minMs + random.next() * (maxMs - minMs + 1)));
  const initContainers = (spec.initContainers ?? []).filter((container) => !isSidecar(container));
  const images = new Set([...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image ?? ''));
  return {
    accept: draw(model.accept),
    sandbox: draw(model.sandbox),
    pulls: [...images].map((image) => ({ image, cold: draw(coldRange(image, model)), warm: draw(model.warmPull) })),
    init: durationMs(initContainers.reduce((sum) => sum + draw(model.initContainer), 0)),
    start: draw(model.start),
    readiness: draw(model.readiness),
    stop: draw(model.stop),
  };
}

function coldRange(image: string, model: LatencyModel): LatencyRange {
  return model.coldPull.find(({ imageContains }) => image.includes(imageContains))?.range ?? model.warmPull;
}
