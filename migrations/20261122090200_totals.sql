-- Totals per trace, kept by statement-level triggers as differences: exact under concurrent writers,
-- and a row that is sent again makes a difference of nought. ingest() has already locked the trace
-- rows in key order when these run.

create function private.count_spans() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    update public.traces t
    set span_count = t.span_count + d.spans, error_count = t.error_count + d.errors,
        started_at = least(t.started_at, d.started_at)
    from (
      select project_id, trace_id, count(*) as spans, count(*) filter (where status = 'error') as errors,
             min(started_at) as started_at
      from new_rows group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id;
  elsif tg_op = 'UPDATE' then
    update public.traces t
    set error_count = t.error_count + coalesce(d.errors, 0), started_at = least(t.started_at, d.started_at)
    from (
      select project_id, trace_id, sum(errors) as errors, min(started_at) as started_at from (
        select project_id, trace_id, (status = 'error')::integer as errors, started_at from new_rows
        union all
        select project_id, trace_id, -(status = 'error')::integer, null from old_rows
      ) change group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id
      and (coalesce(d.errors, 0) <> 0 or t.started_at is distinct from least(t.started_at, d.started_at));
  else
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
    update public.traces t
    set prompt_tokens = t.prompt_tokens + d.prompt, completion_tokens = t.completion_tokens + d.completion,
        total_tokens = t.total_tokens + d.total
    from (
      select project_id, trace_id, coalesce(sum(prompt_tokens), 0) as prompt,
             coalesce(sum(completion_tokens), 0) as completion, coalesce(sum(total_tokens), 0) as total
      from new_rows group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id and (d.prompt, d.completion, d.total) <> (0, 0, 0);
  elsif tg_op = 'UPDATE' then
    update public.traces t
    set prompt_tokens = t.prompt_tokens + d.prompt, completion_tokens = t.completion_tokens + d.completion,
        total_tokens = t.total_tokens + d.total
    from (
      select project_id, trace_id, sum(prompt) as prompt, sum(completion) as completion, sum(total) as total from (
        select project_id, trace_id, coalesce(prompt_tokens, 0) as prompt,
               coalesce(completion_tokens, 0) as completion, coalesce(total_tokens, 0) as total from new_rows
        union all
        select project_id, trace_id, -coalesce(prompt_tokens, 0), -coalesce(completion_tokens, 0),
               -coalesce(total_tokens, 0) from old_rows
      ) change group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id and (d.prompt, d.completion, d.total) <> (0, 0, 0);
  else
    update public.traces t
    set prompt_tokens = t.prompt_tokens - d.prompt, completion_tokens = t.completion_tokens - d.completion,
        total_tokens = t.total_tokens - d.total
    from (
      select project_id, trace_id, coalesce(sum(prompt_tokens), 0) as prompt,
             coalesce(sum(completion_tokens), 0) as completion, coalesce(sum(total_tokens), 0) as total
      from old_rows group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id and (d.prompt, d.completion, d.total) <> (0, 0, 0);
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
