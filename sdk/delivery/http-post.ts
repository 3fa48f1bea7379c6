/**
 * One HTTP POST. On Node through `node:http`, because its sockets can let the process end while they
 * wait (those of `fetch` cannot); elsewhere through `fetch`.
 */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { builtin } from '../platform/platform.ts';

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
      const allow = (millis: number, what: string): NodeJS.Timeout =>
        setTimeout(() => request.destroy(new Error(`timeout: no ${what}`)), millis).unref();
      const { requestTimeoutMillis, exitTimeoutMillis } = settings;
      const total = allow(requestTimeoutMillis, 'answer');
      const connecting = allow(
        Math.min(requestTimeoutMillis, Math.max(exitTimeoutMillis, 1_000)),
        'connection',
      );
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

async function collect(response: IncomingMessage): Promise<Answer> {
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response) if (body.length < MAX_ANSWER_BYTES) body += chunk;
  return { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], body };
}

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
