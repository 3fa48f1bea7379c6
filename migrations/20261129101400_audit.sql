-- Pricing calls again, and checking and repairing the totals.
--
-- All of them lock as ingest() does: traces by id, then the rows that are counted from them. So they and
-- writers wait for each other without deadlocks.

create function agensight_private.lock_traces(project uuid, trace_ids text[]) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform from agensight.traces t where t.project_id = project and t.id = any (trace_ids) order by t.id for update;
end $$;
comment on function agensight_private.lock_traces(uuid, text[]) is 'Locks the rows of these traces, in the order in which ingest() does.';

create function agensight.reprice(
  p_from timestamptz, p_to timestamptz, p_project_id uuid default null, p_limit integer default 5000,
  out checked integer, out changed integer, out next_from timestamptz)
  language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
as $$
declare
  project uuid;
  traces text[];
  span_ids text[];
begin
  if p_from is null or p_to is null then
    raise exception 'reprice() needs a time to begin at and one to end at.' using errcode = 'PT400';
  end if;
  -- Calls that started at the same time are never split, since the next call continues at that time.
  select x.started_at into next_from
  from agensight.projects p
  cross join lateral (
    select s.started_at from agensight.spans s
    where s.project_id = p.id and s.kind = 'llm' and s.started_at >= p_from and s.started_at < p_to
    order by s.started_at limit greatest(p_limit, 1) + 1
  ) x
  where p_project_id is null or p.id = p_project_id
  order by x.started_at offset greatest(p_limit, 1) limit 1;
  if next_from = p_from then
    next_from := p_from + interval '1 microsecond';
  end if;
  checked := 0;
  changed := 0;
  for project, traces, span_ids in
    select s.project_id, array_agg(s.trace_id), array_agg(s.id)
    from agensight.projects p
    cross join lateral (
      select x.project_id, x.trace_id, x.id from agensight.spans x
      where x.project_id = p.id and x.kind = 'llm' and x.started_at >= p_from and x.started_at < least(next_from, p_to)
    ) s
    where p_project_id is null or p.id = p_project_id
    group by s.project_id order by s.project_id
  loop
    perform agensight_private.lock_traces(project, traces);
    checked := checked + cardinality(span_ids);
    changed := changed + agensight_private.price_calls(project, traces, span_ids);
  end loop;
end $$;
comment on function agensight.reprice(timestamptz, timestamptz, uuid, integer) is
  'Prices the calls that started in a span of time (its end not included) by the prices of today''s rows, in one project or all. Does about p_limit calls and returns how many it checked and changed, and where to continue: call it again with next_from as p_from until that is null. Calls whose span is unknown or has no time keep their cost. Safe while batches are stored. For the service role.';

-- Totals, counted again ----------------------------------------------------------------------------

create function agensight_private.recount(project uuid, traces text[]) returns table (trace_id text, totals jsonb)
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return query execute format(
    'select t.id, jsonb_build_object(%s) from agensight.traces t %s where t.project_id = $1 and ($2 is null or t.id = any ($2))',
    agensight_private.each_total('%1$L, trim_scale(%3$I.%1$I)'),
    (select string_agg(format(
       'cross join lateral (select %2$s from agensight.%1$I r where r.project_id = $1 and r.trace_id = t.id) %1$I',
       s.source, agensight_private.each_total('coalesce(sum(%2$s), 0)::numeric as %1$I', s.source)), ' ')
     from (select distinct source from agensight_private.totals) s))
  using project, traces;
end $$;
comment on function agensight_private.recount(uuid, text[]) is 'The totals of traces, counted from the rows that they are made of, by agensight_private.totals; of all traces of the project for null.';

create function agensight_private.differing_totals(stored jsonb, counted jsonb) returns table (field text, stored_value text, counted_value text)
  language sql immutable security invoker set search_path = ''
as $$
  select k.key, stored ->> k.key, k.value
  from jsonb_each_text(counted) k
  where (stored ->> k.key)::numeric is distinct from k.value::numeric
$$;
comment on function agensight_private.differing_totals(jsonb, jsonb) is 'The totals in a row that differ from what was counted.';

create function agensight.audit_totals(p_project_id uuid default null)
  returns table (project_id uuid, kind text, id text, field text, stored text, counted text)
  language sql stable security definer set search_path = ''
as $$
  with counted as materialized (
    select p.id as project_id, r.trace_id, r.totals
    from agensight.projects p cross join lateral agensight_private.recount(p.id, null) r
    where p_project_id is null or p.id = p_project_id
  )
  select t.project_id, 'trace', t.id, d.field, d.stored_value, d.counted_value
  from counted c
  join agensight.traces t on t.project_id = c.project_id and t.id = c.trace_id
  cross join lateral agensight_private.differing_totals(to_jsonb(t), c.totals) d
  union all
  select t.project_id, 'trace', t.id, d.field, d.stored, d.counted
  from agensight.traces t
  join (
    select s.project_id, s.trace_id, min(s.started_at) as first, max(s.ended_at) as last
    from agensight.spans s where p_project_id is null or s.project_id = p_project_id group by s.project_id, s.trace_id
  ) s on s.project_id = t.project_id and s.trace_id = t.id
  cross join lateral (values
    ('started_at', t.started_at::text, s.first::text, coalesce(t.started_at <= s.first, s.first is null)),
    ('ended_at', t.ended_at::text, s.last::text, coalesce(t.ended_at >= s.last, s.last is null))
  ) as d(field, stored, counted, is_right)
  where not d.is_right
  union all
  select s.project_id, 'session', s.id, d.field, d.stored_value, d.counted_value
  from agensight.sessions s
  cross join lateral (
    select jsonb_object_agg(k.key, k.total) || jsonb_build_object('trace_count', max(k.traces)) as totals
    from (
      select e.key, sum(coalesce(e.value::numeric, 0)) as total, count(distinct c.trace_id) as traces
      from agensight.traces t
      join counted c on c.project_id = t.project_id and c.trace_id = t.id
      cross join lateral jsonb_each_text(c.totals) e
      where t.project_id = s.project_id and t.session_id = s.id
      group by e.key
    ) k
  ) c
  cross join lateral agensight_private.differing_totals(to_jsonb(s), coalesce(c.totals,
    (select jsonb_object_agg(t.name, 0) || '{"trace_count": 0}' from agensight_private.totals t))) d
  where p_project_id is null or s.project_id = p_project_id
  union all
  -- All calls that are marked, linked to another, or have the id of one.
  select f.project_id, 'completion', r.trace_id || '/' || r.span_id, 'repeat_of', c.repeat_of, r.repeat_of
  from (
    select x.project_id, array_agg(x.trace_id) as traces, array_agg(x.span_id) as members
    from (
      select l.project_id, l.trace_id, l.span_id from agensight_private.call_links l
      where l.relation is not null and (p_project_id is null or l.project_id = p_project_id)
      union
      select c.project_id, c.trace_id, c.span_id from agensight.completions c
      where c.repeat_of is not null and c.completion_index = 0 and (p_project_id is null or c.project_id = p_project_id)
      union
      select c.project_id, c.trace_id, min(c.span_id) from agensight.completions c
      where c.completion_index = 0 and agensight_private.own_response_id(c.response_id, c.own) is not null
        and (p_project_id is null or c.project_id = p_project_id)
      group by c.project_id, c.trace_id, agensight_private.own_response_id(c.response_id, c.own) having count(*) > 1
    ) x group by x.project_id
  ) f
  cross join lateral agensight_private.group_calls(f.project_id, f.traces, f.members) r
  join agensight.completions c on c.project_id = f.project_id and c.trace_id = r.trace_id and c.span_id = r.span_id and c.completion_index = 0
  where c.repeat_of is distinct from r.repeat_of
$$;
comment on function agensight.audit_totals(uuid) is
  'Recomputes all totals from the rows, of one project or of all, and returns the differences: none when all are right. kind is trace, session or completion (then id is trace/span, and the difference a mark of repetition). Reads all rows, at one moment. For the service role.';

create function agensight.repair_totals(p_project_id uuid default null) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  wrong record;
  repaired integer := 0;
begin
  for wrong in
    select a.project_id, a.kind, a.id, array_agg(a.field) as fields from agensight.audit_totals(p_project_id) a
    group by a.project_id, a.kind, a.id order by a.kind, a.id
  loop
    repaired := repaired + cardinality(wrong.fields);
    if wrong.kind = 'completion' then
      perform agensight_private.lock_traces(wrong.project_id, array[split_part(wrong.id, '/', 1)]);
      perform agensight_private.settle_calls(wrong.project_id, array[split_part(wrong.id, '/', 1)], array[split_part(wrong.id, '/', 2)]);
    end if;
  end loop;
  for wrong in
    select a.project_id, a.id from agensight.audit_totals(p_project_id) a where a.kind = 'trace'
    group by a.project_id, a.id order by a.project_id, a.id
  loop
    perform agensight_private.lock_traces(wrong.project_id, array[wrong.id]);
    execute format(
      'update agensight.traces set (%1$s) = (
         select %1$s from agensight_private.recount($1, array[$2]) r cross join lateral jsonb_populate_record(null::agensight.traces, r.totals))
       where project_id = $1 and id = $2', agensight_private.each_total('%1$I'))
    using wrong.project_id, wrong.id;
    update agensight.traces t
    set started_at = least(t.started_at, (select min(s.started_at) from agensight.spans s where s.project_id = t.project_id and s.trace_id = t.id)),
        ended_at = greatest(t.ended_at, (select max(s.ended_at) from agensight.spans s where s.project_id = t.project_id and s.trace_id = t.id)),
        merge_state = case when exists (
            select from agensight.spans s
            where s.project_id = t.project_id and s.trace_id = t.id and not coalesce(s.ended_at <= t.ended_at, s.ended_at is null))
          then agensight_private.preserved_merge_state(t) else t.merge_state end
    where t.project_id = wrong.project_id and t.id = wrong.id;
  end loop;
  -- The traces are right by now, and their triggers have moved the sessions by as much as they were wrong.
  for wrong in
    select a.project_id, a.id from agensight.audit_totals(p_project_id) a where a.kind = 'session'
    group by a.project_id, a.id order by a.project_id, a.id
  loop
    perform from agensight.sessions s where s.project_id = wrong.project_id and s.id = wrong.id for update;
    execute format(
      'update agensight.sessions set (%s) = (select %s from agensight.traces where project_id = $1 and session_id = $2)
       where project_id = $1 and id = $2',
      agensight_private.each_total('%1$I', 'traces'), agensight_private.each_total('coalesce(sum(%2$s), 0)', 'traces'))
    using wrong.project_id, wrong.id;
  end loop;
  return repaired;
end $$;
comment on function agensight.repair_totals(uuid) is
  'Repairs what audit_totals() finds, of one project or of all, and returns how many differences there were. Safe while batches are stored. For the service role.';
