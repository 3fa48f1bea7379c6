import { describe, expect, it } from 'vitest';
import { HttpError } from '../../../lambda/http/http-error.ts';
import { MAX_EVENTS } from '../../../lambda/otlp/span-collector.ts';
import { decodeOtlpJson } from '../../../lambda/otlp/traces-json.ts';
import { CUT_KEY } from '../../../lambda/validation/bound-json.ts';
import { Rejections } from '../../../lambda/validation/rejections.ts';
import { LIMITS } from '../../../wire/protocol.ts';
import { jsonRequest, jsonSpan, SPAN_ID, TRACE_ID } from '../support/otlp-body.ts';

function decode(body: Buffer | string) {
  const rejections = new Rejections();
  const spans = decodeOtlpJson(Buffer.from(body), rejections);
  if (spans instanceof HttpError) return { status: spans.status, spans: [], rejections };
  return { status: 200, spans, rejections };
}

function attributeOf(value: unknown): unknown {
  const { spans } = decode(jsonRequest(jsonSpan({ attributes: [{ key: 'k', value }] })));
  return spans[0]?.attributes.k;
}

describe('decodeOtlpJson', () => {
  it('reads every part of a span', () => {
    const body = {
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
          scopeSpans: [
            {
              scope: { name: 'lib', version: '1.2' },
              spans: [
                jsonSpan({
                  parentSpanId: 'AAAAAAAAAAAAAAAA',
                  kind: 3,
                  status: { code: 2, message: 'broken' },
                  attributes: [{ key: 'a', value: { stringValue: 'b' } }],
                  events: [
                    {
                      name: 'exception',
                      timeUnixNano: '1770000000100000000',
                      attributes: [{ key: 'c', value: { boolValue: true } }],
                    },
                  ],
                }),
              ],
            },
          ],
        },
      ],
    };
    expect(decode(JSON.stringify(body)).spans).toEqual([
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

  it.each([
    ['an int64 as text', { intValue: '1217' }, 1217],
    ['an int64 as a number', { intValue: 47 }, 47],
    ['an int64 beyond exact numbers', { intValue: '9223372036854775807' }, '9223372036854775807'],
    ['an int64 that is none', { intValue: 'x' }, 'x'],
    ['a double', { doubleValue: 0.5 }, 0.5],
    ['a double as text', { doubleValue: '0.5' }, 0.5],
    ['NaN', { doubleValue: 'NaN' }, 'NaN'],
    ['no double', { doubleValue: '' }, ''],
    ['a bool', { boolValue: false }, false],
    ['an empty text', { stringValue: '' }, ''],
    ['NUL and a lone surrogate', { stringValue: 'a\u0000\ud83d' }, 'a\ufffd\ufffd'],
    ['bytes', { bytesValue: 'AAEC' }, 'AAEC'],
    ['a list', { arrayValue: { values: [{ intValue: 1 }, {}, null] } }, [1, null, null]],
    ['an empty list', { arrayValue: {} }, []],
    ['a map', { kvlistValue: { values: [{ key: 'x', value: { intValue: 1 } }] } }, { x: 1 }],
    ['an unknown kind', { futureValue: 1 }, null],
    ['nothing', null, null],
  ])('reads %s', (_name, value, expected) => {
    expect(attributeOf(value)).toEqual(expected);
  });

  it.each([
    ['an id that is no hex', { traceId: 'x'.repeat(32) }, 'trace_id'],
    ['a base64 id', { spanId: 't61rcWkgMzE=' }, 'span_id'],
    ['a number as id', { spanId: 7 }, 'span_id'],
    ['zeros', { traceId: '0'.repeat(32) }, 'trace_id'],
    ['no id', { spanId: '' }, 'span_id'],
    ['a parent that is no id', { parentSpanId: 'root' }, 'parent_span_id'],
    ['no start', { startTimeUnixNano: undefined }, 'start_time_unix_nano'],
    ['a start before 2000', { startTimeUnixNano: '1' }, 'start_time_unix_nano'],
    ['a start below zero', { startTimeUnixNano: -1 }, 'start_time_unix_nano'],
    ['a start that is no number', { startTimeUnixNano: 'now' }, 'start_time_unix_nano'],
    ['an end far ahead', { endTimeUnixNano: '18446744073709551615' }, 'end_time_unix_nano'],
  ])('rejects a span with %s, and keeps the others', (_name, fields, field) => {
    const { spans, rejections } = decode(jsonRequest(jsonSpan(fields), jsonSpan()));
    expect(spans).toHaveLength(1);
    expect(rejections.list).toMatchObject([{ kind: 'span', field }]);
  });

  it.each([
    ['an absent end', { endTimeUnixNano: undefined }],
    ['end 0', { endTimeUnixNano: '0' }],
  ])('reads %s as still running', (_name, fields) => {
    expect(decode(jsonRequest(jsonSpan(fields))).spans[0]?.ended_at).toBeNull();
  });

  it('reads a parent of zeros as no parent', () => {
    const { spans } = decode(jsonRequest(jsonSpan({ parentSpanId: '0000000000000000' })));
    expect(spans[0]?.parent_span_id).toBeNull();
  });

  it.each([
    [{ kind: 'SPAN_KIND_CLIENT', status: { code: 'STATUS_CODE_ERROR' } }, 3, 2],
    [{ kind: 'SPAN_KIND_NEW', status: { code: 'NEW' } }, 0, 0],
    [{ kind: 99, status: { code: -1 } }, 0, 0],
    [{ kind: 1.5, status: null }, 0, 0],
  ])('reads the enums of %j', (fields, kind, status_code) => {
    expect(decode(jsonRequest(jsonSpan(fields))).spans[0]).toMatchObject({ kind, status_code });
  });

  it('keeps keys of Object.prototype as ordinary keys', () => {
    const attributes = ['__proto__', 'constructor', 'toString'].map((key) => ({
      key,
      value: { stringValue: 'mine' },
    }));
    const { spans } = decode(jsonRequest(jsonSpan({ attributes })));
    expect(Object.entries(spans[0]?.attributes ?? {})).toEqual([
      ['__proto__', 'mine'],
      ['constructor', 'mine'],
      ['toString', 'mine'],
    ]);
  });

  it.each([
    'null',
    '[]',
    '1',
    '{"resourceSpans":{}}',
    '{"resourceSpans":[1]}',
    '{"resourceSpans":[[]]}',
  ])('refuses %s', (body) => {
    expect(decode(body).status).toBe(400);
  });

  it('accepts as many spans as a batch may have, and not one more', () => {
    const spans = Array.from({ length: LIMITS.maxRecordsPerBatch }, () => ({}));
    expect(decode(jsonRequest(...spans)).rejections.count).toBe(LIMITS.maxRecordsPerBatch);
    expect(decode(jsonRequest(...spans, {})).status).toBe(413);
  });

  it('accepts a bounded number of events', () => {
    const events = Array.from({ length: MAX_EVENTS }, () => ({}));
    expect(decode(jsonRequest(jsonSpan({ events }))).spans[0]?.events).toHaveLength(MAX_EVENTS);
    expect(decode(jsonRequest(jsonSpan({ events: [...events, {}] }))).status).toBe(413);
  });

  it.each(['span', 'map'])('keeps a bounded number of attributes of a %s', (where) => {
    const pairs = Array.from({ length: LIMITS.maxKeys + 5 }, (_, i) => ({
      key: `k${i}`,
      value: {},
    }));
    const found =
      where === 'map'
        ? attributeOf({ kvlistValue: { values: pairs } })
        : decode(jsonRequest(jsonSpan({ attributes: pairs }))).spans[0]?.attributes;
    expect(Object.keys(found ?? {})).toHaveLength(LIMITS.maxKeys + 1);
    expect(found).toMatchObject({ [CUT_KEY]: '…[cut: 16384 of 16389 keys]' });
  });

  it('keeps a bounded number of items of a list, and notes how many were sent', () => {
    const values = Array.from({ length: LIMITS.maxItems + 5 }, () => ({ intValue: 1 }));
    const list = attributeOf({ arrayValue: { values } }) as unknown[];
    expect(list).toHaveLength(LIMITS.maxItems + 1);
    expect(list.at(-1)).toBe('…[cut: 262144 of 262149 items]');
  });
});
