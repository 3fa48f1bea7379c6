/** Tool rows, merged from three sources: the call, the span of the tool, and the next request. */

import { parseJsonTextOrNull } from '../../json.ts';
import type { ToolRecord } from '../../records.ts';
import { isId } from '../../values.ts';
import type { OtelSpan } from '../dialects/span.ts';
import type { Message, ParsedSpan } from '../provider/model.ts';
import type { Outcome } from './outcome.ts';
import { RequestedCalls } from './requested-calls.ts';
import { UnnamedCalls } from './unnamed-calls.ts';

/** One span, parsed. */
export interface ParsedItem {
  span: OtelSpan;
  parsed: ParsedSpan;
  outcome: Outcome;
  /** Another span describes the same call; this one makes no prompts and completions. */
  repeats?: boolean;
}

/** Rows by trace and call id; a known field is never replaced. */
class ToolRows {
  readonly #rows = new Map<string, ToolRecord>();

  fill(row: ToolRecord): void {
    const key = `${row.trace_id} ${row.id}`;
    const known = this.#rows.get(key);
    if (known === undefined) this.#rows.set(key, row);
    else {
      const filled: { [key: string]: unknown } = known;
      for (const field in row) filled[field] ??= row[field as keyof ToolRecord];
    }
  }

  list(): ToolRecord[] {
    return [...this.#rows.values()];
  }
}

/** The tool rows of a batch. Spans come in the order in which they started. */
export function toolRecords(spans: readonly ParsedItem[]): ToolRecord[] {
  const rows = new ToolRows();
  const requested = new RequestedCalls();
  const calls = spans.filter(({ parsed, repeats }) => parsed.call !== undefined && !repeats);
  for (const { span, parsed } of calls) addCalls(rows, requested, span, parsed);
  const joined = new Map<string, string>();
  for (const each of spans) {
    if (each.parsed.tool === undefined) continue;
    // A span that was sent twice must not take a second call.
    const key = `${each.span.trace_id} ${each.span.span_id}`;
    const id = joined.get(key) ?? runId(requested, each);
    joined.set(key, id);
    fillRun(rows, each, id);
  }
  for (const { span, parsed } of calls) {
    fillResults(rows, requested, span, parsed.call?.prompts ?? []);
  }
  return rows.list();
}

/** First source: the model requested the call. */
function addCalls(
  rows: ToolRows,
  requested: RequestedCalls,
  span: OtelSpan,
  { call: model }: ParsedSpan,
): void {
  const span_id = model?.attach_to_span_id ?? span.span_id;
  let index = 0;
  for (const choice of model?.choices ?? []) {
    for (const call of choice.calls) {
      const id = call.id !== null && isId(call.id) ? call.id : `${span_id}:${index}`;
      index += 1;
      rows.fill({
        trace_id: span.trace_id,
        id,
        span_id,
        name: call.name,
        arguments: call.arguments,
        ...(call.run ? { output: call.run.output } : {}),
        ...(call.run?.failed ? { status: 'error' as const } : {}),
      });
      // What the provider ran has no span of its own.
      if (!call.run) requested.add(id, span, call);
    }
  }
  // Some instrumentations lose the calls of a response, but the next request has them with their ids.
  for (const { calls } of answered(model?.prompts ?? []).asking) {
    for (const call of calls) {
      if (call.id !== null && isId(call.id)) requested.add(call.id, span, call);
    }
  }
}

/** Second source: the span of the tool. */
function fillRun(
  rows: ToolRows,
  { span, parsed: { tool }, outcome }: ParsedItem,
  id: string,
): void {
  rows.fill({
    trace_id: span.trace_id,
    id,
    run_span_id: span.span_id,
    name: tool?.name ?? span.name,
    arguments: tool?.arguments ?? null,
    output: tool?.output ?? null,
    status: outcome.status,
    error: outcome.error,
    started_at: span.started_at,
    ended_at: span.ended_at,
  });
}

/**
 * The id of the row of a tool span: its call id; without one, that of the requested call with the same
 * name and arguments, each call once, in order. When the batch has no such call, the id of the span: it
 * is the same however often the span is sent, and a row whose id is its run_span_id makes `ingest()`
 * look for the call in other batches.
 */
function runId(requested: RequestedCalls, { span, parsed: { tool } }: ParsedItem): string {
  if (tool === undefined) return span.span_id;
  if (tool.id !== null && isId(tool.id)) return tool.id;
  return requested.take(span, tool.name ?? span.name, tool.arguments) ?? span.span_id;
}

/**
 * Third source: the next request has the result. Only results after the last answer count: older ones
 * are history, and may belong to another trace of the same conversation.
 */
function fillResults(
  rows: ToolRows,
  requested: RequestedCalls,
  span: OtelSpan,
  prompts: readonly Message[],
): void {
  const { asking, results } = answered(prompts);
  if (results.length === 0) return;
  const calls = asking.flatMap((message) => message.calls);
  const byId = new Map(calls.map((call) => [call.id, call]));
  const unnamed = new UnnamedCalls(calls, (call) => requested.beforeRequest(span, call));
  for (const { result } of results) {
    if (result === null) continue;
    const call = result.id === null ? unnamed.take(result) : byId.get(result.id);
    const id = result.id ?? (call === undefined ? null : unnamed.idOf(call));
    if (id === null || !isId(id)) continue;
    rows.fill({
      trace_id: span.trace_id,
      id,
      name: call?.name ?? result.name,
      arguments: call?.arguments ?? null,
      output: parseJsonTextOrNull(result.output),
      ...(result.failed ? { status: 'error' as const } : {}),
    });
  }
}

/** The last turn of the model in a request, and the tool messages after it. */
function answered(prompts: readonly Message[]): { asking: Message[]; results: Message[] } {
  const last = prompts.findLastIndex(({ role }) => role === 'assistant');
  if (last < 0) return { asking: [], results: [] };
  let first = last;
  while (first > 0 && prompts[first - 1]?.role === 'assistant') first -= 1;
  return {
    asking: prompts.slice(first, last + 1),
    results: prompts.slice(last + 1).filter(({ result }) => result !== null),
  };
}
