-- Data that comes late and data from a wrong clock are stored as they are, and flagged: by comparing
-- what the client's clock said with when the database received it.

create function public.arrival(public.traces) returns text
  language sql stable security invoker set search_path = ''
as $$
  select case
    when $1.started_at is null then null
    when $1.started_at > $1.received_at + interval '5 minutes' then 'ahead'
    when $1.started_at < '2020-01-01 00:00:00+00' then 'reset'
    when coalesce($1.ended_at, $1.started_at) < $1.received_at - interval '1 day' then 'late'
    else 'on time' end
$$;
comment on function public.arrival(public.traces) is
  'How the times of a trace agree with when it was received: on time; late, over a day after it ended, or from a slow clock; ahead, a clock over 5 minutes fast; reset, a clock that begins before 2020. Null without a start.';

create view public.late_traces with (security_invoker = true) as
  select t.project_id, t.id as trace_id, t.name, t.service_name, t.release, t.started_at, t.ended_at, t.received_at,
         public.arrival(t) as arrival,
         (extract(epoch from t.received_at - coalesce(t.ended_at, t.started_at)) * 1000)::double precision as late_by_ms
  from public.traces t
  where public.arrival(t) <> 'on time';
comment on view   public.late_traces              is 'One row per trace that came late or from a wrong clock. Order by received_at, or bound it.';
comment on column public.late_traces.project_id   is 'The project.';
comment on column public.late_traces.trace_id     is 'The trace.';
comment on column public.late_traces.name         is 'The operation.';
comment on column public.late_traces.service_name is 'The application: where to look for the clock.';
comment on column public.late_traces.release      is 'Its version.';
comment on column public.late_traces.started_at   is 'When it started, by the client''s clock.';
comment on column public.late_traces.ended_at     is 'When it ended, by the client''s clock.';
comment on column public.late_traces.received_at  is 'When its first part was stored, by the database''s clock.';
comment on column public.late_traces.arrival      is 'late, ahead or reset, as arrival() says.';
comment on column public.late_traces.late_by_ms   is 'From its end to when it was received, in milliseconds; less than 0 where the clock is ahead.';

revoke all on function public.arrival(public.traces) from public, anon, authenticated, service_role;
revoke all on public.late_traces from public, anon, authenticated, service_role;
grant execute on function public.arrival(public.traces) to authenticated, service_role;
grant select on public.late_traces to authenticated, service_role;
