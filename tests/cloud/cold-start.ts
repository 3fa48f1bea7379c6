/** Cold starts of the built ingest function in the real Lambda runtime client, and of a hello handler beside it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SpanSource } from '../../bench/spans.ts';
import { toEvent } from '../../local/function-url.ts';
import { type DeployedFunction, LocalLambda } from './local-lambda.ts';

/** What the first flush of a program brings. */
export const COLD_SPANS = 10;
const TOKEN = `agn_${'0'.repeat(64)}`;

/** Milliseconds, one of each for every round. */
export interface ColdStarts {
  /** Init and first invocation, the secret read. */
  ingest: number[];
  hello: number[];
  /** Of the ingest function: the init phase alone, and the second invocation. */
  inits: number[];
  warm: number[];
}

/** Starts both in turn, so often. */
export async function measureColdStarts(rounds: number): Promise<ColdStarts> {
  const edge = await startEdge();
  const { port } = edge.address() as AddressInfo;
  const [hello, ingest] = [helloFunction(), ingestFunction(`http://127.0.0.1:${port}`)];
  const starts: ColdStarts = { ingest: [], hello: [], inits: [], warm: [] };
  for (let round = -1; round < rounds; round++) {
    for (const [name, fn] of [
      ['hello', hello],
      ['ingest', ingest],
    ] as const) {
      const instance = await LocalLambda.start(fn);
      const first = await instance.invoke(eventOf());
      if (!first.ok) throw new Error(`${name}: ${first.errorType} ${first.errorMessage}`);
      const { statusCode } = first.payload as { statusCode: number };
      if (statusCode !== 200) throw new Error(`${name} answered ${statusCode}.`);
      const second = await instance.invoke(eventOf());
      await instance.stop();
      // The first round fills the file system's cache.
      if (round < 0) continue;
      starts[name].push((first.initMillis ?? 0) + first.millis);
      if (name !== 'ingest') continue;
      starts.warm.push(second.millis);
      starts.inits.push(first.initMillis ?? 0);
    }
  }
  edge.closeAllConnections();
  edge.close();
  return starts;
}

/** What the function talks to: the secret, and a database that takes everything. */
async function startEdge(): Promise<Server> {
  const server = createServer(async (request, response) => {
    await text(request);
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const token = { project_id: 'p', token_id: 't', scopes: ['ingest'], expires_at: null };
    const answers: Record<string, unknown> = {
      '/': { SecretString: JSON.stringify({ SUPABASE_URL: base, SUPABASE_SECRET_KEY: 'k' }) },
      '/rest/v1/rpc/authenticate': token,
      '/rest/v1/rpc/ingest': { stored: { spans: COLD_SPANS }, repeated: false },
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answers[request.url ?? ''] ?? null));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

function ingestFunction(edge: string): DeployedFunction {
  return functionIn(join(import.meta.dirname, '../../dist/lambda/ingest'), {
    AGENSIGHT_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:cold',
    AGENSIGHT_OVERFLOW_BUCKET: 'bucket',
    AGENSIGHT_OVERFLOW_QUEUE_URL: edge,
    AWS_ENDPOINT_URL: edge,
  });
}

function helloFunction(): DeployedFunction {
  const folder = mkdtempSync(join(tmpdir(), 'agensight-hello-'));
  writeFileSync(
    join(folder, 'index.mjs'),
    'export const handler = async () => ({ statusCode: 200, body: "hello" });',
  );
  return functionIn(folder, {});
}

function functionIn(code: string, env: Record<string, string>): DeployedFunction {
  return {
    name: 'cold',
    code,
    handler: 'index.handler',
    memoryMib: 1024,
    timeoutMillis: 30_000,
    env: { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', ...env },
  };
}

function eventOf(): unknown {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const batch = new SpanSource().batch(COLD_SPANS);
  return toEvent(
    'POST',
    new URL('http://local/v1/batch'),
    headers,
    Buffer.from(JSON.stringify(batch)),
  );
}
