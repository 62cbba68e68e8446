/** Why a round was decided as it was, in data, for whoever asks: what came close, what stood in the way, which rule kept or ended a node. */

import type { LabelSelectorConstraint, ResourceRequestByCount } from './cluster-state.ts';
import type { NodeKind } from './instance-status.ts';
import type { Score } from './score.ts';
import type { ResizeRequest, TerminationRequest } from './snapshot.ts';

export type Reasons = {
  /** One per node type that is launched, in the order of the launches. */
  readonly launches: readonly LaunchReason[];
  /** What found no place, in packing order: of the constraint, then of the gangs, then of the demand. */
  readonly unserved: readonly UnservedReason[];
  readonly resizes: readonly ResizeReason[];
  /** One per node of the round that is not launched, in node order; then one per instance that is no node. */
  readonly nodes: readonly NodeReason[];
};

/** Whose requests: tasks and actors, what `request_resources` asks for, or a placement group by its place in the snapshot. */
export type Owner =
  | { readonly kind: 'demand' | 'constraint' }
  | { readonly kind: 'gang'; readonly index: number; readonly details: string };

export type Served = ResourceRequestByCount & { readonly of: Owner };

/** What one type is launched for, and why it and no other. Counts are nodes. */
export type LaunchReason = {
  readonly nodeType: string;
  readonly count: number;
  /** Those for the type's minimum, of which `there` were there; undefined when none is for it. */
  readonly forMinimum: { readonly count: number; readonly minimum: number; readonly there: number } | undefined;
  /** All that is placed on the new nodes, also on those for the minimum. */
  readonly serves: readonly Served[];
  /** How the type was chosen, launches decided alike told once. */
  readonly choices: readonly Choice[];
};

/** Launches of one type that the same runner-up lost for the same reason; the numbers are those of the first. */
export type Choice = {
  readonly of: Owner['kind'];
  readonly count: number;
  /** Why the first of what is taken was not placed on the nodes there are. */
  readonly existing: ExistingObstacle;
  readonly chosen: Candidate;
  /** The best of the others; undefined when none could take anything. */
  readonly runnerUp: (Candidate & { readonly lostBy: ScorePart }) | undefined;
  /** All further types, in their order. */
  readonly others: readonly { readonly nodeType: string; readonly why: NotChosen }[];
};

/** What a new node of a type would take, and how it would be used then. */
export type Candidate = {
  readonly nodeType: string;
  readonly takes: readonly ResourceRequestByCount[];
  readonly uses: readonly Use[];
  readonly score: Score;
};

/** Of one resource: how much of it would be used, and what that adds to the score. */
export type Use = {
  readonly resource: string;
  readonly used: number;
  readonly total: number;
  readonly contribution: number;
};

/** The parts of a score in their order, and at last the place in the list. */
export const SCORE_PARTS = [
  'labels',
  'gpu',
  'kinds',
  'least-used',
  'mean-used',
  'recoverable',
  'priority',
  'cloud',
  'place',
] as const;

export type ScorePart = (typeof SCORE_PARTS)[number];

/** `wouldWin`: a type without room that would have been chosen otherwise. */
export type NotChosen =
  | { readonly kind: 'beaten'; readonly lostBy: ScorePart }
  | Extract<TypeObstacle, { kind: 'unfit' }>
  | (Extract<TypeObstacle, { kind: 'limits' }> & { readonly wouldWin: boolean });

/** Why a request found no place on new nodes of a type: not even on an empty one, or no further one may come. */
export type TypeObstacle =
  | {
      readonly kind: 'unfit';
      readonly shortages: readonly Shortage[];
      /** For each alternative of the selectors what fails first; none when the labels are fine. */
      readonly labels: readonly UnmetLabel[];
      /** The type carries the label of the request's anti-affinity. */
      readonly isApart: boolean;
    }
  | { readonly kind: 'limits'; readonly perType: Limit | undefined; readonly total: Limit | undefined };

export type Shortage = { readonly resource: string; readonly requested: number; readonly ofEmptyNode: number };

/** `there`: the node's value; undefined when it lacks the label. */
export type UnmetLabel = LabelSelectorConstraint & { readonly there: string | undefined };

/** A limit that is reached, in nodes, the planned ones included; `leaving` are to be terminated and count until they are gone. */
export type Limit = { readonly limit: number; readonly nodes: number; readonly leaving: number };

/** What found no place. */
export type UnservedReason = Served & {
  readonly types: readonly { readonly nodeType: string; readonly obstacle: TypeObstacle }[];
  readonly existing: ExistingObstacle;
};

/** Why a request found no place on the nodes there are, the planned ones included, after this round's placements. */
export type ExistingObstacle =
  | { readonly kind: 'no-nodes' }
  /** No node has so much left; the first such resource. */
  | { readonly kind: 'not-free'; readonly resource: string; readonly requested: number; readonly mostFree: number }
  /** Each resource is left on some node, all of them on none. */
  | { readonly kind: 'not-together' }
  /** Nodes with enough left: so many have other labels, so many host one that it must be apart from. */
  | { readonly kind: 'elsewhere'; readonly labels: number; readonly apart: number };

/** `isNew`: decided in this round; otherwise it was queued before. */
export type ResizeReason = ResizeRequest & {
  readonly nodeType: string;
  readonly isNew: boolean;
  readonly hosts: readonly ResourceRequestByCount[];
};

export type NodeReason = {
  readonly instanceId: string;
  readonly nodeType: string;
  readonly kind: NodeKind;
  readonly status: TerminationRequest['instanceStatus'];
  /** Units of this round that are placed on it. */
  readonly hosts: { readonly demand: number; readonly constraint: number };
  readonly rule: NodeRule;
};

/** Times in seconds, limits in nodes. */
export type NodeRule =
  | { readonly fate: 'terminated'; readonly kind: 'type-gone' | 'outdated' }
  | { readonly fate: 'terminated'; readonly kind: 'max-per-type' | 'max-total'; readonly limit: number }
  | { readonly fate: 'terminated'; readonly kind: 'idle'; readonly idleS: number; readonly timeoutS: number }
  /** `needed`: something of this round is placed on it. */
  | { readonly fate: 'kept'; readonly kind: 'head' | 'needed' | 'no-timeout' }
  | { readonly fate: 'kept'; readonly kind: 'not-idle'; readonly idleS: number; readonly timeoutS: number }
  | { readonly fate: 'kept'; readonly kind: 'minimum'; readonly minimum: number; readonly idleS: number }
  /** An instance that is no node: on its way out, running without a Ray node, or on its way with an unknown type. */
  | { readonly fate: 'not-counted'; readonly kind: 'leaving' | 'no-ray-node' | 'type-unknown' };
