CREATE OR REPLACE FUNCTION agensight_private.nested_traces (
  batch jsonb
)
  RETURNS text[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select distinct s.trace_id
    from jsonb_to_recordset(batch -> 'spans') as s(trace_id text, parent_id text)
    where s.parent_id is not null
      -- Below a call, or below a span that is not in the batch. "not in" reads the list of the others once.
      and (s.trace_id, s.parent_id) not in (
        select p.trace_id, p.id
        from jsonb_to_recordset(batch -> 'spans') as p(trace_id text, id text, kind text)
        where p.trace_id is not null and p.id is not null
          and coalesce(p.kind not in ('llm', 'embedding'), true)
          and (coalesce(p.kind <> 'agent', true) or (p.trace_id, p.id) not in (
            select c.trace_id, c.span_id
            from jsonb_to_recordset(batch -> 'completions') as c(trace_id text, span_id text)
            where c.trace_id is not null and c.span_id is not null))));
end $function$;

COMMENT ON FUNCTION "agensight_private"."nested_traces"(jsonb) IS 'The traces of a batch with a span below a call or below a span that the batch does not have. In any other trace of which all is in the batch, no call is below another.';

REVOKE ALL ON FUNCTION "agensight_private"."nested_traces"(jsonb) FROM PUBLIC;
