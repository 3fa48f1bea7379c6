-- Pricing calls again where the prices of today, with which new rows are written, do not apply or something changed.

create function agensight_private.prices_changed_at() returns timestamptz
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return greatest(
    (select max(p.valid_from) from agensight.prices p where p.valid_from <= now()),
    (select max(p.valid_until) from agensight.prices p where p.valid_until <= now()));
end $$;
comment on function agensight_private.prices_changed_at() is
  'When a price last changed: calls that began since then are priced by the prices of today.';

create function agensight_private.price_inserted_calls() returns trigger
  language plpgsql volatile security definer
  set search_path = '' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  tiers constant text[] := agensight_private.service_tier_keys();
  prices_changed_at constant timestamptz := agensight_private.prices_changed_at();
  -- Within a batch, the traces that may have other spans than those of the batch.
  are_ordinary constant boolean := coalesce(current_setting('agensight.ordinary_spans', true) = 'true', false);
  known constant text[] := nullif(current_setting('agensight.known_traces', true), '');
  project uuid;
  traces text[];
  span_ids text[];
begin
  for project, traces, span_ids in
    select n.project_id, array_agg(n.trace_id), array_agg(n.span_id)
    from new_rows n
    left join lateral (
      select s.started_at, s.attributes from agensight.spans s
      where s.project_id = n.project_id and s.trace_id = n.trace_id and s.id = n.span_id
        and (not are_ordinary or n.trace_id in (select k.id from unnest(known) k(id))) offset 0
    ) s on true
    where n.total_tokens > 0 and n.model is not null and (n.cost is null or s.started_at < prices_changed_at or s.attributes ?| tiers)
    group by n.project_id
  loop
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $$;
comment on function agensight_private.price_inserted_calls() is
  'Prices the calls that a statement inserted and to which today''s standard prices do not apply.';

create function agensight_private.price_changed_calls() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  project uuid;
  traces text[];
  span_ids text[];
begin
  if not exists (select from new_rows) then return null; end if;
  for project, traces, span_ids in
    select project_id, array_agg(trace_id), array_agg(span_id)
    from (
      select project_id, trace_id, span_id, completion_index, model, provider, prompt_tokens, completion_tokens,
             total_tokens, cached_tokens, cache_write_tokens, repeat_of from new_rows
      where repeat_of is null
      except
      select project_id, trace_id, span_id, completion_index, model, provider, prompt_tokens, completion_tokens,
             total_tokens, cached_tokens, cache_write_tokens, repeat_of from old_rows
    ) n
    group by project_id
  loop
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $$;
comment on function agensight_private.price_changed_calls() is
  'Prices the calls of which a statement changed a column that they are priced by.';

create function agensight_private.price_calls_before_spans(project uuid, traces text[], span_ids text[]) returns void
  language plpgsql volatile security invoker
  set search_path = '' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  found_traces text[];
  found_spans text[];
begin
  select array_agg(k.trace_id), array_agg(k.span_id) into found_traces, found_spans
  from unnest(traces, span_ids) k(trace_id, span_id)
  where (
    select true from agensight.completions c
    where c.project_id = project and c.trace_id = k.trace_id and c.span_id = k.span_id
    limit 1);
  if found_traces is not null then
    perform agensight_private.price_calls(project, found_traces, found_spans);
  end if;
end $$;
comment on function agensight_private.price_calls_before_spans(uuid, text[], text[]) is
  'Prices the calls of these new spans (two lists of equal length: traces and spans) that were stored before, without the time of the call.';

create function agensight_private.price_calls_of_inserted_spans() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform agensight_private.price_calls_before_spans(n.project_id, array_agg(n.trace_id), array_agg(n.id))
  from new_rows n group by n.project_id;
  return null;
end $$;
comment on function agensight_private.price_calls_of_inserted_spans() is 'price_calls_before_spans() outside of a batch.';

create function agensight_private.price_calls_of_changed_spans() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  project uuid;
  traces text[];
  span_ids text[];
begin
  if not exists (select from new_rows) then return null; end if;
  for project, traces, span_ids in
    select c.project_id, array_agg(c.trace_id), array_agg(c.id)
    from (
      select project_id, trace_id, id, started_at, attributes from new_rows
      except
      select project_id, trace_id, id, started_at, attributes from old_rows
    ) c
    where (
      select true from agensight.completions k
      where k.project_id = c.project_id and k.trace_id = c.trace_id and k.span_id = c.id limit 1)
    group by c.project_id
  loop
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $$;
comment on function agensight_private.price_calls_of_changed_spans() is
  'Prices the calls of whose spans a statement changed the start or the attributes.';

create trigger calls_priced_on_insert after insert on agensight.completions
  referencing new table as new_rows for each statement execute function agensight_private.price_inserted_calls();
create trigger calls_priced_on_update after update on agensight.completions
  referencing old table as old_rows new table as new_rows for each statement execute function agensight_private.price_changed_calls();
-- A batch has price_calls_before_spans() for the traces that existed before.
create trigger calls_priced_on_insert after insert on agensight.spans
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '')
  execute function agensight_private.price_calls_of_inserted_spans();
create trigger calls_priced_on_update after update on agensight.spans
  referencing old table as old_rows new table as new_rows for each statement execute function agensight_private.price_calls_of_changed_spans();
