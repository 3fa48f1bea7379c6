-- Totals per trace, kept by statement-level triggers as differences: exact under concurrent writers,
-- and a row that is sent again makes a difference of nought. ingest() has already locked the trace
-- rows in key order when these run.
--
-- Differences are added by "on conflict", which finds a trace by its key whatever the planner believes:
-- a join is planned once per connection, perhaps while the tables were small, and would then read all
-- traces for every batch until the tables are analyzed.

create function private.count_spans() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into public.traces as t (project_id, id, started_at, span_count, error_count)
    select project_id, trace_id, min(started_at), count(*), count(*) filter (where status = 'error')
    from new_rows group by project_id, trace_id
    order by project_id, trace_id
    on conflict (project_id, id) do update
    set started_at = least(t.started_at, excluded.started_at),
        span_count = t.span_count + excluded.span_count,
        error_count = t.error_count + excluded.error_count;
  elsif tg_op = 'UPDATE' then
    insert into public.traces as t (project_id, id, started_at, error_count)
    select project_id, trace_id, min(started_at), coalesce(sum(errors), 0)
    from (
      select project_id, trace_id, started_at, (status = 'error')::integer as errors from new_rows
      union all
      select project_id, trace_id, null, -(status = 'error')::integer from old_rows
    ) change group by project_id, trace_id
    order by project_id, trace_id
    on conflict (project_id, id) do update
    set started_at = least(t.started_at, excluded.started_at),
        error_count = t.error_count + excluded.error_count
    where excluded.error_count <> 0 or t.started_at is distinct from least(t.started_at, excluded.started_at);
  else
    -- A trace that went first stays away.
    update public.traces t
    set span_count = t.span_count - d.spans, error_count = t.error_count - d.errors
    from (
      select project_id, trace_id, count(*) as spans, count(*) filter (where status = 'error') as errors
      from old_rows group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id;
  end if;
  return null;
end $$;
comment on function private.count_spans() is 'Keeps span_count, error_count and the earliest start of the traces whose spans a statement touched.';

create trigger spans_counted_on_insert after insert on public.spans
  referencing new table as new_rows for each statement execute function private.count_spans();
create trigger spans_counted_on_update after update on public.spans
  referencing old table as old_rows new table as new_rows for each statement execute function private.count_spans();
create trigger spans_counted_on_delete after delete on public.spans
  referencing old table as old_rows for each statement execute function private.count_spans();

create function private.sum_tokens() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into public.traces as t (project_id, id, prompt_tokens, completion_tokens, total_tokens)
    select project_id, trace_id, coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0),
           coalesce(sum(total_tokens), 0)
    from new_rows group by project_id, trace_id
    order by project_id, trace_id
    on conflict (project_id, id) do update
    set prompt_tokens = t.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = t.completion_tokens + excluded.completion_tokens,
        total_tokens = t.total_tokens + excluded.total_tokens
    where (excluded.prompt_tokens, excluded.completion_tokens, excluded.total_tokens) <> (0, 0, 0);
  elsif tg_op = 'UPDATE' then
    insert into public.traces as t (project_id, id, prompt_tokens, completion_tokens, total_tokens)
    select project_id, trace_id, coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0),
           coalesce(sum(total_tokens), 0)
    from (
      select project_id, trace_id, prompt_tokens, completion_tokens, total_tokens from new_rows
      union all
      select project_id, trace_id, -prompt_tokens, -completion_tokens, -total_tokens from old_rows
    ) change group by project_id, trace_id
    order by project_id, trace_id
    on conflict (project_id, id) do update
    set prompt_tokens = t.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = t.completion_tokens + excluded.completion_tokens,
        total_tokens = t.total_tokens + excluded.total_tokens
    where (excluded.prompt_tokens, excluded.completion_tokens, excluded.total_tokens) <> (0, 0, 0);
  else
    -- A trace that went first stays away.
    update public.traces t
    set prompt_tokens = t.prompt_tokens - d.prompt, completion_tokens = t.completion_tokens - d.completion,
        total_tokens = t.total_tokens - d.total
    from (
      select project_id, trace_id, coalesce(sum(prompt_tokens), 0) as prompt,
             coalesce(sum(completion_tokens), 0) as completion, coalesce(sum(total_tokens), 0) as total
      from old_rows group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id;
  end if;
  return null;
end $$;
comment on function private.sum_tokens() is 'Keeps the token sums of the traces whose completions a statement touched.';

create trigger tokens_summed_on_insert after insert on public.completions
  referencing new table as new_rows for each statement execute function private.sum_tokens();
create trigger tokens_summed_on_update after update on public.completions
  referencing old table as old_rows new table as new_rows for each statement execute function private.sum_tokens();
create trigger tokens_summed_on_delete after delete on public.completions
  referencing old table as old_rows for each statement execute function private.sum_tokens();

revoke all on function private.count_spans(), private.sum_tokens() from public, anon, authenticated, service_role;
