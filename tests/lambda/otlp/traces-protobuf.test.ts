import type { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { HttpError } from '../../../lambda/http/http-error.ts';
import { MAX_VALUE_NESTING } from '../../../lambda/otlp/protobuf-any-value.ts';
import { MAX_EVENTS } from '../../../lambda/otlp/span-collector.ts';
import { decodeOtlpProtobuf } from '../../../lambda/otlp/traces-protobuf.ts';
import { CUT_KEY } from '../../../lambda/validation/bound-json.ts';
import { Rejections } from '../../../lambda/validation/rejections.ts';
import type { OtelSpan } from '../../../wire/genai/forms/otel-span.ts';
import { LIMITS } from '../../../wire/protocol.ts';
import {
  attribute,
  message,
  protobuf,
  protobufRequest,
  SPAN_ID,
  spanBasics,
  TRACE_ID,
  together,
  type Write,
} from '../support/otlp-body.ts';

function decode(body: Buffer) {
  const rejections = new Rejections();
  const spans = decodeOtlpProtobuf(body, rejections);
  if (spans instanceof HttpError) return { status: spans.status, spans: [], rejections };
  return { status: 200, spans, rejections };
}

function attributeOf(value: Write): unknown {
  const body = protobufRequest(together(spanBasics, attribute(9, 'k', value)));
  return decode(body).spans[0]?.attributes.k;
}

/** An int64 as a varint, which pbf's writer cannot write exactly beyond 2^53. */
function int64(value: bigint): Write {
  return (writer) => {
    writer.writeTag(3, 0);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) writeByte(writer, Number((rest & 0x7fn) | 0x80n));
    writeByte(writer, Number(rest));
  };
}

function writeByte(writer: PbfWriter, byte: number): void {
  writer.realloc(1);
  writer.buf[writer.pos++] = byte;
}

function nestedLists(levels: number): Write {
  return levels === 0 ? int(1) : message(5, message(1, nestedLists(levels - 1)));
}

const int =
  (value: number): Write =>
  (writer) =>
    writer.writeVarintField(3, value);
const text =
  (value: string): Write =>
  (writer) =>
    writer.writeStringField(1, value);

describe('decodeOtlpProtobuf', () => {
  it('reads every part of a span, with the resource after it', () => {
    const event = together(
      (writer) => writer.writeFixed64Field(1, 1_770_000_000_100_000_000),
      (writer) => writer.writeStringField(2, 'exception'),
      attribute(3, 'c', (writer) => writer.writeBooleanField(2, true)),
    );
    const span = together(
      spanBasics,
      (writer) => writer.writeBytesField(4, Buffer.from('aaaaaaaaaaaaaaaa', 'hex')),
      (writer) => writer.writeStringField(5, 'step'),
      (writer) => writer.writeVarintField(6, 3),
      (writer) => writer.writeFixed64Field(8, 1_770_000_000_250_000_000),
      attribute(9, 'a', text('b')),
      message(11, event),
      message(15, (writer) => {
        writer.writeStringField(2, 'broken');
        writer.writeVarintField(3, 2);
      }),
    );
    const scope: Write = (writer) => {
      writer.writeStringField(1, 'lib');
      writer.writeStringField(2, '1.2');
    };
    const body = protobuf(
      message(
        1,
        together(
          message(2, together(message(2, span), message(1, scope))),
          message(1, attribute(1, 'service.name', text('shop'))),
        ),
      ),
    );
    expect(decode(body).spans).toEqual([
      {
        trace_id: TRACE_ID,
        span_id: SPAN_ID,
        parent_span_id: 'aaaaaaaaaaaaaaaa',
        name: 'step',
        kind: 3,
        status_code: 2,
        status_message: 'broken',
        started_at: '2026-02-02T02:40:00.000000Z',
        ended_at: '2026-02-02T02:40:00.250000Z',
        attributes: { a: 'b' },
        events: [
          { name: 'exception', time: '2026-02-02T02:40:00.100000Z', attributes: { c: true } },
        ],
        scope_name: 'lib',
        scope_version: '1.2',
        resource: { 'service.name': 'shop' },
      },
    ]);
  });

  it.each<[string, Write, unknown]>([
    ['a text', text('grüße 😀'), 'grüße 😀'],
    ['an empty text', text(''), ''],
    ['a text with a byte order mark', text('\ufeffx'), '\ufeffx'],
    ['a text with NUL', text('a\u0000b'), 'a\ufffdb'],
    ['a long text', text('x'.repeat(1000)), 'x'.repeat(1000)],
    ['bytes that are no text', (w) => w.writeBytesField(1, Buffer.from([0x61, 0xff])), 'a\ufffd'],
    ['a bool', (w) => w.writeBooleanField(2, false), false],
    ['an int64', int(1217), 1217],
    ['a negative int64', int64(-5n), -5],
    ['the greatest exact int64', int64(2n ** 53n - 1n), 2 ** 53 - 1],
    ['an int64 beyond that', int64(2n ** 53n), '9007199254740992'],
    ['the greatest int64', int64(2n ** 63n - 1n), '9223372036854775807'],
    ['the least int64', int64(-(2n ** 63n)), '-9223372036854775808'],
    ['a double', (w) => w.writeDoubleField(4, 0.5), 0.5],
    ['NaN', (w) => w.writeDoubleField(4, Number.NaN), 'NaN'],
    ['a list', message(5, together(message(1, int(1)), message(1, text('x')))), [1, 'x']],
    ['a map', message(6, attribute(1, '__proto__', int(1))), JSON.parse('{"__proto__": 1}')],
    ['bytes', (w) => w.writeBytesField(7, Buffer.from([0, 1, 2])), 'AAEC'],
    ['an unknown kind', (w) => w.writeStringField(99, 'x'), null],
  ])('reads %s', (_name, value, expected) => {
    expect(JSON.stringify(attributeOf(value))).toBe(JSON.stringify(expected));
  });

  it('distinguishes texts that share a slot of the cache', () => {
    for (let i = 0; i < 10_000; i++) expect(attributeOf(text(`t${i}`))).toBe(`t${i}`);
  });

  it.each<[string, Write, string]>([
    ['no ids', () => undefined, 'trace_id'],
    ['a short id', (w) => w.writeBytesField(1, Buffer.alloc(8, 1)), 'trace_id'],
    ['an id of zeros', (w) => w.writeBytesField(1, Buffer.alloc(16)), 'trace_id'],
    [
      'a long parent',
      together(spanBasics, (w) => w.writeBytesField(4, Buffer.alloc(9))),
      'parent_span_id',
    ],
    [
      'a start of 0',
      together(spanBasics, (w) => w.writeFixed64Field(7, 0)),
      'start_time_unix_nano',
    ],
    ['an end of 1', together(spanBasics, (w) => w.writeFixed64Field(8, 1)), 'end_time_unix_nano'],
  ])('rejects a span with %s, and keeps the others', (_name, span, field) => {
    const { spans, rejections } = decode(protobufRequest(span, spanBasics));
    expect(spans).toHaveLength(1);
    expect(rejections.list).toMatchObject([{ kind: 'span', field }]);
  });

  it.each<[string, Write]>([
    ['a varint', (w) => w.writeVarintField(1007, 5)],
    ['a fixed64', (w) => w.writeFixed64Field(1007, 5)],
    ['a text', (w) => w.writeStringField(1007, 'x')],
    ['a fixed32', (w) => w.writeFixed32Field(1007, 5)],
  ])('skips an unknown field with %s at every level', (_name, unknown) => {
    const span = together(unknown, spanBasics, attribute(9, 'k', int(1)), unknown);
    const body = protobuf(
      together(
        unknown,
        message(1, together(message(2, together(unknown, message(2, span))), unknown)),
      ),
    );
    expect(decode(body).spans).toMatchObject([{ span_id: SPAN_ID, attributes: { k: 1 } }]);
  });

  it('refuses a known field with another wire type', () => {
    expect(decode(protobufRequest((w) => w.writeFixed64Field(1, 5))).status).toBe(400);
  });

  it('refuses every truncated body', () => {
    const body = protobufRequest(together(spanBasics, attribute(9, 'key', text('value'))));
    for (let length = 1; length < body.length; length++) {
      expect(decode(body.subarray(0, length)).status).toBe(400);
    }
  });

  it('refuses a message that exceeds its parent', () => {
    const body = protobufRequest(spanBasics);
    body[5] = (body[5] ?? 0) + 20;
    expect(decode(body).status).toBe(400);
  });

  it('accepts the maximum nesting of a value, and not one level more', () => {
    expect(attributeOf(nestedLists(MAX_VALUE_NESTING))).toBeInstanceOf(Array);
    const deeper = attribute(9, 'k', nestedLists(MAX_VALUE_NESTING + 1));
    expect(decode(protobufRequest(together(spanBasics, deeper))).status).toBe(400);
  });

  it('accepts as many spans as a batch may have, and not one more', () => {
    const spans = Array.from({ length: LIMITS.maxRecordsPerBatch }, (): Write => () => undefined);
    expect(decode(protobufRequest(...spans)).rejections.count).toBe(LIMITS.maxRecordsPerBatch);
    expect(decode(protobufRequest(...spans, () => undefined)).status).toBe(413);
  });

  it('accepts a bounded number of events', () => {
    const event = message(11, () => undefined);
    const events = Array.from({ length: MAX_EVENTS }, () => event);
    expect(decode(protobufRequest(together(spanBasics, ...events))).spans[0]?.events).toHaveLength(
      MAX_EVENTS,
    );
    expect(decode(protobufRequest(together(spanBasics, ...events, event))).status).toBe(413);
  });

  it.each<[string, number, (pairs: Write) => Write, (span?: OtelSpan) => unknown]>([
    ['a span', 9, (pairs) => pairs, (span) => span?.attributes],
    ['an event', 3, (pairs) => message(11, pairs), (span) => span?.events[0]?.attributes],
    ['a map', 1, (pairs) => attribute(9, 'k', message(6, pairs)), (span) => span?.attributes.k],
  ])('keeps a bounded number of attributes of %s', (_name, number, around, read) => {
    const keysOf = (count: number): string[] => {
      const pairs = Array.from({ length: count }, (_, i) => attribute(number, `k${i}`, int(i)));
      const span = together(spanBasics, around(together(...pairs)));
      return Object.keys(read(decode(protobufRequest(span)).spans[0]) ?? {});
    };
    expect(keysOf(LIMITS.maxKeys)).toHaveLength(LIMITS.maxKeys);
    expect(keysOf(LIMITS.maxKeys + 5)).toHaveLength(LIMITS.maxKeys + 1);
    expect(keysOf(LIMITS.maxKeys + 5).at(-1)).toBe(CUT_KEY);
  });

  it('keeps a bounded number of attributes of a resource', () => {
    const all = Array.from({ length: LIMITS.maxKeys + 5 }, (_, i) => attribute(1, `k${i}`, int(i)));
    const resource = message(1, together(...all));
    const body = protobuf(message(1, together(resource, message(2, message(2, spanBasics)))));
    expect(decode(body).spans[0]?.resource).toMatchObject({
      [CUT_KEY]: '…[cut: 16384 of 16389 keys]',
    });
  });

  it('keeps a bounded number of items of a list, and notes how many were sent', () => {
    const one = message(1, int(1));
    const items: Write = (writer) => {
      for (let i = 0; i < LIMITS.maxItems + 5; i++) one(writer);
    };
    const list = attributeOf(message(5, items)) as unknown[];
    expect(list).toHaveLength(LIMITS.maxItems + 1);
    expect(list.at(-1)).toBe('…[cut: 262144 of 262149 items]');
  });
});
