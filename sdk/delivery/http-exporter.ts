/** Exports batches by `POST /v1/batch`. */

import { BATCH_PATH, isRetryableStatus } from '../../wire/protocol.ts';
import type { BatchReply, ErrorReply } from '../../wire/reply.ts';
import { type Batch, bodyOf } from '../batch/batch.ts';
import { type Coding, compress } from '../platform/compression.ts';
import { attempt, messageOf } from '../platform/values.ts';
import { printable } from '../report/losses.ts';
import { createAcceptedCodings } from './accepted-codings.ts';
import type { Exporter, ExportResult } from './exporter.ts';
import { createPost, type HttpResponse } from './http-post.ts';

export interface HttpExporterSettings {
  readonly endpoint: string;
  readonly token: string;
  readonly requestTimeoutMillis: number;
  readonly exitTimeoutMillis: number;
}

export function createHttpExporter(settings: HttpExporterSettings): Exporter {
  const url = new URL(settings.endpoint.replace(/\/+$/, '') + BATCH_PATH);
  const post = createPost(url, settings);
  const accepted = createAcceptedCodings(url);

  /** Sends a batch in a coding; undefined where this runtime cannot compress so. */
  const send = async (
    batch: Batch,
    coding: Coding | null,
    signal: AbortSignal,
  ): Promise<HttpResponse | undefined> => {
    const headers: Record<string, string> = {
      authorization: `Bearer ${settings.token}`,
      'content-type': 'application/json',
    };
    if (coding) headers['content-encoding'] = coding;
    if (coding === batch.coding) return post(batch.body, headers, signal);
    const body = coding ? await compress(bodyOf(batch), coding) : bodyOf(batch);
    return body && post(body, headers, signal);
  };

  return async (batch, signal) => {
    const refused: Coding[] = [];
    let result: ExportResult = { status: 'refused', reason: 'no encoding is accepted' };
    try {
      for (const coding of accepted.candidates(batch.coding)) {
        const response = await send(batch, coding, signal);
        if (!response) continue;
        result = readResponse(response, settings.token);
        if (result.status === 'sent') accepted.accept(coding, refused);
        if (coding === null || !accepted.isRefusal(response.status, coding)) break;
        refused.push(coding);
      }
      return result;
    } catch (error) {
      return { status: 'retry', reason: printable(messageOf(error), settings.token) };
    }
  };
}

/** The result of an attempt by the response of the server. */
export function readResponse(response: HttpResponse, token = ''): ExportResult {
  const { status } = response;
  // The body may be the HTML page of a proxy; then only the status counts.
  const reply = attempt(() => JSON.parse(response.body)) as Partial<BatchReply & ErrorReply> | null;
  if (status >= 200 && status < 300) {
    const rejected = reply?.rejected_count ?? 0;
    const first = reply?.rejected?.[0];
    if (rejected === 0 || !first) return { status: 'sent', rejected };
    const reason = `${rejected} of a batch, first ${first.kind} ${first.field}: ${first.reason}`;
    return { status: 'sent', rejected, reason };
  }
  if (status === 413) return { status: 'split' };
  const reason = printable(`${status} ${reply?.error?.message ?? ''}`.trim(), token);
  if (isRetryableStatus(status)) {
    return { status: 'retry', afterMillis: retryAfterMillis(response.retryAfter), reason };
  }
  return { status: 'refused', reason };
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, section 10.2.3). */
function retryAfterMillis(header: string | undefined): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  const millis = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(millis) ? undefined : Math.max(0, millis);
}
