/** The rows of a program without what differs in each run: ids, times and addresses. */
import type { RecordLists } from '../../wire/records.ts';

/** The facts that records tell, in an order that does not depend on that of arrival. */
export function factsOf(records: RecordLists): Record<string, unknown[]> {
  const spans = new Map(records.spans.map((span) => [span.id, span]));
  /** The names from the root of the trace down to the span. */
  const pathOf = (id: string | null | undefined): string => {
    const span = id ? spans.get(id) : undefined;
    if (!span) return id ? '?' : '';
    return `${pathOf(span.parent_id)}/${span.name}`;
  };
  const facts = {
    sessions: records.sessions.map(({ id }) => id),
    traces: records.traces.map(({ name, session_id, status, input, output }) => ({
      ...{ name, session_id, status, input, output },
    })),
    spans: records.spans.map(({ id, kind, status, error, input, output }) => ({
      ...{ path: pathOf(id), kind, status, error, input, output },
    })),
    prompts: records.prompts.map(({ span_id, message_index, role, content, tool_call_id }) => ({
      ...{ path: pathOf(span_id), message_index, role, content, tool_call_id },
    })),
    completions: records.completions.map(
      ({
        span_id,
        role,
        content,
        finish_reason,
        model,
        provider,
        total_tokens,
        cached_tokens,
      }) => ({
        ...{ path: pathOf(span_id), role, content, finish_reason },
        ...{ model, provider, total_tokens, cached_tokens },
      }),
    ),
    tools: records.tools.map(({ span_id, name, arguments: given, output, status }) => ({
      ...{ path: pathOf(span_id), name, given, output, status },
    })),
  };
  return Object.fromEntries(
    Object.entries(facts).map(([table, rows]) => [
      table,
      rows.map((row) => JSON.stringify(row)).sort(),
    ]),
  );
}
