/** What each model call of a capture must show, and where. */
import type { Capture, ExpectedCall, SpanFacts } from './capture.ts';
import { type Accepted, expectedUsage, type TokenColumn } from './expected-usage.ts';
import { clean, form, type Json } from './values.ts';

export interface PlannedCall {
  call: ExpectedCall;
  traceId: string;
  /** Spans that the rows may belong to, the preferred one first. */
  candidates: string[];
  own: SpanFacts;
  facts: SpanFacts[];
  missing: ReadonlySet<string>;
  usage: Record<TokenColumn, Accepted>;
  /** Whether this value is on the wire, in a place that the corpus documents. */
  has: (key: string, value?: Json) => boolean;
}

export function planOf({ expected, facts }: Capture): PlannedCall[] {
  const own = new Set(expected.llm_calls.map(({ wire }) => wire.span_id));
  const traceOf = new Map(expected.spans.map((span) => [span.span_id, span.trace_id]));
  return expected.llm_calls.flatMap((call) => {
    const { wire } = call;
    const first = facts.get(wire.span_id);
    if (wire.exported === false || first === undefined) return [];
    const candidates = [wire.span_id];
    const onParent = wire.found_on_parent;
    // Mastra has the messages one span above the usage: rows may belong to either.
    if (onParent !== undefined && Object.values(onParent.at).flat().some(isMastra))
      candidates.push(onParent.span_id);
    // A call that Anthropic's SDK reports too may belong to either span, not to both.
    for (const { span_id, scope } of wire.same_call_also_on ?? []) {
      if (scope === 'com.anthropic.sdk.typescript' && !own.has(span_id)) candidates.push(span_id);
    }
    const all = candidates.flatMap((id) => facts.get(id) ?? []);
    const missing = new Set(wire.missing ?? []);
    const has = (key: string, value?: Json): boolean => {
      const above = onParent?.at[key];
      if (above !== undefined && !wire.found_at?.[key]?.length) return above.some(isMastra);
      if (!missing.has(key)) return true;
      if (value === null || value === undefined) return false;
      const wanted = typeof value === 'string' ? clean(value) : form(value);
      return all.some(({ texts }) => texts.has(wanted));
    };
    const traceId = wire.trace_id ?? traceOf.get(wire.span_id) ?? '';
    return [
      {
        call,
        traceId,
        candidates,
        own: first,
        facts: all,
        missing,
        usage: expectedUsage(call),
        has,
      },
    ];
  });
}

function isMastra(path: string): boolean {
  return path.startsWith('mastra.');
}
