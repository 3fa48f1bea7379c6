CREATE OR REPLACE FUNCTION agensight_private.price_inserted_calls()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET enable_hashjoin TO 'off'
  SET enable_mergejoin TO 'off'
  AS $function$
declare
  tiers constant text[] := agensight_private.service_tier_keys();
  prices_changed_at constant timestamptz := agensight_private.prices_changed_at();
  -- Within a batch, the traces that may have other spans than those of the batch.
  are_ordinary constant boolean := coalesce(current_setting('agensight.ordinary_spans', true) = 'true', false);
  known constant text[] := nullif(current_setting('agensight.known_traces', true), '');
  project uuid;
  traces text[];
  span_ids text[];
begin
  for project, traces, span_ids in
    select n.project_id, array_agg(n.trace_id), array_agg(n.span_id)
    from new_rows n
    left join lateral (
      select s.started_at, s.attributes from agensight.spans s
      where s.project_id = n.project_id and s.trace_id = n.trace_id and s.id = n.span_id
        and (not are_ordinary or n.trace_id in (select k.id from unnest(known) k(id))) offset 0
    ) s on true
    where n.total_tokens > 0 and n.model is not null and (n.cost is null or s.started_at < prices_changed_at or s.attributes ?| tiers)
    group by n.project_id
  loop
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."price_inserted_calls"() IS 'Prices the calls that a statement inserted and to which today''s standard prices do not apply.';

REVOKE ALL ON FUNCTION "agensight_private"."price_inserted_calls"() FROM PUBLIC;
