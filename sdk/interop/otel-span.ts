/** Spans in the form that `wire/genai` parses, and what they describe. */
import {
  isGenAiSpan,
  type Attributes as OtelAttributes,
  type OtelSpan,
  readSpan,
} from '../../wire/genai/index.ts';
import { cleanText } from '../../wire/text.ts';
import { isoTime } from '../platform/clock.ts';
import type { GenAiSpan } from './otel-types.ts';

/** A span of a tracer as an OTLP receiver gets it. */
export function toOtelSpan(span: GenAiSpan): OtelSpan {
  const { otelAttributes, lost } = span;
  return {
    trace_id: span.trace.id,
    span_id: span.id,
    parent_span_id: span.parentId,
    name: cleanText(span.name),
    // The kinds of OTLP are those of the API plus one.
    kind: span.otelKind + 1,
    status_code: span.statusCode,
    status_message: span.statusMessage,
    started_at: isoTime(span.startedAt),
    ended_at: span.isEnded ? isoTime(span.endedAt) : null,
    attributes: lost > 0 ? { ...otelAttributes, 'agensight.lost': lost } : otelAttributes,
    events: span.otelEvents.map(({ name, atMillis, attributes }) => ({
      name,
      time: isoTime(atMillis),
      attributes,
    })),
    scope_name: span.scope.name,
    scope_version: span.scope.version,
    resource: {},
  };
}

/** Whether the attributes of a span describe a model call. */
export const isModelCall = (span: GenAiSpan): boolean => isParsedAsModelCall(toOtelSpan(span));

/** Whether attributes describe a model call, an agent or a tool of any producer. */
export const hasGenAiAttributes = (attributes: object): boolean =>
  isGenAiSpan(attributes as OtelAttributes);

function isParsedAsModelCall(span: OtelSpan): boolean {
  try {
    const { kind } = readSpan(span);
    return kind === 'llm' || kind === 'embedding';
  } catch {
    return false;
  }
}
