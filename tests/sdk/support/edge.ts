/** An ingest endpoint: an HTTP server that stores requests and sends configured responses. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { flush, type InitOptions, init, shutdown } from '../../../sdk/index.ts';
import { type Batch, emptyLists, type RecordLists } from '../../../wire/records.ts';
import { plainBody } from '../../support/plain-body.ts';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly batch: Batch;
}

type Reply = (response: ServerResponse, received: Received) => void;

export class Edge {
  readonly requests: Received[] = [];
  /** Responses for the next requests; further requests are accepted. */
  readonly replies: Reply[] = [];
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = plainBody(request.headers, Buffer.concat(chunks)).toString();
      const batch = JSON.parse(text) as Batch;
      const received = { path: request.url ?? '', headers: request.headers, batch };
      this.requests.push(received);
      const respond = this.replies.shift() ?? reply(200);
      respond(response, received);
    });
  });

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** All records of all requests, or of those with a token, in order of arrival. */
  records(token?: string): RecordLists {
    const all = emptyLists();
    for (const { batch, headers } of this.requests) {
      if (token && headers.authorization !== `Bearer ${token}`) continue;
      for (const table of Object.keys(all) as (keyof RecordLists)[]) {
        (all[table] as unknown[]).push(...(batch[table] ?? []));
      }
    }
    return all;
  }
}

/** A response with a status, headers and a body. */
export function reply(
  status: number,
  body: unknown = {},
  headers: Record<string, string> = {},
): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Runs a function with the SDK configured for a test endpoint, and returns the received records. */
export async function recorded(
  work: () => unknown,
  options: InitOptions = {},
): Promise<RecordLists> {
  const edge = await new Edge().open();
  try {
    init({ name: 'test', mode: 'dev', token: 'token', endpoint: edge.url, ...options });
    await work();
    let { pending } = await flush();
    // Spans of results that the program dropped end when they are collected, which may be during a flush.
    for (let round = 0; pending > 0 && round < 5; round += 1) ({ pending } = await flush());
    expect(pending).toBe(0);
    return edge.records();
  } finally {
    await shutdown({ timeoutMillis: 0 });
    await edge.close();
  }
}
