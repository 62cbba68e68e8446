/** The services of the GCS over gRPC, answered by a model: what the embedded Ray stand-in is reached by. */

import { Server, ServerCredentials, type Metadata, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { GcsError, type GcsApi, type GcsStart, type HeadNode } from '../ports/gcs-api.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { NOT_FOUND, toGcsStatus, toStatusObject } from './errors.ts';
import { fromAutoscalingState, fromClusterResourceState } from './from-core.ts';
import {
  GcsNodeInfo_GcsNodeState as NodeState,
  type DrainNodeReply as NodesStopped,
  type GcsNodeInfo,
  type GcsStatus,
  type InternalKVGetReply,
  type InternalKVPutReply,
} from './gen/gcs_service.ts';
import { hexText, nodeIdBytes } from './ids.ts';
import { MESSAGE_LIMIT_BYTES, silenceLibrary } from './limits.ts';
import { AUTHORIZATION_KEY, CLUSTER_ID_KEY } from './metadata.ts';
import * as methods from './methods.ts';
import type { Method } from './methods.ts';
import { toAutoscalingState, toDrainRequest } from './to-core.ts';

/** `clusterId`: 56 hex digits. */
export type GcsModel = GcsApi & GcsStart & { readonly clusterId: string };

/** Port 0 is any free one. With `token` or `tls` the server demands what a GCS with these settings demands. */
export type ServeOptions = {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly tls?: { readonly ca: string; readonly certificate: string; readonly key: string };
};

/** `close` ends every connection and frees the port. */
export type GcsServer = { readonly address: string; close(): Promise<void> };

/** Rejects with `TANDEM_GCS_UNAVAILABLE` when the port cannot be had. */
export async function serveGcs(model: GcsModel, options: ServeOptions): Promise<GcsServer> {
  silenceLibrary();
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_LIMIT_BYTES,
    'grpc.max_send_message_length': MESSAGE_LIMIT_BYTES,
  });
  const admit = admission(model, options.token);
  addAutoscalerService(server, model, admit);
  addNodeService(server, model, admit);
  addKeyValueService(server, model, admit);
  const port = await bind(server, options);
  return {
    address: `${options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        // the graceful end waits for connections, the forced one ends them
        server.tryShutdown(() => resolve());
        server.forceShutdown();
      }),
  };
}

function bind(server: Server, { host, port, tls }: ServeOptions): Promise<number> {
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(
          Buffer.from(tls.ca),
          [{ cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.key) }],
          true,
        );
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, credentials, (error, bound) => {
      if (error === null) return resolve(bound);
      const message = `cannot listen on ${host}:${port}: ${error.message}`;
      reject(new GcsError('TANDEM_GCS_UNAVAILABLE', message, { cause: error }));
    });
  });
}

/** Throws for a caller that a GCS would not let in. */
type Admission = (metadata: Metadata) => void;

function admission(model: GcsModel, token: string | undefined): Admission {
  const single = (metadata: Metadata, key: string): string | undefined => metadata.get(key)[0]?.toString();
  return (metadata) => {
    if (token !== undefined && single(metadata, AUTHORIZATION_KEY) !== `Bearer ${token}`) {
      throw new GcsError(
        'TANDEM_GCS_UNAUTHENTICATED',
        'InvalidAuthToken: Authentication token is missing or incorrect',
      );
    }
    const clusterId = single(metadata, CLUSTER_ID_KEY);
    if (clusterId !== undefined && clusterId !== model.clusterId) {
      throw new GcsError('TANDEM_GCS_UNAUTHENTICATED', `WrongClusterID: this is cluster ${model.clusterId}`);
    }
  };
}

type Answer<Request, Reply> = (request: Request, options: CallOptions) => Promise<Reply>;

function add<Request, Reply>(
  server: Server,
  admit: Admission,
  method: Method<Request, Reply>,
  answer: Answer<Request, Reply>,
): void {
  const definition = {
    path: method.path,
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: Request) => Buffer.from(method.request.encode(message).finish()),
    requestDeserialize: (bytes: Buffer) => method.request.decode(bytes),
    responseSerialize: (message: Reply) => Buffer.from(method.reply.encode(message).finish()),
    responseDeserialize: (bytes: Buffer) => method.reply.decode(bytes),
  };
  const handle = (call: ServerUnaryCall<Request, Reply>, done: sendUnaryData<Reply>): void => {
    const scope = new AbortController();
    call.on('cancelled', () => scope.abort(new Error('the caller gave up')));
    const reply = async (): Promise<Reply> => {
      admit(call.metadata);
      return answer(call.request, { signal: scope.signal });
    };
    reply().then(
      (value) => done(null, value),
      (error: unknown) => done(toStatusObject(error)),
    );
  };
  server.addService({ [method.path]: definition }, { [method.path]: handle });
}

function addAutoscalerService(server: Server, model: GcsModel, admit: Admission): void {
  add(server, admit, methods.GET_CLUSTER_RESOURCE_STATE, async (_, options) => ({
    clusterResourceState: fromClusterResourceState(await model.getClusterResourceState(options)),
  }));
  add(server, admit, methods.GET_CLUSTER_STATUS, async (_, options) => {
    const { autoscalingState, clusterResourceState } = await model.getClusterStatus(options);
    return {
      autoscalingState: autoscalingState === undefined ? undefined : fromAutoscalingState(autoscalingState),
      clusterResourceState: fromClusterResourceState(clusterResourceState),
    };
  });
  add(server, admit, methods.REPORT_AUTOSCALING_STATE, async ({ autoscalingState }, options) => {
    if (autoscalingState === undefined) throw new GcsError('TANDEM_GCS_INVALID', 'the report has no state');
    await model.reportAutoscalingState(toAutoscalingState(autoscalingState), options);
    return {};
  });
  add(server, admit, methods.DRAIN_NODE, async (message, options) => {
    const request = toDrainRequest(message);
    if (request === undefined) throw new GcsError('TANDEM_GCS_INVALID', 'the drain has no reason');
    return { ...(await model.drainNode(request, options)) };
  });
}

function addNodeService(server: Server, model: GcsModel, admit: Admission): void {
  add(server, admit, methods.GET_CLUSTER_ID, async () => ({
    status: undefined,
    clusterId: nodeIdBytes(model.clusterId),
  }));
  add(server, admit, methods.CHECK_ALIVE, async (_, options) => ({
    status: undefined,
    rayVersion: await model.rayVersion(options),
  }));
  add(server, admit, methods.GET_ALL_NODE_INFO, async ({ nodeSelectors }, options) => {
    if (nodeSelectors.length !== 1 || nodeSelectors[0]?.isHeadNode !== true)
      throw new GcsError('TANDEM_GCS_UNIMPLEMENTED', 'only the head can be asked for');
    const head = await model.headNode(options);
    return { status: undefined, nodeInfoList: head === undefined ? [] : [fromHeadNode(head)] };
  });
  add(server, admit, methods.STOP_NODES, ({ drainNodeData }, options) =>
    inReply(
      async (): Promise<NodesStopped> => {
        const nodeIds = await model.stopNodes(
          drainNodeData.map(({ nodeId }) => hexText(nodeId)),
          options,
        );
        const drainNodeStatus = nodeIds.map((nodeId) => ({ nodeId: nodeIdBytes(nodeId) }));
        return { status: undefined, drainNodeStatus };
      },
      (status) => ({ status, drainNodeStatus: [] }),
    ),
  );
}

function addKeyValueService(server: Server, model: GcsModel, admit: Admission): void {
  add(server, admit, methods.KV_GET, ({ namespace, key }, options) =>
    inReply(
      async (): Promise<InternalKVGetReply> => {
        const value = await model.getKey({ namespace: text(namespace), name: text(key) }, options);
        return value === undefined
          ? { status: { code: NOT_FOUND, message: 'Failed to find the key' }, value: new Uint8Array() }
          : { status: undefined, value: new Uint8Array(Buffer.from(value, 'utf8')) };
      },
      (status) => ({ status, value: new Uint8Array() }),
    ),
  );
  add(server, admit, methods.KV_PUT, ({ namespace, key, value, overwrite }, options) =>
    inReply(
      async (): Promise<InternalKVPutReply> => {
        const at = { namespace: text(namespace), name: text(key) };
        const added = (await model.getKey(at, options)) === undefined;
        await model.putKey({ ...at, value: text(value), existing: overwrite ? 'overwrite' : 'keep' }, options);
        return { status: undefined, added };
      },
      (status) => ({ status, added: false }),
    ),
  );
}

/** The older services say no in their reply where they can. */
async function inReply<Reply>(run: () => Promise<Reply>, refusal: (status: GcsStatus) => Reply): Promise<Reply> {
  try {
    return await run();
  } catch (error) {
    const status = toGcsStatus(error);
    if (status === undefined) throw error;
    return refusal(status);
  }
}

function fromHeadNode({ nodeId, address, tempDir }: HeadNode): GcsNodeInfo {
  return {
    nodeId: nodeIdBytes(nodeId),
    nodeManagerAddress: address,
    state: NodeState.ALIVE,
    isHeadNode: true,
    tempDir,
  };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
