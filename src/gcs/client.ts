/** The GCS over gRPC. One connection, opened with the first call and opened again when it is lost; a deadline on every call. */

import { Client, credentials as channel, type ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import type {
  AutoscalingState,
  ClusterResourceState,
  DrainNodeReply,
  DrainNodeRequest,
} from '../core/ray/cluster-state.ts';
import { durationMs, type DurationMs } from '../core/time/time.ts';
import { errorText, TandemError } from '../lib/error.ts';
import { GcsError, type GcsApi, type GcsKey, type GcsStart, type HeadNode } from '../ports/gcs-api.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { checkStatus, NOT_FOUND } from './errors.ts';
import { fromAutoscalingState, fromDrainRequest } from './from-core.ts';
import { GcsNodeInfo_GcsNodeState as NodeState } from './gen/gcs_service.ts';
import { hexText, nodeIdBytes } from './ids.ts';
import { callMetadata } from './metadata.ts';
import * as methods from './methods.ts';
import type { Method } from './methods.ts';
import { MESSAGE_LIMIT_BYTES, silenceLibrary } from './limits.ts';
import { toAutoscalingState, toClusterResourceState, toHeadNode } from './to-core.ts';
import { unary } from './unary.ts';

/** `token` is asked before every call, so that a renewed one is used. Texts of `tls` are PEM; the GCS demands a certificate of its CA. */
export type GcsCredentials = {
  readonly token?: () => Promise<string>;
  readonly tls?: { readonly ca: string; readonly certificate: string; readonly key: string };
};

export type GcsTimeouts = { readonly call: DurationMs; readonly clusterId: DurationMs };

export type GcsClientOptions = {
  /** `host:port`. */
  readonly address: string;
  readonly credentials: GcsCredentials;
  readonly timeouts?: Partial<GcsTimeouts>;
};

/** Upstream waits 30 s for the cluster's id and for ever for the rest; a round must not. */
const DEFAULT_TIMEOUTS: GcsTimeouts = { call: durationMs(5000), clusterId: durationMs(30_000) };

const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.max_receive_message_length': MESSAGE_LIMIT_BYTES,
  'grpc.max_send_message_length': MESSAGE_LIMIT_BYTES,
  'grpc.keepalive_time_ms': 300_000,
  'grpc.keepalive_timeout_ms': 120_000,
  // a proxy of the environment is meant for the world outside, not for the pod next door
  'grpc.enable_http_proxy': 0,
  // a head that comes back, perhaps under another address, is found within seconds
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2000,
  'grpc.dns_min_time_between_resolutions_ms': 2000,
  'grpc.service_config_disable_resolution': 1,
  // connections are this client's own: closing it closes them
  'grpc.use_local_subchannel_pool': 1,
};

/**
 * The cluster's id is asked once, before the first other call, and sent from then on: a GCS that was replaced by a new, empty one
 * refuses it (`TANDEM_GCS_UNAUTHENTICATED`), and then this client is of no more use. Start again with a new one.
 */
export class GcsClient implements GcsApi, GcsStart {
  readonly #address: string;
  readonly #credentials: GcsCredentials;
  readonly #timeouts: GcsTimeouts;
  readonly #client: Client;
  #clusterId: string | undefined;

  constructor({ address, credentials, timeouts }: GcsClientOptions) {
    silenceLibrary();
    this.#address = address;
    this.#credentials = credentials;
    this.#timeouts = { ...DEFAULT_TIMEOUTS, ...timeouts };
    this.#client = new Client(`dns:${address}`, channelCredentials(credentials, address), CHANNEL_OPTIONS);
  }

  /** Ends the connection. Calls under way fail as unavailable. */
  close(): void {
    this.#client.close();
  }

  async getClusterResourceState(options: CallOptions): Promise<ClusterResourceState> {
    const request = { lastSeenClusterResourceStateVersion: 0 };
    const reply = await this.#call(methods.GET_CLUSTER_RESOURCE_STATE, request, options);
    return toClusterResourceState(reply.clusterResourceState);
  }

  async getClusterStatus(options: CallOptions): Promise<{
    readonly autoscalingState: AutoscalingState | undefined;
    readonly clusterResourceState: ClusterResourceState;
  }> {
    const reply = await this.#call(methods.GET_CLUSTER_STATUS, {}, options);
    return {
      autoscalingState: reply.autoscalingState === undefined ? undefined : toAutoscalingState(reply.autoscalingState),
      clusterResourceState: toClusterResourceState(reply.clusterResourceState),
    };
  }

  async drainNode(request: DrainNodeRequest, options: CallOptions): Promise<DrainNodeReply> {
    return this.#call(methods.DRAIN_NODE, fromDrainRequest(request), options);
  }

  async stopNodes(nodeIds: readonly string[], options: CallOptions): Promise<readonly string[]> {
    const drainNodeData = nodeIds.map((nodeId) => ({ nodeId: nodeIdBytes(nodeId) }));
    const reply = await this.#call(methods.STOP_NODES, { drainNodeData }, options);
    checkStatus(reply.status, this.#address);
    return reply.drainNodeStatus.map(({ nodeId }) => hexText(nodeId));
  }

  async reportAutoscalingState(state: AutoscalingState, options: CallOptions): Promise<void> {
    const autoscalingState = fromAutoscalingState(state);
    await this.#call(methods.REPORT_AUTOSCALING_STATE, { autoscalingState }, options);
  }

  async rayVersion(options: CallOptions): Promise<string> {
    const reply = await this.#call(methods.CHECK_ALIVE, { nodeIds: [] }, options);
    checkStatus(reply.status, this.#address);
    return reply.rayVersion;
  }

  async headNode(options: CallOptions): Promise<HeadNode | undefined> {
    const request = { nodeSelectors: [{ isHeadNode: true }], stateFilter: NodeState.ALIVE };
    const reply = await this.#call(methods.GET_ALL_NODE_INFO, request, options);
    checkStatus(reply.status, this.#address);
    // an older Ray does not know these filters and lists every node
    const head = reply.nodeInfoList.find(({ isHeadNode, state }) => isHeadNode && state === NodeState.ALIVE);
    return head === undefined ? undefined : toHeadNode(head);
  }

  async getKey({ namespace, name }: GcsKey, options: CallOptions): Promise<string | undefined> {
    const request = { key: utf8(name), namespace: utf8(namespace) };
    const reply = await this.#call(methods.KV_GET, request, options);
    if (reply.status?.code === NOT_FOUND) return undefined;
    checkStatus(reply.status, this.#address);
    return Buffer.from(reply.value).toString('utf8');
  }

  async putKey(
    { namespace, name, value, existing }: GcsKey & { readonly value: string; readonly existing: 'overwrite' | 'keep' },
    options: CallOptions,
  ): Promise<void> {
    const entry = { key: utf8(name), value: utf8(value), namespace: utf8(namespace) };
    const reply = await this.#call(methods.KV_PUT, { ...entry, overwrite: existing === 'overwrite' }, options);
    checkStatus(reply.status, this.#address);
  }

  async #call<Request, Reply>(
    method: Method<Request, Reply>,
    request: Request,
    { signal }: CallOptions,
  ): Promise<Reply> {
    this.#clusterId ??= await this.#askClusterId(signal);
    return this.#send(method, request, { signal, timeout: this.#timeouts.call, clusterId: this.#clusterId });
  }

  async #askClusterId(signal: AbortSignal): Promise<string> {
    const reply = await this.#send(methods.GET_CLUSTER_ID, {}, { signal, timeout: this.#timeouts.clusterId });
    checkStatus(reply.status, this.#address);
    return hexText(reply.clusterId);
  }

  async #send<Request, Reply>(
    method: Method<Request, Reply>,
    request: Request,
    options: { readonly signal: AbortSignal; readonly timeout: DurationMs; readonly clusterId?: string },
  ): Promise<Reply> {
    const { signal, timeout, clusterId } = options;
    const token = await this.#token();
    const metadata = callMetadata({
      ...(clusterId === undefined ? {} : { clusterId }),
      ...(token === undefined ? {} : { token }),
    });
    return unary(method, request, { client: this.#client, where: this.#address, metadata, timeout, signal });
  }

  async #token(): Promise<string | undefined> {
    try {
      return await this.#credentials.token?.();
    } catch (error) {
      if (error instanceof TandemError) throw error;
      const message = `the token for the GCS at ${this.#address} cannot be read: ${errorText(error)}`;
      throw new GcsError('TANDEM_GCS_UNAUTHENTICATED', message, { cause: error });
    }
  }
}

/** Throws `TANDEM_GCS_UNAUTHENTICATED` for texts that are no certificate or no key. */
function channelCredentials({ tls }: GcsCredentials, address: string): ChannelCredentials {
  if (tls === undefined) return channel.createInsecure();
  try {
    return channel.createSsl(Buffer.from(tls.ca), Buffer.from(tls.key), Buffer.from(tls.certificate));
  } catch (error) {
    const message = `certificate, key or CA for the GCS at ${address} cannot be used: ${errorText(error)}`;
    throw new GcsError('TANDEM_GCS_UNAUTHENTICATED', message, { cause: error });
  }
}

function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}
