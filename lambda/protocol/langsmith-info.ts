/**
 * `GET /info`: LangSmith's client asks it before it sends, and complains on its console when nobody
 * answers. It needs no token: the answer is the same for everyone.
 */
import { type Answer, jsonAnswer } from '../http/response.ts';

export const INFO_PATH = '/info';

/** Says that runs go by OpenTelemetry alone; no version, since ours would be compared with theirs. */
export function answerInfo(): Answer {
  return jsonAnswer(200, { batch_ingest_config: { use_multipart_endpoint: false } });
}
