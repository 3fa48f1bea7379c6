/** Fills a database with millions of spans within minutes: set-based SQL, with the data of {@link SpanSource}. */
import type pg from 'pg';

/**
 * The kind of ids. Trace ids of our SDK begin with the time, those of other clients are random. Session ids
 * come from the application: they begin with the time, as UUIDv7 does, or are random.
 */
export type Ids = 'ours' | 'random sessions' | 'random';

const SPANS_PER_TRACE = 6;
const TRACES_PER_CHUNK = 20_000;
/** Between the starts of two traces; a million spans then cover two days. */
const MILLIS_PER_TRACE = 1000;

/** Start of the trace of the n-th span, in a project whose first span began at `start`. */
export const millisOf = (span: number, start: number): number =>
  start + Math.floor(span / SPANS_PER_TRACE) * MILLIS_PER_TRACE;

/** Start of a project whose last span begins now. */
export const startOf = (spans: number): number => Date.now() - millisOf(spans, 0);

/** Words with the frequencies of a language: few of them are frequent, most are rare. */
const TEXTS = `
  create temp table words as
    select n, substr(translate(md5(n::text), '0123456789', 'ghijklmnop'), 1, 2 + n % 8) as word
    from generate_series(1, 20000) n;
  create temp table texts as
    select t as number, left(string_agg(w.word, ' '), 600) as body
    from (select t, (1 + 19999 * power(random(), 3))::integer as n
          from generate_series(0, 1999) t, generate_series(1, 140)) r
    join words w on w.n = r.n group by t;
  create unique index on texts (number);
  analyze texts`;

/**
 * Fills a project from one number of spans up to another, with the rows that ingest() would have written.
 *
 * Triggers are disabled, so the totals are written directly. Texts are chosen from two thousand texts of
 * 600 characters with a vocabulary of twenty thousand words.
 */
export async function fill(
  client: pg.Client,
  project: string,
  ids: Ids,
  { from, to, start }: { from: number; to: number; start: number },
): Promise<void> {
  await client.query("set session_replication_role = replica; set work_mem = '64MB'");
  const { rowCount } = await client.query(
    "select from pg_tables where tablename = 'texts' and schemaname like 'pg_temp%'",
  );
  if (!rowCount) await client.query(TEXTS);
  const [first, last] = [from / SPANS_PER_TRACE, to / SPANS_PER_TRACE].map(Math.floor) as [
    number,
    number,
  ];
  for (let n = first; n < last; n += TRACES_PER_CHUNK) {
    await client.query(chunk(project, ids, n, Math.min(n + TRACES_PER_CHUNK, last), start));
  }
  await client.query('reset session_replication_role; reset work_mem');
  await client.query('vacuum (analyze)');
}

function chunk(project: string, ids: Ids, first: number, end: number, start: number): string {
  const owner = `'${project}'::uuid`;
  const random = 'md5(random()::text)';
  const ordered = (at: string, digits: string) =>
    `to_hex(extract(epoch from ${at})::bigint) || left(${digits}, 24)`;
  const id = ids === 'random' ? random : ordered('at', random);
  const session = "md5('session' || n / 5)";
  const begun = `to_timestamp(${start} / 1000.0) + n / 5 * 5 * interval '${MILLIS_PER_TRACE} milliseconds'`;
  const sessionId = ids === 'ours' ? ordered(begun, session) : session;
  const body = (seed: string) => `(select body from texts where number = (${seed}) % 2000)`;
  return `
    create temp table chunk on commit drop as
      select n, at, ${id} as id, ${sessionId} as session_id
      from (select n, to_timestamp(${start} / 1000.0) + n * interval '${MILLIS_PER_TRACE} milliseconds' as at
            from generate_series(${first}, ${end - 1}) n) t;
    insert into agensight.sessions (project_id, id, name, user_id, mode, started_at, ended_at, metadata, trace_count,
        span_count, llm_call_count, prompt_tokens, completion_tokens, total_tokens, received_at)
      select ${owner}, session_id, 'chat', 'user-' || min(n) / 5 % 1000, 'prod', min(at), max(at) + interval '4 seconds',
        '{"app": "demo", "version": "1.2.3"}', count(*), count(*) * 6, count(*) * 3, count(*) * 2436, count(*) * 462,
        count(*) * 2898, min(at)
      from chunk group by session_id on conflict do nothing;
    insert into agensight.traces (project_id, id, session_id, name, mode, status, started_at, ended_at, tags, metadata,
        span_count, error_count, llm_call_count, prompt_tokens, completion_tokens, total_tokens, total_cost, received_at)
      select ${owner}, id, session_id, 'answer question', 'prod', 'ok', at, at + (n % 97) * interval '150 milliseconds',
        array['tag-' || n % 500], jsonb_build_object('env', 'prod', 'release', 'r' || n % 1000), 6, (n % 5 = 0)::integer,
        3, 2436, 462, 2898, 0.002 + (n % 1009) * 0.0001, at
      from chunk order by n;
    create temp table steps on commit drop as
      select c.n, c.at, c.id as trace_id, place, left(${random}, 16) as id from chunk c, generate_series(0, 5) place;
    analyze steps;
    insert into agensight.spans (project_id, trace_id, id, parent_id, name, kind, mode, status, error, started_at, ended_at, attributes)
      select ${owner}, trace_id, id, case when place > 0 then min(id) filter (where place = 0) over (partition by trace_id) end,
        case when place % 2 = 1 then 'chat.completions' when place = 0 then 'agent.run' else 'step ' || place end,
        case when place % 2 = 1 then 'llm' when place = 0 then 'agent' else 'chain' end, 'prod',
        case when place = 3 and n % 5 = 0 then 'error' else 'ok' end,
        case when place = 3 and n % 5 = 0 then jsonb_build_object('type', 'Error' || n % 211, 'message', 'upstream said ' || n % 503) end,
        at + place * interval '600 milliseconds', at + place * interval '600 milliseconds' + (n % 89) * interval '12 milliseconds',
        jsonb_build_object('gen_ai.system', 'openai', 'gen_ai.operation.name', 'chat', 'server.address', 'api.openai.com',
          'thread.id', n, 'code.function', 'answer', 'code.filepath', '/srv/app/services/answering/question.ts',
          'user.id', 'user-' || n % 1000, 'deployment.environment', 'production', 'service.name', 'agent-backend',
          'note', left(${body('n * 7 + place')}, 180))
      from steps order by n, id;
    insert into agensight.message_lists (project_id, trace_id, span_id, hashes, roles, contents)
      select ${owner}, trace_id, id, array_agg(hashtext(body) order by message),
        array['system', 'user', 'assistant', 'user'], array_agg(body order by message)
      from (select n, trace_id, id, message, left(${body('n * 31 + place * 5 + message * 17')}, 400) as body
            from steps, generate_series(0, 3) message where place % 2 = 1) sent
      group by n, trace_id, id order by n, id;
    insert into agensight.completions (project_id, trace_id, span_id, completion_index, role, content, finish_reason, model,
        provider, prompt_tokens, completion_tokens, total_tokens, time_to_first_token_ms)
      select ${owner}, trace_id, id, 0, 'assistant', ${body('n * 13 + place * 3')}, 'stop',
        case when n % 200 = 0 then 'o3-pro' else 'gpt-4o-mini' end, 'openai', 812, 154, 966, 100 + n % 900
      from steps where place % 2 = 1 order by n, id;
    insert into agensight.tools (project_id, trace_id, id, span_id, name, arguments, output, status)
      select ${owner}, trace_id, 'call_' || id, id, case when n % 300 = 0 then 'refund' else 'search_web' end,
        jsonb_build_object('query', left(${body('n * 3 + place')}, 70), 'limit', 10),
        to_jsonb(left(${body('n * 11 + place')}, 300)), 'ok'
      from steps where place % 2 = 1 order by n, id`;
}
