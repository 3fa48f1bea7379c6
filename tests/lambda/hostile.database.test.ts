import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createHandler, type Handler } from '../../lambda/ingest.ts';
import { createSupabaseStore } from '../../lambda/store/store.ts';
import { mintKeys, type Surface, startSurface } from '../../local/surface.ts';
import { type EventParts, functionUrlEvent } from './support/http-event.ts';

const FOLDER = new URL('../cases/hostile/', import.meta.url);
const JSON_TYPE = { 'content-type': 'application/json' };
const SPAN = { trace_id: 't', id: 's' };

describe('the handler on a real database', () => {
  let surface: Surface;
  let handler: Handler;
  let projectId: string;
  let token: string;

  beforeAll(async () => {
    // The surface prints every error that SQL raises, and some are meant to be raised here.
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const keys = mintKeys();
    surface = await startSurface({ databaseUrl: null, dataFolder: null, port: 0, keys });
    const [project] = await surface.query<{ id: string }>(
      "select (agensight.create_project('test')).id",
    );
    projectId = project?.id ?? '';
    token = await newToken(['ingest']);
    const store = createSupabaseStore({
      url: surface.url,
      secretKey: keys.secret,
      timeoutMillis: 30_000,
    });
    const silent = () => undefined;
    handler = createHandler({
      store,
      now: Date.now,
      log: { debug: silent, warn: silent, error: silent },
      metrics: { record: silent },
      version: 'test',
    });
  });

  afterAll(async () => {
    vi.restoreAllMocks();
    await surface.close();
  });

  async function newToken(scopes: string[]): Promise<string> {
    const sql = 'select token from agensight.create_token($1, $2, $3)';
    const [row] = await surface.query<{ token: string }>(sql, [projectId, 'test', scopes]);
    return row?.token ?? '';
  }

  function send(parts: EventParts, bearer = token) {
    const headers = { authorization: `Bearer ${bearer}`, ...parts.headers };
    return handler(functionUrlEvent({ ...parts, headers }));
  }

  function sendBatch(lists: Record<string, unknown>, bearer = token) {
    const body = JSON.stringify({ batch_id: randomUUID(), ...lists });
    return send({ headers: JSON_TYPE, body }, bearer);
  }

  it('has the expected schema version', async () => {
    const answer = await send({ method: 'GET', path: '/v1/health' });
    expect(answer.statusCode).toBe(200);
    const { schema_version, expected_schema_version } = JSON.parse(answer.body);
    expect(schema_version).toBe(expected_schema_version);
  });

  it('answers each hostile body as its case says', async () => {
    const cases = JSON.parse(readFileSync(new URL('cases.json', FOLDER), 'utf8'));
    for (const { file, headers, status } of cases) {
      const answer = await send({
        path: '/v1/traces',
        headers,
        body: readFileSync(new URL(file, FOLDER)),
      });
      expect(answer.statusCode, file).toBe(Number(status));
    }
  });

  it.each([
    [
      'the longest ids, in code points of two units',
      { spans: [{ trace_id: 't'.repeat(128), id: '😀'.repeat(64) }] },
    ],
    [
      'the first and the last moment',
      {
        spans: [
          { ...SPAN, started_at: '0001-01-01T00:00:00Z', ended_at: '9999-12-31T23:59:59.999999Z' },
        ],
      },
    ],
    [
      'numbers at the edge of double',
      { spans: [{ ...SPAN, input: [1e308, -1e308, 5e-324, 2 ** 64, -0] }] },
    ],
    [
      'keys and texts that Postgres cannot hold',
      { spans: [{ ...SPAN, input: { '\u0000': '\ud800' } }] },
    ],
    [
      'the greatest index',
      { prompts: [{ trace_id: 't', span_id: 's', message_index: 1_000_000, content: '' }] },
    ],
    [
      'the same key twice',
      { spans: [SPAN, { ...SPAN, name: 'x' }], traces: [{ id: 't' }, { id: 't' }] },
    ],
    [
      'the longest text',
      {
        prompts: [
          { trace_id: 't', span_id: 's', message_index: 0, content: 'x'.repeat(2_000_000) },
        ],
      },
    ],
  ])('stores %s', async (_name, lists) => {
    const answer = await sendBatch(lists);
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body).rejected).toEqual([]);
  });

  it('refuses a token without the scope, and one that was revoked a moment ago', async () => {
    expect((await sendBatch({ spans: [SPAN] }, await newToken(['read']))).statusCode).toBe(403);
    const shortLived = await newToken(['ingest']);
    expect((await sendBatch({ spans: [SPAN] }, shortLived)).statusCode).toBe(200);
    await surface.query(
      'update agensight_private.tokens set revoked_at = now() where prefix = $1',
      [shortLived.slice(0, 12)],
    );
    expect((await sendBatch({ spans: [SPAN] }, shortLived)).statusCode).toBe(401);
  });
});
