/** The body of a request in plain bytes, within the limits. */
import { gunzipSync } from 'node:zlib';
import { LIMITS } from '../../wire/protocol.ts';
import { malformed, type Refusal, tooLarge, unsupported } from './refusal.ts';
import type { Request } from './request.ts';

/** Decodes and inflates. A body over a limit is refused before it takes more memory than that limit. */
export function readPlainBody(request: Request): Buffer | Refusal {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase() || 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    return unsupported('The content encoding must be gzip or identity, and only one.');
  }
  if (request.bodyBytes > LIMITS.maxBodyBytes) {
    return tooLarge(`A body may have ${LIMITS.maxBodyBytes} bytes as it is sent.`);
  }
  const body = request.readBody();
  return encoding === 'gzip' ? inflate(body) : body;
}

function inflate(body: Buffer): Buffer | Refusal {
  try {
    return gunzipSync(body, { maxOutputLength: LIMITS.maxInflatedBytes });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(`A body may have ${LIMITS.maxInflatedBytes} bytes when it is inflated.`)
      : malformed('The body is not gzip, as its content-encoding says it is.');
  }
}
