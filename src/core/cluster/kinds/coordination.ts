/** coordination.k8s.io/v1 Lease as the API server serves it. */

import type { Lease } from '../../kube/lease.ts';
import { LEASES } from '../../kube/resource.ts';
import type { KindDefinition } from './kind.ts';
import { checkSchema, int32, type Schema } from './schema.ts';

const TEXT: Schema = { type: 'string' };

const LEASE: Schema = {
  type: 'object',
  fields: {
    spec: {
      type: 'object',
      fields: {
        holderIdentity: TEXT,
        leaseDurationSeconds: int32({ min: 1 }),
        acquireTime: TEXT,
        renewTime: TEXT,
        leaseTransitions: int32({ min: 0 }),
      },
    },
  },
};

/** Lease: who holds it and for how long. Source: pkg/apis/coordination/validation (v1.37.2). */
export const LEASE_KIND: KindDefinition<Lease> = {
  resource: LEASES,
  custom: false,
  preferredVersion: true,
  generation: 'none',
  hasStatus: false,
  nameRule: 'dns-1123-subdomain',
  fields: {},
  withDefaults: (lease) => lease,
  validate: (lease) => checkSchema(LEASE, lease, ''),
  validateUpdate: () => [],
};
