CREATE OR REPLACE FUNCTION agensight_private.climb_from_tools (
  project uuid,
  traces  text[],
  ids     text[],
  starts  text[]
)
  RETURNS TABLE (
    trace_id  text,
    id        text,
    ancestors text[],
    steps     integer,
    missing   text
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
begin
  return query
  with recursive up(trace_id, id, ancestors, steps, at, is_step, state) as (
    select
      k.trace_id collate "C",
      k.id collate "C",
      '{}'::text[] collate "C",
      0,
      k.at collate "C",
      true,
      case when k.at is null then 'end' else 'go' end
    from unnest(traces, ids, starts) k(trace_id, id, at)
    union all
    select
      u.trace_id, u.id,
      u.ancestors || u.at,
      u.steps + (u.is_step and x.is_step)::integer,
      case when s.id is null then u.at else s.parent_id end,
      u.is_step and x.is_step,
      case
        when s.id is null then 'missing'
        when s.parent_id is null or cardinality(u.ancestors) >= 30 then 'end'
        else 'go'
      end
    from up u
    left join lateral (
      select s.id, s.parent_id, s.kind from agensight.spans s
      where s.project_id = project and s.trace_id = u.trace_id and s.id = u.at offset 0
    ) s on true
    cross join lateral (
      select s.id is not null and coalesce(s.kind not in ('llm', 'agent'), true) as is_step
    ) x
    where u.state = 'go'
  )
  select u.trace_id, u.id, u.ancestors, u.steps, case when u.state = 'missing' then u.at end
  from up u
  where u.state <> 'go';
end $function$;

COMMENT ON FUNCTION "agensight_private"."climb_from_tools"(uuid, text[], text[], text[]) IS 'For each of these parts (lists of equal length: traces, ids, and the first span on the way up) the spans above it, at most thirty.';

REVOKE ALL ON FUNCTION "agensight_private"."climb_from_tools"(uuid, text[], text[], text[]) FROM PUBLIC;
