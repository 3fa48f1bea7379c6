CREATE OR REPLACE FUNCTION agensight_private.age_of (
  message jsonb,
  field   text
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when field in ('name', 'arguments') and message ? 'run_span_id' and message ->> 'span_id' is not null then 9000000000000000002
    when field in ('name', 'arguments') and message ? 'run_span_id' and message ->> 'run_span_id' is null then 9000000000000000001
    else coalesce(agensight_private.to_micros(message ->> 'ended_at'), -1) end;
end $function$;

COMMENT ON FUNCTION "agensight_private"."age_of"(jsonb, text) IS 'The age of a field in a message: when the message ended, in microseconds since 1970; -1 while it runs, and more than any time for what a model wrote.';

REVOKE ALL ON FUNCTION "agensight_private"."age_of"(jsonb, text) FROM PUBLIC;
