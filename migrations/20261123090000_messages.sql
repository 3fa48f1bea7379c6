-- Each message is stored once.
--
-- An agent sends its whole history with every call, so a table with a row per message and call grows
-- with the square of the steps. Here a trace keeps each distinct message once, under the hash of what
-- it says, and each call a list of hashes. `prompts` reads as before: a view of the two, with the
-- rights of its reader. Twenty steps of 1 kB messages take 0.18 of the disk and 0.20 of the WAL; a
-- single turn takes 1.05 (docs/growth.md).

create table public.messages (
  project_id    uuid not null,
  trace_id      text collate "C" not null check (length(trace_id) between 1 and 128),
  hash          uuid not null,
  role          text,
  content       text,
  parts         jsonb,
  name          text,
  tool_call_id  text collate "C",
  primary key (project_id, trace_id, hash)
);
comment on table  public.messages              is 'The distinct messages that were sent to models in a trace, each once. Read it through prompts. Written only by ingest().';
comment on column public.messages.project_id   is 'The project whose token wrote the row.';
comment on column public.messages.trace_id     is 'The trace it belongs to.';
comment on column public.messages.hash         is 'The first 128 bits of the SHA-256 of everything that the message says.';
comment on column public.messages.role         is 'system, user, assistant, tool or the provider''s own word.';
comment on column public.messages.content      is 'Its plain text; null when it has none.';
comment on column public.messages.parts        is 'Its typed parts in order, where there is more than text: images, tool calls, tool results.';
comment on column public.messages.name         is 'The author''s name, where one was given.';
comment on column public.messages.tool_call_id is 'The call that a tool message answers.';

create table public.message_lists (
  project_id uuid not null,
  trace_id   text collate "C" not null check (length(trace_id) between 1 and 128),
  span_id    text collate "C" not null check (length(span_id) between 1 and 128),
  hashes     uuid[] not null check (array_position(hashes, null) is null),
  indexes    integer[] check (0 <= all (indexes) and cardinality(indexes) = cardinality(hashes)),
  primary key (project_id, trace_id, span_id)
);
comment on table  public.message_lists            is 'Which messages a call sent to its model, in order. Read it through prompts. Written only by ingest().';
comment on column public.message_lists.project_id is 'The project whose token wrote the row.';
comment on column public.message_lists.trace_id   is 'The trace it belongs to.';
comment on column public.message_lists.span_id    is 'The LLM span that sent them.';
comment on column public.message_lists.hashes     is 'The hashes of its messages, in the order of their places.';
comment on column public.message_lists.indexes    is 'The place of each; null where they are 0, 1, 2 and so on, none missing.';

create function private.message_hash(role text, content text, parts jsonb, name text, tool_call_id text) returns uuid
  language sql stable security invoker set search_path = ''
as $$
  select encode(substr(sha256(convert_to(
    jsonb_build_array(role, content, parts, name, tool_call_id)::text, 'UTF8')), 1, 16), 'hex')::uuid
$$;
comment on function private.message_hash(text, text, jsonb, text, text) is
  'The name of a message: equal for equal messages. Not MD5: who may write a message must not be able to make two with one name.';

-- What stands in the table moves, and the table makes way.

insert into public.messages (project_id, trace_id, hash, role, content, parts, name, tool_call_id)
select distinct on (p.project_id, p.trace_id, h.hash)
  p.project_id, p.trace_id, h.hash, p.role, p.content, p.parts, p.name, p.tool_call_id
from public.prompts p
cross join lateral (select private.message_hash(p.role, p.content, p.parts, p.name, p.tool_call_id)) h(hash)
order by p.project_id, p.trace_id, h.hash;

insert into public.message_lists (project_id, trace_id, span_id, hashes, indexes)
select project_id, trace_id, span_id,
  array_agg(private.message_hash(role, content, parts, name, tool_call_id) order by message_index),
  case when max(message_index) >= count(*) then array_agg(message_index order by message_index) end
from public.prompts
group by project_id, trace_id, span_id
order by project_id, trace_id, span_id;

drop function public.prompts(public.traces);
drop function public.prompts(public.spans);
drop function public.span(public.prompts);
drop table public.prompts;

create view public.prompts with (security_invoker = true) as
  select l.project_id, l.trace_id, l.span_id,
    coalesce(l.indexes[u.place], u.place - 1)::integer as message_index,
    m.role, m.content, m.parts, m.name, m.tool_call_id
  from public.message_lists l
  cross join lateral unnest(l.hashes) with ordinality as u(hash, place)
  join public.messages m on m.project_id = l.project_id and m.trace_id = l.trace_id and m.hash = u.hash;
comment on view   public.prompts               is 'One row per message that was sent to a model, as the call sent it: the lists of message_lists with the texts of messages.';
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
-- null never overwrites. The result is a message of its own, under its own hash.

create function private.places_of(list public.message_lists) returns table (place integer, hash uuid)
  language sql stable security invoker set search_path = ''
as $$
  select coalesce(list.indexes[u.n], u.n - 1)::integer, u.hash
  from unnest(list.hashes) with ordinality as u(hash, n)
$$;
comment on function private.places_of(public.message_lists) is 'The places of a list, each with the hash of its message.';

create function private.merge_lists(stored public.message_lists, incoming public.message_lists) returns public.message_lists
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  merged public.message_lists := stored;
begin
  with pairs as (
    select place, s.hash as old_hash, i.hash as new_hash
    from private.places_of(stored) s full join private.places_of(incoming) i using (place)
  ), placed as (
    select b.place, coalesce(b.old_hash, b.new_hash) as hash, false as is_new, null::public.messages as message
    from pairs b
    where b.old_hash is null or b.new_hash is null or b.old_hash = b.new_hash
    union all
    select b.place, private.message_hash(f.role, f.content, f.parts, f.name, f.tool_call_id), true,
      row(stored.project_id, stored.trace_id, private.message_hash(f.role, f.content, f.parts, f.name, f.tool_call_id),
        f.role, f.content, f.parts, f.name, f.tool_call_id)::public.messages
    from pairs b
    join public.messages o on o.project_id = stored.project_id and o.trace_id = stored.trace_id and o.hash = b.old_hash
    join public.messages n on n.project_id = stored.project_id and n.trace_id = stored.trace_id and n.hash = b.new_hash
    cross join lateral (select
      greatest(o.role collate "C", n.role collate "C"), greatest(o.content collate "C", n.content collate "C"),
      greatest(o.parts, n.parts), greatest(o.name collate "C", n.name collate "C"),
      greatest(o.tool_call_id, n.tool_call_id)
    ) f(role, content, parts, name, tool_call_id)
    where b.old_hash <> b.new_hash
  ), written as (
    insert into public.messages select (message).* from placed where is_new on conflict do nothing
  )
  select array_agg(hash order by place), case when max(place) >= count(*) then array_agg(place order by place) end
  into merged.hashes, merged.indexes
  from placed;
  return merged;
end $$;
comment on function private.merge_lists(public.message_lists, public.message_lists) is
  'Two lists of one call put together, place by place. Writes the messages that come of it. Called on conflict only.';

create function private.refuse_copies() returns uuid[]
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  raise exception 'A message stands twice in a batch.' using errcode = 'cardinality_violation';
end $$;
comment on function private.refuse_copies() is 'Stops a statement of write_prompts() whose list names one place twice.';

create function private.messages_of(records jsonb)
  returns table (trace_id text, span_id text, place integer, hash uuid, role text, content text, parts jsonb, name text, tool_call_id text)
  language sql stable security invoker set search_path = ''
as $$
  select r.trace_id, r.span_id,
    -- No index is as wrong as a negative one, and the table says so.
    coalesce(r.message_index, -1),
    private.message_hash(r.role, r.content, r.parts, r.name, r.tool_call_id),
    r.role, r.content, r.parts, r.name, r.tool_call_id
  from jsonb_to_recordset(records) as r(trace_id text, span_id text, message_index integer,
    role text, content text, parts jsonb, name text, tool_call_id text)
$$;
comment on function private.messages_of(jsonb) is 'The prompt records of a batch, each with the hash of its message.';

create function private.lists_of(project uuid, records jsonb) returns setof public.message_lists
  language sql volatile security invoker set search_path = ''
as $$
  select project, trace_id collate "C", span_id collate "C",
    case when count(*) = count(distinct place) then array_agg(hash order by place) else private.refuse_copies() end,
    case when min(place) < 0 or max(place) >= count(*) then array_agg(place order by place) end
  from private.messages_of(records)
  group by trace_id collate "C", span_id collate "C"
  order by trace_id collate "C", span_id collate "C"
$$;
comment on function private.lists_of(uuid, jsonb) is 'The lists that the prompt records of a batch make, in the order of their keys.';

create function private.without_copies(records jsonb) returns jsonb
  language sql stable security invoker set search_path = ''
as $$
  select jsonb_agg(to_jsonb(one)) from (
    select trace_id, span_id, message_index, max(role collate "C") as role, max(content collate "C") as content,
      (array_agg(parts order by parts desc nulls last))[1] as parts, max(name collate "C") as name,
      max(tool_call_id collate "C") as tool_call_id
    from jsonb_to_recordset(records) as r(trace_id text, span_id text, message_index integer,
      role text, content text, parts jsonb, name text, tool_call_id text)
    group by trace_id, span_id, message_index
  ) one
$$;
comment on function private.without_copies(jsonb) is 'Prompt records with those that name one place put together.';

create or replace function private.write_prompts(project uuid, records jsonb) returns integer
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  lists integer;
  inserted integer;
begin
  if coalesce(jsonb_array_length(records), 0) = 0 then
    return 0;
  end if;
  begin
    with sent as materialized (
      select * from private.messages_of(records)
    ), written as (
      insert into public.messages (project_id, trace_id, hash, role, content, parts, name, tool_call_id)
      select distinct on (trace_id collate "C", hash) project, trace_id, hash, role, content, parts, name, tool_call_id
      from sent order by trace_id collate "C", hash
      on conflict do nothing
    ), listed as materialized (
      select trace_id collate "C" as trace_id, span_id collate "C" as span_id,
        case when count(*) = count(distinct place) then array_agg(hash order by place) else private.refuse_copies() end as hashes,
        case when min(place) < 0 or max(place) >= count(*) then array_agg(place order by place) end as indexes
      from sent group by trace_id collate "C", span_id collate "C"
    ), kept as (
      insert into public.message_lists (project_id, trace_id, span_id, hashes, indexes)
      select project, trace_id, span_id, hashes, indexes from listed order by trace_id, span_id
      on conflict do nothing
      returning 1
    )
    select (select count(*) from listed), (select count(*) from kept) into lists, inserted;
  exception when cardinality_violation then
    return private.write_prompts(project, private.without_copies(records));
  end;
  -- A call that comes again, or in pieces. By now its messages are there to be read.
  if inserted < lists then
    insert into public.message_lists as x
    select * from private.lists_of(project, records)
    on conflict (project_id, trace_id, span_id) do update
      set (hashes, indexes) = (select m.hashes, m.indexes from private.merge_lists(x, excluded) m)
      where (x.hashes, x.indexes) is distinct from (excluded.hashes, excluded.indexes)
        and exists (select place, hash from private.places_of(excluded) except select place, hash from private.places_of(x));
  end if;
  return jsonb_array_length(records);
end $$;
comment on function private.write_prompts(uuid, jsonb) is
  'Writes prompt records, each message once per trace, merging lists with what is stored. Returns how many records the list holds, copies counted once.';

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
    delete from public.messages t where t.project_id = project and t.trace_id = waiting;
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

alter table public.messages enable row level security;
alter table public.message_lists enable row level security;
create policy "members read their projects' messages" on public.messages
  for select to authenticated using (project_id = any (array(select private.my_projects())));
create policy "members read their projects' message lists" on public.message_lists
  for select to authenticated using (project_id = any (array(select private.my_projects())));

revoke all on public.messages, public.message_lists, public.prompts from public, anon, authenticated, service_role;
grant select on public.messages, public.message_lists, public.prompts to authenticated, service_role;
grant insert, update, delete on public.messages, public.message_lists to service_role;

revoke all on function
  private.message_hash(text, text, jsonb, text, text), private.places_of(public.message_lists),
  private.merge_lists(public.message_lists, public.message_lists), private.refuse_copies(),
  private.messages_of(jsonb), private.lists_of(uuid, jsonb), private.without_copies(jsonb),
  public.prompts(public.traces), public.prompts(public.spans), public.span(public.prompts)
  from public, anon, authenticated, service_role;
grant execute on function public.prompts(public.traces), public.prompts(public.spans), public.span(public.prompts)
  to authenticated, service_role;
