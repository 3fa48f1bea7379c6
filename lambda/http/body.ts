/** The body of a request in plain bytes, within the limits. */
import { gunzipSync } from 'node:zlib';
import { LIMITS } from '../../wire/protocol.ts';
import { type HttpError, malformed, tooLarge, unsupported } from './http-error.ts';
import type { Request } from './request.ts';

/** Decodes and decompresses a body. Never allocates more than the limits allow. */
export function readPlainBody(request: Request): Buffer | HttpError {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase() || 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    return unsupported('The content encoding must be one of gzip and identity.');
  }
  if (request.bodyBytes > LIMITS.maxBodyBytes) {
    return tooLarge(`A body may have at most ${LIMITS.maxBodyBytes} bytes as sent.`);
  }
  const body = request.readBody();
  return encoding === 'gzip' ? decompress(body) : body;
}

function decompress(body: Buffer): Buffer | HttpError {
  try {
    return gunzipSync(body, { maxOutputLength: LIMITS.maxInflatedBytes });
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === TOO_LARGE;
    return isTooLarge
      ? tooLarge(`A body may have at most ${LIMITS.maxInflatedBytes} bytes after decompression.`)
      : malformed('The content encoding is gzip, but the body is not valid gzip.');
  }
}

/** Code of the error that Node's zlib throws at `maxOutputLength`. */
const TOO_LARGE = 'ERR_BUFFER_TOO_LARGE';
