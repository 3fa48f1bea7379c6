CREATE OR REPLACE FUNCTION agensight_private.traces_of (
  batch jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select coalesce(batch -> 'traces', '[]') || coalesce(jsonb_agg(jsonb_build_object('inferred', true, 'id', trace_id)), '[]')
    from (
      select trace_id from jsonb_to_recordset(batch -> 'spans') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'prompts') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'completions') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'tools') as r(trace_id text)
      except
      select id from jsonb_to_recordset(batch -> 'traces') as r(id text)
    ) parts);
end $function$;

COMMENT ON FUNCTION "agensight_private"."traces_of"(jsonb) IS 'The traces of a batch, and those that only its other records name, marked inferred.';

REVOKE ALL ON FUNCTION "agensight_private"."traces_of"(jsonb) FROM PUBLIC;
