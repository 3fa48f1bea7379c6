/**
 * `GET /info`: LangSmith's client requests it before it sends, and logs a warning without an answer.
 * It needs no token; the answer is the same for every client.
 */
import { type HttpResponse, jsonResponse } from '../http/response.ts';

export const INFO_PATH = '/info';

/** Announces OpenTelemetry only, and no version, which the client would compare with LangSmith's. */
export function answerInfo(): HttpResponse {
  return jsonResponse(200, { batch_ingest_config: { use_multipart_endpoint: false } });
}
