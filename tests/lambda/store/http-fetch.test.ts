import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpFetch } from '../../../lambda/store/http-fetch.ts';

describe('httpFetch', () => {
  let server: Server;
  let url: string;
  let sockets: Set<Socket>;
  let connections: number;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    sockets = new Set();
    connections = 0;
    answer = (_request, response) => void response.end('ok');
    server = createServer((request, response) => answer(request, response));
    server.keepAliveTimeout = 60_000;
    server.on('connection', (socket: Socket) => {
      connections++;
      sockets.add(socket);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?q=1`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  it('sends a request, and returns the response', async () => {
    answer = async (request, response) => {
      const body = await text(request);
      response.writeHead(418, { 'x-said': `${request.method} ${request.url}` });
      response.end(`${request.headers.apikey}: ${body}`);
    };
    const response = await httpFetch(new URL(url), {
      method: 'POST',
      headers: new Headers({ apikey: 'k' }),
      body: 'grüße',
    });
    expect(response.status).toBe(418);
    expect(response.headers.get('x-said')).toBe('POST /path?q=1');
    expect(await response.text()).toBe('k: grüße');
  });

  it('returns a response without a body', async () => {
    answer = (_request, response) => void response.writeHead(204).end();
    expect((await httpFetch(url)).status).toBe(204);
  });

  it('keeps its connection for the next request', async () => {
    await (await httpFetch(url)).text();
    await (await httpFetch(url)).text();
    expect(connections).toBe(1);
  });

  it('replaces a connection that was closed while idle', async () => {
    await (await httpFetch(url)).text();
    let requests = 0;
    answer = (request, response) => {
      requests++;
      // The first request uses the old connection, which is closed as after a freeze.
      if (requests === 1) request.socket.resetAndDestroy();
      else response.end('again');
    };
    expect(await (await httpFetch(url)).text()).toBe('again');
    expect(connections).toBe(2);
  });

  it('does not retry over a new connection', async () => {
    let requests = 0;
    answer = (request) => {
      requests++;
      request.socket.resetAndDestroy();
    };
    await expect(httpFetch(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(requests).toBe(1);
  });

  it('aborts with the reason of its signal', async () => {
    answer = () => {};
    const signal = AbortSignal.timeout(50);
    await expect(httpFetch(url, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('aborts also in the middle of a response', async () => {
    answer = (_request, response) => void response.write('half');
    const signal = AbortSignal.timeout(100);
    await expect(httpFetch(url, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('names the address that refuses the connection', async () => {
    await new Promise((closed) => server.close(closed));
    await expect(httpFetch(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
