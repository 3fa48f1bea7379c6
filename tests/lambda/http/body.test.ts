import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
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

  it.each(['lz4', 'compress', 'gzip, gzip', 'gzip,identity', 'aws-chunked'])(
    'refuses %s and names the encodings that it reads',
    (encoding) => {
      const headers = { 'content-encoding': encoding };
      const refused = readPlainBody(
        readEvent(functionUrlEvent({ body: gzipSync('abc'), headers })),
      );
      expect(refused).toMatchObject({
        status: 415,
        headers: { 'accept-encoding': 'identity, gzip, x-gzip, deflate, br, zstd' },
      });
    },
  );

  it('accepts a body of the maximum size, and not one byte more', () => {
    const most = Buffer.alloc(LIMITS.maxBodyBytes);
    expect(read(most)).toHaveLength(LIMITS.maxBodyBytes);
    expect(read(Buffer.alloc(LIMITS.maxBodyBytes + 1))).toBe(413);
  });
});

/** Compressors by content encoding; `deflate` is sent with the header of zlib and without. */
const COMPRESSED: [string, string, (body: Uint8Array | string) => Buffer][] = [
  ['gzip', 'gzip', gzipSync],
  ['x-gzip', 'x-gzip', gzipSync],
  ['deflate', 'deflate', deflateSync],
  ['deflate without the header of zlib', 'deflate', deflateRawSync],
  ['br', 'br', brotliCompressSync],
  ['zstd', 'zstd', zstdCompressSync],
];

const JSON_BODY = Buffer.from('{"spans":[1,2,3]}');
const PROTOBUF_BODY = Buffer.from([0x0a, 0x03, 0x01, 0x02, 0x03]);

describe.each(COMPRESSED)('a body with %s', (_, encoding, compress) => {
  it('is decompressed, whatever the case of the header', () => {
    expect(read(compress('abc'), encoding)).toEqual(Buffer.from('abc'));
    expect(read(compress('abc'), ` ${encoding.toUpperCase()} `)).toEqual(Buffer.from('abc'));
    expect(read(compress(''), encoding)).toEqual(Buffer.alloc(0));
  });

  it.each([JSON_BODY, PROTOBUF_BODY, Buffer.from('  \n[1]'), Buffer.alloc(0)])(
    'is read as it is when a proxy has decompressed it (%s)',
    (body) => {
      expect(read(body, encoding)).toEqual(body);
    },
  );

  it('is refused when it is truncated, or when other bytes follow', () => {
    const whole = compress(Buffer.alloc(500, 'abcdefgh 1234 {"a":1}'));
    for (const length of [whole.length - 1, whole.length >> 1, 10]) {
      expect(read(whole.subarray(0, length), encoding)).toBe(400);
    }
    expect(read(Buffer.concat([whole, Buffer.from('more')]), encoding)).toBe(400);
  });

  it('is decompressed to the maximum size, and not one byte more', () => {
    const most = compress(Buffer.alloc(LIMITS.maxInflatedBytes));
    expect(read(most, encoding)).toHaveLength(LIMITS.maxInflatedBytes);
    expect(read(compress(Buffer.alloc(LIMITS.maxInflatedBytes + 1)), encoding)).toBe(413);
  });

  it('costs no more memory than the limit when it is a bomb', () => {
    const bomb = compress(Buffer.alloc(64_000_000));
    const before = process.memoryUsage().external;
    expect(read(bomb, encoding)).toBe(413);
    expect(process.memoryUsage().external - before).toBeLessThan(2 * LIMITS.maxInflatedBytes);
  });
});

describe('a body of several frames', () => {
  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('of %s is read whole', (encoding, compress) => {
    const body = Buffer.concat([compress('ab'), compress(''), compress('cd')]);
    expect(read(body, encoding)).toEqual(Buffer.from('abcd'));
  });

  it('of zstd may have frames that decoders skip', () => {
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0x02, 0x00, 0x00, 0x00, 0xff, 0xff]);
    const body = Buffer.concat([skipped, zstdCompressSync('ab'), skipped]);
    expect(read(body, 'zstd')).toEqual(Buffer.from('ab'));
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('of %s has the maximum size together', (encoding, compress) => {
    const half = compress(Buffer.alloc(LIMITS.maxInflatedBytes / 2));
    expect(read(Buffer.concat([half, half]), encoding)).toHaveLength(LIMITS.maxInflatedBytes);
    expect(read(Buffer.concat([half, half, compress('a')]), encoding)).toBe(413);
  });

  it('of zstd has a bounded number of them', () => {
    const empty = zstdCompressSync('');
    const frames = (count: number) => Buffer.concat(Array.from({ length: count }, () => empty));
    expect(read(frames(256), 'zstd')).toEqual(Buffer.alloc(0));
    expect(read(frames(257), 'zstd')).toBe(400);
  });
});

describe('a wrong label', () => {
  it.each([undefined, 'identity', 'gzip', 'br', 'deflate', 'zstd'])(
    '(%s) of gzip or zstd does not matter, because their first bytes say what they are',
    (encoding) => {
      expect(read(gzipSync('abc'), encoding)).toEqual(Buffer.from('abc'));
      expect(read(zstdCompressSync('abc'), encoding)).toEqual(Buffer.from('abc'));
    },
  );

  it('of br on other bytes is refused', () => {
    expect(read(Buffer.from([0xff, 0xfe, 0x00, 0x99, 0x12]), 'br')).toBe(400);
    expect(read(Buffer.from([0xff, 0xfe, 0x00, 0x99, 0x12]), 'deflate')).toBe(400);
  });
});

it('a zstd frame may ask for a window of 8 MB, and no more', () => {
  const withWindow = (log: number) =>
    zstdCompressSync(Buffer.alloc(9_000_000, 'abc d'), {
      params: { [constants.ZSTD_c_windowLog]: log },
    });
  expect(read(withWindow(23), 'zstd')).toHaveLength(9_000_000);
  expect(read(withWindow(27), 'zstd')).toBe(400);
});
