/**
 * Traces and spans of the OpenAI Agents SDK (Python and JavaScript) as its own exporter sends them →
 * records. Loaded with the first such request.
 * @see https://openai.github.io/openai-agents-python/ref/tracing/span_data/
 */
import * as z from 'zod/mini';
import {
  emptySpan,
  type OtelSpan,
  type PartialSpan,
  sessionRecords,
  toPartialRecords,
} from '../../wire/genai/index.ts';
import { LIMITS } from '../../wire/protocol.ts';
import type { RecordLists, TraceRecord } from '../../wire/records.ts';
import { cleanText } from '../../wire/text.ts';
import { isId, isObject, type UnknownObject } from '../../wire/values.ts';
import { HttpError, malformed, tooLarge } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import { boundJson } from '../validation/bound-json.ts';
import type { Rejections } from '../validation/rejections.ts';
import { optionalText, sentId, sentTime } from '../validation/sent-fields.ts';

/** `{data: [trace | span]}` */
export const ingestSchema = z.object({ data: z.array(z.unknown()) });

const traceSchema = z.object({
  id: sentId,
  workflow_name: optionalText,
  group_id: optionalText,
  metadata: z.optional(z.unknown()),
});

const spanSchema = z.object({
  id: sentId,
  trace_id: sentId,
  parent_id: z.nullish(sentId),
  started_at: optionalText,
  ended_at: optionalText,
  span_data: z.optional(z.unknown()),
  error: z.optional(z.unknown()),
});

type Span = z.output<typeof spanSchema>;

/** The records of a body, or why it has none. */
export function decodeTraces(body: Buffer, rejections: Rejections): RecordLists | HttpError {
  const decoded = decodeJson(body);
  if (decoded instanceof HttpError) return decoded;
  const sent = ingestSchema.safeParse(decoded.value);
  if (!sent.success) return malformed('The body must be {"data": [...]}.');
  const { data } = sent.data;
  if (data.length > LIMITS.maxRecordsPerBatch) {
    return tooLarge(`A body may hold at most ${LIMITS.maxRecordsPerBatch} traces and spans.`);
  }
  const traces: z.output<typeof traceSchema>[] = [];
  const messages: PartialSpan[] = [];
  for (const [place, item] of data.entries()) {
    const isTrace = isObject(item) && item.object === 'trace';
    const read = isTrace ? traceSchema.safeParse(item) : spanSchema.safeParse(item);
    if (!read.success) {
      const [issue] = read.error.issues;
      const field = issue?.path.join('.') ?? '';
      const reason = issue?.message ?? 'is invalid';
      rejections.add({ kind: isTrace ? 'trace' : 'span', id: `data[${place}]`, field, reason });
    } else if (isTrace) traces.push(read.data as z.output<typeof traceSchema>);
    else messages.push(messageOf(read.data as Span));
  }
  return withTraces(toPartialRecords(messages), traces);
}

/** A span in the terms of OpenTelemetry's GenAI conventions. The trace states what it is called itself. */
function messageOf({ id: span_id, trace_id, parent_id, ...given }: Span): PartialSpan {
  const data = isObject(given.span_data) ? given.span_data : {};
  const error = isObject(given.error) ? given.error : null;
  const name = textIn(data.name) ?? textIn(data.type) ?? '';
  const span: OtelSpan = {
    ...emptySpan(),
    trace_id,
    span_id,
    parent_span_id: parent_id ?? null,
    name: cleanText(name),
    status_code: error === null ? 0 : 2,
    status_message: error === null ? null : cleanText(textIn(error.message) ?? 'error'),
    started_at: sentTime(given.started_at),
    ended_at: sentTime(given.ended_at),
    attributes: attributesOf(data, error),
    scope_name: 'openai-agents',
  };
  return { span, hasParent: parent_id != null, hasKind: true };
}

/** Fields of `span_data` that have an attribute of the conventions, by type. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  agent: { name: 'gen_ai.agent.name' },
  function: {
    name: 'gen_ai.tool.name',
    input: 'gen_ai.tool.call.arguments',
    output: 'gen_ai.tool.call.result',
  },
  generation: {
    model: 'gen_ai.request.model',
    input: 'gen_ai.input.messages',
    output: 'gen_ai.output.messages',
  },
  response: {
    response_id: 'gen_ai.response.id',
    model: 'gen_ai.request.model',
    input: 'gen_ai.input.messages',
    output: 'gen_ai.output.messages',
  },
};

/** The operation of the conventions; other types are steps of their own name. */
const OPERATIONS: Readonly<Record<string, string>> = {
  agent: 'invoke_agent',
  function: 'execute_tool',
  generation: 'chat',
  response: 'chat',
};

function attributesOf(data: UnknownObject, error: UnknownObject | null): OtelSpan['attributes'] {
  const attributes: OtelSpan['attributes'] = Object.create(null);
  const set = (key: string, value: unknown): void => {
    if (value != null) attributes[key] = boundJson(value);
  };
  const type = textIn(data.type) ?? '';
  const fields = FIELDS[type] ?? {};
  set('gen_ai.operation.name', OPERATIONS[type]);
  if (type === 'generation' || type === 'response') {
    set('gen_ai.provider.name', 'openai');
    const { input_tokens, output_tokens, total_tokens, ...more } = isObject(data.usage)
      ? data.usage
      : {};
    set('gen_ai.usage.input_tokens', input_tokens);
    set('gen_ai.usage.output_tokens', output_tokens);
    set('gen_ai.usage.total_tokens', total_tokens);
    const input = isObject(more.input_tokens_details) ? more.input_tokens_details : {};
    const output = isObject(more.output_tokens_details) ? more.output_tokens_details : {};
    set('gen_ai.usage.cache_read.input_tokens', input.cached_tokens);
    set('gen_ai.usage.reasoning.output_tokens', output.reasoning_tokens);
  }
  for (const [key, value] of Object.entries(data)) {
    if (key === 'usage' || (key === 'name' && fields.name === undefined)) continue;
    set(fields[key] ?? `openai_agents.${key}`, value);
  }
  if (error !== null) set('openai_agents.error', error.data);
  return attributes;
}

function withTraces(
  lists: RecordLists,
  traces: readonly z.output<typeof traceSchema>[],
): RecordLists {
  const rows = new Map<string, TraceRecord>(lists.traces.map((row) => [row.id, row]));
  for (const { id: trace, workflow_name: name, group_id: group, metadata } of traces) {
    const row = rows.get(trace);
    const session_id = group != null && isId(group) ? group : null;
    rows.set(trace, {
      ...row,
      id: trace,
      name: name == null ? null : cleanText(name),
      session_id,
      metadata: metadata == null ? null : boundJson(metadata),
    });
  }
  const known = [...rows.values()];
  return { ...lists, traces: known, sessions: sessionRecords(known) };
}

const textIn = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
