/** `POST /v1/batch`: the protocol of the Agensight SDK, also for curl and importers. */
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
    const decoded = decodeJson(body);
    return decoded instanceof HttpError ? decoded : { batch: decoded.value };
  },
  accept: ({ batchId, stored, rejections, overflow }) => {
    const reply: BatchReply = {
      batch_id: batchId,
      stored,
      rejected: rejections.list,
      rejected_count: rejections.count,
    };
    // 202: the batch is durable, but not yet in the tables.
    return jsonResponse(overflow ? 202 : 200, reply);
  },
  refuse: errorResponse,
};
