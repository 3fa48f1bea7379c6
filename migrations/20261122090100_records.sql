-- The six tables. A column is a field of wire/records.ts under the same name; a test compares the two.
--
-- Keys begin with the project and then the trace, so that a trace lies together and, with the SDK's
-- time-ordered trace ids, new rows go to the right-hand edge of every index. No foreign keys among
-- the six: a child may arrive before its parent, and the check would cost more than the row.

create table public.sessions (
  project_id  uuid not null,
  id          text collate "C" not null check (length(id) between 1 and 128),
  name        text,
  user_id     text,
  metadata    jsonb,
  mode        text check (mode in ('dev', 'prod')),
  started_at  timestamptz,
  ended_at    timestamptz,
  merge_state jsonb,
  primary key (project_id, id)
) with (fillfactor = 85);
comment on table  public.sessions             is 'One row per session: the traces of one conversation or workflow. Written only by ingest().';
comment on column public.sessions.project_id  is 'The project whose token wrote the row.';
comment on column public.sessions.id          is 'Chosen by the application.';
comment on column public.sessions.name        is 'What the application calls it; null when it never said.';
comment on column public.sessions.user_id     is 'The application''s id of the end user; null when unknown.';
comment on column public.sessions.metadata    is 'Whatever else the application attached.';
comment on column public.sessions.mode        is 'dev or prod, as given to init().';
comment on column public.sessions.started_at  is 'The earliest moment seen, by the client''s clock.';
comment on column public.sessions.ended_at    is 'The last activity seen, by the client''s clock.';
comment on column public.sessions.merge_state is 'For ingest(): how new the fields are where they came from different messages; null when from one.';

create table public.traces (
  project_id        uuid not null,
  id                text collate "C" not null check (length(id) between 1 and 128),
  session_id        text collate "C",
  user_id           text,
  name              text,
  service_name      text,
  release           text,
  mode              text check (mode in ('dev', 'prod')),
  started_at        timestamptz,
  ended_at          timestamptz,
  status            text check (status in ('unset', 'ok', 'error')),
  error             jsonb,
  input             jsonb,
  output            jsonb,
  tags              text[],
  metadata          jsonb,
  span_count        integer not null default 0,
  error_count       integer not null default 0,
  prompt_tokens     bigint  not null default 0,
  completion_tokens bigint  not null default 0,
  total_tokens      bigint  not null default 0,
  merge_state       jsonb,
  primary key (project_id, id)
) with (fillfactor = 85);
comment on table  public.traces                   is 'One row per trace: one run of a top-level operation. Made as soon as any part of it arrives; written only by ingest().';
comment on column public.traces.project_id        is 'The project whose token wrote the row.';
comment on column public.traces.id                is 'W3C trace id (32 hex digits), or the client''s own id.';
comment on column public.traces.session_id        is 'The session it belongs to; null for none.';
comment on column public.traces.user_id           is 'The application''s id of the end user; null when unknown.';
comment on column public.traces.name              is 'The operation; null until its root has arrived.';
comment on column public.traces.service_name      is 'The application, as named in init() or by service.name.';
comment on column public.traces.release           is 'The application''s version.';
comment on column public.traces.mode              is 'dev or prod, as given to init().';
comment on column public.traces.started_at        is 'The earliest moment seen, by the client''s clock.';
comment on column public.traces.ended_at          is 'The latest end seen; null while nothing has ended.';
comment on column public.traces.status            is 'unset, ok or error, of the root; the strongest seen stays.';
comment on column public.traces.error             is 'type, message and stack of the error that ended the root.';
comment on column public.traces.input             is 'What the operation was given.';
comment on column public.traces.output            is 'What the operation returned.';
comment on column public.traces.tags              is 'Short texts to filter by.';
comment on column public.traces.metadata          is 'Whatever else the application attached.';
comment on column public.traces.span_count        is 'Spans stored; kept by triggers.';
comment on column public.traces.error_count       is 'Spans with status error; kept by triggers.';
comment on column public.traces.prompt_tokens     is 'Sum over its completions; kept by triggers. 0 also when nothing was reported.';
comment on column public.traces.completion_tokens is 'Sum over its completions; kept by triggers. 0 also when nothing was reported.';
comment on column public.traces.total_tokens      is 'Sum over its completions; kept by triggers. 0 also when nothing was reported.';
comment on column public.traces.merge_state       is 'For ingest(): how new the fields are where they came from different messages; null when from one.';
create index traces_by_start on public.traces (project_id, started_at desc);
create index traces_by_session on public.traces (project_id, session_id);
create index sessions_by_start on public.sessions (project_id, started_at desc);

create table public.spans (
  project_id  uuid not null,
  trace_id    text collate "C" not null check (length(trace_id) between 1 and 128),
  id          text collate "C" not null check (length(id) between 1 and 128),
  parent_id   text collate "C",
  name        text,
  kind        text check (kind in ('llm', 'tool', 'agent', 'chain', 'retriever', 'embedding', 'span')),
  mode        text check (mode in ('dev', 'prod')),
  status      text check (status in ('unset', 'ok', 'error')),
  error       jsonb,
  started_at  timestamptz,
  ended_at    timestamptz,
  input       jsonb,
  output      jsonb,
  attributes  jsonb,
  events      jsonb,
  merge_state jsonb,
  primary key (project_id, trace_id, id)
);
comment on table  public.spans             is 'One row per span: a timed step inside a trace; the root is one too. Written only by ingest().';
comment on column public.spans.project_id  is 'The project whose token wrote the row.';
comment on column public.spans.trace_id    is 'The trace it belongs to.';
comment on column public.spans.id          is 'W3C span id (16 hex digits), or the client''s own id; minted once, so a span sent again is the same row.';
comment on column public.spans.parent_id   is 'The enclosing span; null at the root. The parent may arrive later, or never.';
comment on column public.spans.name        is 'The function or step.';
comment on column public.spans.kind        is 'llm, tool, agent, chain, retriever, embedding, or span for any other step.';
comment on column public.spans.mode        is 'dev or prod, as given to init().';
comment on column public.spans.status      is 'unset, ok or error; the strongest seen stays.';
comment on column public.spans.error       is 'type, message and stack of what went wrong.';
comment on column public.spans.started_at  is 'When it began, by the client''s clock.';
comment on column public.spans.ended_at    is 'When it ended; null while it runs.';
comment on column public.spans.input       is 'Arguments. Null for LLM calls: their messages are in prompts.';
comment on column public.spans.output      is 'Result. Null for LLM calls: their messages are in completions.';
comment on column public.spans.attributes  is 'Everything else that was recorded on it, by attribute name.';
comment on column public.spans.events      is 'What happened during it: a list of {name, time, attributes}.';
comment on column public.spans.merge_state is 'For ingest(): how new the fields are where they came from different messages; null when from one.';
create index llm_spans_by_start on public.spans (project_id, started_at desc) where kind = 'llm';

create table public.prompts (
  project_id    uuid not null,
  trace_id      text collate "C" not null check (length(trace_id) between 1 and 128),
  span_id       text collate "C" not null check (length(span_id) between 1 and 128),
  message_index integer not null check (message_index >= 0),
  role          text,
  content       text,
  parts         jsonb,
  name          text,
  tool_call_id  text collate "C",
  primary key (project_id, trace_id, span_id, message_index)
);
comment on table  public.prompts               is 'One row per message that was sent to a model. Written only by ingest().';
comment on column public.prompts.project_id    is 'The project whose token wrote the row.';
comment on column public.prompts.trace_id      is 'The trace it belongs to.';
comment on column public.prompts.span_id       is 'The LLM span that sent it.';
comment on column public.prompts.message_index is 'Its place in the request, from 0.';
comment on column public.prompts.role          is 'system, user, assistant, tool or the provider''s own word.';
comment on column public.prompts.content       is 'Its plain text; null when it has none.';
comment on column public.prompts.parts         is 'Its typed parts in order, where there is more than text: images, tool calls, tool results.';
comment on column public.prompts.name          is 'The author''s name, where one was given.';
comment on column public.prompts.tool_call_id  is 'The call that a tool message answers.';

create table public.completions (
  project_id             uuid not null,
  trace_id               text collate "C" not null check (length(trace_id) between 1 and 128),
  span_id                text collate "C" not null check (length(span_id) between 1 and 128),
  completion_index       integer not null check (completion_index >= 0),
  role                   text,
  content                text,
  parts                  jsonb,
  finish_reason          text,
  model                  text,
  provider               text,
  response_id            text,
  prompt_tokens          bigint check (prompt_tokens >= 0),
  completion_tokens      bigint check (completion_tokens >= 0),
  total_tokens           bigint check (total_tokens >= 0),
  cached_tokens          bigint check (cached_tokens >= 0),
  cache_write_tokens     bigint check (cache_write_tokens >= 0),
  reasoning_tokens       bigint check (reasoning_tokens >= 0),
  time_to_first_token_ms double precision check (time_to_first_token_ms >= 0),
  primary key (project_id, trace_id, span_id, completion_index)
);
comment on table  public.completions                        is 'One row per choice that a model answered. Usage belongs to the call and stands on choice 0 only, so sums are right. Written only by ingest().';
comment on column public.completions.project_id             is 'The project whose token wrote the row.';
comment on column public.completions.trace_id               is 'The trace it belongs to.';
comment on column public.completions.span_id                is 'The LLM span that received it.';
comment on column public.completions.completion_index       is 'The choice, from 0.';
comment on column public.completions.role                   is 'assistant, or the provider''s own word.';
comment on column public.completions.content                is 'Its plain text; null when it has none.';
comment on column public.completions.parts                  is 'Its typed parts in order, where there is more than text: tool calls, reasoning, images.';
comment on column public.completions.finish_reason          is 'Why it ended, in the provider''s word.';
comment on column public.completions.model                  is 'The model that answered; the one asked for when the answer did not say.';
comment on column public.completions.provider               is 'Who served it, in lower case.';
comment on column public.completions.response_id            is 'The provider''s id of the answer.';
comment on column public.completions.prompt_tokens          is 'Input tokens, cached and cache-written ones included, whatever the provider counts. Null when not reported.';
comment on column public.completions.completion_tokens      is 'Output tokens, reasoning included. Null when not reported.';
comment on column public.completions.total_tokens           is 'Both together.';
comment on column public.completions.cached_tokens          is 'The part of prompt_tokens that was read from a cache.';
comment on column public.completions.cache_write_tokens     is 'The part of prompt_tokens that was written to a cache.';
comment on column public.completions.reasoning_tokens       is 'The part of completion_tokens that was spent on reasoning.';
comment on column public.completions.time_to_first_token_ms is 'From the request to the first streamed token, in milliseconds; null when not streamed.';

create table public.tools (
  project_id  uuid not null,
  trace_id    text collate "C" not null check (length(trace_id) between 1 and 128),
  id          text collate "C" not null check (length(id) between 1 and 128),
  span_id     text collate "C",
  run_span_id text collate "C",
  name        text,
  arguments   jsonb,
  output      jsonb,
  status      text check (status in ('unset', 'ok', 'error')),
  error       jsonb,
  started_at  timestamptz,
  ended_at    timestamptz,
  merge_state jsonb,
  primary key (project_id, trace_id, id)
);
comment on table  public.tools             is 'One row per tool call, filled by up to three witnesses: the model that asked, the tool''s own span, the message that answered. Written only by ingest().';
comment on column public.tools.project_id  is 'The project whose token wrote the row.';
comment on column public.tools.trace_id    is 'The trace it belongs to.';
comment on column public.tools.id          is 'The provider''s call id, else the LLM span''s id and the call''s place in it; the tool''s own span id when no model asked.';
comment on column public.tools.span_id     is 'The LLM span that asked for it; null when no model did.';
comment on column public.tools.run_span_id is 'The tool''s own span; null when only the model was heard. Equal to id while no model''s call was found for the run.';
comment on column public.tools.name        is 'The tool.';
comment on column public.tools.arguments   is 'What it was called with.';
comment on column public.tools.output      is 'What it returned; null when unknown.';
comment on column public.tools.status      is 'unset, ok or error; the strongest seen stays.';
comment on column public.tools.error       is 'type, message and stack of what went wrong.';
comment on column public.tools.started_at  is 'When it began, by the client''s clock; null when only the model was heard.';
comment on column public.tools.ended_at    is 'When it ended; null while it runs, or when only the model was heard.';
comment on column public.tools.merge_state is 'For ingest(): how new the fields are where they came from different messages; null when from one.';

create index unjoined_tool_runs on public.tools (project_id, trace_id) where id = run_span_id;

create table public.receipts (
  project_id  uuid        not null,
  batch_id    uuid        not null,
  received_at timestamptz not null default now(),
  stored      jsonb       not null,
  sdk         jsonb,
  primary key (project_id, batch_id)
);
comment on table  public.receipts             is 'One row per stored batch: a batch sent again is recognised by it, and loss can be counted from it. Written only by ingest().';
comment on column public.receipts.project_id  is 'The project whose token wrote the row.';
comment on column public.receipts.batch_id    is 'Minted once by the sender.';
comment on column public.receipts.received_at is 'When it was stored, by the database''s clock.';
comment on column public.receipts.stored      is 'Rows accepted per table.';
comment on column public.receipts.sdk         is 'The sender: name, version, process_id, and how many records it had created, sent and dropped by then.';
create index receipts_by_time on public.receipts (project_id, received_at desc);

-- Row-level security and grants -----------------------------------------------------------------

alter table public.sessions enable row level security;
alter table public.traces enable row level security;
alter table public.spans enable row level security;
alter table public.prompts enable row level security;
alter table public.completions enable row level security;
alter table public.tools enable row level security;
alter table public.receipts enable row level security;

revoke all on public.sessions, public.traces, public.spans, public.prompts, public.completions, public.tools, public.receipts
  from public, anon, authenticated, service_role;
grant select on public.sessions, public.traces, public.spans, public.prompts, public.completions, public.tools, public.receipts
  to authenticated;
grant select, insert, update, delete on
  public.sessions, public.traces, public.spans, public.prompts, public.completions, public.tools, public.receipts
  to service_role;

-- "= any (array(select ...))" is evaluated once and becomes a condition of the index; a function of
-- the row would run once per row.
create policy "members read their projects' sessions" on public.sessions
  for select to authenticated using (project_id = any (array(select private.my_projects())));
create policy "members read their projects' traces" on public.traces
  for select to authenticated using (project_id = any (array(select private.my_projects())));
create policy "members read their projects' spans" on public.spans
  for select to authenticated using (project_id = any (array(select private.my_projects())));
create policy "members read their projects' prompts" on public.prompts
  for select to authenticated using (project_id = any (array(select private.my_projects())));
create policy "members read their projects' completions" on public.completions
  for select to authenticated using (project_id = any (array(select private.my_projects())));
create policy "members read their projects' tools" on public.tools
  for select to authenticated using (project_id = any (array(select private.my_projects())));
create policy "members read their projects' receipts" on public.receipts
  for select to authenticated using (project_id = any (array(select private.my_projects())));
