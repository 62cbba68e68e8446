/** The stand-in in process, held to the contract of the port. */

import { describeGcsApiContract } from './gcs-api.ts';
import { withStandIn } from './stand-in-subject.ts';

describeGcsApiContract(
  'Ray stand-in',
  withStandIn({ clock: 'jump', face: async ({ gcs }) => ({ gcs, close: async () => undefined }) }),
);
