/**
 * One HTTP POST. On Node through `node:http`, because its sockets can let the process end while they
 * wait (those of `fetch` cannot); elsewhere through `fetch`.
 */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { builtin } from './platform.ts';

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** Rejects on network errors and when the time is up. */
export type Post = (
  body: Uint8Array,
  headers: Record<string, string>,
  signal: AbortSignal,
) => Promise<Answer>;

export interface PostSettings {
  readonly requestTimeoutMillis: number;
  /** While a socket connects it holds the process, so that must not take longer than an exit may. */
  readonly exitTimeoutMillis: number;
}

/** An answer lists at most a hundred rejections; anything longer is not ours. */
const MAX_ANSWER_BYTES = 1_000_000;

export function createPost(url: URL, settings: PostSettings): Post {
  const http = url.protocol === 'https:' ? builtin('node:https') : builtin('node:http');
  if (!http) return fetchPost(url, settings);
  const agent = new http.Agent({ keepAlive: true });
  return (body, headers, signal) =>
    new Promise((resolve, reject) => {
      const options: RequestOptions = {
        method: 'POST',
        agent,
        signal,
        headers: { ...headers, 'content-length': body.byteLength },
      };
      const request = http.request(url, options);
      const giveUp = (what: string) => () => request.destroy(new Error(`timeout: ${what}`));
      const total = setTimeout(giveUp('no answer'), settings.requestTimeoutMillis);
      const connecting = setTimeout(
        giveUp('no connection'),
        Math.min(settings.requestTimeoutMillis, Math.max(settings.exitTimeoutMillis, 1_000)),
      );
      total.unref();
      connecting.unref();
      request.on('socket', (socket) => {
        const connected = (): void => {
          clearTimeout(connecting);
          socket.unref();
        };
        if (socket.connecting) socket.once('connect', connected);
        else connected();
      });
      request.on('close', () => {
        clearTimeout(total);
        clearTimeout(connecting);
      });
      request.on('error', reject);
      request.on('response', (response) => collect(response).then(resolve, reject));
      request.end(body);
    });
}

const collect = (response: IncomingMessage): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      if (body.length < MAX_ANSWER_BYTES) body += chunk;
    });
    response.on('error', reject);
    response.on('end', () => {
      const retryAfter = response.headers['retry-after'];
      resolve({ status: response.statusCode ?? 0, retryAfter, body });
    });
  });

const fetchPost =
  (url: URL, settings: PostSettings): Post =>
  async (body, headers, signal) => {
    const timeout = AbortSignal.timeout(settings.requestTimeoutMillis);
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: body as Uint8Array<ArrayBuffer>,
      signal: AbortSignal.any([signal, timeout]),
      redirect: 'error',
    });
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    return { status: response.status, retryAfter, body: await response.text() };
  };
