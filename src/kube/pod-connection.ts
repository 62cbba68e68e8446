/** The API server as a pod finds it: by Kubernetes' variables, with its service account or with what Ray's variables name. */

import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { KubeConnection, Variables } from './connection.ts';
import { checkedCertificates, checkedPair, configError, isReadable, readText } from './pem.ts';

const CERTIFICATE = 'RAY_KUBERAY_CLIENT_CERT_PATH';
const KEY = 'RAY_KUBERAY_CLIENT_KEY_PATH';
const CA = 'RAY_KUBERAY_CA_CERT_PATH';

/** Undefined when none of Ray's variables is set. The service account's token and CA fill in what they leave open. */
export async function rayVariablesConnection(
  variables: Variables,
  folder: string,
): Promise<KubeConnection | undefined> {
  const [certificate, key, ca] = [CERTIFICATE, KEY, CA].map((name) => variables[name] || undefined);
  if (certificate === undefined && key === undefined && ca === undefined) return undefined;
  if ((certificate === undefined) !== (key === undefined)) {
    const [set, missing] = certificate === undefined ? [KEY, CERTIFICATE] : [CERTIFICATE, KEY];
    throw configError(`${set} is set and ${missing} is not; set both or neither`);
  }
  const pair = certificate === undefined || key === undefined ? undefined : { certificate, key };
  const set = [CERTIFICATE, KEY, CA].filter((name) => (variables[name] ?? '') !== '').join(', ');
  const caFile = ca === undefined ? join(folder, 'ca.crt') : ca;
  return connectionOf({
    server: serverOf(variables),
    origin: set,
    ca: { file: caFile, what: ca === undefined ? `the CA of the service account (${CA} names another)` : CA },
    pair,
    token: { file: join(folder, 'token'), need: pair === undefined ? 'always' : 'if there' },
  });
}

/** The service account of this pod. */
export function podConnection(variables: Variables, folder: string): Promise<KubeConnection> {
  return connectionOf({
    server: serverOf(variables),
    origin: `the service account of this pod (${folder})`,
    ca: { file: join(folder, 'ca.crt'), what: 'the CA of the service account' },
    pair: undefined,
    token: { file: join(folder, 'token'), need: 'always' },
  });
}

/** Spec: ray-runtime 1.4. A host may carry `https://`; the older port variable counts where the newer is not set. */
function serverOf(variables: Variables): string {
  const host = (variables['KUBERNETES_SERVICE_HOST'] || 'kubernetes.default')
    .replace(/^https:\/\//, '')
    .replace(/\/$/, '');
  const port = variables['KUBERNETES_SERVICE_PORT_HTTPS'] || variables['KUBERNETES_SERVICE_PORT'] || '443';
  if (host.startsWith('http://')) {
    throw configError(
      `KUBERNETES_SERVICE_HOST is ${host}: a token is not sent in the clear; use a host that serves https`,
    );
  }
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (!/^[0-9]+$/.test(port) || !URL.canParse(server)) {
    throw configError(
      `KUBERNETES_SERVICE_HOST (${host}) and KUBERNETES_SERVICE_PORT_HTTPS (${port}) are no address; set a host and a port number`,
    );
  }
  return server;
}

type Files = {
  readonly server: string;
  readonly origin: string;
  readonly ca: { readonly file: string; readonly what: string };
  readonly pair: { readonly certificate: string; readonly key: string } | undefined;
  readonly token: { readonly file: string; readonly need: 'always' | 'if there' };
};

async function connectionOf(files: Files): Promise<KubeConnection> {
  const { server, origin, ca, pair } = files;
  const caText = checkedCertificates(await readText(ca.file, ca.what), `${ca.file} (${ca.what})`);
  const token = tokenReader(files);
  await token();
  return {
    server,
    origin,
    ca: caText,
    ...(pair === undefined ? {} : { clientCertificate: await readPair(pair) }),
    token,
    renew: () => connectionOf(files),
  };
}

async function readPair(pair: {
  readonly certificate: string;
  readonly key: string;
}): Promise<NonNullable<KubeConnection['clientCertificate']>> {
  const [certificate, key] = await Promise.all([readText(pair.certificate, CERTIFICATE), readText(pair.key, KEY)]);
  return checkedPair(
    { certificate, key },
    { certificate: `${pair.certificate} (${CERTIFICATE})`, key: `${pair.key} (${KEY})` },
  );
}

/** The kubelet replaces the file before the token in it expires. */
function tokenReader({ token: { file, need } }: Files): () => Promise<string | undefined> {
  const what = 'the token of the service account';
  return async () => {
    if (need === 'if there' && !(await isReadable(file))) return undefined;
    const text = (await readText(file, what)).trim();
    if (text === '')
      throw configError(`${what}: ${file} is empty; set automountServiceAccountToken or mount a token there`);
    return text;
  };
}
