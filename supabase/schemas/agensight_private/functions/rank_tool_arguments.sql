CREATE OR REPLACE FUNCTION agensight_private.rank_tool_arguments (
  called jsonb,
  ran    jsonb
)
  RETURNS integer
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case
    when c.value = r.value then 0
    -- The values of the model's object as positional arguments: several, or one.
    when jsonb_typeof(c.value) = 'object' and jsonb_typeof(r.value) = 'array'
      and (select jsonb_agg(value order by value) from jsonb_each(c.value))
        = (select jsonb_agg(value order by value) from jsonb_array_elements(r.value)) then 1
    when jsonb_typeof(c.value) = 'object' and jsonb_typeof(r.value) not in ('object', 'array')
      and (select jsonb_agg(value) from jsonb_each(c.value)) = jsonb_build_array(r.value) then 1
    -- The model's object, and something of the program after it.
    when jsonb_typeof(r.value) = 'array' and c.value = r.value -> 0 then 2
    -- The model's object with defaults filled in. The more of it the model wrote, the better it fits.
    when jsonb_typeof(c.value) = 'object' and jsonb_typeof(r.value) = 'object' and r.value @> c.value
      then 1000000 - (select count(*)::integer from jsonb_object_keys(c.value))
    end
  -- A function without arguments and a model without arguments mean the same.
  from (select coalesce(nullif(called, 'null'), '{}') as value) c, (select coalesce(nullif(ran, 'null'), '{}') as value) r
$function$;

COMMENT ON FUNCTION "agensight_private"."rank_tool_arguments"(jsonb, jsonb) IS 'How well the arguments of a tool''s function fit those that a model called it with: 0 is equal, more is less; null if they do not.';

REVOKE ALL ON FUNCTION "agensight_private"."rank_tool_arguments"(jsonb, jsonb) FROM PUBLIC;
