/** Why a file could not be read, as a clause. */

import { errorText } from '../lib/error.ts';

export function unreadableText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  return errorText(error);
}
