/**
 * LangSmith's own protocol: `POST /runs/multipart`, `POST /runs/batch`, `POST /runs` and
 * `PATCH /runs/{id}`. Its clients drop what is refused with 4xx, repeat 429 and 5xx, and read nothing of
 * an answer but its status.
 */
import { LIMITS } from '../../wire/protocol.ts';
import { batchIdOf } from '../http/batch-id.ts';
import { HttpError, unsupported } from '../http/http-error.ts';
import { mediaTypeOf } from '../http/request.ts';
import { errorResponse, jsonResponse } from '../http/response.ts';
import type { IngestRoute } from '../protocol/ingest-records.ts';
import type { Form } from './decode.ts';

/** A client may be configured with an endpoint that ends in `/api/v1`, as LangSmith's own does. */
const withPrefix = (path: string): string[] => [path, `/api/v1${path}`];

export const langsmithRoutes: readonly IngestRoute[] = [
  routeOf('multipart', withPrefix('/runs/multipart')),
  routeOf('batch', withPrefix('/runs/batch')),
  routeOf('run', withPrefix('/runs')),
  {
    ...routeOf('run', []),
    method: 'PATCH',
    pattern: /^(?:\/api\/v1)?\/runs\/(?!(?:multipart|batch)$)[^/]{1,128}$/,
  },
];

function routeOf(form: Form, paths: readonly string[]): IngestRoute {
  const type = form === 'multipart' ? 'multipart/form-data' : 'application/json';
  return {
    name: 'langsmith',
    paths,
    // A client cannot know how many records its runs become; the number of runs is limited.
    maxRecords: Number.POSITIVE_INFINITY,
    checkType: (request) =>
      mediaTypeOf(request) === type ? null : unsupported(`The content type must be ${type}.`),
    decode: async (body, request, rejections) => {
      const { decodeRuns } = await import('./decode.ts');
      const lists = decodeRuns(form, body, request, rejections);
      if (lists instanceof HttpError) return lists;
      return {
        batch: { batch_id: batchIdOf(`${request.method} ${request.path}`, body), ...lists },
      };
    },
    accept: ({ rejections }) =>
      jsonResponse(202, {
        message: 'Accepted',
        rejected: rejections.list.slice(0, LIMITS.maxRejectionsListed),
        rejected_count: rejections.count,
      }),
    refuse: errorResponse,
  };
}
