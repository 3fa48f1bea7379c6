/**
 * The six records, with each field once. The name of a field on the wire is its column name, so nothing
 * maps between the two. Types, validation in the Lambda, SQLite columns of the SDK and the drift test of
 * the SQL tables are derived from these tables.
 *
 * Plain data, because the SDK must not bundle a validator.
 */
import type { MODES, RecordKind, SPAN_KINDS, STATUSES } from './protocol.ts';

/** Any JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * The type of a field, which determines how it is validated and stored.
 *
 * - `id`: 1 to 128 printable characters; text in Postgres, collation "C"
 * - `label`: short text that people filter by (names, models, roles)
 * - `text`: long text
 * - `json`: any JSON value
 * - `tags`: a list of short texts
 * - `time`: ISO 8601 with an offset, up to microseconds; `timestamptz`
 * - `count`: a whole number of at least 0; `bigint`
 * - `index`: a position, starting at 0; `integer`
 * - `millis`: a duration in milliseconds; `double precision`
 * - `mode`, `status`, `kind`: one of the words in `protocol.ts`
 */
export interface FieldTypes {
  id: string;
  label: string;
  text: string;
  json: JsonValue;
  tags: readonly string[];
  time: string;
  count: number;
  index: number;
  millis: number;
  mode: (typeof MODES)[number];
  status: (typeof STATUSES)[number];
  kind: (typeof SPAN_KINDS)[number];
}

/** The name of a field type. */
export type FieldType = keyof FieldTypes;

/** Table, key and fields of one kind of record. */
export interface RecordShape {
  readonly table: string;
  /** The fields that identify a record inside its project; all of them are required. */
  readonly key: readonly string[];
  /** Labels that hold ids which a provider generated: they are not content and are not masked. */
  readonly providerIds?: readonly string[];
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** The six records: table, key and fields. */
export const RECORDS = {
  session: {
    table: 'sessions',
    key: ['id'],
    fields: {
      id: 'id',
      name: 'label',
      user_id: 'label',
      metadata: 'json',
      mode: 'mode',
      started_at: 'time',
      ended_at: 'time',
    },
  },
  trace: {
    table: 'traces',
    key: ['id'],
    fields: {
      id: 'id',
      session_id: 'id',
      user_id: 'label',
      name: 'label',
      service_name: 'label',
      release: 'label',
      mode: 'mode',
      started_at: 'time',
      ended_at: 'time',
      status: 'status',
      error: 'json',
      input: 'json',
      output: 'json',
      tags: 'tags',
      metadata: 'json',
    },
  },
  span: {
    table: 'spans',
    key: ['trace_id', 'id'],
    fields: {
      trace_id: 'id',
      id: 'id',
      parent_id: 'id',
      name: 'label',
      kind: 'kind',
      mode: 'mode',
      status: 'status',
      error: 'json',
      started_at: 'time',
      ended_at: 'time',
      input: 'json',
      output: 'json',
      attributes: 'json',
      events: 'json',
    },
  },
  prompt: {
    table: 'prompts',
    key: ['trace_id', 'span_id', 'message_index'],
    fields: {
      trace_id: 'id',
      span_id: 'id',
      message_index: 'index',
      role: 'label',
      content: 'text',
      parts: 'json',
      name: 'label',
      tool_call_id: 'id',
    },
  },
  completion: {
    table: 'completions',
    key: ['trace_id', 'span_id', 'completion_index'],
    providerIds: ['response_id'],
    fields: {
      trace_id: 'id',
      span_id: 'id',
      completion_index: 'index',
      role: 'label',
      content: 'text',
      parts: 'json',
      finish_reason: 'label',
      model: 'label',
      provider: 'label',
      response_id: 'label',
      prompt_tokens: 'count',
      completion_tokens: 'count',
      total_tokens: 'count',
      cached_tokens: 'count',
      cache_write_tokens: 'count',
      reasoning_tokens: 'count',
      time_to_first_token_ms: 'millis',
    },
  },
  tool: {
    table: 'tools',
    key: ['trace_id', 'id'],
    fields: {
      trace_id: 'id',
      id: 'id',
      span_id: 'id',
      run_span_id: 'id',
      name: 'label',
      arguments: 'json',
      output: 'json',
      status: 'status',
      error: 'json',
      started_at: 'time',
      ended_at: 'time',
    },
  },
} as const satisfies Record<RecordKind, RecordShape>;

type Definition<K extends RecordKind> = (typeof RECORDS)[K];
type KeyField<K extends RecordKind> = Definition<K>['key'][number];
type Value<
  K extends RecordKind,
  F extends keyof Definition<K>['fields'],
> = Definition<K>['fields'][F] extends FieldType ? FieldTypes[Definition<K>['fields'][F]] : never;
type Flat<T> = { [F in keyof T]: T[F] } & {};

/**
 * A record of one kind. Its key is required. Every other field may be absent or null, which both mean
 * "unknown" and never overwrite a stored value.
 */
export type RecordOf<K extends RecordKind> = Flat<
  {
    -readonly [F in keyof Definition<K>['fields'] as F extends KeyField<K> ? F : never]: Value<
      K,
      F
    >;
  } & {
    -readonly [F in keyof Definition<K>['fields'] as F extends KeyField<K> ? never : F]?:
      | Value<K, F>
      | null
      | undefined;
  }
>;

export type SessionRecord = RecordOf<'session'>;
export type TraceRecord = RecordOf<'trace'>;
export type SpanRecord = RecordOf<'span'>;
export type PromptRecord = RecordOf<'prompt'>;
export type CompletionRecord = RecordOf<'completion'>;
export type ToolRecord = RecordOf<'tool'>;

/** The name of one of the six tables, which is also the name of a list in a batch. */
export type TableName = Definition<RecordKind>['table'];

/** Records by table, as in a batch. */
export type RecordLists = {
  [K in RecordKind as Definition<K>['table']]: RecordOf<K>[];
};

/** The sender of a batch, and how many records that process has made, sent and lost so far. */
export interface SdkReport {
  name: string;
  version: string;
  /** Generated once per process. */
  process_id: string;
  /** Records made since the process began. */
  created: number;
  /** Records acknowledged by the server, before this batch. */
  sent: number;
  /** Records dropped, for any reason. */
  dropped: number;
}

/** The body of `POST /v1/batch`. Absent lists are empty. */
export type Batch = {
  /** UUIDv7, generated once; a batch that is sent again under the same id is stored once. */
  batch_id: string;
  sdk?: SdkReport | null | undefined;
} & Partial<RecordLists>;

/** Six empty lists to fill. */
export function emptyLists(): RecordLists {
  return { sessions: [], traces: [], spans: [], prompts: [], completions: [], tools: [] };
}
