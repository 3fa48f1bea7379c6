CREATE OR REPLACE FUNCTION agensight_private.argument_values (
  arguments jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
  select case jsonb_typeof(arguments)
    when 'object' then (select jsonb_agg(value order by value) from jsonb_each(arguments))
    -- The model's object, and something of the program after it; or the values of the object as positional arguments.
    when 'array' then case when jsonb_typeof(arguments -> 0) = 'object'
      then (select jsonb_agg(value order by value) from jsonb_each(arguments -> 0))
      else (select jsonb_agg(value order by value) from jsonb_array_elements(arguments)) end
    when 'null' then null
    else jsonb_build_array(arguments) end
$function$;

COMMENT ON FUNCTION "agensight_private"."argument_values"(jsonb) IS 'The values of a tool''s arguments in an order of their own, whatever form they have; null for none.';

REVOKE ALL ON FUNCTION "agensight_private"."argument_values"(jsonb) FROM PUBLIC;
