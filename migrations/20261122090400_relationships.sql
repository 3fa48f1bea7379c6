-- How the tables hang together, for the API's embedding: traces?select=name,spans(name,completions(*)).
-- The six have no foreign keys, so each relationship is a function that the API knows by its argument.
-- All run with the rights of their reader: row-level security decides what they find.

create function public.traces(public.sessions) returns setof public.traces
  language sql stable security invoker set search_path = ''
as $$ select * from public.traces t where t.project_id = $1.project_id and t.session_id = $1.id order by t.started_at $$;
comment on function public.traces(public.sessions) is 'The traces of a session, the earliest first.';

create function public.session(public.traces) returns setof public.sessions rows 1
  language sql stable security invoker set search_path = ''
as $$ select * from public.sessions s where s.project_id = $1.project_id and s.id = $1.session_id $$;
comment on function public.session(public.traces) is 'The session of a trace.';

create function public.spans(public.traces) returns setof public.spans
  language sql stable security invoker set search_path = ''
as $$ select * from public.spans s where s.project_id = $1.project_id and s.trace_id = $1.id order by s.started_at $$;
comment on function public.spans(public.traces) is 'The spans of a trace, the earliest first.';

create function public.prompts(public.traces) returns setof public.prompts
  language sql stable security invoker set search_path = ''
as $$
  select * from public.prompts p where p.project_id = $1.project_id and p.trace_id = $1.id
  order by p.span_id, p.message_index
$$;
comment on function public.prompts(public.traces) is 'The messages sent in a trace, call by call.';

create function public.completions(public.traces) returns setof public.completions
  language sql stable security invoker set search_path = ''
as $$
  select * from public.completions c where c.project_id = $1.project_id and c.trace_id = $1.id
  order by c.span_id, c.completion_index
$$;
comment on function public.completions(public.traces) is 'The answers received in a trace, call by call.';

create function public.tools(public.traces) returns setof public.tools
  language sql stable security invoker set search_path = ''
as $$ select * from public.tools t where t.project_id = $1.project_id and t.trace_id = $1.id order by t.started_at, t.id $$;
comment on function public.tools(public.traces) is 'The tool calls of a trace, the earliest first.';

create function public.trace(public.spans) returns setof public.traces rows 1
  language sql stable security invoker set search_path = ''
as $$ select * from public.traces t where t.project_id = $1.project_id and t.id = $1.trace_id $$;
comment on function public.trace(public.spans) is 'The trace of a span.';

create function public.parent(public.spans) returns setof public.spans rows 1
  language sql stable security invoker set search_path = ''
as $$
  select * from public.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.parent_id
$$;
comment on function public.parent(public.spans) is 'The enclosing span; nothing at the root, or while it has not arrived.';

create function public.children(public.spans) returns setof public.spans
  language sql stable security invoker set search_path = ''
as $$
  select * from public.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.parent_id = $1.id
  order by s.started_at
$$;
comment on function public.children(public.spans) is 'The spans directly below a span, the earliest first.';

create function public.prompts(public.spans) returns setof public.prompts
  language sql stable security invoker set search_path = ''
as $$
  select * from public.prompts p
  where p.project_id = $1.project_id and p.trace_id = $1.trace_id and p.span_id = $1.id
  order by p.message_index
$$;
comment on function public.prompts(public.spans) is 'The messages that an LLM span sent, in order.';

create function public.completions(public.spans) returns setof public.completions
  language sql stable security invoker set search_path = ''
as $$
  select * from public.completions c
  where c.project_id = $1.project_id and c.trace_id = $1.trace_id and c.span_id = $1.id
  order by c.completion_index
$$;
comment on function public.completions(public.spans) is 'The answers that an LLM span received, in order.';

create function public.tools(public.spans) returns setof public.tools
  language sql stable security invoker set search_path = ''
as $$
  select * from public.tools t
  where t.project_id = $1.project_id and t.trace_id = $1.trace_id and $1.id in (t.span_id, t.run_span_id)
  order by t.id
$$;
comment on function public.tools(public.spans) is 'The tool calls that an LLM span asked for, or that a tool''s own span ran.';

create function public.span(public.prompts) returns setof public.spans rows 1
  language sql stable security invoker set search_path = ''
as $$
  select * from public.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.span_id
$$;
comment on function public.span(public.prompts) is 'The LLM span that sent a message.';

create function public.span(public.completions) returns setof public.spans rows 1
  language sql stable security invoker set search_path = ''
as $$
  select * from public.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.span_id
$$;
comment on function public.span(public.completions) is 'The LLM span that received an answer.';

create function public.span(public.tools) returns setof public.spans rows 1
  language sql stable security invoker set search_path = ''
as $$
  select * from public.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.span_id
$$;
comment on function public.span(public.tools) is 'The LLM span that asked for a tool call.';

revoke all on function
  public.traces(public.sessions), public.session(public.traces), public.spans(public.traces),
  public.prompts(public.traces), public.completions(public.traces), public.tools(public.traces),
  public.trace(public.spans), public.parent(public.spans), public.children(public.spans),
  public.prompts(public.spans), public.completions(public.spans), public.tools(public.spans),
  public.span(public.prompts), public.span(public.completions), public.span(public.tools)
  from public, anon, authenticated, service_role;
grant execute on function
  public.traces(public.sessions), public.session(public.traces), public.spans(public.traces),
  public.prompts(public.traces), public.completions(public.traces), public.tools(public.traces),
  public.trace(public.spans), public.parent(public.spans), public.children(public.spans),
  public.prompts(public.spans), public.completions(public.spans), public.tools(public.spans),
  public.span(public.prompts), public.span(public.completions), public.span(public.tools)
  to authenticated, service_role;
