import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../wire/protocol.ts';
import { bodyOf } from '../support/http-event.ts';
import {
  attribute,
  jsonRequest,
  jsonSpan,
  message,
  protobufRequest,
  SPAN_ID,
  spanBasics,
  together,
  type Write,
} from '../support/otlp-body.ts';
import { createTestHandler } from '../support/test-handler.ts';

const CAPTURES = new URL('../../cases/captures/', import.meta.url);
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };
const PATH = '/v1/traces';

describe('POST /v1/traces', () => {
  it.each(readdirSync(CAPTURES))(
    'takes what %s really sent, and rejects nothing of it',
    async (name) => {
      const folder = new URL(`${name}/`, CAPTURES);
      const sent = JSON.parse(readFileSync(new URL('headers.json', folder), 'utf8'));
      // Credentials were redacted when it was recorded.
      const { authorization: _, ...headers } = sent.headers;
      const { path } = sent;
      const decoded = JSON.parse(readFileSync(new URL('decoded.json', folder), 'utf8'));
      const { send, store } = createTestHandler();
      const answer = await send({
        path,
        headers,
        body: readFileSync(new URL('request.bin', folder)),
      });
      expect(answer.statusCode).toBe(200);
      expect(['', '{}']).toContain(bodyOf(answer).toString());

      // The same content in the other encoding makes the same records.
      const again = createTestHandler();
      await again.send({ path, headers: JSON_TYPE, body: JSON.stringify(decoded) });
      expect({ ...again.store.batches[0], batch_id: '' }).toEqual({
        ...store.batches[0],
        batch_id: '',
      });
    },
  );

  it('derives the batch id from the body, compressed or not', async () => {
    const { send, store } = createTestHandler();
    const body = protobufRequest(spanBasics);
    const gzip = { ...PROTOBUF, 'content-encoding': 'gzip' };
    await send({ path: PATH, headers: PROTOBUF, body });
    await send({ path: PATH, headers: PROTOBUF, body });
    await send({ path: PATH, headers: gzip, body: gzipSync(body) });
    await send({ path: PATH, headers: PROTOBUF, body: protobufRequest(spanBasics, spanBasics) });
    const ids = store.batches.map(({ batch_id }) => batch_id);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[3]).not.toBe(ids[0]);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('makes no database call for an empty request', async () => {
    const { send, store } = createTestHandler();
    expect((await send({ path: PATH, headers: PROTOBUF })).statusCode).toBe(200);
    expect(store.batches).toEqual([]);
  });

  it.each([
    ['application/x-protobuf', 'application/x-protobuf'],
    ['application/protobuf', 'application/x-protobuf'],
    ['application/json', 'application/json'],
    ['APPLICATION/JSON; charset=utf-8', 'application/json'],
    ['text/plain', 'application/json'],
    ['constructor', 'application/json'],
    ['', 'application/json'],
  ])('answers %s in %s, also with errors', async (sent, answered) => {
    const { send } = createTestHandler();
    for (const authorization of ['Bearer wrong', '']) {
      const headers = { authorization, 'content-type': sent };
      const answer = await send({ path: PATH, headers, body: 'x' });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['content-type']).toBe(answered);
    }
    const answer = await send({ path: PATH, headers: { 'content-type': sent }, body: 'x' });
    expect([400, 415]).toContain(answer.statusCode);
    expect(answer.headers['content-type']).toBe(answered);
  });

  it('reports how many spans it rejected, and stores the others', async () => {
    const { send, store } = createTestHandler();
    const body = jsonRequest(jsonSpan(), jsonSpan({ spanId: '' }), jsonSpan({ traceId: 'x' }));
    const answer = await send({ path: PATH, headers: JSON_TYPE, body });
    expect(JSON.parse(answer.body).partialSuccess).toEqual({
      rejectedSpans: '2',
      errorMessage: `span spans[1]: span_id must be 16 hex digits; span ${SPAN_ID}: trace_id must be 32 hex digits`,
    });
    expect(store.batches[0]?.spans).toHaveLength(1);
  });

  it.each(['protobuf', 'JSON'])(
    'keeps a key `__proto__` like any other, in %s',
    async (encoding) => {
      const text =
        (value: string): Write =>
        (writer) =>
          writer.writeStringField(1, value);
      const inner = together((w) => w.writeStringField(1, '__proto__'), message(2, text('inner')));
      const map = message(6, message(1, inner));
      const span = together(
        spanBasics,
        attribute(9, '__proto__', text('outer')),
        attribute(9, 'map', map),
      );
      const values = [{ key: '__proto__', value: { stringValue: 'inner' } }];
      const attributes = [
        { key: '__proto__', value: { stringValue: 'outer' } },
        { key: 'map', value: { kvlistValue: { values } } },
      ];
      const { send, store } = createTestHandler();
      if (encoding === 'JSON') {
        await send({ path: PATH, headers: JSON_TYPE, body: jsonRequest(jsonSpan({ attributes })) });
      } else await send({ path: PATH, headers: PROTOBUF, body: protobufRequest(span) });
      expect(JSON.stringify(store.batches[0]?.spans?.[0]?.attributes)).toBe(
        '{"__proto__":"outer","map":{"__proto__":"inner"}}',
      );
      expect(({} as { inner?: unknown }).inner).toBeUndefined();
    },
  );

  it('accepts spans that become more records than a native batch may have', async () => {
    const message = (index: number) => ({
      key: `gen_ai.prompt.${index}.content`,
      value: { stringValue: 'x' },
    });
    const attributes = [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      ...Array.from({ length: 30 }, (_, index) => message(index)),
    ];
    const spans = Array.from({ length: 700 }, (_, i) =>
      jsonSpan({ spanId: (i + 1).toString(16).padStart(16, '0'), attributes }),
    );
    const { send, store } = createTestHandler();
    const body = gzipSync(jsonRequest(...spans));
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    expect((await send({ path: PATH, headers, body })).statusCode).toBe(200);
    expect(store.batches[0]?.prompts?.length).toBeGreaterThan(LIMITS.maxRecordsPerBatch);
  });
});
