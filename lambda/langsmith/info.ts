/**
 * What LangSmith's clients ask for beside their spans. An unexpected answer stops their tracing thread, or
 * blocks the program that calls them.
 */
import type { HttpError } from '../http/http-error.ts';
import { errorResponse, type HttpResponse, jsonResponse } from '../http/response.ts';
import type { DiscardRoute } from '../protocol/discard.ts';

/** A client may be configured with an endpoint that ends in `/api/v1`, as LangSmith's own does. */
export const INFO_PATHS: readonly string[] = ['/info', '/api/v1/info'];

/**
 * The clients' own defaults. The Python client reads all of these fields without a default as soon as
 * there is one of them.
 */
const BATCH_CONFIG = {
  use_multipart_endpoint: true,
  size_limit: 100,
  size_limit_bytes: 20_971_520,
  scale_up_qsize_trigger: 1_000,
  scale_up_nthreads_limit: 16,
  scale_down_nempty_trigger: 4,
} as const;

/** Lets the clients compress what they send. */
const FLAGS = { zstd_compression_enabled: true, gzip_body_enabled: true } as const;

/**
 * `GET /info`, which a client requests before it sends. It needs no token; the answer is the same for
 * every client. It names no version, which the client would compare with LangSmith's.
 */
export function answerInfo(): HttpResponse {
  return jsonResponse(200, { batch_ingest_config: BATCH_CONFIG, instance_flags: FLAGS });
}

/**
 * `POST /feedback`: scores, which are not stored. The client takes 404 for a run that is not there yet,
 * and repeats the request for minutes.
 */
export const feedbackRoute: DiscardRoute = {
  name: 'feedback',
  paths: ['/feedback', '/api/v1/feedback'],
  checkType: () => null,
  accept: () => jsonResponse(202, { message: 'Accepted and discarded: feedback is not stored.' }),
  refuse: (error: HttpError) => errorResponse(error),
};
