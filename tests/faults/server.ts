/** An ingest endpoint with faults, which counts the spans that it acknowledged. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Batch } from '../../wire/records.ts';
import { plainBody } from '../support/plain-body.ts';

/** How the server responds: at once, with an error, after 100 ms, or never. */
export type Behaviour = 'ok' | 500 | 503 | 'slow' | 'hang';

const SLOW_MILLIS = 100;

export class FaultyServer {
  /** Ids of spans that were acknowledged. */
  readonly spans = new Set<string>();
  /** Spans that were acknowledged more than once. */
  repeated = 0;
  behaviour: Behaviour = 'ok';
  private port = 0;
  private server = createServer();

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts listening, on the same port as before. */
  async open(): Promise<this> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.answer(plainBody(request.headers, Buffer.concat(chunks)), response);
      });
      request.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(body: Buffer, response: ServerResponse): void {
    const { behaviour } = this;
    if (behaviour === 'hang') return;
    if (typeof behaviour === 'number') {
      response.writeHead(behaviour, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"injected","message":"injected"}}');
      return;
    }
    const accept = (): void => {
      const { spans = [] } = JSON.parse(body.toString()) as Batch;
      for (const { id } of spans) {
        if (this.spans.has(id)) this.repeated += 1;
        this.spans.add(id);
      }
      response.setHeader('content-type', 'application/json');
      response.end('{"stored":{},"rejected":[],"rejected_count":0}');
    };
    if (behaviour === 'slow') setTimeout(accept, SLOW_MILLIS);
    else accept();
  }
}
