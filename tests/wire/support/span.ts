/** Spans for tests: everything has a default except the attributes. */

import type { Attributes, OtelEvent, OtelSpan } from '../../../wire/genai/forms/otel-span.ts';
import { toRecords } from '../../../wire/genai/index.ts';
import type {
  CompletionRecord,
  PromptRecord,
  SpanRecord,
  ToolRecord,
} from '../../../wire/records.ts';

export const TRACE = '0af7651916cd43dd8448eb211c80319c';

export function spanWith(attributes: Attributes, more: Partial<OtelSpan> = {}): OtelSpan {
  return {
    trace_id: TRACE,
    span_id: 'b7ad6b7169203331',
    parent_span_id: null,
    name: 'span',
    kind: 1,
    status_code: 0,
    status_message: null,
    started_at: '2026-01-02T03:04:05.000000Z',
    ended_at: '2026-01-02T03:04:06.000000Z',
    attributes: Object.assign(Object.create(null), attributes),
    events: [],
    scope_name: 'test',
    scope_version: null,
    resource: Object.create(null),
    ...more,
  };
}

export function eventWith(name: string, attributes: Attributes): OtelEvent {
  return { name, time: '2026-01-02T03:04:05.250000Z', attributes };
}

/** The rows of one span. */
export function rowsOf(
  attributes: Attributes,
  more: Partial<OtelSpan> = {},
): {
  span: SpanRecord;
  prompts: PromptRecord[];
  completions: CompletionRecord[];
  tools: ToolRecord[];
} {
  const { spans, prompts, completions, tools } = toRecords([spanWith(attributes, more)]);
  return { span: spans[0] as SpanRecord, prompts, completions, tools };
}

/** A chat span by the GenAI conventions. */
export function chat(attributes: Attributes = {}): Attributes {
  return { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', ...attributes };
}

export function json(value: unknown): string {
  return JSON.stringify(value);
}
