/**
 * Users whose credentials come from elsewhere: exec plugins, OIDC and the older auth providers. The official client runs them. It is
 * large and slow to load, so it is loaded only for such a user, and only its answer is taken: a token, or a client certificate.
 */

import type { RequestOptions } from 'node:https';
import { errorText } from '../lib/error.ts';
import { isRecord, textOf, type JsonRecord } from './json-shape.ts';
import type { ChosenEntries } from './kubeconfig-file.ts';
import type { GivenCredentials } from './kubeconfig.ts';
import { checkedPair, configError } from './pem.ts';

export function usesPlugin(user: JsonRecord): boolean {
  return isRecord(user['exec']) || isRecord(user['auth-provider']);
}

/**
 * Asks the plugin of the user. What is returned keeps the plugin's answer until that expires; ask this function anew to forget it.
 * Rejects with `TANDEM_KUBE_CONFIG` and what the plugin wrote to its standard error.
 */
export function pluginCredentials({ cluster, user, origin }: ChosenEntries): () => Promise<GivenCredentials> {
  const what = isRecord(user.fields['exec'])
    ? `the exec plugin ${JSON.stringify(textOf(user.fields['exec'], 'command') ?? '')} of ${user.what}`
    : `the auth provider of ${user.what}`;
  let client: ReturnType<typeof clientOf> | undefined;
  return async () => {
    client ??= clientOf(cluster.fields, user.fields);
    const options: RequestOptions = { headers: {} };
    try {
      await (await client).applyToHTTPSOptions(options);
    } catch (error) {
      throw configError(`${what} in ${origin} failed: ${failure(error)}${hint(user.fields)}`, { cause: error });
    }
    return credentialsIn(options, what);
  };
}

async function clientOf(cluster: JsonRecord, user: JsonRecord) {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const { exec } = user;
  const provider = user['auth-provider'];
  config.loadFromOptions({
    // only the user counts here: the client never connects to the cluster itself
    clusters: [{ name: 'cluster', server: 'https://localhost', skipTLSVerify: false }],
    users: [
      {
        name: 'user',
        ...(isRecord(exec) ? { exec: { ...exec, env: pluginEnvironment(exec, cluster) } } : {}),
        ...(isRecord(provider) ? { authProvider: structuredClone(provider) } : {}),
      },
    ],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  return config;
}

/** Beside the plugin's own variables the one that plugins are promised, which the client leaves out. */
function pluginEnvironment(exec: JsonRecord, cluster: JsonRecord): readonly JsonRecord[] {
  const own = Array.isArray(exec['env']) ? exec['env'].filter(isRecord) : [];
  const { server, 'certificate-authority-data': ca, 'tls-server-name': serverName } = cluster;
  const spec = {
    interactive: false,
    ...(exec['provideClusterInfo'] === true
      ? { cluster: { server, 'certificate-authority-data': ca, 'tls-server-name': serverName } }
      : {}),
  };
  const info = JSON.stringify({ apiVersion: exec['apiVersion'], kind: 'ExecCredential', spec });
  return [...own, { name: 'KUBERNETES_EXEC_INFO', value: info }];
}

function credentialsIn({ headers, cert, key }: RequestOptions, what: string): GivenCredentials {
  const [certificate, privateKey] = [pemText(cert), pemText(key)];
  // the client writes the header under this very name
  const authorization = isRecord(headers) ? textOf(headers, 'Authorization') : undefined;
  const token = authorization?.replace(/^Bearer /, '').trim();
  if (certificate === undefined && (token === undefined || token === '')) {
    throw configError(`${what} gave neither a token nor a client certificate; log in anew with its own command`);
  }
  return {
    ...(token === undefined || token === '' ? {} : { token }),
    ...(certificate === undefined
      ? {}
      : {
          clientCertificate: checkedPair(
            { certificate, key: privateKey ?? '' },
            { certificate: `the certificate from ${what}`, key: `the key from ${what}` },
          ),
        }),
  };
}

function pemText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString() : undefined;
}

/** Plugins explain themselves at length: the end is what matters. */
const SHOWN = 600;

function failure(error: unknown): string {
  if (error instanceof SyntaxError) return `it did not print an ExecCredential in JSON (${error.message})`;
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'there is no such command';
  if (error instanceof TypeError) return 'it did not print an ExecCredential with a status';
  const text = errorText(error)
    .trim()
    .replaceAll(/\s*\n\s*/g, ' | ');
  return text === '' ? 'it ended with an error and said nothing' : text.slice(-SHOWN);
}

function hint(user: JsonRecord): string {
  const { exec } = user;
  const text = isRecord(exec)
    ? textOf(exec, 'installHint')
        ?.trim()
        .replaceAll(/\s*\n\s*/g, ' ')
    : undefined;
  return text === undefined || text === '' ? '' : `; ${text}`;
}
