CREATE OR REPLACE FUNCTION agensight_private.build_total_triggers (
  source text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $functionx$
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
end $functionx$;

COMMENT ON FUNCTION "agensight_private"."build_total_triggers"(text) IS 'Makes or remakes the triggers on one source of totals, or on traces, the source of the totals of sessions. A step of build_totals().';

REVOKE ALL ON FUNCTION "agensight_private"."build_total_triggers"(text) FROM PUBLIC;
