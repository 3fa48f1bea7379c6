CREATE OR REPLACE FUNCTION agensight.repair_totals (
  p_project_id uuid DEFAULT NULL::uuid
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  wrong record;
  repaired integer := 0;
begin
  for wrong in
    select a.project_id, a.kind, a.id, array_agg(a.field) as fields from agensight.audit_totals(p_project_id) a
    group by a.project_id, a.kind, a.id order by a.kind, a.id
  loop
    repaired := repaired + cardinality(wrong.fields);
    if wrong.kind = 'completion' then
      perform agensight_private.lock_traces(wrong.project_id, array[split_part(wrong.id, '/', 1)]);
      perform agensight_private.mark_repeats(wrong.project_id, array[split_part(wrong.id, '/', 1)], array[split_part(wrong.id, '/', 2)]);
    end if;
  end loop;
  for wrong in
    select a.project_id, a.id from agensight.audit_totals(p_project_id) a where a.kind = 'trace'
    group by a.project_id, a.id order by a.project_id, a.id
  loop
    perform agensight_private.lock_traces(wrong.project_id, array[wrong.id]);
    update agensight.traces t
    set (span_count, error_count, llm_call_count, prompt_tokens, completion_tokens, total_tokens, cached_tokens,
         cache_write_tokens, reasoning_tokens, total_cost) = (
        select x.span_count, x.error_count, x.llm_call_count, x.prompt_tokens, x.completion_tokens, x.total_tokens, x.cached_tokens,
               x.cache_write_tokens, x.reasoning_tokens, x.total_cost
        from agensight_private.recount(t.project_id, array[t.id]) r cross join lateral jsonb_populate_record(null::agensight.traces, r.totals) x),
        started_at = least(t.started_at, (select min(s.started_at) from agensight.spans s where s.project_id = t.project_id and s.trace_id = t.id)),
        ended_at = greatest(t.ended_at, (select max(s.ended_at) from agensight.spans s where s.project_id = t.project_id and s.trace_id = t.id)),
        merge_state = case when exists (
            select from agensight.spans s
            where s.project_id = t.project_id and s.trace_id = t.id and not coalesce(s.ended_at <= t.ended_at, s.ended_at is null))
          then agensight_private.preserved_merge_state(t) else t.merge_state end
    where t.project_id = wrong.project_id and t.id = wrong.id;
  end loop;
  -- The traces are right by now, and their triggers have moved the sessions by as much as they were wrong.
  for wrong in
    select a.project_id, a.id from agensight.audit_totals(p_project_id) a where a.kind = 'session'
    group by a.project_id, a.id order by a.project_id, a.id
  loop
    perform from agensight.sessions s where s.project_id = wrong.project_id and s.id = wrong.id for update;
    update agensight.sessions s
    set (trace_count, span_count, error_count, llm_call_count, prompt_tokens, completion_tokens, total_tokens, cached_tokens,
         cache_write_tokens, reasoning_tokens, total_cost) = (
        select count(*), coalesce(sum(t.span_count), 0), coalesce(sum(t.error_count), 0), coalesce(sum(t.llm_call_count), 0),
               coalesce(sum(t.prompt_tokens), 0), coalesce(sum(t.completion_tokens), 0), coalesce(sum(t.total_tokens), 0),
               coalesce(sum(t.cached_tokens), 0), coalesce(sum(t.cache_write_tokens), 0), coalesce(sum(t.reasoning_tokens), 0),
               coalesce(sum(t.total_cost), 0)
        from agensight.traces t where t.project_id = s.project_id and t.session_id = s.id)
    where s.project_id = wrong.project_id and s.id = wrong.id;
  end loop;
  return repaired;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight"."repair_totals"(uuid) TO "service_role";

COMMENT ON FUNCTION "agensight"."repair_totals"(uuid) IS 'Repairs what audit_totals() finds, of one project or of all, and returns how many differences there were. Safe while batches are stored. For the service role.';

REVOKE ALL ON FUNCTION "agensight"."repair_totals"(uuid) FROM PUBLIC;
