CREATE OR REPLACE FUNCTION agensight_private.delete_expired (
  p_budget_ms integer DEFAULT 2000
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET lock_timeout TO '1s'
  AS $function$
declare
  -- A batch may be sent again for as long as a queue or a spool keeps it; two weeks is the longest.
  receipts_kept constant interval := '35 days';
  tokens_kept   constant interval := '90 days';
  deadline timestamptz := clock_timestamp() + make_interval(secs => p_budget_ms / 1000.0);
  counts jsonb := '{}';
  counted jsonb;
  finished boolean := true;
  expired timestamptz;
  n bigint;
  p record;
begin
  if p_budget_ms is null or p_budget_ms not between 1 and 60000 then
    raise exception 'p_budget_ms is from 1 to 60000 milliseconds.' using errcode = 'PT400';
  end if;
  for p in select e.id from agensight_private.erasures e
           where e.finished_at is null or (e.user_id is not null and e.requested_at > now() - receipts_kept) loop
    exit when not finished;
    select e.counts, e.finished into counts, finished from agensight_private.run_erasure(p.id, deadline, counts) e;
  end loop;
  update agensight_private.erasures set user_id = null
  where user_id is not null and finished_at is not null and requested_at < now() - receipts_kept;
  -- In random order, so that a project with much to delete does not delay the others run after run.
  for p in select id, retention_days, deleted_at from agensight.projects order by random() loop
    exit when not finished;
    counted := counts;
    begin
      expired := case when p.deleted_at is not null then 'infinity'
                      else now() - make_interval(days => p.retention_days) end;
      if expired is not null then
        select e.counts, e.finished into counts, finished
        from agensight_private.expire_traces(p.id, expired, deadline, counts) e;
        exit when not finished;
        counts := agensight_private.add_count(counts, 'sessions', agensight_private.expire_sessions(p.id, expired, deadline));
      end if;
      n := agensight_private.delete_in_batches('agensight.receipts x where x.project_id = $1 and x.received_at < $2',
        p.id, case when p.deleted_at is not null then 'infinity' else now() - receipts_kept end, deadline);
      counts := agensight_private.add_count(counts, 'receipts', n);
      n := agensight_private.delete_in_batches(
        'agensight_private.tokens x where x.project_id = $1 and least(x.revoked_at, x.expires_at) < $2',
        p.id, now() - tokens_kept, deadline);
      counts := agensight_private.add_count(counts, 'tokens', n);
      n := agensight_private.delete_in_batches(
        'agensight_private.invitations x where x.project_id = $1 and least(x.accepted_at, x.expires_at) < $2',
        p.id, now() - tokens_kept, deadline);
      counts := agensight_private.add_count(counts, 'invitations', n);
      finished := clock_timestamp() < deadline;
      -- The row is kept longer than any queue may hold a batch for the project.
      if finished and p.deleted_at < now() - receipts_kept and not exists (
          select from agensight.traces t where t.project_id = p.id) then
        delete from agensight.projects where id = p.id;
        counts := agensight_private.add_count(counts, 'projects', 1);
      end if;
    exception when lock_not_available or deadlock_detected then
      -- Another transaction locks a part of a trace without the trace; the next run continues this project.
      counts := agensight_private.add_count(counted, 'postponed', 1);
    end;
  end loop;
  return jsonb_build_object('done', finished, 'deleted', counts);
end $function$;

COMMENT ON FUNCTION "agensight_private"."delete_expired"(integer) IS 'Deletes expired traces and sessions, records of deleted projects and erased users, old receipts, and tokens and invitations that ended long ago; stops after p_budget_ms milliseconds (1 to 60000). Returns done, false when there is more to do, and deleted: rows by table.';

REVOKE ALL ON FUNCTION "agensight_private"."delete_expired"(integer) FROM PUBLIC;
