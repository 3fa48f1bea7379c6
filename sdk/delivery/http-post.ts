/**
 * Sends one HTTP POST request. On Node by `node:http`, whose sockets can be unreferenced, so that a
 * waiting request does not keep the process running (those of `fetch` cannot); elsewhere by `fetch`. Where
 * requests are isolated there is no process to keep running, and an agent that is kept for the next
 * request has connections that it may not use; workerd's agent moreover never announces a socket.
 */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { isolatesRequests } from '../platform/isolation.ts';
import { builtin, unref } from '../platform/platform.ts';
import { clearTimer, setTimer, type Timer } from '../platform/timers.ts';

export interface HttpResponse {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** Sends a request. Rejects on network errors and timeouts. */
export type Post = (
  body: Uint8Array,
  headers: Record<string, string>,
  signal: AbortSignal,
) => Promise<HttpResponse>;

export interface PostSettings {
  readonly requestTimeoutMillis: number;
  /** Limits the time to connect, because a connecting socket keeps the process running. */
  readonly exitTimeoutMillis: number;
}

/** A response of the ingest endpoint lists at most a hundred rejections; the rest of a longer one is ignored. */
const MAX_RESPONSE_BYTES = 1_000_000;

type Http = typeof import('node:http') | typeof import('node:https');

export function createPost(url: URL, settings: PostSettings): Post {
  let post: Post | undefined;
  // With the first request: loading the module takes longer than everything else that `init` does.
  const open = (): Post => {
    const http = url.protocol === 'https:' ? builtin('node:https') : builtin('node:http');
    return http && !isolatesRequests() ? nodePost(url, settings, http) : fetchPost(url, settings);
  };
  return (...request) => {
    post ??= open();
    return post(...request);
  };
}

function nodePost(url: URL, settings: PostSettings, http: Http): Post {
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
      const limit = (millis: number, what: string): Timer => {
        const timer = setTimer(() => request.destroy(new Error(`timeout: no ${what}`)), millis);
        // The timers of jsdom have no such method.
        unref(timer);
        return timer;
      };
      const { requestTimeoutMillis, exitTimeoutMillis } = settings;
      const total = limit(requestTimeoutMillis, 'response');
      const connecting = limit(
        Math.min(requestTimeoutMillis, Math.max(exitTimeoutMillis, 1_000)),
        'connection',
      );
      request.on('socket', (socket) => {
        const connected = (): void => {
          clearTimer(connecting);
          socket.unref();
        };
        if (socket.connecting) socket.once('connect', connected);
        else connected();
      });
      request.on('close', () => {
        clearTimer(total);
        clearTimer(connecting);
      });
      request.on('error', reject);
      request.on('response', (response) => collect(response).then(resolve, reject));
      request.end(body);
    });
}

async function collect(response: IncomingMessage): Promise<HttpResponse> {
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response) if (body.length < MAX_RESPONSE_BYTES) body += chunk;
  return { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], body };
}

const fetchPost =
  (url: URL, settings: PostSettings): Post =>
  async (body, headers, signal) => {
    // Next.js' edge runtime has no `AbortSignal.any`.
    const either = new AbortController();
    const abort = (): void => either.abort();
    const timer = setTimer(
      () => either.abort(new Error('timeout: no response')),
      settings.requestTimeoutMillis,
    );
    signal.addEventListener('abort', abort);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: body as Uint8Array<ArrayBuffer>,
        signal: either.signal,
        // As `node:http`, it follows none; workerd does not know the value `error`.
        redirect: 'manual',
      });
      const retryAfter = response.headers.get('retry-after') ?? undefined;
      return { status: response.status, retryAfter, body: await response.text() };
    } finally {
      clearTimer(timer);
      signal.removeEventListener('abort', abort);
    }
  };
