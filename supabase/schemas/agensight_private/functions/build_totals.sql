CREATE OR REPLACE FUNCTION agensight_private.build_totals()
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $functionx$
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
end $functionx$;

COMMENT ON FUNCTION "agensight_private"."build_totals"() IS 'Makes or remakes what keeps the totals of traces and sessions, from agensight_private.totals. To be called after every change of that list; agensight.repair_totals() then fills the rows that exist.';

REVOKE ALL ON FUNCTION "agensight_private"."build_totals"() FROM PUBLIC;
