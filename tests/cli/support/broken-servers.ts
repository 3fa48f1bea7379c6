/** HTTP servers that misbehave in a chosen way. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createHandler } from '../../../lambda/ingest.ts';
import { createLog } from '../../../lambda/runtime/log.ts';
import { createSupabaseStore } from '../../../lambda/store/store.ts';
import { functionUrlListener } from '../../../local/function-url.ts';
import { SELF_SIGNED } from './self-signed.ts';

const servers: Server[] = [];

/** Listens on a free port of 127.0.0.1 until {@link closeServers}. */
export async function serve(listener: RequestListener, isTls = false): Promise<string> {
  const server = isTls ? createTlsServer(SELF_SIGNED, listener) : createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return `http${isTls ? 's' : ''}://127.0.0.1:${port}`;
}

export function closeServers(): void {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
}

/** A URL where nothing listens. */
export async function nowhere(): Promise<string> {
  const url = await serve(() => {});
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return url;
}

/** The deployed ingest handler, on the database of a Supabase URL. */
export const handlerOn = (url: string, secretKey: string): RequestListener =>
  functionUrlListener(
    createHandler({
      store: createSupabaseStore({ url, secretKey, timeoutMillis: 2_000 }),
      now: Date.now,
      log: createLog('SILENT'),
      metrics: { record: () => {} },
      version: 'test',
    }),
  );

interface Changes {
  /** Headers of each response. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Status of the responses to POST. */
  readonly postStatus?: number;
  /** Called for each POST; a returned status is answered instead of the endpoint's response. */
  readonly intercept?: (bodyBytes: number) => number | undefined;
}

/** A proxy that changes the responses of an endpoint. */
export const proxyOf =
  (endpoint: string, { headers, postStatus, intercept }: Changes): RequestListener =>
  async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const isPost = request.method === 'POST';
    const instead = isPost ? intercept?.(Buffer.concat(chunks).length) : undefined;
    if (instead !== undefined) {
      response.writeHead(instead).end('{}');
      return;
    }
    const kept = ['authorization', 'content-type', 'content-encoding'].flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value] as [string, string]] : [];
    });
    const answer = await fetch(endpoint + request.url, {
      method: request.method ?? 'GET',
      headers: kept,
      ...(isPost ? { body: Buffer.concat(chunks) } : {}),
    });
    const status = isPost && postStatus !== undefined ? postStatus : answer.status;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(await answer.text());
  };
