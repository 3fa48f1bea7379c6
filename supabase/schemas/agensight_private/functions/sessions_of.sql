CREATE OR REPLACE FUNCTION agensight_private.sessions_of (
  batch jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select coalesce(batch -> 'sessions', '[]') || coalesce(jsonb_agg(jsonb_build_object(
      'inferred', true, 'id', t.session_id, 'started_at', t.started_at, 'ended_at', t.ended_at)), '[]')
    from (
      select session_id, min(started_at) as started_at, max(coalesce(ended_at, started_at)) as ended_at
      from jsonb_to_recordset(batch -> 'traces') as r(session_id text, started_at timestamptz, ended_at timestamptz)
      where session_id is not null
      group by session_id
    ) t
    -- Nothing to add to a session that the batch itself has with times as wide.
    where not exists (
      select from jsonb_to_recordset(batch -> 'sessions') as s(id text, started_at timestamptz, ended_at timestamptz)
      where s.id = t.session_id
        and coalesce(s.started_at <= t.started_at, t.started_at is null)
        and coalesce(s.ended_at >= t.ended_at, t.ended_at is null)));
end $function$;

COMMENT ON FUNCTION "agensight_private"."sessions_of"(jsonb) IS 'The sessions of a batch, and those that only its traces name, marked inferred.';

REVOKE ALL ON FUNCTION "agensight_private"."sessions_of"(jsonb) FROM PUBLIC;
