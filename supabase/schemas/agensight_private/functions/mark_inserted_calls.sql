CREATE OR REPLACE FUNCTION agensight_private.mark_inserted_calls()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET enable_hashjoin TO 'off'
  SET enable_mergejoin TO 'off'
  AS $function$
declare
  tiers constant text[] := agensight_private.service_tier_keys();
  -- Calls that began since then were priced right by the prices of today.
  prices_changed_at constant timestamptz := greatest(
    (select max(p.valid_from) from agensight.prices p where p.valid_from <= now()),
    (select max(p.valid_until) from agensight.prices p where p.valid_until <= now()));
  begun constant text[] := agensight_private.new_traces();
  project uuid;
  traces text[];
  span_ids text[];
  priced_traces text[];
  priced_span_ids text[];
begin
  -- Nearly every call is alone, which costs one lookup of its span, and one of the span above for all calls of
  -- a parent; a lookup below is for traces that existed before: within a statement the inner call finds the outer.
  for project, traces, span_ids, priced_traces, priced_span_ids in
    with written as materialized (
      select n.project_id, n.trace_id, n.span_id, n.completion_index, s.parent_id, s.kind = 'llm' as is_llm,
        n.total_tokens > 0 and n.model is not null and (n.cost is null or s.started_at < prices_changed_at or s.attributes ?| tiers) as is_special
      from new_rows n
      left join agensight.spans s on s.project_id = n.project_id and s.trace_id = n.trace_id and s.id = n.span_id
    ), outer_calls as materialized (
      -- Looked up one by one, not joined: a plan that was made for small tables may read all of them.
      select k.project_id, k.trace_id, k.parent_id
      from (select distinct w.project_id, w.trace_id, w.parent_id from written w where w.completion_index = 0 and w.is_llm) k
      where (
          select true from agensight.completions c
          where c.project_id = k.project_id and c.trace_id = k.trace_id and c.span_id = k.parent_id and c.completion_index = 0)
        and (
          select p.kind = 'llm' from agensight.spans p
          where p.project_id = k.project_id and p.trace_id = k.trace_id and p.id = k.parent_id)
    )
    select c.project_id, array_agg(c.trace_id) filter (where c.is_nested), array_agg(c.span_id) filter (where c.is_nested),
           array_agg(c.trace_id) filter (where c.is_special), array_agg(c.span_id) filter (where c.is_special)
    from (
      select w.project_id, w.trace_id, w.span_id, w.is_special,
        w.completion_index = 0 and (
          (w.is_llm and (w.project_id, w.trace_id, w.parent_id) in (select o.project_id, o.trace_id, o.parent_id from outer_calls o))
          or ((w.trace_id in (select b.id from unnest(begun) b(id))) is not true and (
            select true from agensight.spans b
            join agensight.completions c on c.project_id = b.project_id and c.trace_id = b.trace_id and c.span_id = b.id and c.completion_index = 0
            where b.project_id = w.project_id and b.trace_id = w.trace_id and b.parent_id = w.span_id and b.kind = 'llm' limit 1))) as is_nested
      from written w
    ) c
    where c.is_nested or c.is_special
    group by c.project_id
  loop
    if traces is not null then
      perform agensight_private.mark_repeats(project, traces, span_ids);
    end if;
    if priced_traces is not null then
      perform agensight_private.price_calls(project, priced_traces, priced_span_ids);
    end if;
  end loop;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."mark_inserted_calls"() IS 'Marks the calls that a statement inserted and that repeat another span''s, and prices those to which today''s standard prices do not apply.';

REVOKE ALL ON FUNCTION "agensight_private"."mark_inserted_calls"() FROM PUBLIC;
