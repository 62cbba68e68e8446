/** Which source of a connection counts, and what a pod's own sources give. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { pki, pkiFile } from '../../test/support/kube-server.ts';
import { resolveConnection, type ConnectionSources } from './connection.ts';

function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'tandem-connection-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

const kubeconfig = (server: string): string =>
  JSON.stringify({
    clusters: [{ name: 'c', cluster: { server } }],
    contexts: ['x', 'y'].map((name) => ({ name, context: { cluster: 'c' } })),
    'current-context': 'x',
  });

const RAY = {
  RAY_KUBERAY_CLIENT_CERT_PATH: pkiFile('client.crt'),
  RAY_KUBERAY_CLIENT_KEY_PATH: pkiFile('client.key'),
  RAY_KUBERAY_CA_CERT_PATH: pkiFile('ca.crt'),
};

const account = (): string => folder({ token: 'secret\n', 'ca.crt': pki('ca.crt') });

function sentence(sources: Partial<ConnectionSources>): Promise<string> {
  return resolveConnection({ variables: {}, serviceAccountFolder: '/not/there', ...sources }).then(
    ({ origin }) => `went through: ${origin}`,
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );
}

describe('the first source that is there counts', () => {
  const all = (): ConnectionSources & { readonly variables: Record<string, string> } => {
    const home = folder({
      flag: kubeconfig('https://flag'),
      listed: kubeconfig('https://listed'),
      '.kube/config': kubeconfig('https://home'),
    });
    return {
      kubeconfig: join(home, 'flag'),
      serviceAccountFolder: account(),
      variables: { ...RAY, KUBERNETES_SERVICE_HOST: 'pod', KUBECONFIG: join(home, 'listed'), HOME: home },
    };
  };

  test('--kubeconfig, Ray, the pod, KUBECONFIG, the home folder', async () => {
    const { kubeconfig: flag, ...rest } = all();
    expect(await resolveConnection({ ...rest, kubeconfig: flag ?? '' })).toMatchObject({ server: 'https://flag' });
    const rays = await resolveConnection(rest);
    expect(rays.origin).toContain('RAY_KUBERAY_CLIENT_CERT_PATH');
    expect(rays.clientCertificate).toBeDefined();
    const { KUBERNETES_SERVICE_HOST, KUBECONFIG, HOME } = rest.variables;
    const podOnly = await resolveConnection({
      ...rest,
      variables: { KUBERNETES_SERVICE_HOST, KUBECONFIG, HOME },
    });
    expect(podOnly).toMatchObject({ server: 'https://pod:443', origin: expect.stringContaining('service account') });
    const outside = { serviceAccountFolder: '/not/there' };
    const listed = await resolveConnection({ ...outside, variables: { KUBERNETES_SERVICE_HOST, KUBECONFIG, HOME } });
    expect(listed.server).toBe('https://listed');
    expect((await resolveConnection({ ...outside, variables: { HOME } })).server).toBe('https://home');
  });

  test('a context means a kubeconfig, also inside a pod', async () => {
    const { kubeconfig: _, ...rest } = all();
    expect(await resolveConnection({ ...rest, context: 'y' })).toMatchObject({
      server: 'https://listed',
      origin: expect.stringContaining('context "y"'),
    });
  });

  test('a source that is there and broken is an error, and not passed over', async () => {
    const { kubeconfig: _, ...rest } = all();
    expect(await sentence({ ...rest, kubeconfig: '/not/there' })).toMatch(
      /^TANDEM_KUBE_CONFIG: --kubeconfig: there is no file/,
    );
    const variables = { ...rest.variables, RAY_KUBERAY_CA_CERT_PATH: '/not/there' };
    expect(await sentence({ ...rest, variables })).toMatch(/RAY_KUBERAY_CA_CERT_PATH: there is no file \/not\/there/);
  });

  test('nothing at all: everything that was tried is named', async () => {
    const home = folder();
    const text = await sentence({ variables: { HOME: home } });
    for (const part of [
      '--kubeconfig',
      'RAY_KUBERAY',
      '/not/there/token',
      'KUBECONFIG',
      join(home, '.kube', 'config'),
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/^TANDEM_KUBE_CONFIG: no way to the API server: .*; give --kubeconfig FILE, or run in a pod/);
  });

  test('of the files in KUBECONFIG those that are not there are passed over, unless none is', async () => {
    const home = folder({ b: kubeconfig('https://b') });
    const both = [join(home, 'a'), join(home, 'b')].join(delimiter);
    expect(
      await resolveConnection({ variables: { KUBECONFIG: both }, serviceAccountFolder: '/not/there' }),
    ).toMatchObject({
      server: 'https://b',
    });
    const none = [join(home, 'a'), join(home, 'c')].join(delimiter);
    expect(await sentence({ variables: { KUBECONFIG: none } })).toMatch(/none of the files of KUBECONFIG can be read/);
  });
});

describe('the address inside a pod', () => {
  test.each([
    [{}, 'https://kubernetes.default:443'],
    [{ KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT_HTTPS: '6443' }, 'https://10.96.0.1:6443'],
    [{ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }, 'https://[fd00::1]:6443'],
    [{ KUBERNETES_SERVICE_HOST: 'https://kube.example', KUBERNETES_SERVICE_PORT_HTTPS: '1' }, 'https://kube.example:1'],
  ])('%o is %s', async (variables, server) => {
    expect((await resolveConnection({ variables, serviceAccountFolder: account() })).server).toBe(server);
  });

  test.each([
    [
      { KUBERNETES_SERVICE_HOST: 'http://kube' },
      /KUBERNETES_SERVICE_HOST is http:\/\/kube: a token is not sent in the clear/,
    ],
    [{ KUBERNETES_SERVICE_PORT_HTTPS: 'tcp://1' }, /KUBERNETES_SERVICE_PORT_HTTPS \(tcp:\/\/1\) are no address/],
    [{ KUBERNETES_SERVICE_HOST: 'a b' }, /KUBERNETES_SERVICE_HOST \(a b\)/],
  ])('%o is refused', async (variables, message) => {
    expect(await sentence({ variables, serviceAccountFolder: account() })).toMatch(message);
  });
});

describe('a service account', () => {
  test('gives CA and token; the token is read anew each time, the CA with a renewal', async () => {
    const path = account();
    const connection = await resolveConnection({ variables: {}, serviceAccountFolder: path });
    expect(connection.ca).toBe(pki('ca.crt'));
    expect(await connection.token?.()).toBe('secret');
    writeFileSync(join(path, 'token'), 'newer');
    writeFileSync(join(path, 'ca.crt'), pki('other-ca.crt'));
    expect(await connection.token?.()).toBe('newer');
    expect((await connection.renew?.('age'))?.ca).toBe(pki('other-ca.crt'));
  });

  test.each([
    ['without a CA', { token: 't' }, /the CA of the service account: there is no file .*ca\.crt/],
    [
      'with an empty token',
      { token: ' ', 'ca.crt': pki('ca.crt') },
      /token is empty; set automountServiceAccountToken/,
    ],
    ['with a CA that is none', { token: 't', 'ca.crt': 'hello' }, /ca\.crt .* holds no PEM certificate/],
    [
      'with a CA that cannot be read',
      { token: 't', 'ca.crt': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
      /ca\.crt .* holds a certificate that cannot be read/,
    ],
  ])('%s is refused', async (_, files, message) => {
    expect(await sentence({ serviceAccountFolder: folder(files) })).toMatch(message);
  });
});

describe("Ray's variables", () => {
  test('a client certificate needs no token, and takes one that is there', async () => {
    const without = await resolveConnection({ variables: RAY, serviceAccountFolder: '/not/there' });
    expect(without).toMatchObject({ server: 'https://kubernetes.default:443', ca: pki('ca.crt') });
    expect(without.clientCertificate).toEqual({ certificate: pki('client.crt'), key: pki('client.key') });
    expect(await without.token?.()).toBeUndefined();
    const beside = await resolveConnection({ variables: RAY, serviceAccountFolder: account() });
    expect(await beside.token?.()).toBe('secret');
  });

  test('a CA of its own replaces that of the service account, whose token is then needed', async () => {
    const variables = { RAY_KUBERAY_CA_CERT_PATH: pkiFile('other-ca.crt') };
    const connection = await resolveConnection({ variables, serviceAccountFolder: account() });
    expect(connection).toMatchObject({ ca: pki('other-ca.crt'), origin: 'RAY_KUBERAY_CA_CERT_PATH' });
    expect(await connection.token?.()).toBe('secret');
    expect(await sentence({ variables })).toMatch(
      /the token of the service account: there is no file \/not\/there\/token/,
    );
  });

  test.each([
    [
      { ...RAY, RAY_KUBERAY_CLIENT_KEY_PATH: '' },
      /RAY_KUBERAY_CLIENT_CERT_PATH is set and RAY_KUBERAY_CLIENT_KEY_PATH is not; set both or neither/,
    ],
    [
      { RAY_KUBERAY_CLIENT_KEY_PATH: 'k' },
      /RAY_KUBERAY_CLIENT_KEY_PATH is set and RAY_KUBERAY_CLIENT_CERT_PATH is not/,
    ],
    [
      { ...RAY, RAY_KUBERAY_CLIENT_CERT_PATH: '/not/there' },
      /RAY_KUBERAY_CLIENT_CERT_PATH: there is no file \/not\/there/,
    ],
    [
      { ...RAY, RAY_KUBERAY_CLIENT_KEY_PATH: pkiFile('server.key') },
      /server\.key .* is not a PEM key .* belongs to .*client\.crt/,
    ],
    [{ ...RAY, RAY_KUBERAY_CLIENT_KEY_PATH: pkiFile('ca.crt') }, /is not a PEM key/],
    [{ ...RAY, RAY_KUBERAY_CA_CERT_PATH: tmpdir() }, /is a folder; name the file in it/],
  ])('%o are refused', async (variables, message) => {
    expect(await sentence({ variables })).toMatch(message);
  });
});
