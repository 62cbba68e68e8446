/** How long the embedded provider and its machines take. One record, drawn from named streams, so that a scenario can have another. */

import type { LatencyRange } from '../core/cluster/latency-model.ts';
import { durationMs, type DurationMs } from '../core/time/time.ts';
import type { RandomStream } from '../lib/random.ts';
import type { Random } from '../ports/random.ts';

export type NodeLatencies = {
  /** From the claim to the provider's answer. */
  readonly launch: LatencyRange;
  /** From that answer until the kubelet has registered its Node. */
  readonly boot: LatencyRange;
  /** From the Node to its readiness: network and device plugins. */
  readonly readiness: LatencyRange;
  /** From the order to stop until the machine is gone. */
  readonly stop: LatencyRange;
};

/** The usual case of a cloud without special hardware. Spec: karpenter 10.2, 10.3. */
export const DEFAULT_NODE_LATENCIES: NodeLatencies = {
  launch: { minMs: 4000, maxMs: 6000 },
  boot: { minMs: 15_000, maxMs: 25_000 },
  readiness: { minMs: 8000, maxMs: 12_000 },
  stop: { minMs: 4000, maxMs: 10_000 },
};

/** The draws of one machine. */
export type MachineLatencies = Readonly<Record<keyof NodeLatencies, DurationMs>>;

/** One stream per step, so that a further step shifts none of the others. */
export function drawMachine(latencies: NodeLatencies, random: Random): MachineLatencies {
  const draw = (step: keyof NodeLatencies): DurationMs => within(latencies[step], random.stream(`nodes/${step}`));
  return { launch: draw('launch'), boot: draw('boot'), readiness: draw('readiness'), stop: draw('stop') };
}

function within({ minMs, maxMs }: LatencyRange, random: RandomStream): DurationMs {
  return durationMs(Math.floor(minMs + random.next() * (maxMs - minMs + 1)));
}
