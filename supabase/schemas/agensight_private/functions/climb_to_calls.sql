CREATE OR REPLACE FUNCTION agensight_private.climb_to_calls (
  project    uuid,
  trace_ids  text[],
  parent_ids text[]
)
  RETURNS TABLE (
    trace_id  text,
    parent_id text,
    above     text,
    is_open   boolean
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
begin
  return query
  with recursive up(trace_id, parent_id, at, hops, state) as (
    select k.trace_id collate "C", k.parent_id collate "C", k.parent_id collate "C", 0, 'go'
    from unnest(trace_ids, parent_ids) k(trace_id, parent_id)
    union all
    select
      u.trace_id, u.parent_id,
      case when x.state = 'go' then s.parent_id else u.at end,
      u.hops + 1,
      x.state
    from up u
    left join lateral (
      select s.id, s.parent_id, s.kind from agensight.spans s
      where s.project_id = project and s.trace_id = u.trace_id and s.id = u.at offset 0
    ) s on true
    cross join lateral (
      select case
        when s.id is null then 'open'
        when s.kind in ('llm', 'embedding') then 'call'
        when s.kind = 'agent' then case when (
            select true from agensight.completions c
            where c.project_id = project
              and c.trace_id = u.trace_id
              and c.span_id = u.at
              and c.completion_index = 0
          ) then 'call' else 'end' end
        when s.kind = 'tool' or s.parent_id is null or u.hops >= 8 then 'end'
        else 'go' end as state
    ) x
    where u.state = 'go'
  )
  select u.trace_id, u.parent_id, u.at, u.state = 'open'
  from up u
  where u.state in ('open', 'call');
end $function$;

COMMENT ON FUNCTION "agensight_private"."climb_to_calls"(uuid, text[], text[]) IS 'For each of these parents (two lists of equal length: traces and spans) the next call at or above it, or the span at which the way up is not known yet; no row where it ends without a call.';

REVOKE ALL ON FUNCTION "agensight_private"."climb_to_calls"(uuid, text[], text[]) FROM PUBLIC;
