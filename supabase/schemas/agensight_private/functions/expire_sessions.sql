CREATE OR REPLACE FUNCTION agensight_private.expire_sessions (
  project    uuid,
  older_than timestamp with time zone,
  deadline   timestamp with time zone
)
  RETURNS bigint
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  session_ids text[];
  newest timestamptz := '-infinity';
  deleted bigint;
  total bigint := 0;
begin
  loop
    -- Locked first and checked by the next statement: it sees a trace that was inserted in between, and
    -- one that is inserted later waits for the session.
    select array_agg(l.id), max(l.received_at) into session_ids, newest
    from (
      select s.id, s.received_at from agensight.sessions s
      where s.project_id = project and s.received_at < older_than and s.received_at >= newest
        and not exists (select from agensight.traces t where t.project_id = project and t.session_id = s.id)
      order by s.received_at limit 1000
      for update skip locked
    ) l;
    exit when session_ids is null;
    delete from agensight.sessions s
    where s.project_id = project and s.id = any (session_ids)
      and not exists (select from agensight.traces t where t.project_id = project and t.session_id = s.id);
    get diagnostics deleted = row_count;
    total := total + deleted;
    exit when deleted = 0 or clock_timestamp() > deadline;
  end loop;
  return total;
end $function$;

COMMENT ON FUNCTION "agensight_private"."expire_sessions"(uuid, timestamp with time zone, timestamp with time zone) IS 'Deletes the sessions of a project that were received before a moment and have no traces left, until the deadline. Returns how many.';

REVOKE ALL ON FUNCTION "agensight_private"."expire_sessions"(uuid, timestamp WITH time zone, timestamp WITH time zone) FROM PUBLIC;
