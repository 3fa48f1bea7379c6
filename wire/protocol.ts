/**
 * Constants that both sides of the wire share. This file imports nothing, so that the SDK can bundle it
 * without a validator, and the Lambda without the SDK.
 */

/**
 * The six kinds of record, in the order in which they are written: a row is never written before
 * the row it belongs to, and every writer takes its locks in this one order.
 */
export const RECORD_KINDS = ['session', 'trace', 'span', 'prompt', 'completion', 'tool'] as const;

/** One of the six kinds. */
export type RecordKind = (typeof RECORD_KINDS)[number];

/** The six tables in the same order. */
export const TABLES: readonly `${RecordKind}s`[] = /* @__PURE__ */ RECORD_KINDS.map(
  (kind) => `${kind}s` as const,
);

/** Where an application runs. `local` never reaches the wire. */
export const MODES = ['dev', 'prod'] as const;

/** Span and tool status, with OpenTelemetry's meaning, from weakest to strongest. */
export const STATUSES = ['unset', 'ok', 'error'] as const;

/** What a span does. `span` is a step of no particular kind. */
export const SPAN_KINDS = [
  'llm',
  'tool',
  'agent',
  'chain',
  'retriever',
  'embedding',
  'span',
] as const;

/** The Postgres schema of the tables, views and functions of the API. */
export const DATABASE_SCHEMA = 'agensight';

/** The route of the Agensight SDK, separate so that the SDK does not bundle the others. */
export const BATCH_PATH = '/v1/batch';

/** HTTP routes of the ingest endpoint. */
export const PATHS = {
  batch: BATCH_PATH,
  otlpTraces: '/v1/traces',
  otlpLogs: '/v1/logs',
  otlpMetrics: '/v1/metrics',
  health: '/v1/health',
} as const;

/** Other paths to which clients of other products send OTLP traces. */
export const OTLP_TRACE_ALIASES = [
  // Langfuse; LangSmith; HoneyHive; PostHog; Weave; Galileo
  '/api/public/otel/v1/traces',
  '/otel/v1/traces',
  '/opentelemetry/v1/traces',
  '/i/v0/ai/otel',
  '/agents/otel/v1/traces',
  '/otel/traces',
] as const;

/** The same for OTLP logs: exporters send both signals below one base URL. */
export const OTLP_LOG_ALIASES = ['/api/public/otel/v1/logs', '/otel/v1/logs'] as const;

/** The same for OTLP metrics, which are not stored. */
export const OTLP_METRIC_ALIASES = ['/api/public/otel/v1/metrics', '/otel/v1/metrics'] as const;

/** Endpoint when none is configured: that of the local stack. */
export const DEFAULT_ENDPOINT = 'http://127.0.0.1:4318';

/** SQLite file of local mode when none is configured, relative to the working directory. */
export const DEFAULT_LOCAL_FILE = '.agensight/agensight.db';

/** The form of an ingest or read token, as `create_token()` in the database makes them. */
export const TOKEN_PATTERN = /^agn_[0-9a-f]{64}$/;

/** The form of what the original Python SDK gets for its token and sends from then on. */
export const PYTHON_VALUE_PATTERN = /^agp_[0-9a-f]{64}$/;

/** A UUID of any version, in either case. */
export const UUID_PATTERN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * HTTP statuses below 500 after which the same request may succeed later: 408 Request Timeout,
 * 425 Too Early, 429 Too Many Requests.
 */
export const RETRYABLE_CLIENT_STATUSES: readonly number[] = [408, 425, 429];

/** Whether the same request may succeed later: a retryable client status, or any server error. */
export function isRetryableStatus(status: number): boolean {
  return status >= 500 || RETRYABLE_CLIENT_STATUSES.includes(status);
}

/** Token scopes. `ingest` may write its project; `read` is for machines that only read. */
export const SCOPES = ['ingest', 'read'] as const;

/** The limits of everything that can grow. Each has a test at its limit. */
export const LIMITS = {
  /** Request body as sent, in bytes. Lambda accepts 6 MB of payload, including base64. */
  maxBodyBytes: 4_500_000,
  /** Request body after decompression, which stops there: the cost of a decompression bomb. */
  maxInflatedBytes: 20_971_520,
  /** Records in one request, all kinds together. */
  maxRecordsPerBatch: 20_000,
  /** Nesting of a JSON value that is stored or parsed. Deeper values are cut. */
  maxDepth: 32,
  /** One text field (message content, error stack) in UTF-8 bytes. Longer ones are cut with a mark. */
  maxTextBytes: 1_048_576,
  /** One JSON field (input, output, attributes, metadata, parts) in UTF-8 bytes of its JSON text. */
  maxJsonBytes: 1_048_576,
  /** Keys of one JSON object, and attributes of one span. Further ones are counted, not kept. */
  maxKeys: 16_384,
  /** Items of one list in an attribute. Further ones are counted, not kept. */
  maxItems: 262_144,
  /** Names, models, roles, user ids: UTF-16 code units. Longer ones are cut with a mark. */
  maxLabelLength: 1_024,
  /** Ids: UTF-16 code units. Longer ones are rejected, because a cut id would be another id. */
  maxIdLength: 128,
  /** Tags on one trace. */
  maxTags: 64,
  /** Largest token count: a sum over a million of them still fits `bigint`. */
  maxCount: 1_000_000_000_000,
  /** Largest message, choice or call index; fits Postgres `integer`. */
  maxIndex: 1_000_000,
  /** Rejections listed in one answer; the count is always exact. */
  maxRejectionsListed: 100,
} as const;
