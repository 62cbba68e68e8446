/** Files that credentials lie in, read with sentences that name the file when it cannot be used. */

import { X509Certificate } from 'node:crypto';
import { access, constants, readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { errorText, TandemError } from '../lib/error.ts';

export function configError(message: string, options?: { readonly cause?: unknown }): TandemError {
  return new TandemError('TANDEM_KUBE_CONFIG', message, options);
}

export function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}

/** The text of `file`. `what` says whose it is: `the token of user "u" in kubeconfig F`. */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw configError(`${what}: ${fileProblem(file, error)}`, { cause: error });
  }
}

function fileProblem(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return `there is no file ${file}; correct the path or create it`;
    case 'EACCES':
      return `${file} may not be read by this user; change its permissions`;
    case 'EISDIR':
      return `${file} is a folder; name the file in it`;
    default:
      return `${file} cannot be read: ${errorText(error)}`;
  }
}

/** `text`, if it holds at least one certificate and none that cannot be read. */
export function checkedCertificates(text: string, what: string): string {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0)
    throw configError(`${what} holds no PEM certificate; put one that begins with BEGIN CERTIFICATE there`);
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch (error) {
      throw configError(`${what} holds a certificate that cannot be read: ${errorText(error)}; replace it`, {
        cause: error,
      });
    }
  }
  return text;
}

/** The pair, if both can be read and belong together. */
export function checkedPair(
  pair: { readonly certificate: string; readonly key: string },
  what: { readonly certificate: string; readonly key: string },
): { readonly certificate: string; readonly key: string } {
  checkedCertificates(pair.certificate, what.certificate);
  try {
    createSecureContext({ cert: pair.certificate, key: pair.key });
  } catch (error) {
    throw configError(
      `${what.key} is not a PEM key that can be read and belongs to ${what.certificate}: ${errorText(error)}; put the matching pair there`,
      { cause: error },
    );
  }
  return pair;
}
