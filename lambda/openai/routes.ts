/**
 * `POST /v1/traces/ingest`: the exporter of the OpenAI Agents SDK. It logs what is refused with 4xx, and
 * repeats 5xx three times; it reads nothing of an answer but its status.
 */
import { batchIdOf } from '../http/batch-id.ts';
import { HttpError, unsupported } from '../http/http-error.ts';
import { mediaTypeOf } from '../http/request.ts';
import { errorResponse, jsonResponse } from '../http/response.ts';
import type { IngestRoute } from '../protocol/ingest-records.ts';

export const openAiRoute: IngestRoute = {
  name: 'openai',
  paths: ['/v1/traces/ingest'],
  // A client cannot know how many records its spans become; the number of spans is limited.
  maxRecords: Number.POSITIVE_INFINITY,
  checkType: (request) =>
    mediaTypeOf(request) === 'application/json'
      ? null
      : unsupported('The content type must be application/json.'),
  decode: async (body, _request, rejections) => {
    const { decodeTraces } = await import('./decode.ts');
    const lists = decodeTraces(body, rejections);
    if (lists instanceof HttpError) return lists;
    return { batch: { batch_id: batchIdOf('openai', body), ...lists } };
  },
  accept: ({ rejections }) =>
    jsonResponse(200, {
      message: 'Accepted',
      rejected: rejections.list,
      rejected_count: rejections.count,
    }),
  refuse: errorResponse,
};
