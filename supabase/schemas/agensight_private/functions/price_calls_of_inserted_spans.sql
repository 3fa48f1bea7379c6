CREATE OR REPLACE FUNCTION agensight_private.price_calls_of_inserted_spans()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform agensight_private.price_calls_before_spans(n.project_id, array_agg(n.trace_id), array_agg(n.id))
  from new_rows n group by n.project_id;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."price_calls_of_inserted_spans"() IS 'price_calls_before_spans() outside of a batch.';

REVOKE ALL ON FUNCTION "agensight_private"."price_calls_of_inserted_spans"() FROM PUBLIC;
