/**
 * Karpenter on an embedded provider: nodes for pods that find no place, and an end for nodes that nobody uses. Five concerns on one
 * view of the cluster, each in its file. Of disruption only emptiness is here: nodes in use are never moved, drifted or expired.
 */

import type { ControllerDeps } from '../controllers/deps.ts';
import { EventWriter } from './event-writer.ts';
import { runInhabitant } from './inhabitant.ts';
import { NodeEmptiness } from './node-emptiness.ts';
import { DEFAULT_NODE_LATENCIES, type NodeLatencies } from './node-latencies.ts';
import { NodeLauncher } from './node-launcher.ts';
import { NodeLifecycle } from './node-lifecycle.ts';
import { NodePodEvents } from './node-pod-events.ts';
import { NodePoolCounter } from './node-pool-counter.ts';
import { NodeState } from './node-state.ts';

export type NodeProvisionerDeps = ControllerDeps & { readonly latencies?: NodeLatencies };

/** Runs until aborted; never rejects. */
export async function nodeProvisioner(deps: NodeProvisionerDeps): Promise<void> {
  const state = new NodeState(deps);
  const events = new EventWriter(deps, 'karpenter');
  await runInhabitant(state.informers, [
    new NodeLauncher(deps, state, events),
    new NodeLifecycle(deps, state, deps.latencies ?? DEFAULT_NODE_LATENCIES).loop,
    new NodeEmptiness(deps, state),
    new NodePodEvents(deps, state).loop,
    new NodePoolCounter(deps, state).loop,
  ]);
}
