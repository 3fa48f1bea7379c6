/**
 * A server for exported spans, in a separate process. It keeps the acknowledged requests and counts their
 * spans only on request, so that counting does not compete with the measurement.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import zlib from 'node:zlib';
import { spanIds } from './span-ids.ts';

/** How to answer from now on, and for how long; then normally again. */
export interface Orders {
  readonly answer: 'ok' | 500 | 503 | 'slow' | 'hang';
  readonly forMillis?: number;
  /** Requests are not kept, because they will not be counted. */
  readonly keepsNothing?: boolean;
}

/** The answer to the message `count`. */
export interface Arrived {
  readonly spans: number;
  readonly repeated: number;
  readonly requests: number;
  /** When the last new span arrived, by `Date.now()`. */
  readonly lastAt: number;
}

interface Kept {
  readonly at: number;
  readonly url: string;
  readonly type: string;
  readonly encoding: string;
  readonly body: Buffer;
}

const SLOW_MILLIS = 100;
let orders: Orders = { answer: 'ok' };
let recovery: NodeJS.Timeout | undefined;
let kept: Kept[] = [];

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { answer } = orders;
    if (answer === 'hang') return;
    if (typeof answer === 'number') {
      response.writeHead(answer).end('injected');
      return;
    }
    const { headers, url = '' } = request;
    const type = headers['content-type'] ?? '';
    const encoding = headers['content-encoding'] ?? '';
    if (!orders.keepsNothing) {
      kept.push({ at: Date.now(), url, type, encoding, body: Buffer.concat(chunks) });
    }
    if (answer === 'slow') setTimeout(accept, SLOW_MILLIS, request, response);
    else accept(request, response);
  });
});

function accept({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
  const isProtobuf = headers['content-type']?.includes('protobuf') ?? false;
  const type = isProtobuf ? 'application/x-protobuf' : 'application/json';
  response.writeHead(200, { 'content-type': type });
  response.end(isProtobuf ? undefined : JSON.stringify(answerTo(url)));
}

/** Answers to the requests that clients make before they send spans. */
function answerTo(url: string): object {
  if (url.endsWith('/info')) {
    const batch = { use_multipart_endpoint: true, size_limit: 100, size_limit_bytes: 20_971_520 };
    return {
      version: '0.13.0',
      batch_ingest_config: batch,
      instance_flags: { gzip_body_enabled: true },
    };
  }
  const id = '00000000-0000-0000-0000-000000000001';
  if (url.includes('apikey/login')) {
    const home = `http://127.0.0.1:${process.argv[2] ?? port()}`;
    const org = { id, name: 'local', api_url: home, proxy_url: home, is_universal_api: true };
    return { org_info: [org] };
  }
  if (url.includes('project/register')) {
    return { project: { id, name: 'local', org_id: id } };
  }
  return { stored: {}, rejected: [], rejected_count: 0 };
}

const INFLATE: Record<string, (body: Buffer) => Buffer> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  zstd: zlib.zstdDecompressSync,
};

function count(): Arrived {
  const seen = new Set<string>();
  let repeated = 0;
  let lastAt = 0;
  for (const { at, url, type, encoding, body } of kept) {
    for (const id of spanIds(url, type, INFLATE[encoding]?.(body) ?? body)) {
      if (seen.has(id)) repeated += 1;
      else lastAt = at;
      seen.add(id);
    }
  }
  return { spans: seen.size, repeated, requests: kept.length, lastAt };
}

function port(): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

process.on('message', (message: 'count' | 'forget' | Orders) => {
  if (message === 'count') {
    process.send?.(count());
    return;
  }
  if (message === 'forget') {
    kept = [];
  } else {
    clearTimeout(recovery);
    orders = message;
    if (message.forMillis) {
      recovery = setTimeout(() => {
        orders = { answer: 'ok' };
      }, message.forMillis);
    }
  }
  process.send?.('done');
});
server.requestTimeout = 0;
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => process.send?.(port()));
