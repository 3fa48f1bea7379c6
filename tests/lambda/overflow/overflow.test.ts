import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../lambda/ingest.ts';
import type { KeepResult } from '../../../lambda/overflow/object.ts';
import {
  acceptedAtMillis,
  decodeObject,
  decodePointer,
  encodeObject,
  keyOf,
  type OverflowObject,
} from '../../../lambda/overflow/object.ts';
import { functionUrlEvent } from '../support/http-event.ts';
import { jsonRequest, jsonSpan } from '../support/otlp-body.ts';
import { GOOD_TOKEN, tokenOf } from '../support/recording-store.ts';
import { createTestHandler, sha256 } from '../support/test-handler.ts';

const BATCH_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const SPAN = { trace_id: 't', id: 's' };
const UNAVAILABLE = {
  status: 'retry',
  afterSeconds: 5,
  reason: 'unavailable',
  isUnavailable: true,
} as const;
const QUEUED: KeepResult = { status: 'kept', isQueued: true, reason: '' };

/** The handler with an overflow that returns a given result, and the objects it was given. */
function setUp(kept: KeepResult = QUEUED) {
  const test = createTestHandler();
  const objects: OverflowObject[] = [];
  const handler = createHandler({
    ...test.dependencies,
    overflow: {
      keep: async (object) => {
        objects.push(object);
        return kept;
      },
    },
  });
  const send = (path: string, body: unknown, token = GOOD_TOKEN) =>
    handler(
      functionUrlEvent({
        path,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  const batch = (lists: object = { spans: [SPAN] }) =>
    send('/v1/batch', { batch_id: BATCH_ID, ...lists });
  return { ...test, handler, objects, send, batch };
}

describe('while the database is unavailable', () => {
  it('keeps a batch with everything needed to store it, and answers 202 with the same body', async () => {
    const { batch, store, objects, clock } = setUp();
    store.answers.ingest = UNAVAILABLE;
    const answer = await batch({ spans: [SPAN, { ...SPAN, kind: 'x' }] });
    expect(answer.statusCode).toBe(202);
    expect(JSON.parse(answer.body)).toMatchObject({
      batch_id: BATCH_ID,
      stored: { sessions: 0, traces: 0, spans: 1, prompts: 0, completions: 0, tools: 0 },
      rejected: [{ kind: 'span', field: 'kind' }],
      rejected_count: 1,
    });
    expect(objects).toMatchObject([
      {
        version: 1,
        project_id: 'p',
        token_hash: sha256(GOOD_TOKEN),
        accepted_at: new Date(clock.millis).toISOString(),
        names_span_only: false,
        batch: {
          batch_id: BATCH_ID,
          request_id: '3a6c7f0e-0000-4000-8000-000000000000',
          spans: [SPAN],
        },
      },
    ]);
    expect(JSON.stringify(objects)).not.toContain(GOOD_TOKEN);
  });

  it('answers OTLP and the Python SDK with 200, their only success status', async () => {
    const { send, store, objects } = setUp();
    store.answers.ingest = UNAVAILABLE;
    expect(
      (await send('/v1/traces', JSON.parse(jsonRequest(jsonSpan()).toString()))).statusCode,
    ).toBe(200);
    const id = '3a6c7f0e-0000-4000-8000-000000000000';
    const prompt = { data: { span_id: id, role: 'user', content: 'hi', message_index: 0 } };
    expect((await send('/prod/api/v1/logs/create/prompt', prompt)).statusCode).toBe(200);
    expect(objects.map(({ names_span_only }) => names_span_only)).toEqual([false, true]);
  });

  it('accepts a token that was valid within the last hour', async () => {
    const { batch, store, clock, objects } = setUp();
    await batch();
    store.answers = { authenticate: UNAVAILABLE, ingest: UNAVAILABLE };
    clock.millis += 30 * 60_000;
    expect((await batch()).statusCode).toBe(202);
    expect(objects).toHaveLength(1);
    clock.millis += 60 * 60_000;
    expect((await batch()).statusCode).toBe(503);
  });

  it('answers 503 for an unknown token, which cannot be checked', async () => {
    const { send, store, objects } = setUp();
    store.answers = { authenticate: UNAVAILABLE, ingest: UNAVAILABLE };
    const answer = await send('/v1/batch', { batch_id: BATCH_ID }, tokenOf('stranger'));
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(objects).toEqual([]);
  });

  it('accepts no token after its expiry', async () => {
    const { batch, store, clock } = setUp();
    const expires_at = new Date(clock.millis + 1000).toISOString();
    const token = { project_id: 'p', token_id: 't', scopes: ['ingest'], expires_at };
    store.answers.authenticate = { status: 'known', token };
    await batch();
    store.answers = { authenticate: UNAVAILABLE, ingest: UNAVAILABLE };
    clock.millis += 1000;
    expect((await batch()).statusCode).toBe(503);
  });

  it.each([
    ['a refusal', { status: 'refused', reason: 'r' }, 400],
    ['a bad token', { status: 'unauthorized' }, 401],
    ['a missing scope', { status: 'forbidden' }, 403],
  ] as const)('keeps nothing after %s', async (_name, result, statusCode) => {
    const { batch, store, objects } = setUp();
    store.answers.ingest = result;
    expect((await batch()).statusCode).toBe(statusCode);
    expect(objects).toEqual([]);
  });

  it('acknowledges a written object although no message could be sent', async () => {
    const { batch, store, measured, logged } = setUp({
      status: 'kept',
      isQueued: false,
      reason: 'SQS: TimeoutError',
    });
    store.answers.ingest = UNAVAILABLE;
    expect((await batch()).statusCode).toBe(202);
    expect(measured).toMatchObject([{ isOverflow: true, isUnqueued: true }]);
    expect(logged).toMatchObject([
      {
        level: 'warn',
        fields: {
          batch_id: BATCH_ID,
          request_id: '3a6c7f0e-0000-4000-8000-000000000000',
          is_queued: false,
          reason: 'unavailable; SQS: TimeoutError',
        },
      },
    ]);
  });

  it('answers 503 when the object cannot be written', async () => {
    const { batch, store, measured, logged } = setUp({ status: 'failed', reason: 'S3: Timeout' });
    store.answers.ingest = UNAVAILABLE;
    const answer = await batch();
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(measured).toMatchObject([{ status: 503, isOverflow: false }]);
    expect(logged).toMatchObject([
      { level: 'error', fields: { detail: 'unavailable; S3: Timeout' } },
    ]);
  });
});

describe('an overflow object', () => {
  const object: OverflowObject = {
    version: 1,
    project_id: 'p-1',
    token_hash: 'h',
    accepted_at: '2026-01-02T03:04:05.678Z',
    names_span_only: false,
    batch: { batch_id: BATCH_ID, spans: [] },
  };

  it('decodes to what was encoded', async () => {
    expect(await decodeObject(await encodeObject(object))).toEqual({ object });
  });

  it('decodes from gzip, which the first versions wrote', async () => {
    expect(await decodeObject(gzipSync(JSON.stringify(object)))).toEqual({ object });
  });

  const UNREADABLE = 'the object cannot be read';
  const json = Buffer.from(JSON.stringify(object));

  it.each([
    ['a truncated object', encodeObject(object).then((bytes) => bytes.subarray(0, -5)), UNREADABLE],
    ['a truncated gzip', gzipSync(json).subarray(0, -9), UNREADABLE],
    ['no batch', encodeObject({ ...object, batch: null } as never), UNREADABLE],
    ['no object', encodeObject('x' as never), UNREADABLE],
    [
      'another version',
      encodeObject({ ...object, version: 2 } as never),
      /^the object has the unknown version 2: .+ deploy the drain .+`agensight replay --dead-letters`$/,
    ],
    [
      'a coding of a later version',
      brotliCompressSync(json),
      /^the object has an unknown content coding \(it begins with [0-9a-f]{8}\): .+ deploy the drain/,
    ],
    ['plain JSON', json, /unknown content coding \(it begins with 7b227665\)/],
    ['no bytes', Buffer.alloc(0), /unknown content coding/],
  ])('is not decoded from %s, and the reason is said', async (_name, bytes, problem) => {
    const decoded = (await decodeObject(await bytes)) as { problem: string };
    expect(decoded).toEqual({ problem: expect.any(String) });
    expect(decoded.problem).toMatch(problem);
  });

  it('has a key of time of acceptance, project and batch', () => {
    const key = keyOf(object);
    expect(key).toBe(`batches/2026-01-02T03:04:05.678Z_p-1_${BATCH_ID}.json.zst`);
    expect(acceptedAtMillis(key)).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    expect(decodePointer(JSON.stringify({ key, reason: 'r' }))).toBe(key);
    expect(acceptedAtMillis('other')).toBeNull();
  });
});
