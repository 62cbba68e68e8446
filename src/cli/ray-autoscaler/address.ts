/** Where the GCS is, and where our metrics are: from the flag, this machine's own address and the RayCluster. */

import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { TandemError } from '../../lib/error.ts';

/** As which command we were called: `ray` is the name KubeRay's start line calls. */
export type Face = 'tandem' | 'ray';

export type HostPort = { readonly host: string; readonly port: number };

export type Addresses = {
  /** `host:port` of the GCS. */
  readonly gcs: string;
  /** What is told to whoever collects metrics; undefined: nothing. */
  readonly metrics: string | undefined;
  /** Where the metrics page listens; undefined: on every interface. */
  readonly metricsHost: string | undefined;
};

const LOOPBACK = '127.0.0.1';
/** Never called: which of our addresses would be used to reach the world outside is all that is asked. */
const OUTSIDE: HostPort = { host: '8.8.8.8', port: 53 };

/** Reads `--gcs-address`. */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65_535)
    throw new TandemError(
      'TANDEM_USAGE',
      `--gcs-address ${JSON.stringify(text)} is no host:port, such as 10.0.0.7:6379 or [fd00::7]:6379; nothing was started`,
    );
  return { host, port };
}

/**
 * Spec: runtime 1.1, 1.3 steps 1, 10, 13.
 *
 * **Differs:** the original puts its own address in the place of a loopback host. Under its name so do we; as `tandem` we keep it, for
 * people who reach a head through a forwarded port, and then our metrics stay on this machine and are not told to anybody.
 */
export function addressesOf(
  gcs: HostPort,
  { face, ownIp, metricsPort }: { readonly face: Face; readonly ownIp: string; readonly metricsPort: number },
): Addresses {
  const local = isLoopback(gcs.host);
  const host = local && face === 'ray' ? ownIp : gcs.host;
  const stays = local && face === 'tandem';
  return {
    gcs: hostPortText({ host, port: gcs.port }),
    metrics: stays ? undefined : hostPortText({ host: ownIp, port: metricsPort }),
    metricsHost: isLoopback(host) ? LOOPBACK : undefined,
  };
}

/** This machine's address, as others reach it: in a pod the pod's. No packet is sent. */
export async function findOwnIp(): Promise<string> {
  return (await routedIp()) ?? firstIp() ?? LOOPBACK;
}

function routedIp(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (address: string | undefined): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => end(undefined));
    socket.connect(OUTSIDE.port, OUTSIDE.host, () => end(socket.address().address));
  });
}

/** Without a route to the world: the first address that is not a loopback one. */
function firstIp(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** An IPv6 address in brackets. */
export function hostPortText({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
