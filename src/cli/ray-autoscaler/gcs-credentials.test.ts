import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readGcsCredentials } from './gcs-credentials.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tandem-credentials-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test.each([{}, { RAY_AUTH_MODE: 'disabled', RAY_AUTH_TOKEN: 'x' }, { RAY_AUTH_MODE: 'psk' }, { RAY_USE_TLS: '0' }])(
  'nothing is sent with %j',
  async (variables) => {
    expect(await readGcsCredentials({ variables })).toEqual({});
  },
);

describe('the token', () => {
  const mode = { RAY_AUTH_MODE: 'Token' };

  test('of RAY_AUTH_TOKEN goes before every file, trimmed', async () => {
    const variables = { ...mode, RAY_AUTH_TOKEN: ' abc\n', RAY_AUTH_TOKEN_PATH: file('t', 'other') };
    expect(await (await readGcsCredentials({ variables })).token?.()).toBe('abc');
  });

  test('of a file is read anew for every use', async () => {
    const path = file('t', 'one\n');
    const { token } = await readGcsCredentials({ variables: { ...mode, RAY_AUTH_TOKEN_PATH: path } });
    expect(await token?.()).toBe('one');
    writeFileSync(path, 'two');
    expect(await token?.()).toBe('two');
  });

  test('of Kubernetes is used only when that is chosen', async () => {
    const kubernetesToken = file('jwt', 'a.b.c');
    const variables = { ...mode, RAY_ENABLE_K8S_TOKEN_AUTH: 'true' };
    expect(await (await readGcsCredentials({ variables, kubernetesToken })).token?.()).toBe('a.b.c');
    await expect(readGcsCredentials({ variables: mode, kubernetesToken })).rejects.toThrow('set RAY_AUTH_TOKEN');
  });

  test("of the user's own file comes last", async () => {
    mkdirSync(join(folder, '.ray'));
    file('.ray/auth_token', 'mine');
    expect(await (await readGcsCredentials({ variables: { ...mode, HOME: folder } })).token?.()).toBe('mine');
  });

  test.each([
    ['missing', undefined],
    ['empty', ' \n'],
  ])('of a file that is %s is an error that names the variable', async (_, text) => {
    const path = text === undefined ? join(folder, 'none') : file('t', text);
    const variables = { ...mode, RAY_AUTH_TOKEN_PATH: path, HOME: folder };
    await expect(readGcsCredentials({ variables })).rejects.toMatchObject({
      code: 'TANDEM_USAGE',
      message: expect.stringContaining('the token of RAY_AUTH_TOKEN_PATH cannot be read'),
    });
  });
});

describe('certificates', () => {
  test('are read from the three files', async () => {
    const variables = {
      RAY_USE_TLS: '1',
      RAY_TLS_CA_CERT: file('ca', 'CA'),
      RAY_TLS_SERVER_CERT: file('crt', 'CERT'),
      RAY_TLS_SERVER_KEY: file('key', 'KEY'),
    };
    expect(await readGcsCredentials({ variables })).toEqual({ tls: { ca: 'CA', certificate: 'CERT', key: 'KEY' } });
  });

  test('that are not named are an error that names the variable', async () => {
    await expect(readGcsCredentials({ variables: { RAY_USE_TLS: 'true' } })).rejects.toThrow(
      'RAY_USE_TLS is set, so RAY_TLS_CA_CERT must name a PEM file',
    );
  });
});
