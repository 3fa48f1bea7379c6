/** `POST /v1/batch`: our own SDK, curl and importers. */
import { LIMITS, PATHS } from '../../wire/protocol.ts';
import type { BatchReply } from '../../wire/reply.ts';
import { HttpError, unsupported } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import { mediaTypeOf } from '../http/request.ts';
import { errorResponse, jsonResponse } from '../http/response.ts';
import type { IngestRoute } from './ingest-records.ts';

export const nativeRoute: IngestRoute = {
  name: 'native',
  paths: [PATHS.batch],
  maxRecords: LIMITS.maxRecordsPerBatch,
  checkType: (request) =>
    mediaTypeOf(request) === 'application/json'
      ? null
      : unsupported('The content type must be application/json.'),
  decode: (body) => {
    const parsed = decodeJson(body);
    return parsed instanceof HttpError ? parsed : { batch: parsed.value };
  },
  accept: ({ batchId, stored, rejections, overflow }) => {
    const reply: BatchReply = {
      batch_id: batchId,
      stored,
      rejected: rejections.list,
      rejected_count: rejections.count,
    };
    // Accepted, and durable, but not yet to be read.
    return jsonResponse(overflow ? 202 : 200, reply);
  },
  refuse: errorResponse,
};
