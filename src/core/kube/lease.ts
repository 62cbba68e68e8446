/** Wire shape of coordination.k8s.io/v1 Lease. */

import type { KubeObject } from './object.ts';

export type Lease = KubeObject & {
  readonly spec?: {
    /** Absent or '': nobody holds it. */
    readonly holderIdentity?: string;
    /** From the holder's last renewal, as others see it. */
    readonly leaseDurationSeconds?: number;
    /** RFC 3339 with microseconds, by the holder's clock. */
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
};
