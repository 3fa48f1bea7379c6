/** The envelope of OTLP requests in JSON: resources, each with scopes, each with items. */
import * as z from 'zod/mini';
import { isObject } from '../../wire/values.ts';
import { DecodeError, HttpError, malformed } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import { type Members, members, readAttributes, text } from './json-values.ts';
import type { SpanOrigin } from './span-collector.ts';

const AN_OBJECT = { error: 'must be a list of objects' };

/** Lists may be absent or null and hold null, as proto3 JSON allows. */
function listOf<S extends z.ZodMiniType>(item: S) {
  return z.nullish(z.array(z.nullable(item), { error: 'must be a list' }));
}

/** An item, which the decoder of the signal reads. Not `z.looseObject()`, which would copy it. */
const item = z.custom<Members>((value) => isObject(value), AN_OBJECT);

/** ExportTraceServiceRequest. Lazy, as the next, so that neither slows down cold starts. */
export const tracesSchema = z.lazy(() =>
  z.object({
    resourceSpans: listOf(
      z.object(
        {
          resource: z.optional(z.unknown()),
          scopeSpans: listOf(
            z.object({ scope: z.optional(z.unknown()), spans: listOf(item) }, AN_OBJECT),
          ),
        },
        AN_OBJECT,
      ),
    ),
  }),
);

/** ExportLogsServiceRequest. */
export const logsSchema = z.lazy(() =>
  z.object({
    resourceLogs: listOf(
      z.object(
        {
          resource: z.optional(z.unknown()),
          scopeLogs: listOf(
            z.object({ scope: z.optional(z.unknown()), logRecords: listOf(item) }, AN_OBJECT),
          ),
        },
        AN_OBJECT,
      ),
    ),
  }),
);

/** The scopes of one resource, each with its items, under the same names for both signals. */
interface ResourceItems {
  resource: unknown;
  scopes: readonly { scope: unknown; items: readonly (Members | null)[] }[];
}

function spansIn({ resourceSpans }: z.output<typeof tracesSchema>): ResourceItems[] {
  return (resourceSpans ?? []).map((each) => ({
    resource: each?.resource,
    scopes: (each?.scopeSpans ?? []).map((of) => ({ scope: of?.scope, items: of?.spans ?? [] })),
  }));
}

function logsIn({ resourceLogs }: z.output<typeof logsSchema>): ResourceItems[] {
  return (resourceLogs ?? []).map((each) => ({
    resource: each?.resource,
    scopes: (each?.scopeLogs ?? []).map((of) => ({
      scope: of?.scope,
      items: of?.logRecords ?? [],
    })),
  }));
}

type Visit = (item: Members, origin: SpanOrigin) => void;

/** Visits each span of a body, or returns why the body is not an ExportTraceServiceRequest. */
export function visitSpans(body: Buffer, visit: Visit): HttpError | null {
  return visitItems(body, tracesSchema, spansIn, visit);
}

/** Visits each log record of a body, or returns why it is not an ExportLogsServiceRequest. */
export function visitLogs(body: Buffer, visit: Visit): HttpError | null {
  return visitItems(body, logsSchema, logsIn, visit);
}

function visitItems<T>(
  body: Buffer,
  schema: z.ZodMiniType<T>,
  itemsIn: (request: T) => ResourceItems[],
  visit: Visit,
): HttpError | null {
  const decoded = decodeJson(body);
  if (decoded instanceof HttpError) return decoded;
  if (!isObject(decoded.value)) return malformed('The body must be a JSON object.');
  const request = schema.safeParse(decoded.value);
  if (!request.success) {
    const [issue] = request.error.issues;
    const list = issue?.path.findLast((part) => typeof part === 'string');
    return malformed(`${String(list)} ${issue?.message}.`);
  }
  try {
    for (const ofResource of itemsIn(request.data)) {
      const resource = readAttributes(members(ofResource.resource).attributes);
      for (const { scope: sent, items } of ofResource.scopes) {
        const scope = members(sent);
        const origin = { scopeName: text(scope.name), scopeVersion: text(scope.version), resource };
        for (const each of items) visit(each ?? {}, origin);
      }
    }
    return null;
  } catch (error) {
    if (error instanceof DecodeError) return error.httpError;
    throw error;
  }
}
