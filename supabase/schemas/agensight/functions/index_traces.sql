CREATE OR REPLACE FUNCTION agensight.index_traces (
  p_limit integer DEFAULT 500
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  project uuid;
  ids text[];
  present text[];
  indexed integer := 0;
begin
  for project, ids in
    -- First removed from the queue, then read by the next statements: a writer in between queues them again.
    with next as (
      select q.project_id, q.trace_id from agensight_private.traces_to_index q
      order by q.queued_at limit p_limit for update skip locked
    ), gone as (
      delete from agensight_private.traces_to_index q using next n
      where q.project_id = n.project_id and q.trace_id = n.trace_id
      returning q.project_id, q.trace_id
    )
    select g.project_id, array_agg(g.trace_id order by g.trace_id) from gone g group by g.project_id order by g.project_id
  loop
    -- A trace that is being deleted is skipped, or its entry would outlive it.
    present := array(
      select t.id from agensight.traces t where t.project_id = project and t.id = any (ids)
      order by t.id for key share skip locked);
    delete from agensight_private.trace_search s
    where s.project_id = project and s.trace_id = any (ids) and s.trace_id <> all (present);
    insert into agensight_private.trace_search as s (project_id, trace_id, started_at, duration_ms, cost, terms)
    select project, t.id, coalesce(t.started_at, t.received_at),
           extract(epoch from t.ended_at - t.started_at) * 1000, t.total_cost, agensight_private.terms_of(t)
    from agensight.traces t
    where t.project_id = project and t.id = any (present)
    order by t.id
    on conflict (project_id, trace_id) do update
    set started_at = excluded.started_at, duration_ms = excluded.duration_ms, cost = excluded.cost, terms = excluded.terms
    where (s.started_at, s.duration_ms, s.cost, s.terms)
      is distinct from (excluded.started_at, excluded.duration_ms, excluded.cost, excluded.terms);
    indexed := indexed + cardinality(ids);
  end loop;
  return indexed;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight"."index_traces"(integer) TO "service_role";

COMMENT ON FUNCTION "agensight"."index_traces"(integer) IS 'Indexes the traces that changed for search_traces(), the longest queued first, at most p_limit of them; returns how many. maintain() calls it. For the service role.';

REVOKE ALL ON FUNCTION "agensight"."index_traces"(integer) FROM PUBLIC;
