CREATE OR REPLACE FUNCTION agensight_private.note_ordinary_spans (
  spans jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  tiers constant text[] := agensight_private.service_tier_keys();
  prices_changed_at constant timestamptz := agensight_private.prices_changed_at();
  are_ordinary boolean;
begin
  select coalesce(not bool_or(s.started_at < prices_changed_at or s.attributes ?| tiers), true) into are_ordinary
  from jsonb_to_recordset(spans) as s(kind text, started_at timestamptz, attributes jsonb);
  perform set_config('agensight.ordinary_spans', case when are_ordinary then 'all' else '' end, true);
end $function$;

COMMENT ON FUNCTION "agensight_private"."note_ordinary_spans"(jsonb) IS 'Notes for price_inserted_calls() whether to all spans of a batch the prices of today and of the standard tier apply.';

REVOKE ALL ON FUNCTION "agensight_private"."note_ordinary_spans"(jsonb) FROM PUBLIC;
