CREATE OR REPLACE FUNCTION agensight_private.preserved_merge_state (
  t agensight.traces
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  -- The age of a field that has none of its own is that of '', and where that is absent, the row's ended_at:
  -- before a span moves ended_at, the age that the fields had is recorded.
  select case
    when t.merge_state ? '' or num_nonnulls(t.session_id, t.user_id, case when t.merge_state ? 'named_by' then null else t.name end, t.service_name, t.release, t.mode, t.error,
      t.input, t.output, t.tags, t.metadata) = 0 then t.merge_state
    else coalesce(t.merge_state, '{}') || jsonb_build_object('', coalesce(agensight_private.to_micros(t.ended_at::text), -1)) end
$function$;

COMMENT ON FUNCTION "agensight_private"."preserved_merge_state"(agensight.traces) IS 'The merge_state of a trace whose ended_at a span is about to move: the age of its fields stays as it was.';

REVOKE ALL ON FUNCTION "agensight_private"."preserved_merge_state"(agensight.traces) FROM PUBLIC;
