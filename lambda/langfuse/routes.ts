/**
 * Langfuse's own protocol: `POST /api/public/ingestion`, and what its clients ask for besides.
 *
 * A client sends the whole batch again when the answer lists errors, so that only what may succeed later
 * is an error; what is invalid is reported under `rejected`.
 */
import { batchIdOf } from '../http/batch-id.ts';
import { HttpError, unsupported } from '../http/http-error.ts';
import { mediaTypeOf } from '../http/request.ts';
import { errorResponse, jsonResponse } from '../http/response.ts';
import type { DiscardRoute } from '../protocol/discard.ts';
import type { IngestRoute } from '../protocol/ingest-records.ts';

export const langfuseRoute: IngestRoute = {
  name: 'langfuse',
  paths: ['/api/public/ingestion'],
  maxRecords: Number.POSITIVE_INFINITY,
  checkType: (request) =>
    mediaTypeOf(request) === 'application/json'
      ? null
      : unsupported('The content type must be application/json.'),
  decode: async (body, _request, rejections) => {
    const { decodeEvents } = await import('./decode.ts');
    const lists = decodeEvents(body, rejections);
    if (lists instanceof HttpError) return lists;
    return { batch: { batch_id: batchIdOf('langfuse', body), ...lists } };
  },
  accept: ({ rejections }) =>
    jsonResponse(207, {
      successes: [],
      errors: [],
      rejected: rejections.list,
      rejected_count: rejections.count,
    }),
  refuse: errorResponse,
};

const DISCARDED = { message: 'Accepted and discarded: this is not stored.' };

function discard(
  name: DiscardRoute['name'],
  paths: readonly string[],
  answer: DiscardRoute['accept'],
  method?: 'GET',
): DiscardRoute {
  return {
    name,
    paths,
    ...(method ? { method } : {}),
    checkType: () => null,
    accept: answer,
    refuse: errorResponse,
  };
}

export const langfuseDiscardRoutes: readonly DiscardRoute[] = [
  // Scores of the Python client 5 and of REST clients.
  discard('scores', ['/api/public/scores'], () => jsonResponse(200, DISCARDED)),
  // Without an address to upload to, a client keeps the reference in the text and goes on.
  discard('media', ['/api/public/media'], () =>
    jsonResponse(201, { mediaId: 'not-stored', uploadUrl: null }),
  ),
  // `auth_check()` asks which projects the keys belong to.
  discard(
    'projects',
    ['/api/public/projects'],
    (_request, { projectId }) =>
      jsonResponse(200, { data: [{ id: projectId, name: 'agensight' }] }),
    'GET',
  ),
];
