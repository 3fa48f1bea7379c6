CREATE OR REPLACE FUNCTION agensight.session_thread (
  p_project_id uuid,
  p_session_id text,
  p_limit      integer DEFAULT 500
)
  RETURNS TABLE (
    "position"   integer,
    conversation integer,
    agent        text,
    role         text,
    content      text,
    parts        jsonb,
    tool_calls   jsonb,
    name         text,
    tool_call_id text,
    said_at      timestamp with time zone,
    model        text,
    trace_id     text,
    span_id      text
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
end $function$;

GRANT EXECUTE ON FUNCTION "agensight"."session_thread"(uuid, text, integer) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."session_thread"(uuid, text, integer) IS 'A session as a conversation: every message and answer of its calls once, in order, with the tool calls that an answer requested and their results. conversation numbers the threads of several agents; agent is the span around the call; said_at is the start of the call for what was sent and its end for what was answered. Of a long session the latest p_limit calls (1 to 5000). Raises PT400.';

REVOKE ALL ON FUNCTION "agensight"."session_thread"(uuid, text, integer) FROM PUBLIC;
