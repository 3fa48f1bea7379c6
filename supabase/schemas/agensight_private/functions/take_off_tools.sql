CREATE OR REPLACE FUNCTION agensight_private.take_off_tools (
  project uuid,
  records jsonb,
  known   text[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  traces text[];
  ids text[];
begin
  -- The rows that are about to be written: those that show more, and the runs that have no row.
  select array_agg(p.trace_id), array_agg(p.id) into traces, ids
  from (
    select distinct r.trace_id collate "C" as trace_id, r.id collate "C" as id
    from jsonb_to_recordset(records) as r(trace_id text, id text)
    where r.trace_id in (select k.id from unnest(known) k(id))
  ) r
  cross join lateral (
    select p.trace_id, p.id from agensight_private.tool_parts p
    where p.project_id = project
      and p.trace_id = r.trace_id
      and p.id = r.id
      and p.record is not null
    offset 0
  ) p;
  if traces is not null then
    perform agensight_private.restore_tools(project, traces, ids);
  end if;
end $function$;

COMMENT ON FUNCTION "agensight_private"."take_off_tools"(uuid, jsonb, text[]) IS 'Gives the rows of tools that are about to be written, in these known traces, back what was reported under their own ids.';

REVOKE ALL ON FUNCTION "agensight_private"."take_off_tools"(uuid, jsonb, text[]) FROM PUBLIC;
