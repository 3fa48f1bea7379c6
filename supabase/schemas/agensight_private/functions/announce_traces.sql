CREATE OR REPLACE FUNCTION agensight_private.announce_traces()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  most constant integer := 50;
begin
  if tg_op = 'INSERT' then
    perform agensight_private.announce(a.project_id, a.traces, a.more) from (
      select r.project_id, jsonb_agg(r.trace order by r.n) filter (where r.n <= most) as traces,
             greatest(count(*) - most, 0)::integer as more
      from (
        select n.project_id, row_number() over (partition by n.project_id order by n.id) as n,
               jsonb_build_object('id', n.id, 'session_id', left(n.session_id, 128), 'name', left(n.name, 100), 'status', n.status,
                 'started_at', n.started_at, 'ended_at', n.ended_at) as trace
        from new_rows n
      ) r group by r.project_id
    ) a;
  else
    perform agensight_private.announce(a.project_id, a.traces, a.more) from (
      select r.project_id, jsonb_agg(r.trace order by r.n) filter (where r.n <= most) as traces,
             greatest(count(*) - most, 0)::integer as more
      from (
        select n.project_id, row_number() over (partition by n.project_id order by n.id) as n,
               jsonb_build_object('id', n.id, 'session_id', left(n.session_id, 128), 'name', left(n.name, 100), 'status', n.status,
                 'started_at', n.started_at, 'ended_at', n.ended_at) as trace
        from new_rows n
        join old_rows o on o.project_id = n.project_id and o.id = n.id
        where o.ended_at is null and n.ended_at is not null
      ) r group by r.project_id
    ) a;
  end if;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."announce_traces"() IS 'Announces the traces that a statement made or ended, where there is a realtime.send(): at most 50 by name, the others as a number.';

REVOKE ALL ON FUNCTION "agensight_private"."announce_traces"() FROM PUBLIC;
