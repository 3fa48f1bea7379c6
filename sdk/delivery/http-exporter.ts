/** One attempt to post a batch to `POST /v1/batch`. */

import { BATCH_PATH } from '../../wire/protocol.ts';
import type { BatchReply, ErrorReply } from '../../wire/reply.ts';
import { gzip } from '../platform/platform.ts';
import { attempt, messageOf } from '../platform/values.ts';
import { type Answer, createPost } from './http-post.ts';
import type { Deliver, Outcome } from './sender.ts';

export interface HttpExporterSettings {
  readonly endpoint: string;
  readonly token: string;
  readonly requestTimeoutMillis: number;
  readonly exitTimeoutMillis: number;
}

/** Statuses that pass: the client was too slow, too early or too many; or the server is at fault. */
const PASSING = [408, 425, 429];

export function createHttpExporter(settings: HttpExporterSettings): Deliver {
  const url = new URL(settings.endpoint.replace(/\/+$/, '') + BATCH_PATH);
  const post = createPost(url, settings);
  // There is no network to save on the way to the same machine.
  const compresses = !/^(localhost|127\.|\[::1\])/.test(url.hostname);
  return async (batch, signal) => {
    try {
      const packed = compresses && !batch.isGzip ? await gzip(batch.body) : undefined;
      const headers: Record<string, string> = {
        authorization: `Bearer ${settings.token}`,
        'content-type': 'application/json',
      };
      if (batch.isGzip || packed) headers['content-encoding'] = 'gzip';
      return read(await post(packed ?? batch.body, headers, signal));
    } catch (error) {
      return { status: 'retry', reason: messageOf(error) };
    }
  };
}

/** What an answer means for the batch. */
export function read(answer: Answer): Outcome {
  const { status } = answer;
  // A proxy's page of HTML is no reply: the status says what there is to know.
  const reply = attempt(() => JSON.parse(answer.body)) as Partial<BatchReply & ErrorReply> | null;
  if (status >= 200 && status < 300) {
    const rejected = reply?.rejected_count ?? 0;
    const first = reply?.rejected?.[0];
    if (rejected === 0 || !first) return { status: 'sent', rejected };
    const reason = `${rejected} of a batch, first ${first.kind} ${first.field}: ${first.reason}`;
    return { status: 'sent', rejected, reason };
  }
  if (status === 413) return { status: 'split' };
  const reason = `${status} ${reply?.error?.message ?? ''}`.trim();
  if (PASSING.includes(status) || status >= 500) {
    return { status: 'retry', afterMillis: retryAfter(answer.retryAfter), reason };
  }
  return { status: 'refused', reason };
}

/** `Retry-After` is a number of seconds or a date (RFC 9110). */
function retryAfter(header: string | undefined): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  const millis = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(millis) ? undefined : Math.max(0, millis);
}
