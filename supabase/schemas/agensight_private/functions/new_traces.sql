CREATE OR REPLACE FUNCTION agensight_private.new_traces()
  RETURNS text[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return nullif(current_setting('agensight.new_traces', true), '');
end $function$;

COMMENT ON FUNCTION "agensight_private"."new_traces"() IS 'The traces that the current batch has inserted: all their rows are from this batch. Null outside of a batch.';

REVOKE ALL ON FUNCTION "agensight_private"."new_traces"() FROM PUBLIC;
