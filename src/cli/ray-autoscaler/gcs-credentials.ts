/** How Ray lets us in: the token and the certificates that its variables name. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GcsCredentials } from '../../gcs/client.ts';
import { errorText, TandemError } from '../../lib/error.ts';
import type { Variables } from '../host.ts';

export type CredentialsOptions = {
  readonly variables: Variables;
  /** Where Kubernetes mounts the token for Ray, when that kind of token is chosen. */
  readonly kubernetesToken?: string;
};

const KUBERNETES_TOKEN = '/var/run/secrets/ray.io/serviceaccount/token';

/**
 * Rejects with `TANDEM_USAGE` and a sentence that names the variable when something is set and cannot be used.
 *
 * Source of a token, the first that is there: RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH, the Kubernetes token, the user's own file. A file is
 * read anew for every use, as Kubernetes renews it. Spec: runtime 1.5.
 */
export async function readGcsCredentials(options: CredentialsOptions): Promise<GcsCredentials> {
  const { variables } = options;
  const tls = isTrue(variables['RAY_USE_TLS']) ? await readTls(variables) : undefined;
  // an unknown mode means none, as in the original
  const token = variables['RAY_AUTH_MODE']?.trim().toLowerCase() === 'token' ? await tokenSource(options) : undefined;
  return { ...(token === undefined ? {} : { token }), ...(tls === undefined ? {} : { tls }) };
}

async function tokenSource({
  variables,
  kubernetesToken = KUBERNETES_TOKEN,
}: CredentialsOptions): Promise<() => Promise<string>> {
  const given = variables['RAY_AUTH_TOKEN']?.trim() ?? '';
  if (given !== '') return async () => given;
  const path = variables['RAY_AUTH_TOKEN_PATH'] ?? '';
  if (path !== '') return fileSource(path, 'RAY_AUTH_TOKEN_PATH');
  if (isTrue(variables['RAY_ENABLE_K8S_TOKEN_AUTH'])) return fileSource(kubernetesToken, 'RAY_ENABLE_K8S_TOKEN_AUTH');
  const home = variables['HOME'] ?? '';
  if (home !== '') {
    const own = join(home, '.ray', 'auth_token');
    const source = (): Promise<string> => readToken(own);
    if ((await source().catch(() => '')) !== '') return source;
  }
  throw new TandemError(
    'TANDEM_USAGE',
    'RAY_AUTH_MODE is token and there is none: set RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH to a file that holds it',
  );
}

async function fileSource(path: string, variable: string): Promise<() => Promise<string>> {
  const source = async (): Promise<string> => {
    const token = await readToken(path);
    if (token === '') throw new Error(`${path} is empty`);
    return token;
  };
  try {
    await source();
  } catch (error) {
    const message = `the token of ${variable} cannot be read: ${errorText(error)}`;
    throw new TandemError('TANDEM_USAGE', message, { cause: error });
  }
  return source;
}

async function readToken(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim();
}

async function readTls(variables: Variables): Promise<NonNullable<GcsCredentials['tls']>> {
  const read = async (variable: string): Promise<string> => {
    const path = variables[variable] ?? '';
    if (path === '')
      throw new TandemError(
        'TANDEM_USAGE',
        `RAY_USE_TLS is set, so ${variable} must name a PEM file, and it is not set`,
      );
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      const message = `the file of ${variable} cannot be read: ${errorText(error)}`;
      throw new TandemError('TANDEM_USAGE', message, { cause: error });
    }
  };
  return {
    ca: await read('RAY_TLS_CA_CERT'),
    certificate: await read('RAY_TLS_SERVER_CERT'),
    key: await read('RAY_TLS_SERVER_KEY'),
  };
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value?.toLowerCase() === 'true';
}
