/**
 * `POST /api/v1/logs/create/*`: the original Agensight SDK for Python, one record per request.
 *
 * It prefixes its routes with the stage of the server that it was made for. It sends each record
 * once, waits two seconds and counts nothing but 200 as success. `project_id` stands in most bodies
 * and is not read: the token alone decides where a record goes.
 */

import { LIMITS, type RecordKind, UUID_PATTERN } from '../../wire/protocol.ts';
import type { JsonObject, JsonValue, RecordLists } from '../../wire/records.ts';
import { isObject } from '../../wire/values.ts';
import { batchIdOf } from '../http/batch-id.ts';
import { HttpError, malformed, unsupported } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import { mediaTypeOf } from '../http/request.ts';
import { errorResponse, jsonResponse } from '../http/response.ts';
import type { IngestRoute } from '../protocol/ingest-records.ts';
import {
  readCompletion,
  readPrompt,
  readSession,
  readTool,
  readTrace,
  readTraceUpdate,
} from './records.ts';
import { readSpan } from './span.ts';

const STAGES = ['', '/prod', '/dev'] as const;
const CREATE = '/api/v1/logs/create/';

/** What is behind `create/`, how it is read, and the field that names the span, which is a UUID. */
interface Route {
  name: string;
  kind: RecordKind;
  spanField?: 'id' | 'span_id';
  read: (data: JsonObject) => Partial<RecordLists>;
}

const ROUTES: readonly Route[] = [
  { name: 'session', kind: 'session', read: readSession },
  { name: 'trace', kind: 'trace', read: readTrace },
  { name: 'trace/update', kind: 'trace', read: readTraceUpdate },
  { name: 'span', kind: 'span', spanField: 'id', read: readSpan },
  { name: 'prompt', kind: 'prompt', spanField: 'span_id', read: readPrompt },
  { name: 'completion', kind: 'completion', spanField: 'span_id', read: readCompletion },
  { name: 'tool', kind: 'tool', spanField: 'span_id', read: readTool },
];

/** One door for each route. */
export const pythonRoutes: readonly IngestRoute[] = ROUTES.map(routeOf);

/** A path with each prefix that the client may put before it. */
export function withStages(path: string): string[] {
  return STAGES.map((stage) => stage + path);
}

function routeOf({ name, kind, spanField, read }: Route): IngestRoute {
  return {
    name: 'python',
    paths: withStages(CREATE + name),
    maxRecords: LIMITS.maxRecordsPerBatch,
    namesSpanOnly: spanField !== undefined,
    checkType: (request) =>
      mediaTypeOf(request) === 'application/json'
        ? null
        : unsupported('The content type must be application/json.'),
    decode: (body, _request, rejections) => {
      const parsed = decodeJson(body);
      if (parsed instanceof HttpError) return parsed;
      const value = parsed.value as JsonValue;
      const data = isObject(value) ? value.data : undefined;
      if (!isObject(data)) return malformed('The body must be {"data": {...}}.');
      const batch_id = batchIdOf(name, body);
      const spanId = spanField === undefined ? undefined : data[spanField];
      // Only UUIDs are found again by themselves: the database has no index on other ids.
      if (spanField !== undefined && !(typeof spanId === 'string' && UUID_PATTERN.test(spanId))) {
        rejections.add({ kind, id: name, field: spanField, reason: 'must be a UUID' });
        return { batch: { batch_id } };
      }
      return { batch: { batch_id, ...read(data) } };
    },
    accept: ({ batchId, stored, rejections }) => {
      // With one record in a request, a record that is not taken is a request that failed.
      const isStored = rejections.count === 0 || Object.values(stored).some((rows) => rows > 0);
      return jsonResponse(isStored ? 200 : 400, {
        ...(isStored ? {} : { error: { code: 'malformed', message: 'The record is not valid.' } }),
        batch_id: batchId,
        stored,
        rejected: rejections.list,
        rejected_count: rejections.count,
      });
    },
    refuse: errorResponse,
  };
}
