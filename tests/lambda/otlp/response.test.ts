import { PbfReader } from 'pbf';
import { describe, expect, it } from 'vitest';
import { malformed, tooLarge, unauthorized, unavailable } from '../../../lambda/http/http-error.ts';
import {
  type OtlpEncoding,
  otlpErrorResponse,
  otlpResponse,
} from '../../../lambda/otlp/response.ts';
import { Rejections } from '../../../lambda/validation/rejections.ts';
import { bodyOf } from '../support/http-event.ts';

/** The fields of a protobuf message: numbers, and texts or messages as bytes. */
function fieldsOf(bytes: Uint8Array): Record<number, number | Buffer> {
  const fields: Record<number, number | Buffer> = {};
  new PbfReader(bytes).readFields((number, result, reader) => {
    result[number] = reader.type === 2 ? Buffer.from(reader.readBytes()) : reader.readVarint();
  }, fields);
  return fields;
}

function rejections(count: number, kind: 'span' | 'prompt' = 'span'): Rejections {
  const result = new Rejections();
  for (let i = 0; i < count; i++) result.add({ kind, id: `x${i}`, field: 'f', reason: 'is bad' });
  return result;
}

describe('otlpResponse', () => {
  it.each<[OtlpEncoding, string, string]>([
    ['json', 'application/json', '{}'],
    ['protobuf', 'application/x-protobuf', ''],
  ])('is an empty message in %s when nothing was rejected', (encoding, type, body) => {
    const answer = otlpResponse(rejections(0), encoding, 'traces');
    expect(answer).toMatchObject({ statusCode: 200, headers: { 'content-type': type } });
    expect(bodyOf(answer).toString()).toBe(body);
  });

  it('counts rejected spans in JSON', () => {
    expect(JSON.parse(otlpResponse(rejections(2), 'json', 'traces').body)).toEqual({
      partialSuccess: {
        rejectedSpans: '2',
        errorMessage: 'span x0: f is bad; span x1: f is bad',
      },
    });
  });

  it('counts rejected spans in protobuf', () => {
    const answer = otlpResponse(rejections(300), 'protobuf', 'traces');
    const partialSuccess = fieldsOf(bodyOf(answer))[1] as Buffer;
    expect(fieldsOf(partialSuccess)[1]).toBe(300);
    expect(String(fieldsOf(partialSuccess)[2])).toMatch(/^span x0: f is bad; .*; and 295 more$/);
  });

  it('has a message without a count when only parts of a span were rejected', () => {
    expect(JSON.parse(otlpResponse(rejections(1, 'prompt'), 'json', 'traces').body)).toEqual({
      partialSuccess: { rejectedSpans: '0', errorMessage: 'prompt x0: f is bad' },
    });
  });

  it('counts rejected log records under their own name', () => {
    expect(JSON.parse(otlpResponse(rejections(1, 'prompt'), 'json', 'logs').body)).toEqual({
      partialSuccess: { rejectedLogRecords: '1', errorMessage: 'prompt x0: f is bad' },
    });
  });
});

describe('otlpErrorResponse', () => {
  it.each([
    [malformed('m'), 3],
    [tooLarge('m'), 3],
    [unauthorized('m'), 16],
    [unavailable('m', 5, ''), 14],
  ])('is a google.rpc.Status in both encodings', (refusal, code) => {
    const json = otlpErrorResponse(refusal, 'json');
    expect(json).toMatchObject({ statusCode: refusal.status, headers: refusal.headers });
    expect(JSON.parse(json.body)).toEqual({ code, message: 'm' });
    const protobuf = otlpErrorResponse(refusal, 'protobuf');
    expect(protobuf).toMatchObject({ statusCode: refusal.status, headers: refusal.headers });
    expect(fieldsOf(bodyOf(protobuf))).toEqual({ 1: code, 2: Buffer.from('m') });
  });
});
