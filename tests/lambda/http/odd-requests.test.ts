import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { HttpEvent } from '../../../lambda/http/request.ts';
import { functionUrlEvent } from '../support/http-event.ts';
import {
  attribute,
  jsonRequest,
  jsonSpan,
  message,
  protobufRequest,
  spanBasics,
  together,
  type Write,
} from '../support/otlp-body.ts';
import { GOOD_TOKEN } from '../support/recording-store.ts';
import { createTestHandler } from '../support/test-handler.ts';

const CONTROL = protobufRequest(spanBasics);
const PATH = '/v1/traces';
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const GZIP = { ...PROTOBUF, 'content-encoding': 'gzip' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** The status of a response, after which the handler must still accept a valid request. */
async function statusOf(event: HttpEvent): Promise<number> {
  const { handler, send, logged } = createTestHandler();
  const { statusCode } = await handler(event);
  const control = await send({ path: PATH, headers: PROTOBUF, body: CONTROL });
  expect(control.statusCode).toBe(200);
  expect(logged.filter(({ level }) => level === 'error')).toEqual([]);
  return statusCode;
}

function eventWith(headers: Record<string, string>, body: string | Uint8Array): HttpEvent {
  const authorization = `Bearer ${GOOD_TOKEN}`;
  return functionUrlEvent({ path: PATH, headers: { authorization, ...headers }, body });
}

function spanAttribute(value: Write): Buffer {
  return protobufRequest(together(spanBasics, attribute(9, 'k', value)));
}

describe('a body in an unusual encoding is answered', () => {
  it.each<[number, string, Record<string, string>, Buffer]>([
    [
      200,
      'gzip in two members',
      GZIP,
      Buffer.concat([CONTROL.subarray(0, 20), CONTROL.subarray(20)].map((part) => gzipSync(part))),
    ],
    [200, 'gzip of nothing', GZIP, gzipSync('')],
    [200, 'gzip with zeros behind it', GZIP, Buffer.concat([gzipSync(CONTROL), Buffer.alloc(9)])],
    [400, 'gzip with a tail', GZIP, Buffer.concat([gzipSync(CONTROL), Buffer.from('tail')])],
    [400, 'gzip that was cut', GZIP, gzipSync(CONTROL).subarray(0, -9)],
    [200, 'deflate', { ...PROTOBUF, 'content-encoding': 'deflate' }, deflateSync(CONTROL)],
    [
      400,
      'JSON with a byte order mark',
      JSON_TYPE,
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), jsonRequest()]),
    ],
    [400, 'JSON in UTF-16', JSON_TYPE, Buffer.from(jsonRequest().toString(), 'utf16le')],
    [400, 'JSON twice', JSON_TYPE, Buffer.concat([jsonRequest(), jsonRequest()])],
    [400, 'a group', PROTOBUF, Buffer.from([0x0b, 0x0c])],
    [400, 'wire type 7', PROTOBUF, Buffer.from([0x0f, 1])],
    [400, 'field 0', PROTOBUF, Buffer.from([0x02, 0])],
    [
      400,
      'a length of 2^63',
      PROTOBUF,
      Buffer.from([0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 127]),
    ],
    [400, 'a number where a message belongs', PROTOBUF, Buffer.from([0x08, 1])],
    [
      200,
      'a name that comes twice',
      PROTOBUF,
      protobufRequest(
        together(
          spanBasics,
          (w) => w.writeStringField(5, 'a'),
          (w) => w.writeStringField(5, 'b'),
        ),
      ),
    ],
    [
      200,
      'an attribute of two kinds',
      PROTOBUF,
      spanAttribute(
        together(
          (w) => w.writeStringField(1, 'a'),
          (w) => w.writeDoubleField(4, Number.NaN),
        ),
      ),
    ],
    [
      200,
      'an attribute without a value',
      PROTOBUF,
      protobufRequest(
        together(
          spanBasics,
          message(9, (w) => w.writeStringField(1, 'k')),
        ),
      ),
    ],
    [
      400,
      'an attribute that is a number',
      PROTOBUF,
      protobufRequest(together(spanBasics, (w) => w.writeVarintField(9, 1))),
    ],
    [200, 'snake case', JSON_TYPE, Buffer.from('{"resource_spans":[{}]}')],
    [
      200,
      'doubles that are no numbers',
      JSON_TYPE,
      jsonRequest(
        jsonSpan({
          attributes: [
            { key: 'a', value: { doubleValue: 'NaN' } },
            { key: 'b', value: { intValue: '9'.repeat(400) } },
          ],
        }),
      ),
    ],
    [400, 'events that are no list', JSON_TYPE, jsonRequest(jsonSpan({ events: {} }))],
  ])('%i: %s', async (status, _, headers, body) => {
    expect(await statusOf(eventWith(headers, body))).toBe(status);
  });
});

describe('an unusual event is answered', () => {
  const event = eventWith(PROTOBUF, CONTROL) as unknown as Record<string, object>;

  it.each<[number, string, Record<string, unknown>]>([
    [405, 'without a context', { requestContext: undefined }],
    [404, 'without a path', { rawPath: null }],
    [200, 'with a slash at the end', { rawPath: `${PATH}/` }],
    [200, 'with two slashes', { rawPath: '/v1//traces' }],
    [404, 'with an encoded path', { rawPath: '/v1/%74races' }],
    [404, 'with NUL in its path', { rawPath: `${PATH}\0` }],
    [401, 'without headers', { headers: null }],
    [401, 'with headers that are a list', { headers: ['a'] }],
    [200, 'without a body', { body: null }],
    [200, 'with a body that is no text', { body: 5 }],
    [400, 'with base64 that says it is text', { isBase64Encoded: false }],
    [
      200,
      'with a length that is not the body’s',
      { headers: { ...event.headers, 'content-length': '1' } },
    ],
    [
      401,
      'with another token under another case',
      { headers: { ...event.headers, Authorization: 'Bearer x' } },
    ],
    [
      415,
      'with two content types',
      { headers: { ...event.headers, 'content-type': 'application/json, text/html' } },
    ],
  ])('%i: %s', async (status, _, more) => {
    expect(await statusOf({ ...event, ...more } as unknown as HttpEvent)).toBe(status);
  });

  it.each([
    '',
    'Bearer',
    'Basic !!!!',
    `Basic ${'A'.repeat(1_000_000)}`,
    `Bearer ${' '.repeat(100_000)}a b`,
    `Token ${GOOD_TOKEN}`,
    `Bearer ${GOOD_TOKEN},Bearer x`,
  ])('401: with the authorization %.20s', async (authorization) => {
    const headers = { ...event.headers, authorization };
    expect(await statusOf({ ...event, headers } as unknown as HttpEvent)).toBe(401);
  });
});
