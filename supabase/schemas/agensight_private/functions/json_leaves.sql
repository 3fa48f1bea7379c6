CREATE OR REPLACE FUNCTION agensight_private.json_leaves (
  document jsonb
)
  RETURNS SETOF text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  with recursive node (path, value) as (
    select '', document where document is not null
    union all
    select n.path || '/' || coalesce(e.key, ''), e.value
    from node n
    cross join lateral (
      select key, value from jsonb_each(case jsonb_typeof(n.value) when 'object' then n.value end)
      union all
      select null, value from jsonb_array_elements(case jsonb_typeof(n.value) when 'array' then n.value end)
    ) e
  )
  select left(path || '=' || (value #>> '{}'), 300) from node
  where jsonb_typeof(value) in ('string', 'number', 'boolean')
  limit 500
$function$;

COMMENT ON FUNCTION "agensight_private"."json_leaves"(jsonb) IS 'The scalars of a JSON value, each with its path ("/plan/name=pro"); places in arrays do not count. At most 500 of 300 characters.';

REVOKE ALL ON FUNCTION "agensight_private"."json_leaves"(jsonb) FROM PUBLIC;
