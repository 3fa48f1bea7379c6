-- Relationships, for the API's embedding: traces?select=name,spans(name,completions(*)). The records have
-- no foreign keys, so each relationship is a function that the API knows by its argument. All run with
-- the rights of their reader: row-level security decides which rows they find.

-- Between tables -----------------------------------------------------------------------------------

create function agensight.traces(agensight.sessions) returns setof agensight.traces
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.traces t where t.project_id = $1.project_id and t.session_id = $1.id order by t.started_at $$;
comment on function agensight.traces(agensight.sessions) is 'The traces of a session, the earliest first.';

create function agensight.session(agensight.traces) returns setof agensight.sessions rows 1
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.sessions s where s.project_id = $1.project_id and s.id = $1.session_id $$;
comment on function agensight.session(agensight.traces) is 'The session of a trace.';

create function agensight.spans(agensight.traces) returns setof agensight.spans
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.spans s where s.project_id = $1.project_id and s.trace_id = $1.id order by s.started_at $$;
comment on function agensight.spans(agensight.traces) is 'The spans of a trace, the earliest first.';

create function agensight.prompts(agensight.traces) returns setof agensight.prompts
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.prompts p where p.project_id = $1.project_id and p.trace_id = $1.id
  order by p.span_id, p.message_index
$$;
comment on function agensight.prompts(agensight.traces) is 'The messages sent in a trace, call by call.';

create function agensight.completions(agensight.traces) returns setof agensight.completions
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.completions c where c.project_id = $1.project_id and c.trace_id = $1.id
  order by c.span_id, c.completion_index
$$;
comment on function agensight.completions(agensight.traces) is 'The answers received in a trace, call by call.';

create function agensight.tools(agensight.traces) returns setof agensight.tools
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.tools t where t.project_id = $1.project_id and t.trace_id = $1.id order by t.started_at, t.id $$;
comment on function agensight.tools(agensight.traces) is 'The tool calls of a trace, the earliest first.';

create function agensight.trace(agensight.spans) returns setof agensight.traces rows 1
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.traces t where t.project_id = $1.project_id and t.id = $1.trace_id $$;
comment on function agensight.trace(agensight.spans) is 'The trace of a span.';

create function agensight.parent(agensight.spans) returns setof agensight.spans rows 1
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.parent_id
$$;
comment on function agensight.parent(agensight.spans) is 'The enclosing span; nothing at the root, or while it has not arrived.';

create function agensight.children(agensight.spans) returns setof agensight.spans
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.parent_id = $1.id
  order by s.started_at
$$;
comment on function agensight.children(agensight.spans) is 'The spans directly below a span, the earliest first.';

create function agensight.prompts(agensight.spans) returns setof agensight.prompts
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.prompts p
  where p.project_id = $1.project_id and p.trace_id = $1.trace_id and p.span_id = $1.id
  order by p.message_index
$$;
comment on function agensight.prompts(agensight.spans) is 'The messages that an LLM span sent, in order.';

create function agensight.completions(agensight.spans) returns setof agensight.completions
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.completions c
  where c.project_id = $1.project_id and c.trace_id = $1.trace_id and c.span_id = $1.id
  order by c.completion_index
$$;
comment on function agensight.completions(agensight.spans) is 'The answers that an LLM span received, in order.';

create function agensight.tools(agensight.spans) returns setof agensight.tools
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.tools t
  where t.project_id = $1.project_id and t.trace_id = $1.trace_id and $1.id in (t.span_id, t.run_span_id)
  order by t.id
$$;
comment on function agensight.tools(agensight.spans) is 'The tool calls that an LLM span requested, or that a tool''s own span ran.';

create function agensight.span(agensight.prompts) returns setof agensight.spans rows 1
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.span_id
$$;
comment on function agensight.span(agensight.prompts) is 'The LLM span that sent a message.';

create function agensight.span(agensight.completions) returns setof agensight.spans rows 1
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.span_id
$$;
comment on function agensight.span(agensight.completions) is 'The LLM span that received an answer.';

create function agensight.span(agensight.tools) returns setof agensight.spans rows 1
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.span_id
$$;
comment on function agensight.span(agensight.tools) is 'The LLM span that requested a tool call.';

-- From a table to a view, and from views to tables -----------------------------------------------------

create function agensight.summary(agensight.traces) returns setof agensight.trace_summary rows 1
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.trace_summary v where v.project_id = $1.project_id and v.id = $1.id $$;
comment on function agensight.summary(agensight.traces) is 'The summary of a trace.';

create function agensight.session(agensight.trace_summary) returns setof agensight.sessions rows 1
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.sessions s where s.project_id = $1.project_id and s.id = $1.session_id $$;
comment on function agensight.session(agensight.trace_summary) is 'The session of a trace.';

create function agensight.spans(agensight.trace_summary) returns setof agensight.spans
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.spans s where s.project_id = $1.project_id and s.trace_id = $1.id order by s.started_at $$;
comment on function agensight.spans(agensight.trace_summary) is 'The spans of a trace, the earliest first.';

create function agensight.traces(agensight.session_summary) returns setof agensight.traces
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.traces t where t.project_id = $1.project_id and t.session_id = $1.id order by t.started_at $$;
comment on function agensight.traces(agensight.session_summary) is 'The traces of a session, the earliest first.';

create function agensight.trace(agensight.llm_calls) returns setof agensight.traces rows 1
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.traces t where t.project_id = $1.project_id and t.id = $1.trace_id $$;
comment on function agensight.trace(agensight.llm_calls) is 'The trace of a call.';

create function agensight.prompts(agensight.llm_calls) returns setof agensight.prompts
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.prompts p
  where p.project_id = $1.project_id and p.trace_id = $1.trace_id and p.span_id = $1.span_id
  order by p.message_index
$$;
comment on function agensight.prompts(agensight.llm_calls) is 'The messages that a call sent, in order.';

create function agensight.tools(agensight.llm_calls) returns setof agensight.tools
  language sql stable security invoker set search_path = ''
as $$
  select * from agensight.tools t
  where t.project_id = $1.project_id and t.trace_id = $1.trace_id and t.span_id = $1.span_id
  order by t.id
$$;
comment on function agensight.tools(agensight.llm_calls) is 'The tool calls that a call requested.';

create function agensight.trace(agensight.errors) returns setof agensight.traces rows 1
  language sql stable security invoker set search_path = ''
as $$ select * from agensight.traces t where t.project_id = $1.project_id and t.id = $1.trace_id $$;
comment on function agensight.trace(agensight.errors) is 'The trace in which a span failed.';
