import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Handler } from '../../../lambda/ingest.ts';
import { bodyOf, functionUrlEvent } from './http-event.ts';

export interface FunctionUrlServer {
  url: string;
  close(): Promise<void>;
}

/** A local function URL: converts HTTP requests to events and responses to HTTP. */
export async function startFunctionUrl(handler: Handler): Promise<FunctionUrlServer> {
  const server = createServer((request, response) => {
    serve(handler, request, response).catch((error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  handler: Handler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(request);
  const isText = /json|text/.test(request.headers['content-type'] ?? '');
  const isPlain = request.headers['content-encoding'] === undefined;
  const answer = await handler(
    functionUrlEvent({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      body,
      isBase64Encoded: !(isText && isPlain),
    }),
  );
  response.writeHead(answer.statusCode, answer.headers);
  response.end(bodyOf(answer));
}
