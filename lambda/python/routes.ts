/**
 * `POST /api/v1/logs/create/*`: the original Agensight SDK for Python, one record per request.
 *
 * It prefixes its routes with the stage of the server that it was made for. It sends each record once,
 * waits two seconds, and treats only 200 as success. Most bodies have a `project_id`, which is ignored:
 * the token alone decides where a record goes.
 */
import * as z from 'zod/mini';
import { LIMITS, type RecordKind, UUID_PATTERN } from '../../wire/protocol.ts';
import type { JsonObject } from '../../wire/records.ts';
import { isObject } from '../../wire/values.ts';
import { batchIdOf } from '../http/batch-id.ts';
import { HttpError, malformed, unsupported } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import { mediaTypeOf } from '../http/request.ts';
import { errorResponse, jsonResponse } from '../http/response.ts';
import type { IngestRoute } from '../protocol/ingest-records.ts';
import type { CreateName } from './readers.ts';

const STAGES = ['', '/prod', '/dev'] as const;
const CREATE = '/api/v1/logs/create/';

/** The body of every route. Its fields are validated as those of the record they become. */
export const createSchema = z.object({
  data: z.custom<JsonObject>((value) => isObject(value)),
});

const uuid = z.string().check(z.regex(UUID_PATTERN));

/** The path after `create/`, and the field that names the span by a UUID. */
interface CreateRoute {
  name: CreateName;
  kind: RecordKind;
  spanField?: 'id' | 'span_id';
}

const ROUTES: readonly CreateRoute[] = [
  { name: 'session', kind: 'session' },
  { name: 'trace', kind: 'trace' },
  { name: 'trace/update', kind: 'trace' },
  { name: 'span', kind: 'span', spanField: 'id' },
  { name: 'prompt', kind: 'prompt', spanField: 'span_id' },
  { name: 'completion', kind: 'completion', spanField: 'span_id' },
  { name: 'tool', kind: 'tool', spanField: 'span_id' },
];

/** One route for each kind of request. */
export const pythonRoutes: readonly IngestRoute[] = ROUTES.map(routeOf);

/** A path with each prefix that the SDK may put before it. */
export function withStages(path: string): string[] {
  return STAGES.map((stage) => stage + path);
}

function routeOf({ name, kind, spanField }: CreateRoute): IngestRoute {
  return {
    name: 'python',
    paths: withStages(CREATE + name),
    maxRecords: LIMITS.maxRecordsPerBatch,
    namesSpanOnly: spanField !== undefined,
    checkType: (request) =>
      mediaTypeOf(request) === 'application/json'
        ? null
        : unsupported('The content type must be application/json.'),
    decode: async (body, _request, rejections) => {
      const decoded = decodeJson(body);
      if (decoded instanceof HttpError) return decoded;
      const sent = createSchema.safeParse(decoded.value);
      if (!sent.success) return malformed('The body must be {"data": {...}}.');
      const { data } = sent.data;
      const batch_id = batchIdOf(name, body);
      // Only UUIDs are found without their trace: the database has no index on other span ids.
      if (spanField !== undefined && !uuid.safeParse(data[spanField]).success) {
        rejections.add({ kind, id: name, field: spanField, reason: 'must be a UUID' });
        return { batch: { batch_id } };
      }
      const { READERS } = await import('./readers.ts');
      return { batch: { batch_id, ...READERS[name](data) } };
    },
    accept: ({ batchId, stored, rejections }) => {
      // With one record per request, a rejected record is a failed request.
      const isStored = rejections.count === 0 || Object.values(stored).some((rows) => rows > 0);
      const { code, status, message } = malformed('The record is not valid.');
      return jsonResponse(isStored ? 200 : status, {
        ...(isStored ? {} : { error: { code, message } }),
        batch_id: batchId,
        stored,
        rejected: rejections.list,
        rejected_count: rejections.count,
      });
    },
    refuse: errorResponse,
  };
}
