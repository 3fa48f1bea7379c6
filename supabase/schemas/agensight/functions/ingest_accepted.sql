CREATE OR REPLACE FUNCTION agensight.ingest_accepted (
  project_id      uuid,
  batch           jsonb,
  accepted_at     timestamp with time zone,
  names_span_only boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
begin
  -- Deleting a project covers batches that are still on their way.
  perform from agensight.projects p where p.id = ingest_accepted.project_id and p.deleted_at is null for key share;
  if not found then
    raise exception 'The project was deleted.' using errcode = 'PT410';
  end if;
  if names_span_only then
    return agensight_private.store_batch_by_span(ingest_accepted.project_id, batch, ingest_accepted.accepted_at);
  end if;
  return agensight_private.store_batch(ingest_accepted.project_id, batch, ingest_accepted.accepted_at);
end $function$;

GRANT EXECUTE ON FUNCTION "agensight"."ingest_accepted"(uuid, jsonb, timestamp WITH time zone, boolean) TO "service_role";

COMMENT ON FUNCTION "agensight"."ingest_accepted"(uuid, jsonb, timestamp with time zone, boolean) IS 'Stores a batch that was authenticated and acknowledged earlier, while the database was unavailable: ingest(), or with names_span_only ingest_by_span(), without a token. Raises PT410 for a project that was deleted, and PT400. For the drain function alone.';

REVOKE ALL ON FUNCTION "agensight"."ingest_accepted"(uuid, jsonb, timestamp WITH time zone, boolean) FROM PUBLIC;
