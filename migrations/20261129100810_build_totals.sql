-- The functions that add differences to the totals of traces and sessions, and the triggers that compute the
-- differences, generated from the list in agensight_private.totals. A statement adds its differences once,
-- within a batch at the end of the batch.

create function agensight_private.build_total_triggers(source text) returns void
  language plpgsql volatile security invoker set search_path = ''
as $build$
declare
  parent constant text := case source when 'traces' then 'session' else 'trace' end;
  -- A span also moves the start and the end of its trace.
  is_timed constant boolean := source = 'spans';
  times constant text := case when is_timed then 'started_at, ended_at, ' else '' end;
  added constant text := format('select project_id, %s_id as id, %s%s from new_rows where %1$s_id is not null', parent,
    times, agensight_private.each_total('%2$s as %1$I', source));
  removed constant text := format('select project_id, %s_id as id, %s%s from old_rows where %1$s_id is not null', parent,
    case when is_timed then 'null::timestamptz as started_at, null::timestamptz as ended_at, ' else '' end,
    agensight_private.each_total('-(%2$s) as %1$I', source));
  sums constant text := format('select project_id, id, %s%s from',
    case when is_timed then 'min(started_at) as started_at, max(ended_at) as ended_at, ' else '' end,
    agensight_private.each_total('coalesce(sum(%1$I), 0) as %1$I', source));
  is_news constant text := case when is_timed then 'true' else format('(%s) <> (%s)',
    agensight_private.each_total('coalesce(sum(%1$I), 0)', source), agensight_private.each_total('0', source)) end;
  -- The attributes of a change in their order; null for those that this source does not change.
  attributes constant text := (
    select string_agg(case when a.attname::text = any (array['project_id', 'id'] || string_to_array(times, ', ') || array(select t.name from agensight_private.totals_of(source) t))
      then format('c.%I', a.attname) else 'null' end, ', ' order by a.attnum)
    from pg_catalog.pg_attribute a where a.attrelid = 'agensight_private.change'::regclass and not a.attisdropped);
  change constant text := format(
    'perform agensight_private.change_%s_totals((select array_agg(row(%s)::agensight_private.change) from', parent, attributes);
begin
  execute format($function$
    create or replace function agensight_private.%1$I() returns trigger
      language plpgsql volatile security definer set search_path = ''
    as $trigger$
    begin
      if tg_op = 'INSERT' then
        %8$s%2$s (
          %3$s (
          %4$s
          ) r group by project_id, id) c));
      elsif tg_op = 'UPDATE' then
        %2$s (
          %3$s (
          %4$s
          union all
          %5$s
          ) r group by project_id, id
          having %6$s) c));
      else
        %7$s;
      end if;
      return null;
    end $trigger$ $function$,
    'sum_' || source, change, sums, added, removed, is_news,
    case parent
      when 'session' then format(E'%s (\n          %s (\n          %s\n          ) r group by project_id, id) c))', change, sums, removed)
      -- A trace that was deleted first is not created again.
      else format(E'update agensight.traces t\n        set %s\n        from (\n          %s (\n          %s\n          ) r group by project_id, id) d\n        where t.project_id = d.project_id and t.id = d.id',
        agensight_private.each_total('%1$I = t.%1$I + d.%1$I', source), sums, removed) end,
    case parent when 'session' then E'perform agensight_private.note_new_traces((select array_agg(n.id) from new_rows n));\n        ' else '' end);
  execute format('revoke all on function agensight_private.%I() from public, anon, authenticated, service_role', 'sum_' || source);
  execute format('comment on function agensight_private.%I() is %L', 'sum_' || source,
    format('Keeps the totals of the %ss whose %s a statement touched. Made by agensight_private.build_totals().', parent, source));
  execute format($triggers$
    create or replace trigger totals_kept_on_insert after insert on agensight.%1$I
      referencing new table as new_rows for each statement execute function agensight_private.%2$I();
    create or replace trigger totals_kept_on_update after update on agensight.%1$I
      referencing old table as old_rows new table as new_rows for each statement execute function agensight_private.%2$I();
    create or replace trigger totals_kept_on_delete after delete on agensight.%1$I
      referencing old table as old_rows for each statement execute function agensight_private.%2$I();
    $triggers$, source, 'sum_' || source);
end $build$;
comment on function agensight_private.build_total_triggers(text) is
  'Makes or remakes the triggers on one source of totals, or on traces, the source of the totals of sessions. A step of build_totals().';

create function agensight_private.build_totals() returns void
  language plpgsql volatile security invoker set search_path = ''
as $build$
declare
  differing text;
  added text;
begin
  -- The list and the columns that have a default, but for the two that are no totals of a trace.
  select string_agg(format('%s.%s', table_name, column_name), ', ') into differing
  from (
    select r.relname, a.attname
    from pg_catalog.pg_class r join pg_catalog.pg_attribute a on a.attrelid = r.oid
    where r.oid in ('agensight.traces'::regclass, 'agensight.sessions'::regclass)
      and a.attnum > 0 and a.atthasdef and not a.attisdropped and a.attname not in ('received_at', 'trace_count')
  ) c(table_name, column_name)
  full join (
    select r.relname, t.name
    from agensight_private.totals t cross join (values ('traces'::name), ('sessions')) r(relname)
  ) l(table_name, column_name) using (table_name, column_name)
  where c.table_name is null or l.table_name is null;
  if differing is not null then
    raise exception 'Columns and agensight_private.totals differ: %', differing
      using hint = 'A total needs a column in agensight.traces and agensight.sessions with "not null default 0", and a row in agensight_private.totals.';
  end if;

  for added in
    select t.name from agensight_private.totals t
    where not exists (
      select from pg_catalog.pg_attribute a
      where a.attrelid = 'agensight_private.change'::regclass and a.attname = t.name and not a.attisdropped)
    order by t.name collate "C"
  loop
    execute format('alter type agensight_private.change add attribute %I numeric', added);
  end loop;

  execute format($function$
    create or replace function agensight_private.add_trace_totals(changes agensight_private.change[]) returns void
      language plpgsql volatile security invoker set search_path = ''
    as $add$
    begin
      insert into agensight.traces as t (project_id, id, started_at, ended_at, %1$s)
      select c.project_id, c.id, min(c.started_at), max(c.ended_at), %2$s
      from unnest(changes) c
      group by c.project_id, c.id
      order by c.project_id, c.id
      on conflict (project_id, id) do update
      set started_at = least(t.started_at, excluded.started_at),
          ended_at = greatest(t.ended_at, excluded.ended_at),
          merge_state = case when t.ended_at >= excluded.ended_at or excluded.ended_at is null then t.merge_state else agensight_private.preserved_merge_state(t) end,
          %3$s
      where (%4$s) <> (%5$s)
        or t.started_at is distinct from least(t.started_at, excluded.started_at)
        or t.ended_at is distinct from greatest(t.ended_at, excluded.ended_at);
    end $add$ $function$,
    agensight_private.each_total('%1$I'), agensight_private.each_total('coalesce(sum(c.%1$I), 0)'),
    agensight_private.each_total('%1$I = t.%1$I + excluded.%1$I'), agensight_private.each_total('excluded.%1$I'), agensight_private.each_total('0'));
  revoke all on function agensight_private.add_trace_totals(agensight_private.change[]) from public, anon, authenticated, service_role;
  comment on function agensight_private.add_trace_totals(agensight_private.change[]) is
    'Adds differences to the totals of traces, in the order of their keys. Made by agensight_private.build_totals().';

  execute format($function$
    create or replace function agensight_private.add_session_totals(changes agensight_private.change[], are_there boolean default false) returns void
      language plpgsql volatile security invoker set search_path = ''
    as $add$
    begin
      insert into agensight.sessions as s (project_id, id, %1$s)
      select c.project_id, c.id, %2$s
      from unnest(changes) c
      -- A session that was deleted is not created again.
      where are_there or (select true from agensight.sessions k where k.project_id = c.project_id and k.id = c.id)
      group by c.project_id, c.id
      order by c.project_id, c.id
      on conflict (project_id, id) do update set %3$s;
    end $add$ $function$,
    agensight_private.each_total('%1$I', 'traces'), agensight_private.each_total('sum(c.%1$I)', 'traces'),
    agensight_private.each_total('%1$I = s.%1$I + excluded.%1$I', 'traces'));
  revoke all on function agensight_private.add_session_totals(agensight_private.change[], boolean) from public, anon, authenticated, service_role;
  comment on function agensight_private.add_session_totals(agensight_private.change[], boolean) is
    'Adds differences to the totals of sessions, in the order of their keys; with are_there to all of them, else to those that exist. Made by agensight_private.build_totals().';

  perform agensight_private.build_total_triggers(s.source)
  from (select distinct source from agensight_private.totals union select 'traces' order by 1) s(source);
end $build$;
comment on function agensight_private.build_totals() is
  'Makes or remakes what keeps the totals of traces and sessions, from agensight_private.totals. To be called after every change of that list; agensight.repair_totals() then fills the rows that exist.';

select agensight_private.build_totals();
