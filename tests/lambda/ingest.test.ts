import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { HttpEvent } from '../../lambda/http/request.ts';
import { createLazyHandler } from '../../lambda/ingest.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { LIMITS } from '../../wire/protocol.ts';
import { functionUrlEvent } from './support/http-event.ts';
import { jsonRequest, jsonSpan } from './support/otlp-body.ts';
import { READER_TOKEN, tokenOf } from './support/recording-store.ts';
import { createTestHandler } from './support/test-handler.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const BATCH_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const SPAN = { trace_id: 't', id: 's' };

function batch(lists: Record<string, unknown> = { spans: [SPAN] }) {
  return { headers: JSON_TYPE, body: JSON.stringify({ batch_id: BATCH_ID, ...lists }) };
}

describe('POST /v1/batch', () => {
  it('stores valid records and reports each invalid one', async () => {
    const { send, store } = createTestHandler();
    const answer = await send(batch({ spans: [SPAN, { ...SPAN, kind: 'x' }] }));
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      batch_id: BATCH_ID,
      stored: { sessions: 0, traces: 0, spans: 1, prompts: 0, completions: 0, tools: 0 },
      rejected: [
        { kind: 'span', id: 's', field: 'kind', reason: expect.stringContaining('must be one of') },
      ],
      rejected_count: 1,
    });
    expect(store.batches).toMatchObject([{ batch_id: BATCH_ID, spans: [SPAN] }]);
  });

  it('accepts gzip and base64', async () => {
    const { send, store } = createTestHandler();
    const { body } = batch();
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    expect((await send({ headers, body: gzipSync(body) })).statusCode).toBe(200);
    expect(store.batches[0]?.spans).toEqual([SPAN]);
  });

  it.each([
    ['a list in place of the batch', { headers: JSON_TYPE, body: '[]' }, 400],
    ['no body', { headers: JSON_TYPE }, 400],
    ['no JSON', { headers: JSON_TYPE, body: '{' }, 400],
    ['an unknown token', { ...batch(), headers: { authorization: 'Bearer x' } }, 401],
    ['a reader', { ...batch(), headers: { authorization: `Bearer ${READER_TOKEN}` } }, 403],
    ['an unknown path', { ...batch(), path: '/v2/batch' }, 404],
    ['a wrong method', { ...batch(), method: 'PUT' }, 405],
    ['too much', { headers: JSON_TYPE, body: 'x'.repeat(LIMITS.maxBodyBytes + 1) }, 413],
    [
      'a form',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a' },
      415,
    ],
    ['no content type', { body: '{}' }, 415],
    [
      'another encoding',
      { headers: { ...JSON_TYPE, 'content-encoding': 'compress' }, body: '{}' },
      415,
    ],
  ])('answers %s with a reason', async (_name, parts, status) => {
    const { send, store } = createTestHandler();
    const answer = await send(parts);
    expect(answer.statusCode).toBe(status);
    expect(JSON.parse(answer.body).error).toEqual({
      code: expect.any(String),
      message: expect.any(String),
    });
    expect(store.batches).toEqual([]);
  });

  it.each([
    [{ status: 'unauthorized' }, 401],
    [{ status: 'forbidden' }, 403],
    [{ status: 'refused', reason: '22P02' }, 400],
    [{ status: 'retry', afterSeconds: 7, reason: 'unavailable' }, 503],
  ] as const)('answers according to the result of the database: %j', async (result, status) => {
    const { send, store } = createTestHandler();
    store.answers.ingest = result;
    const answer = await send(batch());
    expect(answer.statusCode).toBe(status);
    if (status === 503) expect(answer.headers['retry-after']).toBe('7');
  });

  it('looks up a token again after the database refused it', async () => {
    const { send, store } = createTestHandler();
    await send(batch());
    store.answers.ingest = { status: 'unauthorized' };
    await send(batch());
    delete store.answers.ingest;
    await send(batch());
    expect(store.authentications).toBe(2);
  });

  it('forwards a report without records, and makes no database call for an empty batch', async () => {
    const { send, store } = createTestHandler();
    const sdk = { name: 'a', version: '1', process_id: 'p', created: 0, sent: 0, dropped: 4 };
    expect((await send(batch({ sdk }))).statusCode).toBe(200);
    expect(store.batches).toHaveLength(1);
    expect((await send(batch({}))).statusCode).toBe(200);
    expect(store.batches).toHaveLength(1);
  });
});

describe('the token', () => {
  it('is checked before the body is decoded, decompressed or parsed', async () => {
    const { handler: handle, store } = createTestHandler();
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const authorization = `Bearer ${tokenOf('wrong')}`;
    const headers = { authorization, ...JSON_TYPE, 'content-encoding': 'gzip' };
    const event = functionUrlEvent({ path: '/v1/traces', headers, body: bomb });
    // Fails the test if the body of an unauthorized request is read.
    const body = event.body ?? '';
    let reads = 0;
    Object.defineProperty(event, 'body', {
      get: () => {
        reads++;
        return body;
      },
    });
    const before = process.memoryUsage().arrayBuffers;
    expect((await handle(event)).statusCode).toBe(401);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(bomb.length);
    expect(reads).toBeLessThanOrEqual(2);
    expect(store.authentications).toBe(1);
  });

  it('and content never appear in the log', async () => {
    const { send, logged } = createTestHandler();
    const secret = 'hunter2';
    const broken = { ...SPAN, kind: secret, input: secret };
    await send({ ...batch(), headers: { ...JSON_TYPE, authorization: `Bearer ${secret}` } });
    await send(batch({ spans: [broken] }));
    await send({ headers: JSON_TYPE, body: `{"${secret}": ${secret}` });
    expect(logged.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn']);
    expect(JSON.stringify(logged)).not.toContain(secret);
  });
});

describe('the handler', () => {
  it('decompresses a gzip bomb only up to the limit', async () => {
    const { send } = createTestHandler();
    const body = gzipSync(Buffer.alloc(200_000_000));
    const before = process.memoryUsage().rss;
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    expect((await send({ headers, body })).statusCode).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(4 * LIMITS.maxInflatedBytes);
  });

  it.each([{}, { requestContext: {} }, { rawPath: 7 }, { headers: null, body: {} }, null])(
    'answers %j, which no gateway sends',
    async (event) => {
      const answer = await createTestHandler().handler(event as unknown as HttpEvent);
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    },
  );

  it('answers 503 when the store throws', async () => {
    const { send, store, logged } = createTestHandler();
    store.ingest = () => Promise.reject(new TypeError('hunter2'));
    const answer = await send(batch());
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } });
    expect(logged).toMatchObject([{ level: 'error' }]);
    expect(JSON.stringify(logged)).not.toContain('hunter2');
  });

  it('measures each request by its route', async () => {
    const { send, measured } = createTestHandler();
    await send(batch({ spans: [SPAN, {}] }));
    await send({ path: '/v1/traces', headers: JSON_TYPE, body: jsonRequest(jsonSpan()) });
    await send({ path: '/v1/traces', headers: JSON_TYPE, body: '[' });
    expect(measured).toMatchObject([
      { route: 'native', status: 200, records: 1, rejected: 1 },
      { route: 'otlp', status: 200, records: 1, rejected: 0 },
      { route: 'otlp', status: 400, records: 0, rejected: 0 },
    ]);
  });

  it('is created once, at the first event', async () => {
    const { dependencies } = createTestHandler();
    let made = 0;
    const handle = createLazyHandler(
      () => {
        made++;
        return dependencies;
      },
      () => dependencies.log,
    );
    expect(made).toBe(0);
    const event = functionUrlEvent({ method: 'GET', path: '/v1/health' });
    expect((await handle(event)).statusCode).toBe(200);
    expect((await handle(event)).statusCode).toBe(200);
    expect(made).toBe(1);
  });

  it('answers 503, and logs the missing variable, when it is deployed without settings', async () => {
    const { dependencies, logged } = createTestHandler();
    const handle = createLazyHandler(
      () => ({ ...dependencies, version: readConfig({}).version }),
      () => dependencies.log,
    );
    const answer = await handle(functionUrlEvent(batch()));
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('SUPABASE');
    expect(String(logged[0]?.fields.error)).toContain('SUPABASE_URL is not set');
  });
});
