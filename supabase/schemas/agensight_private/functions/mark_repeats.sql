CREATE OR REPLACE FUNCTION agensight_private.mark_repeats (
  project  uuid,
  traces   text[],
  span_ids text[]
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  trace text;
  members text[];
  freed text[];
  marked integer;
  changed integer := 0;
begin
  for trace, members in
    select k.trace_id, array_agg(distinct k.span_id)
    from unnest(traces, span_ids) k(trace_id, span_id) where k.span_id is not null
    group by k.trace_id order by k.trace_id
  loop
    with marks as materialized (
      select r.span_id, r.repeat_of from agensight_private.find_repeats(project, trace, members) r
    ), changes as (
      -- The cost is on the call that is counted instead.
      update agensight.completions c
      set repeat_of = m.repeat_of,
          cost = case when m.repeat_of is null then c.cost end,
          price_id = case when m.repeat_of is null then c.price_id end
      from marks m
      where c.project_id = project and c.trace_id = trace and c.span_id = m.span_id and c.repeat_of is distinct from m.repeat_of
      returning c.span_id, m.repeat_of
    )
    select array_agg(distinct c.span_id) filter (where c.repeat_of is null), count(*) into freed, marked from changes c;
    changed := changed + marked;
    if freed is not null then
      perform agensight_private.price_calls(project, array_fill(trace, array[cardinality(freed)]), freed);
    end if;
  end loop;
  return changed;
end $function$;

COMMENT ON FUNCTION "agensight_private"."mark_repeats"(uuid, text[], text[]) IS 'Marks the calls of the families of these spans (two lists of equal length: traces and spans) that repeat another span''s. Returns how many rows changed.';

REVOKE ALL ON FUNCTION "agensight_private"."mark_repeats"(uuid, text[], text[]) FROM PUBLIC;
