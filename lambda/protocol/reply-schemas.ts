/** Schemas of the JSON responses, for the OpenAPI document and its tests. No function loads this file. */
import * as z from 'zod/mini';
import { HTTP_ERRORS, type HttpErrorCode } from '../../wire/errors.ts';
import { RECORD_KINDS } from '../../wire/protocol.ts';
import type { BatchReply, ErrorReply } from '../../wire/reply.ts';

const count = z.int().check(z.minimum(0));

/** Every code of {@link HTTP_ERRORS}. */
const codes = Object.keys(HTTP_ERRORS) as [HttpErrorCode, ...HttpErrorCode[]];

export const errorReplySchema = z.object({
  error: z.object({ code: z.enum(codes), message: z.string() }),
}) satisfies z.ZodMiniType<ErrorReply>;

export const batchReplySchema = z.object({
  batch_id: z.string(),
  stored: z.object({
    sessions: count,
    traces: count,
    spans: count,
    prompts: count,
    completions: count,
    tools: count,
  }),
  rejected: z.array(
    z.object({
      kind: z.enum(RECORD_KINDS),
      id: z.string(),
      field: z.string(),
      reason: z.string(),
    }),
  ),
  rejected_count: count,
}) satisfies z.ZodMiniType<BatchReply>;

/** The response of the routes of the original Python SDK; `error` when the record was rejected. */
export const pythonReplySchema = z.extend(batchReplySchema, {
  error: z.optional(errorReplySchema.shape.error),
});

export const healthReplySchema = z.object({
  status: z.enum(['ok', 'outdated', 'unavailable']),
  schema_version: z.nullable(z.int()),
  expected_schema_version: z.int(),
  version: z.string(),
  message: z.optional(z.string()),
});

export const validateReplySchema = z.object({ valid: z.literal(true), project_id: z.string() });

export const infoReplySchema = z.object({
  batch_ingest_config: z.object({
    use_multipart_endpoint: z.literal(true),
    size_limit: count,
    size_limit_bytes: count,
    scale_up_qsize_trigger: count,
    scale_up_nthreads_limit: count,
    scale_down_nempty_trigger: count,
  }),
  instance_flags: z.object({
    zstd_compression_enabled: z.literal(true),
    gzip_body_enabled: z.literal(true),
  }),
});

/** The response to runs of LangSmith. */
export const runsReplySchema = z.object({
  message: z.string(),
  rejected: batchReplySchema.shape.rejected,
  rejected_count: count,
});

/** The response to events of Langfuse. Both lists are always empty. */
export const ingestionReplySchema = z.object({
  successes: z.array(z.unknown()),
  errors: z.array(z.unknown()),
  rejected: batchReplySchema.shape.rejected,
  rejected_count: count,
});

export const discardedReplySchema = z.object({ message: z.string() });

export const mediaReplySchema = z.object({ mediaId: z.string(), uploadUrl: z.null() });

export const imagesReplySchema = z.object({ url: z.string() });

export const projectsReplySchema = z.object({
  data: z.array(z.object({ id: z.string(), name: z.string() })),
});

/** ExportMetricsServiceResponse, always without a partial success. */
export const metricsReplySchema = z.object({});

/** ExportTraceServiceResponse. */
export const tracesReplySchema = z.object({
  partialSuccess: z.optional(
    z.object({ rejectedSpans: z.optional(z.string()), errorMessage: z.optional(z.string()) }),
  ),
});

/** ExportLogsServiceResponse. */
export const logsReplySchema = z.object({
  partialSuccess: z.optional(
    z.object({ rejectedLogRecords: z.optional(z.string()), errorMessage: z.optional(z.string()) }),
  ),
});

/** google.rpc.Status. */
export const statusSchema = z.object({ code: z.int(), message: z.string() });
