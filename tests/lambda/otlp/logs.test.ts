import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../wire/protocol.ts';
import { bodyOf } from '../support/http-event.ts';
import {
  attribute,
  message,
  protobuf,
  SPAN_ID,
  START_NANOS,
  TRACE_ID,
  together,
  type Write,
} from '../support/otlp-body.ts';
import { createTestHandler } from '../support/test-handler.ts';

const CAPTURES = new URL('../../cases/captures/', import.meta.url);
const WITH_LOGS = readdirSync(CAPTURES).filter((name) =>
  readdirSync(new URL(`${name}/`, CAPTURES)).includes('logs.request.bin'),
);
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };
const PATH = '/v1/logs';

function jsonLog(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    timeUnixNano: START_NANOS,
    eventName: 'gen_ai.user.message',
    body: { kvlistValue: { values: [{ key: 'content', value: { stringValue: 'Hello?' } }] } },
    ...fields,
  };
}

function jsonLogs(...logRecords: unknown[]): Buffer {
  return Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
}

/** The same log record in protobuf, with its name in the field or in the attribute. */
function protobufLogs(name: Write): Buffer {
  const text = (value: string): Write => message(2, (w) => w.writeStringField(1, value));
  const content = together((w) => w.writeStringField(1, 'content'), text('Hello?'));
  const log = together(
    (w) => w.writeFixed64Field(1, Number(START_NANOS)),
    message(5, message(6, message(1, content))),
    (w) => w.writeBytesField(9, Buffer.from(TRACE_ID, 'hex')),
    (w) => w.writeBytesField(10, Buffer.from(SPAN_ID, 'hex')),
    name,
  );
  return protobuf(message(1, message(2, message(2, log))));
}

describe('POST /v1/logs', () => {
  it('is tested with captures', () => expect(WITH_LOGS.length).toBeGreaterThan(2));

  it.each(WITH_LOGS)('reads what %s sent, with equal rows from both encodings', async (name) => {
    const folder = new URL(`${name}/`, CAPTURES);
    const { path, headers } = JSON.parse(
      readFileSync(new URL('logs.headers.json', folder), 'utf8'),
    );
    const { send, store } = createTestHandler();
    const body = readFileSync(new URL('logs.request.bin', folder));
    const answer = await send({ path, headers, body });
    expect(answer.statusCode).toBe(200);
    expect(bodyOf(answer)).toHaveLength(0);
    expect(store.batches[0]?.prompts?.length).toBeGreaterThan(0);
    expect(store.batches[0]?.completions?.length).toBeGreaterThan(0);

    const again = createTestHandler();
    const decoded = readFileSync(new URL('logs.decoded.json', folder));
    await again.send({ path, headers: JSON_TYPE, body: decoded });
    const zipped = { ...headers, 'content-encoding': 'gzip' };
    await again.send({ path, headers: zipped, body: gzipSync(body) });
    for (const batch of again.store.batches) {
      expect({ ...batch, batch_id: '' }).toEqual({ ...store.batches[0], batch_id: '' });
    }
  });

  it.each(['/v1/logs', '/api/public/otel/v1/logs', '/otel/v1/logs'])('is at %s', async (path) => {
    const { send, store } = createTestHandler();
    const answer = await send({ path, headers: JSON_TYPE, body: jsonLogs(jsonLog()) });
    expect([answer.statusCode, answer.body]).toEqual([200, '{}']);
    expect(store.batches[0]?.prompts).toMatchObject([
      { trace_id: TRACE_ID, span_id: SPAN_ID, message_index: 0, role: 'user', content: 'Hello?' },
    ]);
  });

  it.each<[string, Write]>([
    ['field', (writer) => writer.writeStringField(12, 'gen_ai.user.message')],
    [
      'attribute',
      attribute(6, 'event.name', (writer) => writer.writeStringField(1, 'gen_ai.user.message')),
    ],
  ])('reads the name of an event from its %s', async (_, name) => {
    const { send, store } = createTestHandler();
    await send({ path: PATH, headers: PROTOBUF, body: protobufLogs(name) });
    expect(store.batches[0]?.prompts).toMatchObject([{ content: 'Hello?' }]);
    expect(store.batches[0]?.traces).toMatchObject([
      { id: TRACE_ID, started_at: '2026-02-02T02:40:00.000000Z' },
    ]);
  });

  it('accepts all other logs and stores nothing of them, whatever their ids', async () => {
    const { send, store } = createTestHandler();
    const other = { eventName: 'http.request', body: { stringValue: 'GET /' } };
    const body = jsonLogs(jsonLog({ ...other }), jsonLog({ ...other, traceId: '', spanId: 7 }), {});
    const answer = await send({ path: PATH, headers: JSON_TYPE, body });
    expect([answer.statusCode, answer.body]).toEqual([200, '{}']);
    expect(store.batches).toEqual([]);
  });

  it('rejects messages that name no span, and stores the others', async () => {
    const { send, store } = createTestHandler();
    const body = jsonLogs(
      jsonLog({ traceId: undefined }),
      jsonLog(),
      jsonLog({ spanId: '0'.repeat(16) }),
      jsonLog({ spanId: 'x' }),
    );
    const answer = await send({ path: PATH, headers: JSON_TYPE, body });
    expect(JSON.parse(answer.body).partialSuccess).toEqual({
      rejectedLogRecords: '3',
      errorMessage:
        'prompt logRecords[0]: trace_id must be 32 hex digits; ' +
        'prompt logRecords[2]: span_id must not be all zeros; ' +
        'prompt logRecords[3]: span_id must be 16 hex digits',
    });
    expect(store.batches[0]?.prompts).toHaveLength(1);
  });

  it.each([
    ['no JSON', JSON_TYPE, '{'],
    ['a list', JSON_TYPE, '[]'],
    ['lists of the wrong kind', JSON_TYPE, '{"resourceLogs":{}}'],
    ['no protobuf', PROTOBUF, 'hello'],
  ])('refuses %s with 400', async (_, headers, body) => {
    const { send } = createTestHandler();
    expect((await send({ path: PATH, headers, body })).statusCode).toBe(400);
  });

  it('refuses spans, which use the same field numbers for other fields', async () => {
    const { send, store } = createTestHandler();
    const body = readFileSync(new URL('../../cases/hostile/00-control.bin', import.meta.url));
    expect((await send({ path: PATH, headers: PROTOBUF, body })).statusCode).toBe(400);
    expect(store.batches).toEqual([]);
  });

  it('bounds the log records in one body', async () => {
    const { send } = createTestHandler();
    const body = jsonLogs(...Array.from({ length: LIMITS.maxRecordsPerBatch + 1 }, () => ({})));
    expect((await send({ path: PATH, headers: JSON_TYPE, body })).statusCode).toBe(413);
  });

  it('uses the observed time for a message with an invalid time', async () => {
    const { send, store } = createTestHandler();
    const log = jsonLog({ timeUnixNano: 'soon', observedTimeUnixNano: START_NANOS });
    const answer = await send({ path: PATH, headers: JSON_TYPE, body: jsonLogs(log) });
    expect(answer.body).toBe('{}');
    expect(store.batches[0]?.traces).toMatchObject([{ started_at: '2026-02-02T02:40:00.000000Z' }]);
  });
});
