/** `POST /v1/batch`: our own SDK, curl and importers. */
import { LIMITS, PATHS } from '../../wire/protocol.ts';
import type { BatchReply } from '../../wire/reply.ts';
import { decodeJson } from '../http/json-body.ts';
import { mediaTypeOf } from '../http/media-type.ts';
import { Refusal, unsupported } from '../http/refusal.ts';
import { jsonAnswer, refusalAnswer } from '../http/response.ts';
import type { RecordDoor } from './record-door.ts';

export const nativeDoor: RecordDoor = {
  name: 'native',
  paths: [PATHS.batch],
  maxRecords: LIMITS.maxRecordsPerBatch,
  checkType: (request) =>
    mediaTypeOf(request) === 'application/json'
      ? null
      : unsupported('The content type must be application/json.'),
  decode: (body) => {
    const parsed = decodeJson(body);
    return parsed instanceof Refusal ? parsed : { batch: parsed.value };
  },
  accept: ({ batchId, stored, rejections, overflow }) => {
    const reply: BatchReply = {
      batch_id: batchId,
      stored,
      rejected: rejections.list,
      rejected_count: rejections.count,
    };
    // Accepted, and durable, but not yet to be read.
    return jsonAnswer(overflow ? 202 : 200, reply);
  },
  refuse: refusalAnswer,
};
