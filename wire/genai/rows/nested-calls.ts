/**
 * Merges the spans of one call that two libraries traced. Anthropic's SDK makes a span below that of an
 * instrumentation, and the OpenAI instrumentation one below LangChain's or Vercel's: a model call
 * directly below another model call is the same call, unless the two have different response ids. An
 * instrumentation may describe one call on the span of a function that made several.
 */
import type { Message, ModelCall } from '../provider/model.ts';
import { fillCallColumns } from './call-columns.ts';
import type { ParsedItem } from './tool-rows.ts';

/** The outer span gets what only the inner one knows, and the inner one makes no rows. */
export function mergeNestedCalls(spans: readonly ParsedItem[]): void {
  const calls = new Map<string, ParsedItem>();
  for (const each of spans) if (isCall(each)) calls.set(each.span.span_id, each);
  for (const inner of spans) {
    if (!isCall(inner)) continue;
    const outer = outermost(calls, inner);
    if (outer === undefined || outer === inner) continue;
    const { call } = inner.parsed;
    if (call === undefined || outer.parsed.call === undefined) continue;
    if (areDifferent(outer.parsed.call, call)) continue;
    completeCall(outer.parsed.call, call);
    inner.repeats = true;
  }
}

function isCall({ parsed }: ParsedItem): boolean {
  return parsed.kind === 'llm' && parsed.call !== undefined;
}

function parentOf(
  calls: ReadonlyMap<string, ParsedItem>,
  { span }: ParsedItem,
): ParsedItem | undefined {
  const parent = span.parent_span_id === null ? undefined : calls.get(span.parent_span_id);
  return parent?.span.trace_id === span.trace_id ? parent : undefined;
}

/** Bounded, because a span may name itself or its own child as its parent. */
function outermost(
  calls: ReadonlyMap<string, ParsedItem>,
  inner: ParsedItem,
): ParsedItem | undefined {
  let outer: ParsedItem | undefined;
  let parent = parentOf(calls, inner);
  for (let level = 0; parent !== undefined && level < 8; level++) {
    outer = parent;
    parent = parentOf(calls, parent);
  }
  return parent === undefined ? outer : undefined;
}

function areDifferent(
  { response_id: outer }: ModelCall,
  { response_id: inner }: ModelCall,
): boolean {
  return outer !== null && inner !== null && outer !== inner;
}

function completeCall(outer: ModelCall, inner: ModelCall): void {
  fillCallColumns(outer, inner);
  if (outer.prompts.length === 0) outer.prompts = inner.prompts;
  if (outer.choices.length === 0) outer.choices = inner.choices;
  if (!outer.finish_reasons.some(Boolean) && !outer.choices.some(hasFinish)) {
    outer.finish_reasons = inner.finish_reasons;
  }
}

function hasFinish({ finish_reason }: Message): boolean {
  return finish_reason !== null;
}
