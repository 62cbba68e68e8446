/** The stand-in over gRPC, held to the contract of the port: the client that ships, against the server of the embedded cluster. */

import { GcsClient } from '../../src/gcs/client.ts';
import { serveGcs } from '../../src/gcs/server.ts';
import { describeGcsApiContract } from './gcs-api.ts';
import { withStandIn } from './stand-in-subject.ts';

describeGcsApiContract(
  'Ray stand-in over gRPC',
  withStandIn({
    clock: 'scaled',
    face: async (standIn) => {
      const server = await serveGcs(standIn.gcs, { host: '127.0.0.1', port: 0 });
      const gcs = new GcsClient({ address: server.address, credentials: {} });
      return {
        gcs,
        close: async () => {
          gcs.close();
          await server.close();
        },
      };
    },
  }),
);
