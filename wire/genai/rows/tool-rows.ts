/** Tool rows of one span: what it requested, what it ran, and the results in its request. */

import { parseJsonTextOrNull } from '../../json.ts';
import type { ToolRecord } from '../../records.ts';
import { isId } from '../../values.ts';
import type { OtelSpan } from '../forms/otel-span.ts';
import type { Message, ModelCall, ParsedSpan, ToolCall } from '../provider/model.ts';
import type { SpanReading } from '../reader/read-span.ts';
import type { Outcome } from './outcome.ts';

/** One span, parsed. */
export interface ParsedItem {
  span: OtelSpan;
  parsed: SpanReading;
  outcome: Outcome;
}

/** The tool rows of one span. The database merges those of one call, by the id or by name and arguments. */
export function toolRecords({ span, parsed: { call, tool }, outcome }: ParsedItem): ToolRecord[] {
  return [
    ...(call === undefined ? [] : requested(span, call)),
    ...(tool === undefined ? [] : [run(span, tool, outcome)]),
    ...(call === undefined ? [] : answered(span, call.prompts)),
  ];
}

/** First source: the model requested the call. What the provider ran has no span of its own. */
function requested(span: OtelSpan, { choices, attach_to_span_id }: ModelCall): ToolRecord[] {
  const span_id = attach_to_span_id ?? span.span_id;
  const calls = choices.flatMap((choice) => choice.calls);
  return calls.map((call, index) => ({
    trace_id: span.trace_id,
    id: call.id !== null && isId(call.id) ? call.id : `${span_id}:${index}`,
    span_id,
    name: call.name,
    arguments: call.arguments,
    ...(call.run ? { output: call.run.output } : {}),
    ...(call.run?.failed ? { status: 'error' as const } : {}),
  }));
}

/**
 * Second source: the span of the tool. A row whose id is its run_span_id makes `ingest()` find the call: the
 * span does not know its id.
 */
function run(
  span: OtelSpan,
  tool: NonNullable<ParsedSpan['tool']>,
  { status, error }: Outcome,
): ToolRecord {
  return {
    trace_id: span.trace_id,
    id: tool.id !== null && isId(tool.id) ? tool.id : span.span_id,
    run_span_id: span.span_id,
    name: tool.name ?? span.name,
    arguments: tool.arguments,
    output: tool.output,
    status,
    error,
    started_at: span.started_at,
    ended_at: span.ended_at,
  };
}

/**
 * Third source: the next request has the result. Only results after the last answer count: older ones
 * are history, and may belong to another trace of the same conversation. A result without the id of its
 * call, as most of Gemini's, has the id `<span>:result:<place>`, which makes `ingest()` find the call.
 */
function answered(span: OtelSpan, prompts: readonly Message[]): ToolRecord[] {
  const last = prompts.findLastIndex(({ role }) => role === 'assistant');
  if (last < 0) return [];
  let first = last;
  while (first > 0 && prompts[first - 1]?.role === 'assistant') first -= 1;
  const calls = prompts.slice(first, last + 1).flatMap((message) => message.calls);
  const byId = new Map(calls.map((call) => [call.id, call]));
  const takeNext = unnamedCalls(calls);
  return prompts.slice(last + 1).flatMap(({ result }, place) => {
    if (result === null || (result.id !== null && !isId(result.id))) return [];
    const call = result.id === null ? takeNext(result.name) : byId.get(result.id);
    if (result.id === null && call === undefined) return [];
    return {
      trace_id: span.trace_id,
      id: result.id ?? `${span.span_id}:result:${place}`,
      name: call?.name ?? result.name,
      arguments: call?.arguments ?? null,
      output: parseJsonTextOrNull(result.output),
      ...(result.failed ? { status: 'error' as const } : {}),
    };
  });
}

/** Results without ids are in the order of the calls of their name; one without a name answers any. */
function unnamedCalls(calls: readonly ToolCall[]): (name: string | null) => ToolCall | undefined {
  const byName = new Map<string | null, ToolCall[]>();
  for (const call of calls) {
    if (call.id !== null) continue;
    for (const name of new Set([call.name, null])) {
      const list = byName.get(name);
      if (list === undefined) byName.set(name, [call]);
      else list.push(call);
    }
  }
  const next = new Map<string | null, number>();
  return (name) => {
    const index = next.get(name) ?? 0;
    next.set(name, index + 1);
    return byName.get(name)?.[index];
  };
}
