CREATE OR REPLACE FUNCTION agensight_private.name_above (
  project uuid,
  trace   text,
  span    text
)
  RETURNS TABLE (
    name text,
    ids  text[]
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  -- Deeper spans have the name of the span that is so far above.
  most constant integer := 100;
  at record;
begin
  ids := '{}';
  while span is not null and span <> all (ids) and cardinality(ids) < most loop
    ids := ids || span;
    select s.name, s.parent_id into at
    from agensight.spans s
    where s.project_id = project and s.trace_id = trace and s.id = span;
    exit when not found;
    name := coalesce(at.name, name);
    span := at.parent_id;
  end loop;
  return next;
end $function$;

COMMENT ON FUNCTION "agensight_private"."name_above"(uuid, text, text) IS 'The name of the top above a span, or of the highest that has one, and the spans on the way, also the missing one at its end.';

REVOKE ALL ON FUNCTION "agensight_private"."name_above"(uuid, text, text) FROM PUBLIC;
