CREATE OR REPLACE FUNCTION agensight_private.find_twin_tools (
  project   uuid,
  trace_ids text[],
  span_ids  text[]
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  twins jsonb;
begin
  with calls as materialized (
    select distinct k.trace_id, coalesce(c.repeat_of, k.span_id) as span_id
    from (
      select distinct u.trace_id collate "C" as trace_id, u.span_id collate "C" as span_id
      from unnest(trace_ids, span_ids) u(trace_id, span_id)
    ) k
    cross join lateral (
      select c.repeat_of from agensight.completions c
      where c.project_id = project
        and c.trace_id = k.trace_id
        and c.span_id = k.span_id
        and c.completion_index = 0
      offset 0
    ) c
  ), reports as (
    select c.trace_id, c.span_id as call, c.span_id from calls c
    union all
    select c.trace_id, c.span_id, o.span_id
    from calls c
    cross join lateral (
      select o.span_id from agensight.completions o
      where agensight_private.place_key(o.trace_id, o.repeat_of) =
        agensight_private.place_key(c.trace_id, c.span_id)
        and o.completion_index = 0 and o.repeat_of is not null
        and (o.project_id, o.trace_id, o.repeat_of) is not distinct from
          (project, c.trace_id, c.span_id)
      offset 0
    ) o
  ), asked as (
    select
      r.trace_id, r.call, r.span_id, a.n,
      a.part -> 'name' as name,
      a.part -> 'arguments' as arguments,
      coalesce(a.part ->> 'id', r.span_id || ':' || a.n) as id,
      agensight_private.provider_response_id(a.part ->> 'id') is null as is_made_up
    from reports r
    cross join lateral (
      select p.part, row_number() over (order by c.completion_index, p.n) - 1 as n
      from agensight.completions c
      cross join lateral jsonb_populate_record(c, c.own) o
      cross join lateral jsonb_array_elements(
        case when jsonb_typeof(o.parts) = 'array' then o.parts end
      )
        with ordinality p(part, n)
      where c.project_id = project and c.trace_id = r.trace_id and c.span_id = r.span_id
        and p.part ->> 'type' = 'tool_call'
    ) a
  ), numbered as (
    select
      a.*,
      row_number() over (
        partition by a.trace_id, a.call, a.span_id, a.name, a.arguments order by a.n
      ) as nth
    from asked a
  ), shown as (
    select n.trace_id, n.id, first_value(n.id) over (
      partition by n.trace_id, n.call, n.name, n.arguments, n.nth
      order by n.is_made_up, n.span_id <> n.call, n.span_id) as shown_by
    from numbered n
  )
  select jsonb_agg(jsonb_build_object('trace_id', s.trace_id, 'id', s.id, 'twin_of', s.twin_of))
  into twins
  from (
    select distinct on (s.trace_id, s.id) s.trace_id, s.id, nullif(s.shown_by, s.id) as twin_of
    from shown s
    -- Another call may have the same id; one that shows itself is no twin.
    order by s.trace_id, s.id, s.shown_by <> s.id, s.shown_by
  ) s
  left join lateral (
    select p.twin_of
    from agensight_private.tool_parts p
    where p.project_id = project and p.trace_id = s.trace_id and p.id = s.id
    offset 0
  ) was on true
  where case
    when s.twin_of is null then was.twin_of is not null
    -- The row that shows it has been reported; it may be joined to another until now.
    else (
      select true
      from agensight.tools t
      where t.project_id = project and t.trace_id = s.trace_id and t.id = s.twin_of
    ) or (
      select true
      from agensight_private.tool_parts p
      where p.project_id = project and p.trace_id = s.trace_id and p.id = s.twin_of
    )
  end;
  return twins;
end $function$;

COMMENT ON FUNCTION "agensight_private"."find_twin_tools"(uuid, text[], text[]) IS 'The tool calls that these calls (two lists of equal length: traces and spans) and their repeats request under several ids, each with the row that shows it, and those of which that is no longer so; null for none.';

REVOKE ALL ON FUNCTION "agensight_private"."find_twin_tools"(uuid, text[], text[]) FROM PUBLIC;
