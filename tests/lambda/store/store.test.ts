import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSupabaseStore, type Store } from '../../../lambda/store/store.ts';

const BATCH = { batch_id: '01890a5d-ac96-774b-bcce-b302099a8057', spans: [] };

/** A fake Data API: one answer for every call, and the calls that were made. */
interface DataApi {
  server: Server;
  url: string;
  calls: { path: string; apikey: string | undefined; schema: string | undefined; body: unknown }[];
  answer: { status: number; body: unknown } | 'silence' | 'hang up';
}

async function startDataApi(): Promise<DataApi> {
  const api: DataApi = {
    server: createServer(),
    url: '',
    calls: [],
    answer: { status: 200, body: null },
  };
  api.server.on('request', async (request: IncomingMessage, response) => {
    api.calls.push({
      path: request.url ?? '',
      apikey: request.headers.apikey?.toString(),
      schema: request.headers['content-profile']?.toString(),
      body: JSON.parse(await text(request)),
    });
    if (api.answer === 'silence') return;
    if (api.answer === 'hang up') return void response.destroy();
    response.writeHead(api.answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(api.answer.body));
  });
  await new Promise<void>((resolve) => api.server.listen(0, '127.0.0.1', resolve));
  api.url = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}`;
  return api;
}

describe('createSupabaseStore', () => {
  let api: DataApi;
  let store: Store;

  beforeEach(async () => {
    api = await startDataApi();
    store = createSupabaseStore({ url: api.url, secretKey: 'sb_secret_x', timeoutMillis: 200 });
  });

  afterEach(async () => {
    api.server.closeAllConnections();
    await new Promise((resolve) => api.server.close(resolve));
  });

  it('calls the four functions with the secret key, in our schema', async () => {
    const token = { project_id: 'p', token_id: 't', scopes: ['ingest'], expires_at: null };
    api.answer = { status: 200, body: token };
    expect(await store.authenticate('abc')).toEqual({ status: 'known', token });
    api.answer = { status: 200, body: { batch_id: 'b', stored: { spans: 2 }, repeated: true } };
    expect(await store.ingest('abc', BATCH)).toEqual({
      status: 'stored',
      stored: { spans: 2 },
      repeated: true,
    });
    expect(await store.ingestBySpan('abc', BATCH)).toMatchObject({ stored: { spans: 2 } });
    api.answer = { status: 200, body: 3 };
    expect(await store.schemaVersion()).toEqual({ status: 'known', version: 3 });
    expect(api.calls).toEqual([
      {
        path: '/rest/v1/rpc/authenticate',
        apikey: 'sb_secret_x',
        schema: 'agensight',
        body: { token_hash: 'abc' },
      },
      {
        path: '/rest/v1/rpc/ingest',
        apikey: 'sb_secret_x',
        schema: 'agensight',
        body: { token_hash: 'abc', batch: BATCH },
      },
      {
        path: '/rest/v1/rpc/ingest_by_span',
        apikey: 'sb_secret_x',
        schema: 'agensight',
        body: { token_hash: 'abc', batch: BATCH },
      },
      { path: '/rest/v1/rpc/schema_version', apikey: 'sb_secret_x', schema: 'agensight', body: {} },
    ]);
  });

  it.each([
    [401, 'PT401', 'unauthorized'],
    [403, 'PT403', 'forbidden'],
    [400, '22P02', 'refused'],
    [500, '57014', 'retry'],
    [404, 'PGRST202', 'retry'],
  ])('classifies an answer with %s and %s as %s', async (status, code, expected) => {
    api.answer = { status, body: { code, message: 'm', details: null, hint: null } };
    expect((await store.ingest('abc', BATCH)).status).toBe(expected);
  });

  it('rejects a token only when the database does', async () => {
    api.answer = { status: 401, body: { message: 'Invalid API key' } };
    expect((await store.authenticate('abc')).status).toBe('retry');
    api.answer = { status: 400, body: { code: '22P02', message: 'm' } };
    expect((await store.authenticate('abc')).status).toBe('retry');
    api.answer = { status: 401, body: { code: 'PT401', message: 'm' } };
    expect(await store.authenticate('abc')).toEqual({ status: 'unauthorized' });
    api.answer = { status: 403, body: { code: 'PT403', message: 'm' } };
    expect(await store.authenticate('abc')).toEqual({ status: 'forbidden' });
  });

  it('aborts a call after its timeout', async () => {
    api.answer = 'silence';
    const startedAtMillis = performance.now();
    const result = await store.ingest('abc', BATCH);
    expect(result).toMatchObject({ status: 'retry', reason: expect.stringContaining('Timeout') });
    expect(performance.now() - startedAtMillis).toBeLessThan(5_000);
  });

  it('asks the client to retry when the connection breaks', async () => {
    api.answer = 'hang up';
    expect(await store.ingest('abc', BATCH)).toMatchObject({ status: 'retry', afterSeconds: 5 });
  });

  it('asks the client to retry when the connection is refused', async () => {
    await new Promise((resolve) => api.server.close(resolve));
    const result = await store.ingest('abc', BATCH);
    expect(result).toMatchObject({ reason: expect.stringContaining('ECONNREFUSED') });
    expect((await store.authenticate('abc')).status).toBe('retry');
    expect((await store.schemaVersion()).status).toBe('retry');
  });
});
