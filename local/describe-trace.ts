import { createClient } from '@supabase/supabase-js';
import { DATABASE_SCHEMA } from '../wire/protocol.ts';
import type {
  CompletionRecord,
  PromptRecord,
  SessionRecord,
  SpanRecord,
  ToolRecord,
  TraceRecord,
} from '../wire/records.ts';

type Stored<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };
type Totals = { span_count: number; error_count: number; total_tokens: number };

/** URL and secret key of the Supabase API. */
export interface Access {
  SUPABASE_URL: string;
  SUPABASE_SECRET_KEY: string;
}

/**
 * The newest trace of a project as text, read from the six tables through supabase-js.
 *
 * @throws Error when a table cannot be read or the project has no trace
 */
export async function describeNewestTrace(access: Access, projectId: string): Promise<string> {
  const client = createClient(access.SUPABASE_URL, access.SUPABASE_SECRET_KEY, {
    db: { schema: DATABASE_SCHEMA },
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const rowsOf = async <Row>(table: string, filter: Record<string, string>, order: string[]) => {
    let query = client
      .from(table)
      .select('*')
      .match({ project_id: projectId, ...filter });
    for (const column of order) query = query.order(column);
    const { data, error } = await query;
    if (error) throw new Error(`Cannot read ${table}: ${error.message}`, { cause: error });
    return data as Row[];
  };

  const { data: newest, error } = await client
    .from('traces')
    .select('*')
    .eq('project_id', projectId)
    .order('started_at', { ascending: false })
    .limit(1);
  if (error) throw new Error(`Cannot read traces: ${error.message}`, { cause: error });
  const trace = newest[0] as (Stored<TraceRecord> & Totals) | undefined;
  if (!trace) throw new Error('The project has no trace.');

  const ofTrace = { trace_id: trace.id };
  const [sessions, spans, prompts, completions, tools] = await Promise.all([
    trace.session_id ? rowsOf<Stored<SessionRecord>>('sessions', { id: trace.session_id }, []) : [],
    rowsOf<Stored<SpanRecord>>('spans', ofTrace, ['started_at']),
    rowsOf<Stored<PromptRecord>>('prompts', ofTrace, ['span_id', 'message_index']),
    rowsOf<Stored<CompletionRecord>>('completions', ofTrace, ['span_id', 'completion_index']),
    rowsOf<Stored<ToolRecord>>('tools', ofTrace, ['id']),
  ]);
  return [
    heading('sessions'),
    ...sessions.map((s) => `  ${s.id}  name ${s.name ?? '–'}  user ${s.user_id ?? '–'}`),
    heading('traces'),
    `  ${trace.id}  ${trace.name}  session ${trace.session_id ?? '–'}  ${duration(trace)}  ` +
      `${trace.status}  ${trace.span_count} spans  ${trace.total_tokens} tokens`,
    heading('spans'),
    ...tree(spans, null, '  '),
    heading('prompts'),
    ...prompts.map((p) => `  ${p.span_id} #${p.message_index}  ${p.role}: ${short(p.content)}`),
    heading('completions'),
    ...completions.map(
      (c) =>
        `  ${c.span_id} #${c.completion_index}  ${c.role ?? 'assistant'}: ${short(c.content)}  ` +
        `[${c.model ?? 'model unknown'}, ${c.prompt_tokens ?? '?'} + ${c.completion_tokens ?? '?'} tokens]`,
    ),
    heading('tools'),
    ...tools.map((t) => `  ${t.id}  ${t.name}  ${short(JSON.stringify(t.arguments))}`),
    '',
  ].join('\n');
}

function heading(table: string): string {
  return `\n${table}`;
}

function tree(
  spans: readonly Stored<SpanRecord>[],
  parent: string | null,
  indent: string,
): string[] {
  const ids = new Set(spans.map(({ id }) => id));
  return spans
    .filter((span) =>
      parent === null
        ? span.parent_id === null || !ids.has(span.parent_id)
        : span.parent_id === parent,
    )
    .flatMap((span) => [
      `${indent}${span.name}  (${span.kind ?? 'span'}, ${duration(span)}, ${span.status ?? 'unset'})  ${span.id}`,
      ...tree(spans, span.id, `${indent}  `),
    ]);
}

function duration({
  started_at,
  ended_at,
}: {
  started_at: string | null;
  ended_at: string | null;
}): string {
  if (started_at === null || ended_at === null) return 'running';
  return `${((micros(ended_at) - micros(started_at)) / 1000).toFixed(1)} ms`;
}

/** Microseconds since 1970; Date alone stops at milliseconds. */
function micros(timestamp: string): number {
  const fraction = /\.(\d+)/.exec(timestamp)?.[1] ?? '';
  const seconds = Math.floor(Date.parse(timestamp) / 1000);
  return seconds * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

function short(text: string | null): string {
  if (text === null) return '–';
  return text.length > 72 ? `${text.slice(0, 71)}…` : text;
}
