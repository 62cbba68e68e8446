/** What the phases of a scheduling round come to, before it is told as a decision. */

import type { ResourceRequestByCount } from './cluster-state.ts';
import type { SchedulingNode } from './nodes.ts';
import type { UnplacedGang } from './phases/gangs.ts';
import type { SchedulerState } from './snapshot.ts';

export type Outcome = {
  readonly nodes: readonly SchedulingNode[];
  /** Of the ordinary demand, in packing order. */
  readonly leftovers: readonly ResourceRequestByCount[];
  readonly unplacedGangs: readonly UnplacedGang[];
  /** Of the cluster constraint; with any left over the whole of it counts as not met. */
  readonly unmetConstraint: readonly ResourceRequestByCount[];
  readonly state: SchedulerState;
  /** The nodes as each of the packing phases found them, for explanations; who is idle was marked later, in the same objects. */
  readonly packedOn: Readonly<Record<'constraint' | 'gangs' | 'demand', readonly SchedulingNode[]>>;
};
