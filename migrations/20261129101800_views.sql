-- Views for pages, bills and lists of errors, each read by one "select", also through the API.
-- They run with the rights of their reader, so row-level security holds in them.
--
-- Two kinds. A row per trace, session, call or error: conditions and order on started_at reach the index
-- of the table below, so a page costs the same however much is stored. And sums per day: they go day by
-- day through the traces of that day, so a condition on "day" reads those days alone, and without one a
-- window bounds the work. A call counts on the day that its trace began, in UTC, so that the sums agree
-- with those of the traces.

-- A row per trace, session, call or error ------------------------------------------------------------

create view agensight.trace_summary with (security_invoker = true) as
  select t.project_id, t.id, t.session_id, s.name as session_name, coalesce(t.user_id, s.user_id) as user_id,
         t.name, t.service_name, t.release, t.mode, t.status, t.error ->> 'message' as error_message,
         t.started_at, t.ended_at,
         (extract(epoch from t.ended_at - t.started_at) * 1000)::double precision as duration_ms,
         t.span_count, t.error_count, t.llm_call_count,
         (select count(*) from agensight.tools u where u.project_id = t.project_id and u.trace_id = t.id) as tool_call_count,
         t.prompt_tokens, t.completion_tokens, t.total_tokens, t.cached_tokens, t.cache_write_tokens,
         t.reasoning_tokens, t.total_cost,
         (select array_agg(distinct c.model order by c.model) from agensight.completions c
          where c.project_id = t.project_id and c.trace_id = t.id) as models,
         t.tags, t.metadata
  from agensight.traces t
  left join agensight.sessions s on s.project_id = t.project_id and s.id = t.session_id;
comment on view   agensight.trace_summary                 is 'One row per trace, ready for a list: its user, duration, cost and models. Order by started_at for a page.';
comment on column agensight.trace_summary.session_name    is 'The name of its session; null when it has none.';
comment on column agensight.trace_summary.user_id         is 'The application''s id of the end user, of the trace or else of its session.';
comment on column agensight.trace_summary.error_message   is 'The message of the error that ended the root; null when none did.';
comment on column agensight.trace_summary.duration_ms     is 'From the earliest start to the latest end, in milliseconds; null while nothing has ended.';
comment on column agensight.trace_summary.tool_call_count is 'Calls of tools.';
comment on column agensight.trace_summary.models          is 'The models that answered, each once, by name; null when none did.';

create view agensight.session_summary with (security_invoker = true) as
  select s.project_id, s.id, s.name, s.user_id, s.mode, s.started_at, s.ended_at,
         (extract(epoch from s.ended_at - s.started_at) * 1000)::double precision as duration_ms,
         (select t.status from agensight.traces t where t.project_id = s.project_id and t.session_id = s.id
          order by t.started_at desc, t.id desc limit 1) as last_status,
         s.trace_count, s.span_count, s.error_count, s.llm_call_count, s.prompt_tokens, s.completion_tokens,
         s.total_tokens, s.cached_tokens, s.cache_write_tokens, s.reasoning_tokens, s.total_cost, s.metadata
  from agensight.sessions s;
comment on view   agensight.session_summary             is 'One row per session, ready for a list: its user, last status and cost. Order by started_at for a page.';
comment on column agensight.session_summary.duration_ms is 'From the earliest moment seen to the last, in milliseconds.';
comment on column agensight.session_summary.last_status is 'The status of its latest trace: error when the conversation ended in one.';

create view agensight.llm_calls with (security_invoker = true) as
  select s.project_id, s.trace_id, s.id as span_id, t.session_id, coalesce(t.user_id, u.user_id) as user_id,
         t.name as trace_name, s.name, s.mode, c.provider, c.model, s.status, s.error ->> 'message' as error_message,
         s.started_at, s.ended_at,
         (extract(epoch from s.ended_at - s.started_at) * 1000)::double precision as duration_ms,
         c.time_to_first_token_ms, c.finish_reason, c.prompt_tokens, c.completion_tokens, c.total_tokens,
         c.cached_tokens, c.cache_write_tokens, c.reasoning_tokens, c.cost,
         coalesce((select coalesce((select sum(r.count) from unnest(l.counts) r(count)), cardinality(l.hashes))::integer from agensight.message_lists l
          where l.project_id = s.project_id and l.trace_id = s.trace_id and l.span_id = s.id), 0) as message_count,
         (select count(*) from agensight.tools o
          where o.project_id = s.project_id and o.trace_id = s.trace_id and o.span_id = s.id) as tool_call_count,
         c.content as answer
  from agensight.spans s
  left join agensight.completions c
    on c.project_id = s.project_id and c.trace_id = s.trace_id and c.span_id = s.id and c.completion_index = 0
  left join agensight.traces t on t.project_id = s.project_id and t.id = s.trace_id
  left join agensight.sessions u on u.project_id = t.project_id and u.id = t.session_id
  where s.kind = 'llm' and c.repeat_of is null;
comment on view   agensight.llm_calls                 is 'One row per call of a model, each once, with its first answer, usage, cost and times. Order by started_at, or bound it.';
comment on column agensight.llm_calls.span_id         is 'The LLM span.';
comment on column agensight.llm_calls.session_id      is 'The session of its trace; null for none.';
comment on column agensight.llm_calls.user_id         is 'The application''s id of the end user, of the trace or else of its session.';
comment on column agensight.llm_calls.trace_name      is 'The operation that the call was part of.';
comment on column agensight.llm_calls.error_message   is 'The error''s message; null without an error.';
comment on column agensight.llm_calls.duration_ms     is 'How long the call took, in milliseconds; null while it runs.';
comment on column agensight.llm_calls.message_count   is 'Messages sent.';
comment on column agensight.llm_calls.tool_call_count is 'Tool calls that it requested.';
comment on column agensight.llm_calls.answer          is 'The plain text of its first answer; null when it has none.';

create view agensight.errors with (security_invoker = true) as
  select s.project_id, s.trace_id, s.id as span_id, t.session_id, coalesce(t.user_id, u.user_id) as user_id,
         t.name as trace_name, s.name, s.kind, s.mode, s.error ->> 'type' as type, s.error ->> 'message' as message,
         s.started_at,
         (extract(epoch from s.ended_at - s.started_at) * 1000)::double precision as duration_ms, s.error
  from agensight.spans s
  left join agensight.traces t on t.project_id = s.project_id and t.id = s.trace_id
  left join agensight.sessions u on u.project_id = t.project_id and u.id = t.session_id
  where s.status = 'error';
comment on view   agensight.errors             is 'One row per span that failed, with the user of its trace. An error that passes through several spans is a row for each. Order by started_at, or bound it.';
comment on column agensight.errors.span_id     is 'The span that failed.';
comment on column agensight.errors.session_id  is 'The session of its trace; null for none.';
comment on column agensight.errors.user_id     is 'The application''s id of the end user, of the trace or else of its session.';
comment on column agensight.errors.trace_name  is 'The operation that it happened in.';
comment on column agensight.errors.type        is 'The error''s class or code.';
comment on column agensight.errors.message     is 'The error''s message.';
comment on column agensight.errors.duration_ms is 'Duration of the span, in milliseconds.';

create function agensight.arrival(agensight.traces) returns text
  language sql stable security invoker set search_path = ''
as $$
  select case
    when $1.started_at is null then null
    when $1.started_at > $1.received_at + interval '5 minutes' then 'ahead'
    when $1.started_at < '2020-01-01 00:00:00+00' then 'reset'
    when coalesce($1.ended_at, $1.started_at) < $1.received_at - interval '1 day' then 'late'
    else 'on time' end
$$;
comment on function agensight.arrival(agensight.traces) is
  'How the times of a trace agree with when it was received: on time; late, over a day after it ended, or from a slow clock; ahead, a clock over 5 minutes fast; reset, a clock that begins before 2020. Null without a start.';

create view agensight.late_traces with (security_invoker = true) as
  select t.project_id, t.id as trace_id, t.name, t.service_name, t.release, t.started_at, t.ended_at, t.received_at,
         agensight.arrival(t) as arrival,
         (extract(epoch from t.received_at - coalesce(t.ended_at, t.started_at)) * 1000)::double precision as late_by_ms
  from agensight.traces t
  where agensight.arrival(t) <> 'on time';
comment on view   agensight.late_traces              is 'One row per trace that arrived late or from a wrong clock. Order by received_at, or bound it.';
comment on column agensight.late_traces.project_id   is 'The project.';
comment on column agensight.late_traces.trace_id     is 'The trace.';
comment on column agensight.late_traces.name         is 'The operation.';
comment on column agensight.late_traces.service_name is 'The application: where to look for the clock.';
comment on column agensight.late_traces.release      is 'Its version.';
comment on column agensight.late_traces.started_at   is 'When it started, by the client''s clock.';
comment on column agensight.late_traces.ended_at     is 'When it ended, by the client''s clock.';
comment on column agensight.late_traces.received_at  is 'When its first part was stored, by the database''s clock.';
comment on column agensight.late_traces.arrival      is 'late, ahead or reset, see arrival().';
comment on column agensight.late_traces.late_by_ms   is 'From its end to when it was received, in milliseconds; less than 0 where the clock is ahead.';

-- Sums per day --------------------------------------------------------------------------------------

-- The fence (offset 0) keeps the days apart from the tables: a condition on "day" is decided first.
create view agensight_private.days with (security_invoker = true) as
  select p.id as project_id, (timezone('UTC', d.since))::date as day, d.since, d.until
  from agensight.projects p
  cross join (
    select since, since + interval '24 hours' as until
    from generate_series(
      timezone('UTC', date_trunc('day', timezone('UTC', now()))) - interval '2376 hours', now(), interval '24 hours') since
  ) d
  offset 0;
comment on view   agensight_private.days            is 'The last hundred days, in UTC, of each project that the reader may see; the basis of the views per day.';
comment on column agensight_private.days.project_id is 'The project.';
comment on column agensight_private.days.day        is 'The day, in UTC.';
comment on column agensight_private.days.since      is 'Its first moment.';
comment on column agensight_private.days.until      is 'The first moment of the next day.';

create view agensight.daily_usage with (security_invoker = true) as
  select d.project_id, d.day, u.provider, u.model, u.mode, u.calls, u.traces, u.prompt_tokens, u.completion_tokens,
         u.total_tokens, u.cached_tokens, u.cache_write_tokens, u.reasoning_tokens, u.cost, u.unpriced_calls
  from agensight_private.days d
  cross join lateral (
    select c.provider, c.model, t.mode, count(*) filter (where c.completion_index = 0) as calls,
           count(distinct t.id) as traces,
           coalesce(sum(c.prompt_tokens), 0)::bigint as prompt_tokens,
           coalesce(sum(c.completion_tokens), 0)::bigint as completion_tokens,
           coalesce(sum(c.total_tokens), 0)::bigint as total_tokens,
           coalesce(sum(c.cached_tokens), 0)::bigint as cached_tokens,
           coalesce(sum(c.cache_write_tokens), 0)::bigint as cache_write_tokens,
           coalesce(sum(c.reasoning_tokens), 0)::bigint as reasoning_tokens,
           coalesce(sum(c.cost), 0) as cost,
           count(*) filter (where c.completion_index = 0 and c.cost is null) as unpriced_calls
    from agensight.traces t
    join agensight.completions c on c.project_id = t.project_id and c.trace_id = t.id
    where t.project_id = d.project_id and t.started_at >= d.since and t.started_at < d.until and c.repeat_of is null
    group by c.provider, c.model, t.mode
  ) u;
comment on view   agensight.daily_usage                is 'Calls, tokens and cost per day (UTC), model and mode, over the last hundred days. Bound "day" and only those days are read.';
comment on column agensight.daily_usage.day            is 'The day, in UTC, on which the trace began.';
comment on column agensight.daily_usage.mode           is 'dev or prod, of the trace.';
comment on column agensight.daily_usage.calls          is 'Calls of the model, each once.';
comment on column agensight.daily_usage.traces         is 'Traces in which it was called.';
comment on column agensight.daily_usage.cost           is 'Sum of their costs in USD; unpriced calls add nothing.';
comment on column agensight.daily_usage.unpriced_calls is 'Calls whose usage or price is unknown.';

create view agensight.tool_usage with (security_invoker = true) as
  select d.project_id, d.day, u.name, u.calls, u.errors, u.traces, u.timed_calls, u.average_duration_ms, u.p95_duration_ms
  from agensight_private.days d
  cross join lateral (
    select o.name, count(*) as calls, count(*) filter (where o.status = 'error') as errors,
           count(distinct t.id) as traces, count(o.ended_at - o.started_at) as timed_calls,
           avg(extract(epoch from o.ended_at - o.started_at) * 1000)::double precision as average_duration_ms,
           percentile_cont(0.95) within group (order by extract(epoch from o.ended_at - o.started_at) * 1000)
             as p95_duration_ms
    from agensight.traces t
    join agensight.tools o on o.project_id = t.project_id and o.trace_id = t.id
    where t.project_id = d.project_id and t.started_at >= d.since and t.started_at < d.until
    group by o.name
  ) u;
comment on view   agensight.tool_usage                     is 'Calls, failures and times per day (UTC) and tool, over the last hundred days. Bound "day" and only those days are read.';
comment on column agensight.tool_usage.day                 is 'The day, in UTC, on which the trace began.';
comment on column agensight.tool_usage.calls               is 'Calls of the tool.';
comment on column agensight.tool_usage.errors              is 'Calls that failed.';
comment on column agensight.tool_usage.traces              is 'Traces in which it was called.';
comment on column agensight.tool_usage.timed_calls         is 'Calls whose start and end are known, which the durations are of.';
comment on column agensight.tool_usage.average_duration_ms is 'Their average duration, in milliseconds.';
comment on column agensight.tool_usage.p95_duration_ms     is 'The 95th percentile of their durations, in milliseconds.';

create view agensight.slow_spans with (security_invoker = true) as
  select d.project_id, d.day, s.trace_id, s.id as span_id, t.session_id, t.name as trace_name, s.name, s.kind, s.mode,
         s.status, s.started_at, s.ended_at,
         (extract(epoch from s.ended_at - s.started_at) * 1000)::double precision as duration_ms
  from agensight_private.days d
  join agensight.traces t on t.project_id = d.project_id and t.started_at >= d.since and t.started_at < d.until
  join agensight.spans s on s.project_id = t.project_id and s.trace_id = t.id
  where d.since > now() - interval '7 days' and s.ended_at is not null;
comment on view   agensight.slow_spans             is 'The ended spans of the last seven days (UTC) with their durations: order by duration_ms descending. Bound "day" and only those days are read.';
comment on column agensight.slow_spans.day         is 'The day, in UTC, on which the trace began.';
comment on column agensight.slow_spans.span_id     is 'The span.';
comment on column agensight.slow_spans.session_id  is 'The session of its trace; null for none.';
comment on column agensight.slow_spans.trace_name  is 'The operation that it was a step of.';
comment on column agensight.slow_spans.duration_ms is 'From its start to its end, in milliseconds.';

create view agensight.delivery_gaps with (security_invoker = true) as
  select g.*, greatest(0, g.created - g.dropped - g.stored) as missing
  from (
    select r.project_id, r.sdk ->> 'process_id' as process_id, max(r.sdk ->> 'name') as sdk_name,
           max(r.sdk ->> 'version') as sdk_version, count(*) as batches,
           min(r.received_at) as first_received_at, max(r.received_at) as last_received_at,
           max((r.sdk ->> 'created')::bigint) as created, max((r.sdk ->> 'dropped')::bigint) as dropped,
           -- Records acknowledged before the window are in the counter of its first batch.
           min((r.sdk ->> 'sent')::bigint) + sum((
             select coalesce(sum(n.value::bigint), 0) from jsonb_each_text(r.stored) n))::bigint as stored
    from agensight.receipts r
    where r.received_at > now() - interval '7 days' and r.sdk ->> 'process_id' is not null
    group by r.project_id, r.sdk ->> 'process_id'
  ) g;
comment on view   agensight.delivery_gaps                   is 'One row per process that sent something in the last seven days: how many records it created, dropped and got stored, and how many are missing. A running process has some in transit; one that ended has lost the missing ones.';
comment on column agensight.delivery_gaps.project_id        is 'The project whose token the process used.';
comment on column agensight.delivery_gaps.process_id        is 'Generated once per process.';
comment on column agensight.delivery_gaps.sdk_name          is 'What sent.';
comment on column agensight.delivery_gaps.sdk_version       is 'Its version.';
comment on column agensight.delivery_gaps.batches           is 'Batches stored.';
comment on column agensight.delivery_gaps.first_received_at is 'When the first of them was stored, by the database''s clock.';
comment on column agensight.delivery_gaps.last_received_at  is 'When the last of them was stored, by the database''s clock.';
comment on column agensight.delivery_gaps.created           is 'Records made since the process began.';
comment on column agensight.delivery_gaps.dropped           is 'Records that it dropped, or that were rejected.';
comment on column agensight.delivery_gaps.stored            is 'Records stored.';
comment on column agensight.delivery_gaps.missing           is 'Records that are neither stored nor dropped: in transit, or lost.';

-- Every other column of a view has the comment of the column that it shows -----------------------------

do $$
declare
  c record;
begin
  for c in
    select v.oid::regclass as view, a.attname, min(col_description(b.attrelid, b.attnum)) as meaning
    from pg_catalog.pg_class v
    join pg_catalog.pg_attribute a on a.attrelid = v.oid and a.attnum > 0
    join lateral (values
      ('trace_summary', 'agensight.traces'), ('session_summary', 'agensight.sessions'),
      ('llm_calls', 'agensight.completions'), ('llm_calls', 'agensight.spans'), ('errors', 'agensight.spans'),
      ('daily_usage', 'agensight.completions'), ('tool_usage', 'agensight.tools'), ('slow_spans', 'agensight.spans'),
      ('tokens', 'agensight_private.tokens'), ('invitations', 'agensight_private.invitations'),
      ('erasures', 'agensight_private.erasures')
    ) m (view_name, table_name) on m.view_name = v.relname
    join pg_catalog.pg_attribute b on b.attrelid = m.table_name::regclass and b.attname = a.attname
    where v.relnamespace = 'agensight'::regnamespace and v.relkind = 'v' and col_description(v.oid, a.attnum) is null
    group by v.oid, a.attname
  loop
    execute format('comment on column %s.%I is %L', c.view, c.attname, c.meaning);
  end loop;
end $$;
