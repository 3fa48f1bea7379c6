CREATE OR REPLACE FUNCTION agensight_private.expire_traces (
  project    uuid,
  older_than timestamp with time zone,
  deadline   timestamp with time zone,
  INOUT      counts jsonb,
  OUT        finished boolean
)
  RETURNS record
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  old_ids text[];
  trace_ids text[];
  last_at timestamptz := '-infinity';
  last_id text := '';
begin
  loop
    -- Some hundred traces, or as many as hold some thousand spans, and at least one.
    select array_agg(w.id order by w.received_at, w.id), max(w.received_at) into old_ids, last_at
    from (
      select o.id, o.received_at, sum(o.span_count) over (order by o.received_at, o.id) - o.span_count as spans_before
      from (
        select t.id, t.received_at, t.span_count from agensight.traces t
        where t.project_id = project and t.received_at < older_than
          and t.received_at >= last_at and (t.received_at, t.id) > (last_at, last_id)
        order by t.received_at, t.id limit 500
      ) o
    ) w
    where w.spans_before < 2000;
    if old_ids is null then
      finished := true;
      return;
    end if;
    last_id := old_ids[cardinality(old_ids)];
    trace_ids := agensight_private.lock_deletable_traces(project, old_ids, older_than);
    select d.counts, d.finished into counts, finished
    from agensight_private.delete_traces(project, trace_ids, deadline, counts) d;
    if clock_timestamp() > deadline then
      finished := false;
    end if;
    exit when not finished;
  end loop;
end $function$;

COMMENT ON FUNCTION "agensight_private"."expire_traces"(uuid, timestamp with time zone, timestamp with time zone, jsonb) IS 'Deletes the traces of a project that were received before a moment, the oldest first, until the deadline.';

REVOKE ALL ON FUNCTION "agensight_private"."expire_traces"(uuid, timestamp WITH time zone, timestamp WITH time zone, jsonb) FROM PUBLIC;
