/** The cluster as the process reaches it. */

import { arch, platform } from 'node:process';
import type { KubeConnection } from '../../kube/connection.ts';
import type { AnsweredRequest } from '../../kube/transport.ts';
import type { KubeApi } from '../../ports/kube-api.ts';
import type { RawGet } from '../../ports/metrics-api.ts';
import type { Host } from '../host.ts';
import { MANAGER } from './gate.ts';
import type { HpaSettings } from './settings.ts';

export type HpaConnection = {
  /** For messages. */
  readonly server: string;
  /** `host:port`. */
  readonly host: string;
  readonly api: KubeApi;
  readonly raw: RawGet;
  close(): Promise<void>;
};

export type ConnectOptions = {
  readonly userAgent: string;
  /** Told of every answer of the server. */
  readonly answered: (answer: AnsweredRequest) => void;
};

export async function connect(
  { kubeconfig, context, master }: HpaSettings,
  { variables, clock }: Host,
  { userAgent, answered }: ConnectOptions,
): Promise<HpaConnection> {
  // loaded when it is needed: a command that only prints its help stays quick
  const [{ resolveConnection }, { HttpKubeApi }] = await Promise.all([
    import('../../kube/connection.ts'),
    import('../../kube/http-kube-api.ts'),
  ]);
  const found = await resolveConnection({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    variables,
  });
  const connection = master === undefined ? found : atServer(found, master);
  const api = new HttpKubeApi({ connection, userAgent, clock, answered });
  return {
    server: `${connection.server} (${connection.origin})`,
    host: new URL(connection.server).host,
    api,
    raw: api,
    close: () => api.close(),
  };
}

/** The same credentials at another address, as `--master` says. */
export function atServer(connection: KubeConnection, server: string): KubeConnection {
  const { renew } = connection;
  return {
    ...connection,
    server,
    origin: `--master, credentials of ${connection.origin}`,
    ...(renew === undefined ? {} : { renew: async (cause) => atServer(await renew(cause), server) }),
  };
}

/** Ends as the original's does, so that filters on its tail go on working. Spec: HPA-17.7. */
export function userAgentOf(version: string): string {
  return `${MANAGER}/${version} (${platform}/${arch}) tandem/horizontal-pod-autoscaler`;
}
