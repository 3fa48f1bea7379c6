CREATE OR REPLACE FUNCTION agensight_private.link_calls (
  project   uuid,
  trace_ids text[],
  span_ids  text[],
  known     text[]
)
  RETURNS TABLE (
    trace_id text,
    span_id  text,
    above    text
  )
  LANGUAGE plpgsql
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
#variable_conflict use_column
begin
  return query
  with calls as materialized (
    select k.trace_id, k.span_id, s.parent_id, s.started_at
    from (
      select distinct u.trace_id collate "C" as trace_id, u.span_id collate "C" as span_id
      from unnest(trace_ids, span_ids) u(trace_id, span_id)
    ) k
    cross join lateral (
      select s.parent_id, s.started_at from agensight.spans s
      where s.project_id = project and s.trace_id = k.trace_id and s.id = k.span_id offset 0
    ) s
  ), parents as materialized (
    select array_agg(p.trace_id) as traces, array_agg(p.parent_id) as ids
    from (select distinct c.trace_id, c.parent_id from calls c where c.parent_id is not null) p
  ), found as materialized (
    select
      c.trace_id, c.span_id, f.above, f.is_open, c.started_at, r.prompt_tokens, r.completion_tokens,
      coalesce(
        r.total_tokens, coalesce(r.prompt_tokens, 0) + coalesce(r.completion_tokens, 0)
      ) as total_tokens
    from parents p
    cross join lateral agensight_private.climb_to_calls(project, p.traces, p.ids) f
    join calls c on c.trace_id = f.trace_id and c.parent_id = f.parent_id
    cross join lateral (
      select r.*
      from agensight.completions x
      cross join lateral jsonb_populate_record(x, x.own) r
      where x.project_id = project
        and x.trace_id = c.trace_id
        and x.span_id = c.span_id
        and x.completion_index = 0
      offset 0
    ) r
    -- A span that is above itself is not below any.
    where f.above <> c.span_id
  ), gone as (
    delete from agensight_private.call_links l
    using (
      select c.trace_id, c.span_id
      from calls c
      where c.trace_id in (select k.id from unnest(known) k(id))
      except
      select f.trace_id, f.span_id from found f
    ) c
    where l.project_id = project and l.trace_id = c.trace_id and l.span_id = c.span_id
  ), written as (
    insert into agensight_private.call_links as l (
      project_id, trace_id, span_id, above, is_open, started_at, prompt_tokens,
      completion_tokens, total_tokens
    )
    select
      project, f.trace_id, f.span_id, f.above, f.is_open, f.started_at, f.prompt_tokens,
      f.completion_tokens, f.total_tokens
    from found f
    order by f.trace_id, f.span_id
    on conflict (project_id, trace_id, span_id) do update
    set (
      above, is_open,
      relation,
      started_at, prompt_tokens, completion_tokens, total_tokens
    ) = (
      excluded.above, excluded.is_open,
      case when l.above = excluded.above and not l.is_open and not excluded.is_open then l.relation end,
      excluded.started_at, excluded.prompt_tokens, excluded.completion_tokens, excluded.total_tokens
    )
    where (l.above, l.is_open, l.started_at, l.prompt_tokens, l.completion_tokens, l.total_tokens)
      is distinct from (
        excluded.above, excluded.is_open, excluded.started_at,
        excluded.prompt_tokens, excluded.completion_tokens, excluded.total_tokens)
  )
  select f.trace_id, f.span_id, f.above
  from found f
  where not f.is_open;
end $function$;

COMMENT ON FUNCTION "agensight_private"."link_calls"(uuid, text[], text[], text[]) IS 'Links these calls (two lists of equal length: traces and spans) to the next call above each, where there is one. Returns these links.';

REVOKE ALL ON FUNCTION "agensight_private"."link_calls"(uuid, text[], text[], text[]) FROM PUBLIC;
