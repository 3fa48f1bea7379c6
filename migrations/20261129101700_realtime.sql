-- New and finished traces are announced to the members of their project, by broadcast from the
-- database: one small message per statement and project, on the private topic "project:<id>", event
-- "traces". Hosted Supabase has the schema "realtime"; without it nothing is announced.

create function agensight_private.announce(project uuid, traces jsonb, more integer) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform realtime.send(jsonb_build_object('traces', traces, 'more', more), 'traces', 'project:' || project, true);
exception when others then
  -- A listener misses an announcement; the rows must not be lost for that.
  raise warning 'A trace was not announced: %', sqlerrm;
end $$;
comment on function agensight_private.announce(uuid, jsonb, integer) is
  'Sends one announcement to the members of a project. Never fails.';

create function agensight_private.announce_traces() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
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
end $$;
comment on function agensight_private.announce_traces() is
  'Announces the traces that a statement made or ended, where there is a realtime.send(): at most 50 by name, the others as a number.';

create trigger traces_announced_on_insert after insert on agensight.traces
  referencing new table as new_rows for each statement
  when (to_regprocedure('realtime.send(jsonb, text, text, boolean)') is not null) execute function agensight_private.announce_traces();
create trigger traces_announced_on_update after update on agensight.traces
  referencing old table as old_rows new table as new_rows for each statement
  when (to_regprocedure('realtime.send(jsonb, text, text, boolean)') is not null) execute function agensight_private.announce_traces();

create function agensight_private.my_topics() returns setof text
  language sql stable security definer set search_path = ''
as $$ select 'project:' || project_id from agensight.project_members where user_id = (select auth.uid()) $$;
comment on function agensight_private.my_topics() is 'The topics that the signed-in user may join: one per project.';

create function agensight_private.enable_realtime() returns boolean
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if to_regclass('realtime.messages') is null then
    return false;
  end if;
  if not exists (
      select from pg_catalog.pg_policy
      where polrelid = to_regclass('realtime.messages') and polname = 'members hear of their projects'' traces') then
    create policy "members hear of their projects' traces" on realtime.messages
      for select to authenticated
      using (extension = 'broadcast' and (select realtime.topic()) = any (array(select agensight_private.my_topics())));
  end if;
  return true;
end $$;
comment on function agensight_private.enable_realtime() is
  'Lets members, and no other user, join the topic of their project, where Supabase Realtime is installed. Call it again if Realtime is installed after this migration; repeating it changes nothing.';

select agensight_private.enable_realtime();
