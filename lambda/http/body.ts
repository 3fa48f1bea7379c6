/** The body of a request in plain bytes, within the limits. */
import { LIMITS } from '../../wire/protocol.ts';
import { CODINGS, type Coding, decompress } from './decompress.ts';
import { HttpError, malformed, tooLarge } from './http-error.ts';
import type { Request } from './request.ts';

/** Decodes and decompresses a body. Never allocates more than the limits allow. */
export function readPlainBody(request: Request): Buffer | HttpError {
  const coding = codingOf(request);
  if (coding instanceof HttpError) return coding;
  if (request.bodyBytes > LIMITS.maxBodyBytes) {
    return tooLarge(`A body may have at most ${LIMITS.maxBodyBytes} bytes as sent.`);
  }
  const result = decompress(request.readBody(), coding, LIMITS.maxInflatedBytes);
  switch (result.status) {
    case 'ok':
      return result.body;
    case 'too large':
      return tooLarge(`A body may have at most ${LIMITS.maxInflatedBytes} bytes decompressed.`);
    case 'invalid':
      return malformed(`The body cannot be decompressed; its content encoding is ${coding}.`);
  }
}

function codingOf({ headers }: Request): Coding | HttpError {
  const named = (headers['content-encoding'] ?? '').trim().toLowerCase() || 'identity';
  const coding = CODINGS.find((known) => known === named);
  if (coding) return coding;
  const list = CODINGS.join(', ');
  // The client may choose one of these and send the body again (RFC 9110, section 12.5.3).
  return new HttpError('unsupported', `The content encoding must be one of ${list}.`, {
    'accept-encoding': list,
  });
}
