-- A session as one conversation: each message once, in order, though every request repeats the history,
-- and though several agents may talk at the same time.
--
-- The rule, call by call in the order of their starts:
--   * A call belongs to the conversation whose transcript holds the most of its messages, in their
--     order: one message is enough where the system prompt is the same, two where it is not. With less
--     in common it opens a conversation of its own.
--   * Messages that the transcript holds are history and are not shown again; the rest is new. Matching
--     goes forward only, so "yes" said twice is two messages, and history that a client shortened or
--     summarised still matches where it can.
--   * A request that is history from end to end is a retry within its trace; in another trace the user
--     said the same again, and the messages after the last answer are shown.
--   * A system prompt is shown once per session.
--   * The answers follow.

create function agensight_private.message_key(role text, content text, parts jsonb, tool_call_id text) returns text
  language sql immutable security invoker set search_path = ''
as $$
  select left(md5(concat_ws('|',
    case role when 'model' then 'assistant' when 'developer' then 'system' else role end,
    coalesce(
      nullif(btrim(content, E' \n\t\r'), ''),
      (select string_agg(p ->> 'id', ' ') from jsonb_array_elements(case jsonb_typeof(parts) when 'array' then parts end) p),
      parts::text, ''),
    tool_call_id)), 16)
$$;
comment on function agensight_private.message_key(text, text, jsonb, text) is
  'Equal for an answer and for the same answer when the next request repeats it.';

create function agensight_private.count_known(transcript text, keys text[]) returns integer
  language plpgsql immutable security invoker set search_path = ''
as $$
declare
  key text;
  at integer;
  known integer := 0;
begin
  foreach key in array keys loop
    at := strpos(transcript, key);
    if at > 0 then
      known := known + 1;
      transcript := substr(transcript, at + 16);
    end if;
  end loop;
  return known;
end $$;
comment on function agensight_private.count_known(text, text[]) is
  'How many of the keys a transcript (keys of 16 digits, a space between) has in this order.';

create function agensight_private.thread_calls(project uuid, session text, at_most integer)
  returns table (trace_id text, span_id text, agent text, started_at timestamptz, ended_at timestamptz)
  language sql stable security invoker set search_path = ''
as $$
  select c.trace_id, c.span_id, c.agent, c.started_at, c.ended_at from (
    select t.id as trace_id, k.span_id, coalesce(p.name, t.name) as agent,
           coalesce(s.started_at, t.started_at) as started_at, coalesce(s.ended_at, s.started_at, t.ended_at) as ended_at
    from agensight.traces t
    cross join lateral (
      select l.span_id from agensight.message_lists l where l.project_id = t.project_id and l.trace_id = t.id
      union
      select c.span_id from agensight.completions c where c.project_id = t.project_id and c.trace_id = t.id
    ) k
    left join agensight.spans s on s.project_id = t.project_id and s.trace_id = t.id and s.id = k.span_id
    left join agensight.spans p on p.project_id = t.project_id and p.trace_id = t.id and p.id = s.parent_id
    where t.project_id = project and t.session_id = session
      and not exists (
        select from agensight.completions r
        where r.project_id = t.project_id and r.trace_id = t.id and r.span_id = k.span_id and r.repeat_of is not null)
    order by 4 desc nulls last, 1 desc, 2 desc
    limit at_most
  ) c
  order by c.started_at nulls first, c.trace_id, c.span_id
$$;
comment on function agensight_private.thread_calls(uuid, text, integer) is 'The latest calls of a session, each once, in the order of their starts.';

create function agensight.session_thread(p_project_id uuid, p_session_id text, p_limit integer default 500)
  returns table (
    "position" integer, conversation integer, agent text, role text, content text, parts jsonb, tool_calls jsonb,
    name text, tool_call_id text, said_at timestamptz, model text, trace_id text, span_id text)
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  candidates constant integer := 30;
  call record;
  message record;
  keys text[];
  prompt_key text;
  transcripts text[] := '{}';
  systems text[] := '{}';
  last_traces text[] := '{}';
  -- Conversations by last use, the latest last.
  recent integer[] := '{}';
  shown_systems text := '';
  best integer;
  best_known integer;
  known integer;
  rest text;
  at integer;
  is_again boolean;
begin
  if p_limit is null or p_limit not between 1 and 5000 then
    raise exception 'p_limit is from 1 to 5000.' using errcode = 'PT400';
  end if;
  "position" := 0;
  for call in select * from agensight_private.thread_calls(p_project_id, p_session_id, p_limit) loop
    select coalesce(array_agg(m.key order by m.message_index) filter (where not m.is_system), '{}'),
           coalesce(string_agg(m.key, ' ' order by m.message_index) filter (where m.is_system), '')
    into keys, prompt_key
    from (
      select p.message_index, agensight_private.message_key(p.role, p.content, p.parts, p.tool_call_id) as key,
             coalesce(p.role in ('system', 'developer'), false) as is_system
      from agensight.prompts p
      where p.project_id = p_project_id and p.trace_id = call.trace_id and p.span_id = call.span_id
    ) m;
    best := null;
    best_known := 0;
    for n in reverse cardinality(recent) .. greatest(1, cardinality(recent) - candidates + 1) loop
      known := agensight_private.count_known(transcripts[recent[n]], keys);
      if known > best_known and (known > 1 or systems[recent[n]] = prompt_key) then
        best := recent[n];
        best_known := known;
      end if;
    end loop;
    if best is null then
      transcripts := array_append(transcripts, '');
      systems := array_append(systems, prompt_key);
      best := cardinality(transcripts);
      last_traces := array_append(last_traces, call.trace_id);
    end if;
    is_again := best_known = cardinality(keys) and last_traces[best] <> call.trace_id;
    recent := array_remove(recent, best) || best;
    systems[best] := prompt_key;
    last_traces[best] := call.trace_id;
    conversation := best;
    agent := call.agent;
    trace_id := call.trace_id;
    span_id := call.span_id;
    said_at := call.started_at;
    tool_calls := null;
    model := null;
    rest := transcripts[best];
    for message in
      select p.*, agensight_private.message_key(p.role, p.content, p.parts, p.tool_call_id) as key,
             coalesce(p.role in ('system', 'developer'), false) as is_system,
             p.message_index > coalesce(max(p.message_index) filter (where p.role in ('assistant', 'model')) over (), -1) as is_last
      from agensight.prompts p
      where p.project_id = p_project_id and p.trace_id = call.trace_id and p.span_id = call.span_id
      order by p.message_index
    loop
      if message.is_system then
        continue when strpos(shown_systems, message.key) > 0;
        shown_systems := shown_systems || message.key || ' ';
      else
        at := strpos(rest, message.key);
        if at > 0 then
          rest := substr(rest, at + 16);
          continue when not (is_again and message.is_last);
        end if;
        transcripts[best] := transcripts[best] || message.key || ' ';
      end if;
      "position" := "position" + 1;
      role := message.role;
      content := message.content;
      parts := message.parts;
      name := message.name;
      tool_call_id := message.tool_call_id;
      return next;
    end loop;
    said_at := call.ended_at;
    name := null;
    tool_call_id := null;
    for message in
      select c.*, agensight_private.message_key(coalesce(c.role, 'assistant'), c.content, c.parts, null) as key,
             case when c.completion_index = 0 then (
               select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', o.id, 'name', o.name, 'arguments', o.arguments,
                 'output', o.output, 'status', o.status, 'error', o.error)) order by o.started_at, o.id)
               from agensight.tools o
               where o.project_id = p_project_id and o.trace_id = call.trace_id and o.span_id = call.span_id) end as asked
      from agensight.completions c
      where c.project_id = p_project_id and c.trace_id = call.trace_id and c.span_id = call.span_id
      order by c.completion_index
    loop
      transcripts[best] := transcripts[best] || message.key || ' ';
      "position" := "position" + 1;
      role := coalesce(message.role, 'assistant');
      content := message.content;
      parts := message.parts;
      tool_calls := message.asked;
      model := message.model;
      return next;
    end loop;
  end loop;
end $$;
comment on function agensight.session_thread(uuid, text, integer) is
  'A session as a conversation: every message and answer of its calls once, in order, with the tool calls that an answer requested and their results. conversation numbers the threads of several agents; agent is the span around the call; said_at is the start of the call for what was sent and its end for what was answered. Of a long session the latest p_limit calls (1 to 5000). Raises PT400.';
