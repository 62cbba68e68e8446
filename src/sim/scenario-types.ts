/** What a scenario is given and what it gives back. The screen, the chart and the JSON document are views of these. */

import type { AnyObject, ObjectKey } from '../core/kube/object.ts';
import type { EpochMs } from '../core/time/time.ts';
import type { DecisionRecord } from '../ports/recorder.ts';
import type { FloorAsk, GivenRayLoad, GroupAsk } from './ray-load.ts';

/** Requests per second over time, by whole seconds from the start of the load; after the last entry the load is 0. */
export type TraceLoad = { readonly requestsPerSecond: readonly number[]; readonly source: string };

/**
 * What is applied to the empty cluster; objects without a namespace go to `default`. `guide` (examples/guide.yaml) is also held to the
 * guide's figures (HPA 1 -> 5 -> 1, workers 0 -> 10 -> 0); `manifests`, the user's own, only to the invariants.
 */
export type ScenarioInput = { readonly kind: 'guide' | 'manifests'; readonly objects: readonly AnyObject[] };

export type ScenarioOptions = {
  readonly input: ScenarioInput;
  /** Replaces the built-in load of every HPA's Deployment. */
  readonly trace: TraceLoad | undefined;
  /** Replaces the built-in load of every Ray cluster that is scaled. */
  readonly rayLoad: GivenRayLoad | undefined;
  readonly seed: number;
  /** Virtual seconds per real second, or as fast as the machine can. */
  readonly speed: number | 'max';
  readonly signal: AbortSignal;
  readonly observer: ScenarioObserver;
};

/** Told as things happen, in order, on the cluster's clock. Must not throw. */
export type ScenarioObserver = {
  /** Milestones of the script: what is applied, what load starts and why now, what was reached. */
  step(at: EpochMs, text: string): void;
  decision(record: DecisionRecord): void;
  /** A loop survived something (a failed request, a retry). */
  warning(at: EpochMs, text: string): void;
};

/** A measured line over time: one value per change, in force until the next. */
export type Series = {
  readonly name: string;
  readonly kind: 'load' | 'replicas' | 'tasks' | 'groups' | 'floor' | 'workers' | 'nodes';
  /** `requests/s`, `pods`, `tasks`, `groups`, `bundles`, `nodes`. */
  readonly unit: string;
  readonly points: readonly (readonly [at: EpochMs, value: number])[];
};

/** One layer's number over the run, for one object. */
export type LayerSummary = {
  readonly layer: 'hpa' | 'ray' | 'nodes';
  readonly object: string;
  readonly first: number;
  readonly peak: number;
  readonly last: number;
  readonly unit: string;
  /** Why what is left is left ("1 node holds the Ray head and 1 replica"), or why the number never moved. */
  readonly note?: string;
};

/** Something that was asked for and is not so at the end, although no invariant broke. */
export type Unserved = {
  /** `HPA web on Deployment web`. */
  readonly object: string;
  /** `never got a number`. */
  readonly problem: string;
  /** What stood in the way, as whoever tried said last. */
  readonly reason: string;
};

/** What came of a placement group or of a call of `request_resources`. */
export type RayAskOutcome = {
  /** The RayCluster's. */
  readonly cluster: ObjectKey;
  readonly ask: GroupAsk | FloorAsk;
  readonly askedAt: EpochMs;
  /** When it had its place, or there was room for it; undefined when that never came. */
  readonly metAt: EpochMs | undefined;
  /** When it was removed, or replaced by the next call. */
  readonly endedAt: EpochMs | undefined;
  /** A group's id as the GCS tells it; '' for a call of `request_resources`. */
  readonly groupId: string;
  /** On how many Ray nodes a group stood at first. */
  readonly nodes: number;
};

export type Expectation = { readonly name: string; readonly held: boolean; readonly detail: string };

export type ScenarioResult = {
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly layers: readonly LayerSummary[];
  readonly expectations: readonly Expectation[];
  /** What did not come about, in the order HPAs, pods, tasks, steps of the script. */
  readonly unserved: readonly Unserved[];
  /** In the order of clusters, then as they were asked for; none in the built-in load. */
  readonly rayAsks: readonly RayAskOutcome[];
  readonly decisions: readonly DecisionRecord[];
  readonly series: readonly Series[];
};
