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
      perform agensight_private.settle_calls(wrong.project_id, array[split_part(wrong.id, '/', 1)], array[split_part(wrong.id, '/', 2)]);
    end if;
  end loop;
  for wrong in
    select a.project_id, a.id from agensight.audit_totals(p_project_id) a where a.kind = 'trace'
    group by a.project_id, a.id order by a.project_id, a.id
  loop
    perform agensight_private.lock_traces(wrong.project_id, array[wrong.id]);
    execute format(
      'update agensight.traces set (%1$s) = (
         select %1$s from agensight_private.recount($1, array[$2]) r cross join lateral jsonb_populate_record(null::agensight.traces, r.totals))
       where project_id = $1 and id = $2', agensight_private.each_total('%1$I'))
    using wrong.project_id, wrong.id;
    update agensight.traces t
    set started_at = least(t.started_at, (select min(s.started_at) from agensight.spans s where s.project_id = t.project_id and s.trace_id = t.id)),
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
    execute format(
      'update agensight.sessions set (%s) = (select %s from agensight.traces where project_id = $1 and session_id = $2)
       where project_id = $1 and id = $2',
      agensight_private.each_total('%1$I', 'traces'), agensight_private.each_total('coalesce(sum(%2$s), 0)', 'traces'))
    using wrong.project_id, wrong.id;
  end loop;
  return repaired;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight"."repair_totals"(uuid) TO "service_role";

COMMENT ON FUNCTION "agensight"."repair_totals"(uuid) IS 'Repairs what audit_totals() finds, of one project or of all, and returns how many differences there were. Safe while batches are stored. For the service role.';

REVOKE ALL ON FUNCTION "agensight"."repair_totals"(uuid) FROM PUBLIC;
