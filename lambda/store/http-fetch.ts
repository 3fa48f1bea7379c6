/**
 * `fetch` on top of `node:http`, as far as the functions need it. Node's own `fetch` compiles an HTTP
 * parser at its first use, a quarter of a cold start; `node:http` has one built in.
 */
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { buffer } from 'node:stream/consumers';

/** Error codes of a connection that was closed before the request was read. */
const STALE = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Sends one request over a kept-alive connection. If the server has closed the connection meanwhile,
 * as happens while Lambda freezes the process, the request did not arrive and is sent once more.
 *
 * @throws the errors of `node:http`, or the reason of the signal
 */
export async function httpFetch(
  input: URL | string | Request,
  init: RequestInit = {},
): Promise<Response> {
  const url = input instanceof Request ? new URL(input.url) : new URL(input);
  try {
    return await send(url, init);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    return await send(url, init);
  }
}

class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

function send(url: URL, { method = 'GET', headers, body, signal }: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(signal ? { signal } : {}),
    };
    const request = (url.protocol === 'https:' ? requestSecure : requestPlain)(url, options);
    request.on('response', async (response) => {
      try {
        const bytes = await buffer(response);
        const status = response.statusCode ?? 0;
        const isEmpty = status === 204 || status === 304;
        resolve(
          new Response(isEmpty ? null : new Uint8Array(bytes), {
            status,
            headers: Object.entries(response.headers).flatMap(([name, value]) =>
              value === undefined ? [] : [[name, String(value)] as [string, string]],
            ),
          }),
        );
      } catch (error) {
        reject(signal?.aborted ? signal.reason : error);
      }
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = request.reusedSocket && STALE.has(error.code ?? '');
      if (signal?.aborted) reject(signal.reason);
      else reject(isStale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    request.end(body as string | undefined);
  });
}
