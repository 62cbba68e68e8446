/** Kubeconfigs: what each form gives, what is refused and how; exec plugins as real processes. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answer, pki, pkiFile, refuse, serveScript } from '../../test/support/kube-server.ts';
import { QuickClock } from '../../test/support/quick-clock.ts';
import { PODS } from '../core/kube/resource.ts';
import { resolveConnection, type KubeConnection } from './connection.ts';
import { HttpKubeApi } from './http-kube-api.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tandem-kubeconfig-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

type Members = Readonly<Record<string, unknown>>;

function config({ cluster = {}, user = {}, ...rest }: { cluster?: Members; user?: Members } & Members = {}): Members {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://kube:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
    ...rest,
  };
}

/** The connection from one file that holds `content`. */
function from(content: Members | string, path: string = folder(), context?: string): Promise<KubeConnection> {
  const file = join(path, 'config');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return resolveConnection({ kubeconfig: file, variables: {}, ...(context === undefined ? {} : { context }) });
}

const base64 = (name: string): string => Buffer.from(pki(name)).toString('base64');

describe('a kubeconfig', () => {
  test('with certificates inside', async () => {
    const connection = await from(
      config({
        cluster: { server: 'https://kube:6443/k8s/clusters/a/', 'certificate-authority-data': base64('ca.crt') },
        user: { 'client-certificate-data': base64('client.crt'), 'client-key-data': base64('client.key') },
      }),
    );
    expect(connection).toMatchObject({
      server: 'https://kube:6443/k8s/clusters/a',
      origin: expect.stringMatching(/^kubeconfig .*config, context "x"$/),
      ca: pki('ca.crt'),
      clientCertificate: { certificate: pki('client.crt'), key: pki('client.key') },
    });
    expect(connection.token).toBeUndefined();
  });

  test('with files, relative to its own place', async () => {
    const path = folder();
    for (const name of ['ca.crt', 'client.crt', 'client.key']) writeFileSync(join(path, name), pki(name));
    const connection = await from(
      config({
        cluster: { 'certificate-authority': 'ca.crt', 'tls-server-name': 'kube.example' },
        user: { 'client-certificate': './client.crt', 'client-key': join(path, 'client.key') },
      }),
      path,
    );
    expect(connection).toMatchObject({ ca: pki('ca.crt'), serverName: 'kube.example' });
    expect(connection.clientCertificate?.key).toBe(pki('client.key'));
  });

  test('with a token, a token file that goes before it, a password, somebody else to act as', async () => {
    const path = folder();
    writeFileSync(join(path, 'token'), 'from-file\n');
    expect(await (await from(config({ user: { token: 't' } }))).token?.()).toBe('t');
    const filed = await from(config({ user: { token: 't', tokenFile: 'token' } }), path);
    expect(await filed.token?.()).toBe('from-file');
    writeFileSync(join(path, 'token'), 'newer');
    expect(await (await filed.renew?.('age'))?.token?.()).toBe('newer');
    const basic = await from(config({ user: { username: 'me', password: 'pw', as: 'somebody' } }));
    expect(basic.headers).toEqual({
      authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
      'impersonate-user': 'somebody',
    });
  });

  test('without verification, without a user, over http on the loopback', async () => {
    expect(await from(config({ cluster: { 'insecure-skip-tls-verify': true } }))).toMatchObject({
      verification: 'none',
    });
    const anonymous = await from(config({ contexts: [{ name: 'x', context: { cluster: 'c' } }] }));
    expect(anonymous.token).toBeUndefined();
    expect((await from(config({ cluster: { server: 'http://127.0.0.1:8001' } }))).server).toBe('http://127.0.0.1:8001');
  });

  test('of several contexts the one that is asked for', async () => {
    const two = config({
      clusters: ['a', 'b'].map((name) => ({ name, cluster: { server: `https://${name}` } })),
      contexts: ['a', 'b'].map((name) => ({ name, context: { cluster: name, user: 'u' } })),
      'current-context': 'a',
    });
    expect((await from(two)).server).toBe('https://a');
    expect((await from(two, folder(), 'b')).server).toBe('https://b');
  });

  test('of several files the first that has an entry', async () => {
    const path = folder();
    const part = (name: string, content: Members): string => {
      writeFileSync(join(path, name), JSON.stringify(content));
      return join(path, name);
    };
    const one = part('one', { ...config({ cluster: { server: 'https://one' } }), users: [], 'current-context': '' });
    const two = part('two', config({ cluster: { server: 'https://two' }, user: { token: 'two' } }));
    const connection = await resolveConnection({
      variables: { KUBECONFIG: `${one}:${two}` },
      serviceAccountFolder: path,
    });
    expect(connection.server).toBe('https://one');
    expect(await connection.token?.()).toBe('two');
  });
});

describe('a kubeconfig is refused with a sentence', () => {
  const named = (name: string): Members => ({ contexts: [{ name: 'x', context: { cluster: name, user: 'u' } }] });

  test.each<readonly [string, Members | string, RegExp]>([
    ['when it is not YAML', 'clusters: [', /config is not YAML: .*; correct it/],
    ['when it is something else', 'hello', /config \(--kubeconfig\) is no kubeconfig: it has no list of clusters/],
    ['without a current context', config({ 'current-context': '' }), /has no current-context; .* its contexts are "x"/],
    ['with an unknown one', config({ 'current-context': 'y' }), /has no context "y"; its contexts are "x"/],
    ['with no context at all', config({ contexts: [] }), /has no context "x"; it has none/],
    ['with an unknown cluster', config(named('d')), /context "x" names the cluster "d", which is not in it/],
    ['with an unknown user', config({ users: [] }), /names the user "u", which is not in it/],
    ['with a nameless entry', config({ users: [{ user: {} }] }), /users\[0\] has no name/],
    ['without a server', config({ clusters: [{ name: 'c' }] }), /cluster "c" in .* has no server/],
    ['with a server that is none', config({ cluster: { server: 'kube:x' } }), /has the server "kube:x"; it must be/],
    ['over http elsewhere', config({ cluster: { server: 'http://10.0.0.1' } }), /credentials are sent over https only/],
    [
      'with a proxy',
      config({ cluster: { 'proxy-url': 'http://p' } }),
      /cluster "c" in .* has proxy-url; there are no proxies/,
    ],
    [
      'with groups to act as',
      config({ user: { as: 'a', 'as-groups': ['g'] } }),
      /user "u" in .* has as-groups; only "as"/,
    ],
    [
      'with half a pair',
      config({ user: { 'client-certificate-data': base64('client.crt') } }),
      /user "u" has no client-key/,
    ],
    [
      'with a pair that does not belong together',
      config({ user: { 'client-certificate-data': base64('client.crt'), 'client-key-data': base64('server.key') } }),
      /client-key-data of user "u" .* is not a PEM key that can be read and belongs to client-certificate-data/,
    ],
    [
      'with a CA that is none',
      config({ cluster: { 'certificate-authority-data': 'AAAA' } }),
      /certificate-authority-data of cluster "c" .* holds no PEM certificate/,
    ],
    [
      'with a file that is not there',
      config({ cluster: { 'certificate-authority': 'nope.crt' } }),
      /certificate-authority of cluster "c" in .*: there is no file .*nope\.crt; correct the path/,
    ],
    [
      'with a plugin that asks',
      config({ user: { exec: { command: 'x', interactiveMode: 'Always' } } }),
      /the exec plugin of user "u" .* wants a terminal/,
    ],
  ])('%s', async (_, content, message) => {
    await expect(from(content)).rejects.toMatchObject({
      code: 'TANDEM_KUBE_CONFIG',
      message: expect.stringMatching(message),
    });
  });
});

describe('an exec plugin', () => {
  /** A kubeconfig whose plugin is a Node program that counts its runs in `runs`. */
  function plugin(program: string, exec: Members = {}): { readonly path: string; readonly content: Members } {
    const path = folder();
    const script = join(path, 'plugin.cjs');
    const count = `require('node:fs').appendFileSync(${JSON.stringify(join(path, 'runs'))}, '.');`;
    writeFileSync(script, `${count}\n${program}`);
    const command = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: [script],
      ...exec,
    };
    return { path, content: config({ user: { exec: command } }) };
  }

  const runs = (path: string): number => readFileSync(join(path, 'runs'), 'utf8').length;

  /** Prints `status` (text of an expression) as an ExecCredential. */
  const credential = (status: string): string =>
    `console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: ${status} }));`;
  const LATER = `new Date(Date.now() + 3600e3).toISOString()`;
  const nth = `'token-' + require('node:fs').readFileSync(require('node:path').join(__dirname, 'runs')).length`;

  test('gives a token, kept until it expires, and another one when that is refused', async () => {
    const { path, content } = plugin(credential(`{ token: ${nth}, expirationTimestamp: ${LATER} }`));
    const server = await serveScript('http', ({ headers }, response) => {
      if (headers.authorization === 'Bearer token-2') answer(response, { metadata: {}, items: [] });
      else refuse(response, 401, 'Unauthorized', 'Unauthorized');
    });
    const connection = await from({ ...content, clusters: [{ name: 'c', cluster: { server: server.url } }] }, path);
    expect(await (await connection.renew?.('age'))?.token?.()).toBe('token-1');
    expect(runs(path)).toBe(1);
    const api = new HttpKubeApi({ connection, userAgent: 'tandem/1', clock: new QuickClock() });
    onTestFinished(() => api.close());
    const { signal } = new AbortController();
    expect((await api.list(PODS, {}, { signal })).items).toEqual([]);
    expect(runs(path)).toBe(2);
  });

  test('may give a client certificate', async () => {
    const { path, content } = plugin(
      `const { readFileSync } = require('node:fs');
      ${credential(`{ clientCertificateData: readFileSync(process.argv[2], 'utf8'), clientKeyData: readFileSync(process.argv[3], 'utf8') }`)}`,
    );
    const { exec } = (content['users'] as readonly { user: { exec: { args: string[] } } }[])[0]?.user ?? {};
    exec?.args.push(pkiFile('client.crt'), pkiFile('client.key'));
    const connection = await from(content, path);
    expect(connection.clientCertificate).toEqual({ certificate: pki('client.crt'), key: pki('client.key') });
    expect(connection.token).toBeUndefined();
  });

  test('is told what it is promised, beside its own variables', async () => {
    const { path, content } = plugin(credential(`{ token: process.env.OWN + process.env.KUBERNETES_EXEC_INFO }`), {
      env: [{ name: 'OWN', value: 'own' }],
      provideClusterInfo: true,
    });
    const token = (await (await from(content, path)).token?.()) ?? '';
    expect(token.slice(0, 3)).toBe('own');
    expect(JSON.parse(token.slice(3))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: 'https://kube:6443' } },
    });
  });

  test.each([
    ['that fails says why', `console.error('login\\nexpired'); process.exit(3);`, {}, /failed: login \| expired$/],
    ['that fails in silence', `process.exit(3);`, {}, /failed: it ended with an error and said nothing$/],
    ['that prints something else', `console.log('hello');`, {}, /failed: it did not print an ExecCredential in JSON/],
    [
      'that prints nothing of use',
      `console.log('{}');`,
      {},
      /failed: it did not print an ExecCredential with a status$/,
    ],
    ['that gives nothing', credential('{}'), {}, /gave neither a token nor a client certificate/],
    [
      'that is not there names its hint',
      '',
      { command: './not-there', installHint: 'install\n it' },
      /the exec plugin "[^"]*not-there" of user "u" in kubeconfig .* failed: there is no such command; install it$/,
    ],
  ])('%s', async (_, program, exec, message) => {
    const { path, content } = plugin(program, exec);
    await expect(from(content, path)).rejects.toMatchObject({
      code: 'TANDEM_KUBE_CONFIG',
      message: expect.stringMatching(message),
    });
  });
});

describe('an auth provider', () => {
  const jwt = (exp: number): string =>
    ['{"alg":"none"}', JSON.stringify({ exp }), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');

  test('OIDC: the id token while it is valid', async () => {
    const token = jwt(4e9);
    const provider = { name: 'oidc', config: { 'id-token': token, 'client-id': 'c', 'idp-issuer-url': 'https://idp' } };
    const connection = await from(config({ user: { 'auth-provider': provider } }));
    expect(await connection.token?.()).toBe(token);
  });

  test('OIDC: expired and without a refresh token', async () => {
    const provider = { name: 'oidc', config: { 'id-token': jwt(1), 'client-id': 'c' } };
    await expect(from(config({ user: { 'auth-provider': provider } }))).rejects.toThrow(
      /the auth provider of user "u" gave neither a token nor a client certificate; log in anew/,
    );
  });
});
