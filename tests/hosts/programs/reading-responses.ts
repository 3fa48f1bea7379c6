/** What `fetch` returns, in a span, can be read in all its ways. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Program } from '../program.ts';
import { times } from '../row-checks.ts';

type Get = (path?: string) => Promise<Response>;

async function textOf(iterable: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const one of iterable) text += new TextDecoder().decode(one as Uint8Array);
  return text;
}

const bodyOf = ({ body }: Response): ReadableStream<Uint8Array<ArrayBuffer>> => {
  if (!body) throw new Error('The response has no body.');
  return body;
};

const READERS: Record<string, (get: Get) => Promise<unknown>> = {
  text: async (get) => {
    const response = await get();
    return [await response.text(), response.bodyUsed];
  },
  bytes: async (get) => (await (await get()).arrayBuffer()).byteLength,
  blob: async (get) => (await (await get()).blob()).text(),
  clone: async (get) => {
    const response = await get();
    const clone = response.clone();
    return [await response.text(), await clone.text()];
  },
  'a new Response of its body': async (get) => {
    const response = await get();
    const copy = new Response(response.body, response);
    return [await copy.text(), copy.status, copy.headers.get('content-type'), response.bodyUsed];
  },
  'the body, twice the same': async (get) => {
    const response = await get();
    const first = response.body;
    await bodyOf(response).cancel();
    return [first === response.body, bodyOf(response).locked];
  },
  'a stream of Node': async (get) => textOf(Readable.fromWeb(bodyOf(await get()) as never)),
  tee: async (get) => {
    const [left, right] = bodyOf(await get()).tee();
    return [await new Response(left).text(), await new Response(right).text()];
  },
  'bring your own buffer': async (get) => {
    const reader = bodyOf(await get('/bytes')).getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(4));
    await reader.cancel();
    return new TextDecoder().decode(value);
  },
  pipe: async (get) => {
    let text = '';
    await bodyOf(await get())
      .pipeThrough(new TextDecoderStream())
      .pipeTo(
        new WritableStream({
          write: (chunk) => {
            text += chunk;
          },
        }),
      );
    return text;
  },
  'nothing (204)': async (get) => {
    const response = await get('/empty');
    return [response.status, response.body, await response.text()];
  },
  'text, twice': async (get) => {
    const response = await get();
    await response.text();
    return response.text();
  },
  'the body, then text': async (get) => {
    const response = await get();
    return [bodyOf(response).locked, await response.text()];
  },
  'a part by a reader, the rest by iteration': async (get) => {
    const response = await get();
    const reader = bodyOf(response).getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    return [new TextDecoder().decode(value), await textOf(bodyOf(response))];
  },
  'what it is': async (get) => {
    const response = await get();
    const is = [response instanceof Response, response.body instanceof ReadableStream];
    await response.text();
    return [...is, Object.prototype.toString.call(response), Object.keys(response)];
  },
};

const DELAY_MILLIS = 15;

export const programs: Program[] = [
  {
    name: 'all ways to read a Response',
    async run({ agensight, attempt }) {
      const server = createServer((request, response) => {
        if (request.url === '/empty') return response.writeHead(204).end();
        const type = request.url === '/bytes' ? 'application/octet-stream' : 'text/plain';
        response.writeHead(200, { 'content-type': type }).write('hello ');
        return setTimeout(() => response.end('world'), DELAY_MILLIS);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const get = agensight.span('get', (path = '/') => fetch(`http://127.0.0.1:${port}${path}`));
      const seen: Record<string, unknown> = {};
      for (const [name, read] of Object.entries(READERS))
        seen[name] = await attempt(() => read(get));
      server.closeAllConnections();
      server.close();
      return seen;
    },
    rows: [
      {
        table: 'spans',
        where: { name: 'get' },
        are: times(Object.keys(READERS).length, { status: 'ok' }),
      },
    ],
  },
];
