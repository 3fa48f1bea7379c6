CREATE OR REPLACE FUNCTION agensight_private.find_repeats (
  project uuid,
  trace   text,
  members text[]
)
  RETURNS TABLE (
    span_id   text,
    repeat_of text
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  -- Tolerance for clocks of one process that are read with different precision.
  slack constant interval := '5 milliseconds';
begin
  return query
  with recursive family as materialized (
    select * from agensight_private.call_family(project, trace, members)
  ), calls as materialized (
    select f.*, agensight_private.model_names(f.model) as names from family f where f.is_call
  ), lines(id, above, path) as (
    select c.id, c.parent_id, array[c.id] from calls c
    union all
    select l.id, p.parent_id, l.path || p.id
    from lines l
    join calls p on p.id = l.above
    where p.id <> all (l.path) and cardinality(l.path) <= 8
  ), looped as materialized (
    select distinct l.id from lines l where l.above = l.id
  ), pairs as materialized (
    -- An outer and an inner call, their distance, and the evidence that they are one.
    select o.id as outer_id, i.id as inner_id, i.started_at as inner_started_at, cardinality(l.path) - 1 as depth,
           o.total > 0 as outer_has_usage, i.total > 0 as inner_has_usage,
           coalesce(o.response_id = i.response_id, false) as by_response,
           coalesce((o.response_id is null or i.response_id is null) and o.names && i.names
             and o.prompt = i.prompt and o.completion = i.completion and o.prompt + o.completion > 0
             and i.started_at >= o.started_at - slack and i.ended_at <= o.ended_at + slack, false) as by_usage
    from lines l
    join calls i on i.id = l.id
    join calls o on o.id = l.path[cardinality(l.path)]
    where cardinality(l.path) > 1 and i.id not in (select x.id from looped x)
  ), ones as materialized (
    select p.* from (
      select p.*, bool_or(p.by_response) over (partition by p.outer_id, p.depth) as is_named,
             row_number() over (partition by p.outer_id, p.depth, p.by_usage order by p.inner_started_at, p.inner_id collate "C") as place
      from pairs p
    ) p
    where p.by_response or (p.by_usage and p.place = 1 and not p.is_named)
  ), inner_repeats as materialized (
    select distinct on (p.inner_id) p.inner_id as id, p.outer_id as other
    from ones p
    where p.outer_has_usage or not p.inner_has_usage
    order by p.inner_id, p.depth desc
  ), outer_repeats as (
    select distinct on (p.outer_id) p.outer_id as id, p.inner_id as other
    from ones p
    where p.by_response and p.depth = 1 and not p.outer_has_usage and p.inner_has_usage
    order by p.outer_id, p.inner_started_at, p.inner_id collate "C"
  ), sums as (
    select o.id, (array_agg(i.id order by i.started_at, i.id collate "C"))[1] as other
    from calls o
    join calls i on i.parent_id = o.id
    where o.response_id is null and o.total > 0
      and o.id not in (select x.id from looped x) and o.id not in (select r.other from inner_repeats r)
    group by o.id, o.model, o.prompt, o.completion, o.total, o.started_at, o.ended_at
    having sum(i.total) = o.total
      and bool_and(coalesce(i.started_at >= o.started_at - slack and i.ended_at <= o.ended_at + slack, false))
      and case when o.model is null
        then (o.prompt is null or sum(i.prompt) = o.prompt) and (o.completion is null or sum(i.completion) = o.completion)
        else sum(i.prompt) = o.prompt and sum(i.completion) = o.completion and count(*) filter (where i.total > 0) > 1 end
  )
  select f.id, coalesce(a.other, b.other, c.other)
  from family f
  left join inner_repeats a on a.id = f.id
  left join outer_repeats b on b.id = f.id
  left join sums c on c.id = f.id;
end $function$;

COMMENT ON FUNCTION "agensight_private"."find_repeats"(uuid, text, text[]) IS 'For each span of the family of these spans the span whose call it repeats; null for a call of its own.';

REVOKE ALL ON FUNCTION "agensight_private"."find_repeats"(uuid, text, text[]) FROM PUBLIC;
