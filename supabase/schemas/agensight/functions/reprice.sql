CREATE OR REPLACE FUNCTION agensight.reprice (
  p_from       timestamp with time zone,
  p_to         timestamp with time zone,
  p_project_id uuid                               DEFAULT NULL::uuid,
  p_limit      integer                            DEFAULT 5000,
  OUT          checked integer,
  OUT          changed integer,
  OUT          next_from timestamp with time zone
)
  RETURNS record
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  AS $function$
declare
  project uuid;
  traces text[];
  span_ids text[];
begin
  if p_from is null or p_to is null then
    raise exception 'reprice() needs a time to begin at and one to end at.' using errcode = 'PT400';
  end if;
  -- Calls that started at the same time are never split, since the next call continues at that time.
  select x.started_at into next_from
  from agensight.projects p
  cross join lateral (
    select s.started_at from agensight.spans s
    where s.project_id = p.id and s.kind = 'llm' and s.started_at >= p_from and s.started_at < p_to
    order by s.started_at limit greatest(p_limit, 1) + 1
  ) x
  where p_project_id is null or p.id = p_project_id
  order by x.started_at offset greatest(p_limit, 1) limit 1;
  if next_from = p_from then
    next_from := p_from + interval '1 microsecond';
  end if;
  checked := 0;
  changed := 0;
  for project, traces, span_ids in
    select s.project_id, array_agg(s.trace_id), array_agg(s.id)
    from agensight.projects p
    cross join lateral (
      select x.project_id, x.trace_id, x.id from agensight.spans x
      where x.project_id = p.id and x.kind = 'llm' and x.started_at >= p_from and x.started_at < least(next_from, p_to)
    ) s
    where p_project_id is null or p.id = p_project_id
    group by s.project_id order by s.project_id
  loop
    perform agensight_private.lock_traces(project, traces);
    checked := checked + cardinality(span_ids);
    changed := changed + agensight_private.price_calls(project, traces, span_ids);
  end loop;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight"."reprice"(timestamp WITH time zone, timestamp WITH time zone, uuid, integer) TO "service_role";

COMMENT ON FUNCTION "agensight"."reprice"(timestamp with time zone, timestamp with time zone, uuid, integer) IS 'Prices the calls that started in a span of time (its end not included) by the prices of today''s rows, in one project or all. Does about p_limit calls and returns how many it checked and changed, and where to continue: call it again with next_from as p_from until that is null. Calls whose span is unknown or has no time keep their cost. Safe while batches are stored. For the service role.';

REVOKE ALL ON FUNCTION "agensight"."reprice"(timestamp WITH time zone, timestamp WITH time zone, uuid, integer) FROM PUBLIC;
