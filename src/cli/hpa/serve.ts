/** Serves the pages of a process for as long as it runs. */

import { readFile } from 'node:fs/promises';
import { abortScope } from '../../controllers/deps.ts';
import { epochMs, seconds, type DurationMs } from '../../core/time/time.ts';
import { errorText, TandemError } from '../../lib/error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpServer, HttpServerOptions, PageHandler } from '../process/http-server.ts';
import type { ProcessLog } from '../process/process-log.ts';
import type { Serving } from './settings.ts';

export type PageServerDeps = {
  readonly handler: PageHandler;
  readonly clock: Clock;
  readonly log: Pick<ProcessLog, 'info' | 'warn'>;
  readonly serve: (options: HttpServerOptions) => Promise<HttpServer>;
};

/** How soon a port that is taken is tried again: the process before us may still be ending. */
const AGAIN_AFTER: DurationMs = seconds(5);

/**
 * Begins to serve; the answer ends it. A port that is taken is waited for beside the work, and said once. Rejects with a coded sentence for
 * what no waiting mends: an address that is not ours, a port that is not allowed, a certificate that cannot be used.
 */
export async function servePages(serving: Serving, deps: PageServerDeps): Promise<() => Promise<void>> {
  const { host, port, tls } = serving;
  const options: HttpServerOptions = {
    handler: deps.handler,
    host,
    port,
    ...(tls === undefined ? {} : { tls: await readPair(tls) }),
  };
  const where = `${host === undefined ? '' : host.includes(':') ? `[${host}]` : host}:${port}`;
  const scope = abortScope();
  let server = await tryToServe(deps, options, where);
  if (server === undefined)
    deps.log.warn(
      `/metrics and /healthz are not served on ${where} until that is free: it is taken by another program`,
    );
  const waiting = (async () => {
    while (server === undefined && !scope.signal.aborted) {
      const again = epochMs(deps.clock.now() + AGAIN_AFTER);
      await deps.clock.sleepUntil(again, scope.signal).catch(() => undefined); // a stop ends the loop
      if (scope.signal.aborted) return;
      server = await tryToServe(deps, options, where);
      if (server !== undefined) deps.log.info(`/metrics and /healthz are served on ${where}`);
    }
  })();
  waiting.catch((error: unknown) => deps.log.warn(errorText(error)));
  return async () => {
    scope.abort(new Error('the process ends'));
    await waiting.catch(() => undefined); // told above
    await server?.close();
  };
}

/** Undefined while the port is taken. */
async function tryToServe(
  { serve }: PageServerDeps,
  options: HttpServerOptions,
  where: string,
): Promise<HttpServer | undefined> {
  try {
    return await serve(options);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    switch (code) {
      case 'EADDRINUSE':
        return undefined;
      case 'EADDRNOTAVAIL':
        throw refused(`--bind-address ${options.host} is no address of this machine`, error);
      case 'EACCES':
        throw refused(`--secure-port ${options.port} may not be used by this user: take one above 1023`, error);
      default:
        throw refused(`nothing can be served on ${where}: ${errorText(error)}`, error);
    }
  }
}

async function readPair(tls: NonNullable<Serving['tls']>): Promise<NonNullable<HttpServerOptions['tls']>> {
  const [certificate, key] = await Promise.all([
    readPem(tls.certificate, '--tls-cert-file'),
    readPem(tls.key, '--tls-private-key-file'),
  ]);
  return { certificate, key };
}

async function readPem(file: string, flag: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw refused(`${flag} cannot be read: ${errorText(error)}`, error);
  }
}

function refused(sentence: string, cause: unknown): TandemError {
  return new TandemError('TANDEM_USAGE', `${sentence}; nothing was started`, { cause });
}
