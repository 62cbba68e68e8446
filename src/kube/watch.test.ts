/** A watch over a real socket: what it tells, and every way it can end. */

import { setImmediate as turn } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { refuse, serveScript, type Script } from '../../test/support/kube-server.ts';
import { QuickClock } from '../../test/support/quick-clock.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { PODS } from '../core/kube/resource.ts';
import type { WatchEvent, WatchQuery } from '../ports/kube-api.ts';
import { HttpKubeApi } from './http-kube-api.ts';
import type { WatchLimits } from './watch.ts';

type Setup = { readonly limits?: Partial<WatchLimits>; readonly query?: WatchQuery; readonly signal?: AbortSignal };

async function watching(script: Script, { limits, query = {}, signal }: Setup = {}) {
  const server = await serveScript('http', script);
  const api = new HttpKubeApi({
    connection: { server: server.url, origin: 'a test' },
    userAgent: 'tandem/1',
    clock: new QuickClock(),
    ...(limits === undefined ? {} : { watchLimits: limits }),
  });
  onTestFinished(() => api.close());
  const watch = api.watch(PODS, query, { signal: signal ?? new AbortController().signal });
  return { server, watch, api };
}

const pod = (name: string, resourceVersion: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, resourceVersion },
});

const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

/** Everything up to the end, and the error that ended it. */
async function all(
  watch: AsyncIterable<WatchEvent<Pod>>,
): Promise<{ readonly told: readonly string[]; readonly error: unknown }> {
  const told: string[] = [];
  try {
    for await (const event of watch) {
      told.push(
        event.type === 'BOOKMARK' ? `BOOKMARK ${event.resourceVersion}` : `${event.type} ${event.object.metadata.name}`,
      );
    }
  } catch (error) {
    return { told, error };
  }
  return { told, error: undefined };
}

/** Sends the headers and the first lines, as API servers do, and leaves the rest to the test. */
function begin(response: ServerResponse, ...lines: readonly string[]): ServerResponse {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  for (const text of lines) response.write(text);
  return response;
}

describe('a watch', () => {
  test('asks for what it is to tell, and for an end', async () => {
    const query = {
      namespace: 'n',
      labelSelector: 'app=x',
      fieldSelector: '',
      resourceVersion: '7',
      allowWatchBookmarks: true,
    };
    const { watch, server } = await watching((_, response) => begin(response).end(), { query });
    expect(await all(watch)).toEqual({ told: [], error: undefined });
    expect(server.requests[0]?.url).toBe(
      '/api/v1/namespaces/n/pods?watch=true&labelSelector=app%3Dx&resourceVersion=7&allowWatchBookmarks=true&timeoutSeconds=300',
    );
  });

  test('does not end at the same time as others that began with it', async () => {
    const { watch, api, server } = await watching((_, response) => begin(response).end());
    await all(watch);
    await all(api.watch(PODS, {}, { signal: new AbortController().signal }));
    const [one, two] = server.requests.map(({ url }) => new URLSearchParams(url).get('timeoutSeconds'));
    expect(one).not.toBe(two);
  });

  test('tells events and bookmarks in order, however they are cut on the wire', async () => {
    const text =
      line('ADDED', pod('ä', '1')) +
      line('MODIFIED', pod('ä', '2')) +
      line('BOOKMARK', pod('', '9')) +
      line('DELETED', pod('ä', '10'));
    const bytes = Buffer.from(text);
    const { watch } = await watching(async (_, response) => {
      begin(response);
      for (let at = 0; at < bytes.length; at += 7) {
        response.write(bytes.subarray(at, at + 7));
        await turn();
      }
      response.end();
    });
    expect(await all(watch)).toEqual({ told: ['ADDED ä', 'MODIFIED ä', 'BOOKMARK 9', 'DELETED ä'], error: undefined });
  });
});

describe('a watch ends with an error', () => {
  const unavailable = { name: 'KubeError', code: 'TANDEM_KUBE_UNAVAILABLE', status: { code: 0 } };
  const first = line('ADDED', pod('a', '1'));

  test.each([
    ['when a line is not JSON', '{"type": "ADDED", oops}\n', /not JSON/],
    ['when a line is no event', '[]\n', /no object/],
    ['when an event has a type that is not known', line('MOVED', pod('b', '2')), /the type "MOVED"/],
    ['when an event has no object', line('MODIFIED', undefined), /no Pod/],
    ['when a bookmark has no version', line('BOOKMARK', { metadata: {} }), /no version/],
  ])('%s', async (_, bad, message) => {
    const { watch } = await watching((__, response) => begin(response, first, bad, line('ADDED', pod('c', '3'))).end());
    const { told, error } = await all(watch);
    expect(told).toEqual(['ADDED a']);
    expect(error).toMatchObject(unavailable);
    expect(String(error)).toMatch(message);
  });

  test('when the stream ends in the middle of a line', async () => {
    const { watch } = await watching((_, response) => begin(response, first, '{"type":"MODI').end());
    const { told, error } = await all(watch);
    expect(told).toEqual(['ADDED a']);
    expect(error).toMatchObject({ ...unavailable, message: expect.stringContaining('in the middle of a line') });
  });

  test('when the connection is cut, also between two lines', async () => {
    const { watch } = await watching(async (_, response) => {
      begin(response, first);
      await turn();
      response.socket?.destroy();
    });
    const { told, error } = await all(watch);
    expect(told).toEqual(['ADDED a']);
    expect(error).toMatchObject(unavailable);
  });

  test('when a line does not end', async () => {
    const { watch } = await watching((_, response) => begin(response, 'x'.repeat(5000)), {
      limits: { lineBytes: 1000 },
    });
    expect((await all(watch)).error).toMatchObject({
      ...unavailable,
      message: expect.stringContaining('longer than 1000'),
    });
  });

  test('when nothing comes long after the server should have ended it', async () => {
    const limits = { lengthSeconds: 0, graceSeconds: 0.1 };
    const { watch } = await watching((_, response) => begin(response, first), { limits });
    const { told, error } = await all(watch);
    expect(told).toEqual(['ADDED a']);
    expect(error).toMatchObject({ ...unavailable, message: expect.stringContaining('Body Timeout') });
  });

  test('410 Expired when the version is no longer kept, told as an event or as a refusal', async () => {
    const expired = {
      kind: 'Status',
      status: 'Failure',
      code: 410,
      reason: 'Expired',
      message: 'too old resource version: 1 (9)',
    };
    const asEvent = await watching((_, response) => begin(response, line('ERROR', expired)).end());
    const asRefusal = await watching((_, response) => refuse(response, 410, 'Expired', expired.message));
    for (const { watch } of [asEvent, asRefusal]) {
      expect((await all(watch)).error).toMatchObject({
        code: 'TANDEM_KUBE_EXPIRED',
        status: { code: 410, reason: 'Expired' },
      });
    }
  });

  test('when it is refused', async () => {
    const { watch } = await watching((_, response) => refuse(response, 403, 'Forbidden', 'pods is forbidden'));
    expect((await all(watch)).error).toMatchObject({ code: 'TANDEM_KUBE_FORBIDDEN', message: 'pods is forbidden' });
  });
});

describe('a watch ends without an error', () => {
  test('when the signal is aborted while it waits', async () => {
    const scope = new AbortController();
    const { watch } = await watching((_, response) => begin(response, line('ADDED', pod('a', '1'))), {
      signal: scope.signal,
    });
    await watch.next();
    const next = watch.next();
    scope.abort(new Error('enough'));
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('when the signal is aborted before the server answers, or before it begins', async () => {
    const scope = new AbortController();
    const { watch, api } = await watching(() => scope.abort(new Error('enough')), { signal: scope.signal });
    expect(await all(watch)).toEqual({ told: [], error: undefined });
    expect(await all(api.watch(PODS, {}, { signal: scope.signal }))).toEqual({ told: [], error: undefined });
  });

  test('when its reader stops, and the connection with it', async () => {
    let closed: () => void;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { watch } = await watching((_, response) => {
      response.on('close', () => closed());
      begin(response, line('ADDED', pod('a', '1')), line('ADDED', pod('b', '2')));
    });
    for await (const event of watch) {
      expect(event.type).toBe('ADDED');
      break;
    }
    await gone;
  });

  test('a slow reader holds the sender up instead of filling memory', async () => {
    const big = line('ADDED', { ...(pod('a', '1') as object), data: 'x'.repeat(100_000) });
    let written = 0;
    const { watch } = await watching((_, response) => {
      begin(response);
      const more = (): void => {
        while (written < 1000 && !response.destroyed) {
          written += 1;
          if (!response.write(big)) return void response.once('drain', more);
        }
      };
      more();
    });
    await watch.next();
    let before = -1;
    while (before !== written) {
      before = written;
      for (let i = 0; i < 50; i++) await turn();
    }
    expect(written).toBeLessThan(500);
    await watch.return(undefined);
  });
});
