import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPlainBody } from '../../../lambda/http/body.ts';
import { HttpError } from '../../../lambda/http/http-error.ts';
import { readEvent } from '../../../lambda/http/request.ts';
import { LIMITS } from '../../../wire/protocol.ts';
import { functionUrlEvent } from '../support/http-event.ts';

function read(body: Uint8Array, encoding?: string) {
  const headers: Record<string, string> =
    encoding === undefined ? {} : { 'content-encoding': encoding };
  const plain = readPlainBody(readEvent(functionUrlEvent({ body, headers })));
  return plain instanceof HttpError ? plain.status : plain;
}

describe('readPlainBody', () => {
  it.each([undefined, '', 'identity', 'Identity'])('accepts a plain body (%s)', (encoding) => {
    expect(read(Buffer.from('abc'), encoding)).toEqual(Buffer.from('abc'));
  });

  it.each(['gzip', 'GZIP', ' gzip '])('decompresses gzip (%s)', (encoding) => {
    expect(read(gzipSync('abc'), encoding)).toEqual(Buffer.from('abc'));
  });

  it.each(['br', 'deflate', 'gzip, gzip', 'gzip,identity', 'x-gzip'])('refuses %s', (encoding) => {
    expect(read(gzipSync('abc'), encoding)).toBe(415);
  });

  it.each([
    ['no gzip', Buffer.from('abc')],
    ['nothing', Buffer.alloc(0)],
    ['half a gzip', gzipSync('abc').subarray(0, 15)],
  ])('refuses %s with the encoding gzip', (_name, body) => {
    expect(read(body, 'gzip')).toBe(400);
  });

  it('accepts a body of the maximum size, and not one byte more', () => {
    const most = Buffer.alloc(LIMITS.maxBodyBytes);
    expect(read(most)).toHaveLength(LIMITS.maxBodyBytes);
    expect(read(Buffer.alloc(LIMITS.maxBodyBytes + 1))).toBe(413);
  });

  it('decompresses to the maximum size, and not one byte more', () => {
    const most = gzipSync(Buffer.alloc(LIMITS.maxInflatedBytes));
    expect(read(most, 'gzip')).toHaveLength(LIMITS.maxInflatedBytes);
    expect(read(gzipSync(Buffer.alloc(LIMITS.maxInflatedBytes + 1)), 'gzip')).toBe(413);
  });
});
