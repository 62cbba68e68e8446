/** One record per round and object: log lines, events, metrics, timeline, console and replay are views of it. */

import type { EpochMs } from '../core/time/time.ts';

/** Which of the layers decided: the application's replicas, Ray's workers, or the nodes beneath. */
export type Layer = 'hpa' | 'ray' | 'nodes' | 'workload';

export type DecisionRecord = {
  readonly at: EpochMs;
  readonly layer: Layer;
  /** The controller's own name (`hpa-controller`, `ray-autoscaler`, ...). */
  readonly controller: string;
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string; readonly part?: string };
  /** Digest of everything that was decided upon: equal digests and a different decision mean a defect. */
  readonly inputsDigest: string;
  /** `scale`: a number changed. `hold`: it stayed. `fail`: nothing could be decided or done; `reason` says why. */
  readonly decision:
    | { readonly kind: 'scale'; readonly from: number; readonly to: number; readonly of: string }
    | { readonly kind: 'hold'; readonly at: number; readonly of: string }
    | { readonly kind: 'fail' };
  /** Why the decision was not carried out (a dry run, a second writer); absent when it was, or when there was nothing to do. */
  readonly withheld?: string;
  /** Upstream's word where there is one (`SuccessfulRescale`, `IDLE`). */
  readonly reason: string;
  /** Why, in one sentence for a person, with numbers and units; what changed stands in `decision`. */
  readonly message: string;
  /** The numbers the decision was made of, unit as the last word of the name. */
  readonly numbers: Readonly<Record<string, number | string>>;
};

export interface Recorder {
  record(record: DecisionRecord): void;
}
