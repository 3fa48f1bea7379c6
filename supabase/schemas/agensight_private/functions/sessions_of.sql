CREATE OR REPLACE FUNCTION agensight_private.sessions_of (
  project uuid,
  batch   jsonb,
  traces  jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  AS $function$
begin
  return (
    select coalesce(batch -> 'sessions', '[]') || coalesce(jsonb_agg(jsonb_build_object(
      'inferred', true, 'id', t.session_id, 'started_at', t.started_at, 'ended_at', t.ended_at)), '[]')
    from (
      select t.session_id, min(t.started_at) as started_at, max(coalesce(t.ended_at, t.started_at)) as ended_at
      from jsonb_to_recordset(traces) as r(id text, session_id text, started_at timestamptz, ended_at timestamptz)
      cross join lateral (
        -- What the record names, and what the trace belongs to.
        select r.session_id, r.started_at, r.ended_at
        union all
        select t.session_id, t.started_at, t.ended_at from agensight.traces t where t.project_id = project and t.id = r.id
      ) t
      where t.session_id is not null
      group by t.session_id
    ) t
    -- Nothing to add to a session that the batch itself has with times as wide.
    where not exists (
      select from jsonb_to_recordset(batch -> 'sessions') as s(id text, started_at timestamptz, ended_at timestamptz)
      where s.id = t.session_id
        and coalesce(s.started_at <= t.started_at, t.started_at is null)
        and coalesce(s.ended_at >= t.ended_at, t.ended_at is null)));
end $function$;

COMMENT ON FUNCTION "agensight_private"."sessions_of"(uuid, jsonb, jsonb) IS 'The sessions of a batch, and those of its traces as they are stored by now, marked inferred: a session lasts as long as its traces.';

REVOKE ALL ON FUNCTION "agensight_private"."sessions_of"(uuid, jsonb, jsonb) FROM PUBLIC;
