CREATE OR REPLACE FUNCTION agensight.maintain (
  p_budget_ms integer DEFAULT 2000
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  deadline constant timestamptz := clock_timestamp() + make_interval(secs => p_budget_ms / 1000.0);
  answer constant jsonb := agensight_private.delete_expired(p_budget_ms);
  indexed integer;
begin
  loop
    indexed := agensight.index_traces(100);
    exit when indexed < 100;
    if clock_timestamp() > deadline then
      return answer || '{"done": false}';
    end if;
  end loop;
  return answer;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight"."maintain"(integer) TO "service_role";

COMMENT ON FUNCTION "agensight"."maintain"(integer) IS 'Deletes expired traces and sessions, records of deleted projects, old receipts and long-ended tokens, erases users again whose data arrived late, and indexes new traces for search_traces(); stops after p_budget_ms milliseconds (1 to 60000). Returns done, false when there is more to do, and deleted: rows by table. It may run late, twice, or concurrently. For the service role, on a schedule.';

REVOKE ALL ON FUNCTION "agensight"."maintain"(integer) FROM PUBLIC;
