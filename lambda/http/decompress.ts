/**
 * Content codings of request bodies. What a body is, its first bytes say, if they can: a proxy that
 * decompresses requests may leave the header, and another may compress without one.
 */
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';

/** The content codings that are read. `x-gzip` is an old name of `gzip` (RFC 9110, section 8.4.1.3). */
export const CODINGS = ['identity', 'gzip', 'x-gzip', 'deflate', 'br', 'zstd'] as const;

export type Coding = (typeof CODINGS)[number];

export type Decompressed =
  | { readonly status: 'ok'; readonly body: Buffer }
  | { readonly status: 'too large' | 'invalid' };

/** Node returns the engine, and with it the bytes that it read, if the option `info` is set. */
interface WithEngine {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

interface Options {
  readonly info: true;
  readonly maxOutputLength: number;
}

type Decompress = (body: Uint8Array, options: Options) => unknown;

/** A decoder of the content coding `zstd` reserves at most 8 MB for its window (RFC 9659, section 3). */
const MAX_WINDOW_LOG = 23;
/** Frames of one body. Each costs a decoder, so that many empty ones would cost much time. */
const MAX_FRAMES = 256;

const zstd: Decompress = (body, options) =>
  zstdDecompressSync(body, {
    ...options,
    params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG },
  });

/** Code of the error that Node's zlib throws at `maxOutputLength`. */
const TOO_LARGE = 'ERR_BUFFER_TOO_LARGE';

/** Decompresses a body to at most `maxBytes`, and allocates no more than that. */
export function decompress(body: Buffer, coding: Coding, maxBytes: number): Decompressed {
  const first = body.length >= 4 ? body.readUInt32BE(0) : 0;
  if (first >>> 16 === 0x1f8b) return decode(gunzipSync, body, maxBytes);
  // A frame of data, or one that decoders skip (RFC 8878, section 3.1).
  if (first === 0x28b52ffd || (first & 0xf0ffffff) === 0x502a4d18) {
    return decode(zstd, body, maxBytes, MAX_FRAMES);
  }
  if (coding !== 'br' && coding !== 'deflate') return { status: 'ok', body };
  const result = decode(decoderOf(coding, body), body, maxBytes);
  return result.status === 'invalid' && looksPlain(body) ? { status: 'ok', body } : result;
}

/** Some clients send `deflate` without the header of zlib (RFC 9110, section 8.4.1.2). */
function decoderOf(coding: 'br' | 'deflate', body: Buffer): Decompress {
  if (coding === 'br') return brotliDecompressSync;
  const hasHeader =
    body.length >= 2 && ((body[0] ?? 0) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;
  return hasHeader ? inflateSync : inflateRawSync;
}

/** Whether a body begins as JSON, or as the first field of a message of OTLP. */
const looksPlain = (body: Buffer): boolean =>
  body.length === 0 || /^(\s*[[{]|\n)/.test(body.toString('latin1', 0, 64));

/** Decodes all frames of a body. Bytes after the last one make it invalid, or they would be lost. */
function decode(decoder: Decompress, body: Buffer, maxBytes: number, maxFrames = 1): Decompressed {
  const frames: Buffer[] = [];
  let size = 0;
  let at = 0;
  try {
    do {
      // Zero would mean no limit.
      const maxOutputLength = Math.max(1, maxBytes - size);
      const frame = decoder(body.subarray(at), { info: true, maxOutputLength }) as WithEngine;
      frames.push(frame.buffer);
      size += frame.buffer.length;
      at += frame.engine.bytesWritten;
    } while (at < body.length && frames.length < maxFrames && size <= maxBytes);
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === TOO_LARGE;
    return { status: isTooLarge ? 'too large' : 'invalid' };
  }
  if (size > maxBytes) return { status: 'too large' };
  const isWhole = at === body.length || isPadding(body.subarray(at), decoder);
  if (!isWhole) return { status: 'invalid' };
  return {
    status: 'ok',
    body: frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames),
  };
}

/** Zeros after the last member of gzip are padding, of tapes and of blocks. */
const isPadding = (rest: Buffer, decoder: Decompress): boolean =>
  decoder === gunzipSync && rest.every((byte) => byte === 0);
