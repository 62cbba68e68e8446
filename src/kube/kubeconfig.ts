/** A connection from kubeconfig files. Exec plugins and auth providers are run by the official client, loaded only for them. */

import { isIP } from 'node:net';
import type { KubeConnection } from './connection.ts';
import { isRecord, textOf, type JsonRecord } from './json-shape.ts';
import { chosenEntries, readKubeconfigs, type ChosenEntries, type KubeconfigFiles } from './kubeconfig-file.ts';
import { pluginCredentials, usesPlugin } from './kubeconfig-plugin.ts';
import { checkedCertificates, checkedPair, configError, readText } from './pem.ts';

/** Reads the files, and asks the plugin where the user has one. */
export async function kubeconfigConnection(files: KubeconfigFiles): Promise<KubeConnection> {
  const chosen = chosenEntries(await readKubeconfigs(files), files);
  const server = serverOf(chosen);
  refuseWhatIsNotSupported(chosen);
  return connectionOf(chosen, server, pluginCredentials(chosen));
}

type Plugin = ReturnType<typeof pluginCredentials>;

async function connectionOf(chosen: ChosenEntries, server: string, plugin: Plugin): Promise<KubeConnection> {
  const { cluster, user, origin } = chosen;
  const serverName = textOf(cluster.fields, 'tls-server-name');
  const ca = await pem(chosen, { entry: cluster, member: 'certificate-authority' });
  const given = usesPlugin(user.fields) ? await plugin() : await staticCredentials(chosen);
  const { clientCertificate, token, headers } = given;
  return {
    server,
    origin,
    ...(ca === undefined ? {} : { ca: checkedCertificates(ca.text, ca.what) }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(cluster.fields['insecure-skip-tls-verify'] === true ? { verification: 'none' } : {}),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    headers: { ...headers, ...impersonation(user.fields) },
    ...(token === undefined ? {} : { token: async () => token }),
    // a refused credential must not come out of the plugin's own memory again
    renew: (cause) => connectionOf(chosen, server, cause === 'refused' ? pluginCredentials(chosen) : plugin),
  };
}

export type GivenCredentials = Pick<KubeConnection, 'clientCertificate' | 'headers'> & { readonly token?: string };

async function staticCredentials(chosen: ChosenEntries): Promise<GivenCredentials> {
  const { user } = chosen;
  const [certificate, key] = await Promise.all([
    pem(chosen, { entry: user, member: 'client-certificate' }),
    pem(chosen, { entry: user, member: 'client-key' }),
  ]);
  if ((certificate === undefined) !== (key === undefined)) {
    const missing = key === undefined ? 'client-key' : 'client-certificate';
    throw configError(`${user.what} has no ${missing} beside its other half; give both or neither`);
  }
  const token = await tokenOf(user.fields, user.what);
  const [name, password] = [textOf(user.fields, 'username'), textOf(user.fields, 'password')];
  const basic = name === undefined ? undefined : Buffer.from(`${name}:${password ?? ''}`).toString('base64');
  return {
    ...(certificate === undefined || key === undefined
      ? {}
      : {
          clientCertificate: checkedPair(
            { certificate: certificate.text, key: key.text },
            { certificate: certificate.what, key: key.what },
          ),
        }),
    ...(token === undefined ? {} : { token }),
    ...(basic === undefined || token !== undefined ? {} : { headers: { authorization: `Basic ${basic}` } }),
  };
}

/** A token file goes before a token, as for kubectl. */
async function tokenOf(user: JsonRecord, what: string): Promise<string | undefined> {
  const file = textOf(user, 'tokenFile');
  if (file === undefined) return textOf(user, 'token')?.trim() || undefined;
  const text = (await readText(file, `tokenFile of ${what}`)).trim();
  if (text === '') throw configError(`tokenFile of ${what}: ${file} is empty; put a token there`);
  return text;
}

/** `<member>-data` in base64, or the file that `<member>` names. */
async function pem(
  { origin }: ChosenEntries,
  { entry, member }: { readonly entry: ChosenEntries['user']; readonly member: string },
): Promise<{ readonly text: string; readonly what: string } | undefined> {
  const data = textOf(entry.fields, `${member}-data`);
  if (data !== undefined && data !== '') {
    return { text: Buffer.from(data, 'base64').toString(), what: `${member}-data of ${entry.what} in ${origin}` };
  }
  const file = textOf(entry.fields, member);
  if (file === undefined || file === '') return undefined;
  return { text: await readText(file, `${member} of ${entry.what} in ${origin}`), what: file };
}

function impersonation(user: JsonRecord): Readonly<Record<string, string>> {
  const as = textOf(user, 'as');
  return as === undefined || as === '' ? {} : { 'impersonate-user': as };
}

function serverOf({ cluster, origin }: ChosenEntries): string {
  const server = textOf(cluster.fields, 'server');
  const url = server !== undefined && URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    const problem = server === undefined ? 'has no server' : `has the server ${JSON.stringify(server)}`;
    throw configError(`${cluster.what} in ${origin} ${problem}; it must be an address like https://host:6443`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw configError(
      `${cluster.what} in ${origin} has the server ${url.origin}: credentials are sent over https only; change it`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** `kubectl proxy` and test servers speak http, and nobody else can listen there. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}

/** What would be dropped silently otherwise, and then act with other rights or over another way than was asked for. */
function refuseWhatIsNotSupported({ cluster, user, origin }: ChosenEntries): void {
  const refused = [
    { entry: cluster, member: 'proxy-url', why: 'there are no proxies here: connect directly' },
    { entry: user, member: 'as-groups', why: 'only "as" is known: use a user that has these rights itself' },
    { entry: user, member: 'as-uid', why: 'only "as" is known: use a user that has these rights itself' },
    { entry: user, member: 'as-user-extra', why: 'only "as" is known: use a user that has these rights itself' },
  ].find(({ entry, member }) => entry.fields[member] !== undefined && entry.fields[member] !== '');
  if (refused !== undefined) {
    throw configError(`${refused.entry.what} in ${origin} has ${refused.member}; ${refused.why}`);
  }
  const { exec } = user.fields;
  if (isRecord(exec) && exec['interactiveMode'] === 'Always') {
    throw configError(
      `the exec plugin of ${user.what} in ${origin} wants a terminal (interactiveMode: Always); use one that does not ask`,
    );
  }
}
