CREATE OR REPLACE FUNCTION agensight_private.survey_spans (
  batch jsonb,
  OUT   nested text[],
  OUT   are_ordinary boolean
)
  RETURNS record
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  tiers constant text[] := agensight_private.service_tier_keys();
  prices_changed_at constant timestamptz := agensight_private.prices_changed_at();
begin
  select
    coalesce(array_agg(s.trace_id) filter (where s.is_nested), '{}'),
    coalesce(not bool_or(s.is_odd), true)
  into nested, are_ordinary
  from (
    select
      s.trace_id,
      -- Below a call, or below a span that is not in the batch. "not in" reads the list of the others once.
      bool_or(s.parent_id is not null and (s.trace_id, s.parent_id) not in (
        select p.trace_id, p.id
        from jsonb_to_recordset(batch -> 'spans') as p(trace_id text, id text, kind text)
        where p.trace_id is not null
          and p.id is not null
          and coalesce(p.kind not in ('llm', 'embedding'), true)
          and (coalesce(p.kind <> 'agent', true) or (p.trace_id, p.id) not in (
            select c.trace_id, c.span_id
            from jsonb_to_recordset(batch -> 'completions') as c(trace_id text, span_id text)
            where c.trace_id is not null and c.span_id is not null))
      )) as is_nested,
      bool_or(s.started_at < prices_changed_at or s.attributes ?| tiers) as is_odd
    from jsonb_to_recordset(batch -> 'spans')
      as s(trace_id text, parent_id text, started_at timestamptz, attributes jsonb)
    group by s.trace_id
  ) s;
end $function$;

COMMENT ON FUNCTION "agensight_private"."survey_spans"(jsonb) IS 'nested: the traces of a batch with a span below a call or below a span that the batch does not have; in any other trace of which all is in the batch, no call is below another. are_ordinary: whether to all spans the prices of today and of the standard tier apply.';

REVOKE ALL ON FUNCTION "agensight_private"."survey_spans"(jsonb) FROM PUBLIC;
