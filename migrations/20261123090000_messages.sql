-- Each message is stored once.
--
-- An agent sends its whole history with every call, so a table with a row per message and call grows
-- with the square of the steps. Here a call has one row, with the messages that no earlier call of its
-- trace had brought, and with where the others stand. `prompts` reads as before: a view, with the rights
-- of its reader.
--
-- A row per message would cost each of them a key of 66 bytes, twice, table and index. What a call brings
-- therefore stands in arrays of its own row.

create table public.message_lists (
  project_id    uuid not null,
  trace_id      text collate "C" not null check (length(trace_id) between 1 and 128),
  span_id       text collate "C" not null check (length(span_id) between 1 and 128),
  hashes        integer[] not null,
  roles         text[],
  contents      text[],
  parts         jsonb[],
  names         text[],
  tool_call_ids text[],
  owners        text[],
  firsts        integer[],
  counts        integer[],
  indexes       integer[] check (0 <= all (indexes)),
  primary key (project_id, trace_id, span_id),
  check (cardinality(roles) = cardinality(hashes) and cardinality(contents) = cardinality(hashes)
    and cardinality(parts) = cardinality(hashes) and cardinality(names) = cardinality(hashes)
    and cardinality(tool_call_ids) = cardinality(hashes)),
  check (cardinality(firsts) = cardinality(owners) and cardinality(counts) = cardinality(owners)
    and num_nulls(owners, firsts, counts) in (0, 3))
);
comment on table  public.message_lists               is 'One row per call of a model: the messages that it sent, each once per trace. Read it through prompts. Written only by ingest().';
comment on column public.message_lists.project_id    is 'The project whose token wrote the row.';
comment on column public.message_lists.trace_id      is 'The trace it belongs to.';
comment on column public.message_lists.span_id       is 'The LLM span that sent them.';
comment on column public.message_lists.hashes        is 'One number for each message that this call brought, by which to look for it; equal messages have the same, and so may others.';
comment on column public.message_lists.roles         is 'Their roles; as in the other columns, null when none has one.';
comment on column public.message_lists.contents      is 'Their plain texts.';
comment on column public.message_lists.parts         is 'Their typed parts.';
comment on column public.message_lists.names         is 'The names of their authors.';
comment on column public.message_lists.tool_call_ids is 'The calls that they answer, where they are tool messages.';
comment on column public.message_lists.owners        is 'What the call sent, in order, as runs of messages: for each run the span that brought them. Null where it sent what it brought, and nothing else.';
comment on column public.message_lists.firsts        is 'The first message of each run, among those that its span brought, from 1.';
comment on column public.message_lists.counts        is 'How many messages each run has.';
comment on column public.message_lists.indexes       is 'The place of each message that it sent; null where they are 0, 1, 2 and so on, none missing.';

drop function public.prompts(public.traces);
drop function public.prompts(public.spans);
drop function public.span(public.prompts);
alter table public.prompts rename to prompts_by_row;

create view public.prompts with (security_invoker = true) as
  select l.project_id, l.trace_id, l.span_id, coalesce(l.indexes[m.n], m.n - 1)::integer as message_index,
    m.role, m.content, m.parts, m.name, m.tool_call_id
  from public.message_lists l
  cross join lateral (
    select b.n, b.role, b.content, b.parts, b.name, b.tool_call_id
    from unnest(l.hashes, l.roles, l.contents, l.parts, l.names, l.tool_call_ids)
      with ordinality as b(hash, role, content, parts, name, tool_call_id, n)
    where l.owners is null
    union all
    select r.before + b.n - r.first + 1, b.role, b.content, b.parts, b.name, b.tool_call_id
    from (
      select u.owner, u.first, u.count, sum(u.count) over (order by u.run) - u.count as before
      from unnest(l.owners, l.firsts, l.counts) with ordinality as u(owner, first, count, run)
    ) r
    join public.message_lists o on o.project_id = l.project_id and o.trace_id = l.trace_id and o.span_id = r.owner
    cross join lateral unnest(o.hashes, o.roles, o.contents, o.parts, o.names, o.tool_call_ids)
      with ordinality as b(hash, role, content, parts, name, tool_call_id, n)
    where b.n between r.first and r.first + r.count - 1
  ) m;
comment on view   public.prompts               is 'One row per message that was sent to a model, as the call sent it.';
comment on column public.prompts.project_id    is 'The project whose token wrote the row.';
comment on column public.prompts.trace_id      is 'The trace it belongs to.';
comment on column public.prompts.span_id       is 'The LLM span that sent it.';
comment on column public.prompts.message_index is 'Its place in the request, from 0.';
comment on column public.prompts.role          is 'system, user, assistant, tool or the provider''s own word.';
comment on column public.prompts.content       is 'Its plain text; null when it has none.';
comment on column public.prompts.parts         is 'Its typed parts in order, where there is more than text: images, tool calls, tool results.';
comment on column public.prompts.name          is 'The author''s name, where one was given.';
comment on column public.prompts.tool_call_id  is 'The call that a tool message answers.';

-- Writing ----------------------------------------------------------------------------------------
--
-- Two messages about one place are put together as before: the greater value of each field stays,
-- null never overwrites. What comes of it is a message of its own; the one that stood there stays for the
-- calls that name it.
create function private.write_known_prompts(project uuid, records jsonb, traces text[]) returns void
  language plpgsql volatile security invoker
  -- One plan for a connection, for it takes longer to make than to use; made perhaps while the table is
  -- small, it finds rows by their keys whatever the planner believes.
  set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
begin
  with said as materialized (
    select r.trace_id collate "C" as trace_id, r.span_id collate "C" as span_id, coalesce(r.message_index, -1) as place,
      max(r.role collate "C") as role, max(r.content collate "C") as content,
      (array_agg(r.parts order by r.parts desc nulls last))[1] as parts,
      max(r.name collate "C") as name, max(r.tool_call_id collate "C") as tool_call_id
    from jsonb_to_recordset(records) as r(trace_id text, span_id text, message_index integer,
      role text, content text, parts jsonb, name text, tool_call_id text)
    where r.trace_id = any (traces)
    group by 1, 2, 3
  ), stored as materialized (
    select c.trace_id, c.span_id, p.message_index as place, p.role collate "C" as role, p.content collate "C" as content,
      p.parts, p.name collate "C" as name, p.tool_call_id collate "C" as tool_call_id
    from (select distinct s.trace_id, s.span_id from said s) c
    cross join lateral (
      select * from public.prompts p where p.project_id = project and p.trace_id = c.trace_id and p.span_id = c.span_id offset 0
    ) p
  ), merged as materialized (
    select trace_id, span_id, place, m.role, m.content, m.parts, m.name, m.tool_call_id,
      o.place is null or (m.role, m.content, m.parts, m.name, m.tool_call_id)
        is distinct from (o.role, o.content, o.parts, o.name, o.tool_call_id) as is_new
    from said s full join stored o using (trace_id, span_id, place)
    cross join lateral (select greatest(s.role, o.role), greatest(s.content, o.content), greatest(s.parts, o.parts),
      greatest(s.name, o.name), greatest(s.tool_call_id, o.tool_call_id)) m(role, content, parts, name, tool_call_id)
  ), calls as materialized (
    -- A call that says nothing new writes nothing.
    select n.trace_id, n.span_id, coalesce((
        select cardinality(l.hashes) from public.message_lists l
        where l.project_id = project and l.trace_id = n.trace_id and l.span_id = n.span_id), 0) as size
    from (select distinct m.trace_id, m.span_id from merged m where m.is_new) n
  ), sent as materialized (
    select m.*, hashtext(coalesce(m.content, m.parts::text, '')) as hash, row_number() over (partition by trace_id, span_id order by m.place) as n
    from merged m join calls using (trace_id, span_id)
  ), brought as materialized (
    -- What calls have brought to these traces, as far as it may be what is sent now.
    select l.trace_id, l.span_id, b.at, b.hash, b.role, b.content, b.parts, b.name, b.tool_call_id
    from (
      select distinct l.trace_id, l.span_id from public.message_lists l cross join lateral unnest(l.hashes) h(hash)
      where l.project_id = project and l.trace_id = any (traces)
        and ((l.trace_id, h.hash) in (select s.trace_id, s.hash from sent s)
          or (l.trace_id, l.span_id) in (select c.trace_id, c.span_id from calls c))
    ) k
    cross join lateral (
      select l.* from public.message_lists l where l.project_id = project and l.trace_id = k.trace_id and l.span_id = k.span_id offset 0
    ) l
    cross join lateral unnest(l.hashes, l.roles, l.contents, l.parts, l.names, l.tool_call_ids)
      with ordinality as b(hash, role, content, parts, name, tool_call_id, at)
  ), numbered as materialized (
    -- Equal messages of a trace get one number.
    select e.*, dense_rank() over (order by e.trace_id, e.hash, e.role, e.content, e.parts, e.name, e.tool_call_id) as message
    from (
      select b.trace_id, b.span_id, b.at, null::integer as n, b.hash, b.role collate "C" as role, b.content collate "C" as content,
        b.parts, b.name collate "C" as name, b.tool_call_id collate "C" as tool_call_id
      from brought b
      union all
      select s.trace_id, s.span_id, null, s.n, s.hash, s.role, s.content, s.parts, s.name, s.tool_call_id from sent s
    ) e
  ), homes as materialized (
    -- Where each stands: where it was brought before, else at the end of the first call that brings it now.
    select h.message, h.span_id, h.at is null as is_new, h.n,
      coalesce(h.at, c.size + row_number() over (partition by h.trace_id, h.span_id, h.at is null order by h.n)) as at
    from (
      select distinct on (e.message) e.message, e.trace_id, e.span_id, e.at, e.n from numbered e
      order by e.message, e.at is null, e.span_id, e.at, e.n
    ) h
    left join calls c on c.trace_id = h.trace_id and c.span_id = h.span_id
  ), bodies as (
    select e.trace_id, e.span_id, array_agg(e.hash order by e.at) as hashes,
      case when count(e.role) > 0 then array_agg(e.role order by e.at) end as roles,
      case when count(e.content) > 0 then array_agg(e.content order by e.at) end as contents,
      case when count(e.parts) > 0 then array_agg(e.parts order by e.at) end as parts,
      case when count(e.name) > 0 then array_agg(e.name order by e.at) end as names,
      case when count(e.tool_call_id) > 0 then array_agg(e.tool_call_id order by e.at) end as tool_call_ids
    from (
      select e.trace_id, e.span_id, h.at, e.hash, e.role, e.content, e.parts, e.name, e.tool_call_id
      from homes h join numbered e on e.message = h.message and e.span_id = h.span_id and e.n = h.n where h.is_new
      union all
      select e.trace_id, e.span_id, e.at, e.hash, e.role, e.content, e.parts, e.name, e.tool_call_id
      from numbered e join calls c using (trace_id, span_id) where e.at is not null
    ) e
    group by e.trace_id, e.span_id
  ), runs as (
    select p.trace_id, p.span_id, p.owner, min(p.at) as first, count(*) as count, min(p.n) as n
    from (
      select p.*, p.n - row_number() over (partition by p.trace_id, p.span_id, p.owner, p.at - p.n order by p.n) as gap
      from (
        select e.trace_id, e.span_id, e.n, h.span_id as owner, h.at
        from numbered e join homes h using (message) where e.n is not null
      ) p
    ) p
    group by p.trace_id, p.span_id, p.owner, p.at - p.n, p.gap
  ), lists as (
    select r.trace_id, r.span_id, array_agg(r.owner order by r.n) as owners,
      array_agg(r.first::integer order by r.n) as firsts, array_agg(r.count::integer order by r.n) as counts
    from runs r group by r.trace_id, r.span_id
  ), places as (
    select s.trace_id, s.span_id,
      case when min(s.place) < 0 or max(s.place) >= count(*) then array_agg(s.place order by s.place) end as indexes
    from sent s group by s.trace_id, s.span_id
  )
  insert into public.message_lists (project_id, trace_id, span_id, hashes, roles, contents, parts, names, tool_call_ids, owners, firsts, counts, indexes)
  select project, l.trace_id, l.span_id, coalesce(b.hashes, '{}'), b.roles, b.contents, b.parts, b.names, b.tool_call_ids,
    case when not o.is_all then l.owners end, case when not o.is_all then l.firsts end, case when not o.is_all then l.counts end, p.indexes
  from lists l
  join places p using (trace_id, span_id)
  left join bodies b using (trace_id, span_id)
  cross join lateral (
    select coalesce(l.owners = array[l.span_id] and l.firsts = array[1] and l.counts = array[cardinality(b.hashes)], false) as is_all
  ) o
  order by l.trace_id, l.span_id
  on conflict (project_id, trace_id, span_id) do update
  set (hashes, roles, contents, parts, names, tool_call_ids, owners, firsts, counts, indexes) =
    (excluded.hashes, excluded.roles, excluded.contents, excluded.parts, excluded.names, excluded.tool_call_ids,
     excluded.owners, excluded.firsts, excluded.counts, excluded.indexes);
end $$;
comment on function private.write_known_prompts(uuid, jsonb, text[]) is
  'write_prompts() for traces in which a message may stand already, or a call may be stored. The traces must be locked.';

create or replace function private.write_prompts(project uuid, records jsonb) returns integer
  language plpgsql volatile security invoker
  set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
declare
  traces text[];
  written integer;
begin
  if coalesce(jsonb_array_length(records), 0) = 0 then
    return 0;
  end if;
  -- The traces that need no second look, at once: those in which no call is stored and all messages differ.
  with calls as materialized (
    select r.trace_id collate "C" as trace_id, r.span_id collate "C" as span_id,
      array_agg(hashtext(coalesce(r.content, r.parts::text, '')) order by r.place) as hashes,
      case when count(r.role) > 0 then array_agg(r.role order by r.place) end as roles,
      case when count(r.content) > 0 then array_agg(r.content order by r.place) end as contents,
      case when count(r.parts) > 0 then array_agg(r.parts order by r.place) end as parts,
      case when count(r.name) > 0 then array_agg(r.name order by r.place) end as names,
      case when count(r.tool_call_id) > 0 then array_agg(r.tool_call_id order by r.place) end as tool_call_ids,
      case when min(r.place) < 0 or max(r.place) >= count(*) then array_agg(r.place order by r.place) end as indexes,
      count(distinct r.place) as size
    from (
      -- No index is as wrong as a negative one, and the table says so.
      select r.*, coalesce(r.message_index, -1) as place
      from jsonb_to_recordset(records) as r(trace_id text, span_id text, message_index integer,
        role text, content text, parts jsonb, name text, tool_call_id text)
    ) r
    group by r.trace_id collate "C", r.span_id collate "C"
  ), known as materialized (
    select c.trace_id
    from (
      select c.trace_id, count(distinct h.hash) < count(*) or bool_or(c.size < cardinality(c.hashes)) as repeats
      from calls c cross join lateral unnest(c.hashes) h(hash) group by c.trace_id
    ) c
    where c.repeats or (select true from public.message_lists l where l.project_id = project and l.trace_id = c.trace_id limit 1)
  ), kept as (
    insert into public.message_lists (project_id, trace_id, span_id, hashes, roles, contents, parts, names, tool_call_ids, indexes)
    select project, c.trace_id, c.span_id, c.hashes, c.roles, c.contents, c.parts, c.names, c.tool_call_ids, c.indexes
    from calls c where not exists (select from known k where k.trace_id = c.trace_id)
    order by c.trace_id, c.span_id
  )
  select (select array_agg(k.trace_id) from known k), (select sum(c.size) from calls c) into traces, written;
  if traces is not null then
    perform private.write_known_prompts(project, records, traces);
  end if;
  return written;
end $$;
comment on function private.write_prompts(uuid, jsonb) is
  'Writes prompt records, each message once per trace, merging lists with what is stored. Returns how many records the list holds, copies counted once. The traces must be locked.';

-- What stands in the old table moves, some hundred traces at a time.
do $$
declare
  project uuid;
  records jsonb;
begin
  for project, records in
    select p.project_id, jsonb_agg(to_jsonb(p) - 'part') from (
      select p.*, dense_rank() over (partition by p.project_id order by p.trace_id) / 500 as part from public.prompts_by_row p
    ) p
    group by p.project_id, p.part
  loop
    perform private.write_prompts(project, records);
  end loop;
end $$;
drop table public.prompts_by_row;

create or replace function private.move_waiting(project uuid, waiting text, home text) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  homes constant jsonb := jsonb_build_object(waiting, home);
  moved jsonb;
begin
  -- Written anew rather than updated: the home may have the row already, and then they are merged.
  select jsonb_agg(to_jsonb(p)) into moved from public.prompts p where p.project_id = project and p.trace_id = waiting;
  if moved is not null then
    delete from public.message_lists t where t.project_id = project and t.trace_id = waiting;
    perform private.write_prompts(project, private.rehome(moved, homes));
  end if;
  with gone as (delete from public.completions t where t.project_id = project and t.trace_id = waiting returning t)
  select jsonb_agg(to_jsonb(t)) into moved from gone;
  if moved is not null then
    perform private.write_completions(project, private.rehome(moved, homes));
  end if;
  with gone as (delete from public.tools t where t.project_id = project and t.trace_id = waiting returning t)
  select jsonb_agg(to_jsonb(t)) into moved from gone;
  if moved is not null then
    perform private.write_tools(project, private.rehome(moved, homes));
  end if;
  delete from public.traces t where t.project_id = project and t.id = waiting and t.span_count = 0;
end $$;

-- Reading ----------------------------------------------------------------------------------------

create function public.prompts(public.traces) returns setof public.prompts
  language sql stable security invoker set search_path = ''
as $$
  select * from public.prompts p where p.project_id = $1.project_id and p.trace_id = $1.id
  order by p.span_id, p.message_index
$$;
comment on function public.prompts(public.traces) is 'The messages sent in a trace, call by call.';

create function public.prompts(public.spans) returns setof public.prompts
  language sql stable security invoker set search_path = ''
as $$
  select * from public.prompts p
  where p.project_id = $1.project_id and p.trace_id = $1.trace_id and p.span_id = $1.id
  order by p.message_index
$$;
comment on function public.prompts(public.spans) is 'The messages that an LLM span sent, in order.';

create function public.span(public.prompts) returns setof public.spans rows 1
  language sql stable security invoker set search_path = ''
as $$
  select * from public.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.span_id
$$;
comment on function public.span(public.prompts) is 'The LLM span that sent a message.';

-- Access -----------------------------------------------------------------------------------------

alter table public.message_lists enable row level security;
create policy "members read their projects' message lists" on public.message_lists
  for select to authenticated using (project_id = any (array(select private.my_projects())));

revoke all on public.message_lists, public.prompts from public, anon, authenticated, service_role;
grant select on public.message_lists, public.prompts to authenticated, service_role;
grant insert, update, delete on public.message_lists to service_role;

revoke all on function
  private.write_known_prompts(uuid, jsonb, text[]), private.write_prompts(uuid, jsonb),
  public.prompts(public.traces), public.prompts(public.spans), public.span(public.prompts)
  from public, anon, authenticated, service_role;
grant execute on function public.prompts(public.traces), public.prompts(public.spans), public.span(public.prompts)
  to authenticated, service_role;
