-- The records: sessions, traces, spans, completions and tools; prompts are in the next file. A column
-- that is not kept by the database is a field of wire/records.ts under the same name; a test compares
-- the two.
--
-- Keys begin with the project and then the trace, so that a trace lies together and, with the SDK's
-- time-ordered trace ids, new rows go to the right-hand edge of every index. There are no foreign keys
-- among the records: a child may arrive before its parent, and the check would cost more than the row.
--
-- The totals of a session are columns of its row, not a view over its traces: a page of sessions sorted
-- by cost would otherwise have to add up every trace of the project.
--
-- autovacuum_vacuum_scale_factor: retention deletes many rows a day, and the default of a fifth would
-- leave a large table a fifth of dead rows.

create table agensight.sessions (
  project_id         uuid        not null,
  id                 text        collate "C" not null check (length(id) between 1 and 128),
  name               text,
  user_id            text,
  metadata           jsonb,
  mode               text        check (mode in ('dev', 'prod')),
  started_at         timestamptz,
  ended_at           timestamptz,
  received_at        timestamptz not null default now(),
  trace_count        integer     not null default 0,
  span_count         integer     not null default 0,
  error_count        integer     not null default 0,
  llm_call_count     integer     not null default 0,
  prompt_tokens      bigint      not null default 0,
  completion_tokens  bigint      not null default 0,
  total_tokens       bigint      not null default 0,
  cached_tokens      bigint      not null default 0,
  cache_write_tokens bigint      not null default 0,
  reasoning_tokens   bigint      not null default 0,
  total_cost         numeric     not null default 0,
  merge_state        jsonb,
  primary key (project_id, id)
) with (fillfactor = 85);
comment on table  agensight.sessions                    is 'One row per session: the traces of one conversation or workflow. Written only by ingest().';
comment on column agensight.sessions.project_id         is 'The project whose token wrote the row.';
comment on column agensight.sessions.id                 is 'Chosen by the application.';
comment on column agensight.sessions.name               is 'Display name given by the application; null when it gave none.';
comment on column agensight.sessions.user_id            is 'The application''s id of the end user; null when unknown.';
comment on column agensight.sessions.metadata           is 'Other values that the application attached.';
comment on column agensight.sessions.mode               is 'dev or prod, as given to init().';
comment on column agensight.sessions.started_at         is 'The earliest moment seen, by the client''s clock.';
comment on column agensight.sessions.ended_at           is 'The last activity seen, by the client''s clock.';
comment on column agensight.sessions.received_at        is 'When it was first stored, by the database''s clock.';
comment on column agensight.sessions.trace_count        is 'Traces that name it; kept by triggers, as all its totals are.';
comment on column agensight.sessions.span_count         is 'Spans of its traces.';
comment on column agensight.sessions.error_count        is 'Spans of its traces with status error.';
comment on column agensight.sessions.llm_call_count     is 'Calls of a model in its traces, each once.';
comment on column agensight.sessions.prompt_tokens      is 'Sum over its traces. 0 also when nothing was reported.';
comment on column agensight.sessions.completion_tokens  is 'Sum over its traces. 0 also when nothing was reported.';
comment on column agensight.sessions.total_tokens       is 'Sum over its traces. 0 also when nothing was reported.';
comment on column agensight.sessions.cached_tokens      is 'The part of prompt_tokens that was read from a cache.';
comment on column agensight.sessions.cache_write_tokens is 'The part of prompt_tokens that was written to a cache.';
comment on column agensight.sessions.reasoning_tokens   is 'The part of completion_tokens that was spent on reasoning.';
comment on column agensight.sessions.total_cost         is 'Sum over its traces in USD; calls without a known price add nothing (see unpriced_models).';
comment on column agensight.sessions.merge_state        is 'For ingest(): the age of each field where they are from different messages; null when all are from one.';
create index sessions_by_start on agensight.sessions (project_id, started_at desc);
create index sessions_by_arrival on agensight.sessions (project_id, received_at);
create index sessions_by_user on agensight.sessions (project_id, user_id, started_at desc) where user_id is not null;

create table agensight.traces (
  project_id         uuid        not null,
  id                 text        collate "C" not null check (length(id) between 1 and 128),
  session_id         text        collate "C",
  user_id            text,
  name               text,
  service_name       text,
  release            text,
  mode               text        check (mode in ('dev', 'prod')),
  started_at         timestamptz,
  ended_at           timestamptz,
  status             text        check (status in ('unset', 'ok', 'error')),
  error              jsonb,
  input              jsonb,
  output             jsonb,
  tags               text[],
  metadata           jsonb,
  received_at        timestamptz not null default now(),
  span_count         integer     not null default 0,
  error_count        integer     not null default 0,
  llm_call_count     integer     not null default 0,
  prompt_tokens      bigint      not null default 0,
  completion_tokens  bigint      not null default 0,
  total_tokens       bigint      not null default 0,
  cached_tokens      bigint      not null default 0,
  cache_write_tokens bigint      not null default 0,
  reasoning_tokens   bigint      not null default 0,
  total_cost         numeric     not null default 0,
  merge_state        jsonb,
  primary key (project_id, id)
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
comment on table  agensight.traces                    is 'One row per trace: one run of a top-level operation. Made as soon as any part of it arrives; written only by ingest().';
comment on column agensight.traces.project_id         is 'The project whose token wrote the row.';
comment on column agensight.traces.id                 is 'W3C trace id (32 hex digits), or the client''s own id.';
comment on column agensight.traces.session_id         is 'The session it belongs to; null for none.';
comment on column agensight.traces.user_id            is 'The application''s id of the end user; null when unknown.';
comment on column agensight.traces.name               is 'The operation: that of its root; until that has arrived, of the top above its earliest span.';
comment on column agensight.traces.service_name       is 'The application, as named in init() or by service.name.';
comment on column agensight.traces.release            is 'The application''s version.';
comment on column agensight.traces.mode               is 'dev or prod, as given to init().';
comment on column agensight.traces.started_at         is 'The earliest moment seen, by the client''s clock.';
comment on column agensight.traces.ended_at           is 'The latest end seen; null while nothing has ended.';
comment on column agensight.traces.status             is 'unset, ok or error, of the root; the strongest seen stays.';
comment on column agensight.traces.error              is 'type, message and stack of the error that ended the root.';
comment on column agensight.traces.input              is 'What the operation was given.';
comment on column agensight.traces.output             is 'What the operation returned.';
comment on column agensight.traces.tags               is 'Short texts to filter by.';
comment on column agensight.traces.metadata           is 'Other values that the application attached.';
comment on column agensight.traces.received_at        is 'When the first part of it was stored, by the database''s clock.';
comment on column agensight.traces.span_count         is 'Spans stored; kept by triggers.';
comment on column agensight.traces.error_count        is 'Spans with status error; kept by triggers.';
comment on column agensight.traces.llm_call_count     is 'Calls of a model, each once: its completions with index 0 that repeat no other span''s call. Kept by triggers.';
comment on column agensight.traces.prompt_tokens      is 'Sum over its calls, each once; kept by triggers. 0 also when nothing was reported.';
comment on column agensight.traces.completion_tokens  is 'Sum over its calls, each once; kept by triggers. 0 also when nothing was reported.';
comment on column agensight.traces.total_tokens       is 'Sum over its calls, each once; kept by triggers. 0 also when nothing was reported.';
comment on column agensight.traces.cached_tokens      is 'The part of prompt_tokens that was read from a cache. Kept by triggers.';
comment on column agensight.traces.cache_write_tokens is 'The part of prompt_tokens that was written to a cache. Kept by triggers.';
comment on column agensight.traces.reasoning_tokens   is 'The part of completion_tokens that was spent on reasoning. Kept by triggers.';
comment on column agensight.traces.total_cost         is 'Sum of the costs of its calls in USD; calls without a known price add nothing (see unpriced_models). Kept by triggers.';
comment on column agensight.traces.merge_state        is 'For ingest(): the age of each field where they are from different messages, and the spans that name a trace without a root; null when all are from one.';
create index traces_by_start on agensight.traces (project_id, started_at desc);
create index traces_by_session on agensight.traces (project_id, session_id);
create index traces_by_arrival on agensight.traces (project_id, received_at);
create index traces_by_user on agensight.traces (project_id, user_id, started_at desc) where user_id is not null;

create table agensight.spans (
  project_id  uuid        not null,
  trace_id    text        collate "C" not null check (length(trace_id) between 1 and 128),
  id          text        collate "C" not null check (length(id) between 1 and 128),
  parent_id   text        collate "C",
  name        text,
  kind        text        check (kind in ('llm', 'tool', 'agent', 'chain', 'retriever', 'embedding', 'span')),
  mode        text        check (mode in ('dev', 'prod')),
  status      text        check (status in ('unset', 'ok', 'error')),
  error       jsonb,
  started_at  timestamptz,
  ended_at    timestamptz,
  input       jsonb,
  output      jsonb,
  attributes  jsonb,
  events      jsonb,
  merge_state jsonb,
  primary key (project_id, trace_id, id)
) with (autovacuum_vacuum_scale_factor = 0.05);
comment on table  agensight.spans             is 'One row per span: a timed step inside a trace; the root is one too. Written only by ingest().';
comment on column agensight.spans.project_id  is 'The project whose token wrote the row.';
comment on column agensight.spans.trace_id    is 'The trace it belongs to.';
comment on column agensight.spans.id          is 'W3C span id (16 hex digits), or the client''s own id; generated once, so a span that is sent again is the same row.';
comment on column agensight.spans.parent_id   is 'The enclosing span; null at the root. The parent may arrive later, or never.';
comment on column agensight.spans.name        is 'The function or step.';
comment on column agensight.spans.kind        is 'llm, tool, agent, chain, retriever, embedding, or span for any other step.';
comment on column agensight.spans.mode        is 'dev or prod, as given to init().';
comment on column agensight.spans.status      is 'unset, ok or error; the strongest seen stays.';
comment on column agensight.spans.error       is 'type, message and stack of the error.';
comment on column agensight.spans.started_at  is 'When it began, by the client''s clock.';
comment on column agensight.spans.ended_at    is 'When it ended; null while it runs.';
comment on column agensight.spans.input       is 'Arguments. Null for LLM calls: their messages are in prompts.';
comment on column agensight.spans.output      is 'Result. Null for LLM calls: their messages are in completions.';
comment on column agensight.spans.attributes  is 'Everything else that was recorded on it, by attribute name.';
comment on column agensight.spans.events      is 'Span events: a list of {name, time, attributes}.';
comment on column agensight.spans.merge_state is 'For ingest(): the age of each field where they are from different messages; null when all are from one.';
create index llm_spans_by_start on agensight.spans (project_id, started_at desc) where kind = 'llm';
create index errors_by_start on agensight.spans (project_id, started_at desc) where status = 'error';
-- Partial, so that W3C span ids (16 digits) do not pay for it: the looked-up ids are UUIDs.
create index spans_by_uuid on agensight.spans (project_id, id) where length(id) = 36;

create table agensight.completions (
  project_id             uuid    not null,
  trace_id               text    collate "C" not null check (length(trace_id) between 1 and 128),
  span_id                text    collate "C" not null check (length(span_id) between 1 and 128),
  completion_index       integer not null check (completion_index >= 0),
  role                   text,
  content                text,
  parts                  jsonb,
  finish_reason          text,
  model                  text,
  provider               text,
  response_id            text,
  prompt_tokens          bigint  check (prompt_tokens >= 0),
  completion_tokens      bigint  check (completion_tokens >= 0),
  total_tokens           bigint  check (total_tokens >= 0),
  cached_tokens          bigint  check (cached_tokens >= 0),
  cache_write_tokens     bigint  check (cache_write_tokens >= 0),
  reasoning_tokens       bigint  check (reasoning_tokens >= 0),
  time_to_first_token_ms double precision check (time_to_first_token_ms >= 0),
  cost                   numeric check (cost >= 0),
  price_id               bigint,
  repeat_of              text    collate "C",
  own                    jsonb,
  primary key (project_id, trace_id, span_id, completion_index)
) with (autovacuum_vacuum_scale_factor = 0.05);
comment on table  agensight.completions                        is 'One row per choice that a model answered. Usage belongs to the call and is on choice 0 only, so sums are right. Written only by ingest().';
comment on column agensight.completions.project_id             is 'The project whose token wrote the row.';
comment on column agensight.completions.trace_id               is 'The trace it belongs to.';
comment on column agensight.completions.span_id                is 'The LLM span that received it.';
comment on column agensight.completions.completion_index       is 'The choice, from 0.';
comment on column agensight.completions.role                   is 'assistant, or the provider''s own term.';
comment on column agensight.completions.content                is 'Its plain text; null when it has none.';
comment on column agensight.completions.parts                  is 'Its typed parts in order, where there is more than text: tool calls, reasoning, images.';
comment on column agensight.completions.finish_reason          is 'Why it ended, in the provider''s term.';
comment on column agensight.completions.model                  is 'The model that answered; the requested one when the response did not name it.';
comment on column agensight.completions.provider               is 'Who served it, in lower case.';
comment on column agensight.completions.response_id            is 'The provider''s id of the answer.';
comment on column agensight.completions.prompt_tokens          is 'Input tokens, cached and cache-written ones included, whatever the provider counts. Null when not reported.';
comment on column agensight.completions.completion_tokens      is 'Output tokens, reasoning included. Null when not reported.';
comment on column agensight.completions.total_tokens           is 'Both together.';
comment on column agensight.completions.cached_tokens          is 'The part of prompt_tokens that was read from a cache.';
comment on column agensight.completions.cache_write_tokens     is 'The part of prompt_tokens that was written to a cache.';
comment on column agensight.completions.reasoning_tokens       is 'The part of completion_tokens that was spent on reasoning.';
comment on column agensight.completions.time_to_first_token_ms is 'From the request to the first streamed token, in milliseconds; null when not streamed.';
comment on column agensight.completions.cost                   is 'Cost of the call in USD, by the price in price_id; on choice 0 only, as the usage is. Null when usage or price are unknown, and when repeat_of is set. Kept by the database.';
comment on column agensight.completions.price_id               is 'The row of prices that cost was computed with. Kept by the database.';
comment on column agensight.completions.repeat_of              is 'Another span that reports the same call, and whose row has the usage of the call; null for a call of its own. Sums need no filter; counts of calls leave out the rows that have it. Kept by the database.';
comment on column agensight.completions.own                    is 'What its own span reported, where the row shows something else: the best that any span reported of the call, or no usage where it repeats another row. Null where both are the same. Kept by the database.';
create index unpriced_calls on agensight.completions (project_id, provider, model)
  where cost is null and repeat_of is null and total_tokens > 0;

create table agensight.tools (
  project_id  uuid        not null,
  trace_id    text        collate "C" not null check (length(trace_id) between 1 and 128),
  id          text        collate "C" not null check (length(id) between 1 and 128),
  span_id     text        collate "C",
  run_span_id text        collate "C",
  name        text,
  arguments   jsonb,
  output      jsonb,
  status      text        check (status in ('unset', 'ok', 'error')),
  error       jsonb,
  started_at  timestamptz,
  ended_at    timestamptz,
  merge_state jsonb,
  primary key (project_id, trace_id, id)
) with (autovacuum_vacuum_scale_factor = 0.05);
comment on table  agensight.tools             is 'One row per tool call, merged from up to three sources: the model''s request, the tool''s own span, the message that answered. Written only by ingest().';
comment on column agensight.tools.project_id  is 'The project whose token wrote the row.';
comment on column agensight.tools.trace_id    is 'The trace it belongs to.';
comment on column agensight.tools.id          is 'The provider''s call id, else the LLM span''s id and the call''s place in it; the tool''s own span id when no model requested it.';
comment on column agensight.tools.span_id     is 'The LLM span that requested it; null when no model did.';
comment on column agensight.tools.run_span_id is 'The tool''s own span; null when only the model''s request is known. Equal to id while no model''s call was found for the run.';
comment on column agensight.tools.name        is 'The tool.';
comment on column agensight.tools.arguments   is 'What it was called with.';
comment on column agensight.tools.output      is 'What it returned; null when unknown.';
comment on column agensight.tools.status      is 'unset, ok or error; the strongest seen stays.';
comment on column agensight.tools.error       is 'type, message and stack of the error.';
comment on column agensight.tools.started_at  is 'When it began, by the client''s clock; null when only the model''s request is known.';
comment on column agensight.tools.ended_at    is 'When it ended; null while it runs, or when only the model''s request is known.';
comment on column agensight.tools.merge_state is 'For ingest(): the age of each field where they are from different messages; null when all are from one.';

create table agensight.receipts (
  project_id  uuid        not null,
  batch_id    uuid        not null,
  received_at timestamptz not null default now(),
  stored      jsonb       not null,
  sdk         jsonb,
  request_id  text,
  accepted_at timestamptz,
  primary key (project_id, batch_id)
);
comment on table  agensight.receipts             is 'One row per stored batch: it identifies a batch that is sent again, and losses are computed from it. Written only by ingest().';
comment on column agensight.receipts.project_id  is 'The project whose token wrote the row.';
comment on column agensight.receipts.batch_id    is 'Generated once by the sender.';
comment on column agensight.receipts.received_at is 'When it was stored, by the database''s clock.';
comment on column agensight.receipts.stored      is 'Rows accepted per table.';
comment on column agensight.receipts.sdk         is 'The sender: name, version, process_id, and how many records it had created, sent and dropped by then.';
comment on column agensight.receipts.request_id  is 'The HTTP request of the batch, as in the ingest function''s log; null where it had none.';
comment on column agensight.receipts.accepted_at is 'When the batch was acknowledged, if that was before it was stored here; else null.';
create index receipts_by_time on agensight.receipts (project_id, received_at desc);

-- Policies -----------------------------------------------------------------------------------------

alter table agensight.sessions enable row level security;
alter table agensight.traces enable row level security;
alter table agensight.spans enable row level security;
alter table agensight.completions enable row level security;
alter table agensight.tools enable row level security;
alter table agensight.receipts enable row level security;

create policy "members read their projects' sessions" on agensight.sessions
  for select to authenticated using (project_id = any (array(select agensight_private.my_projects())));
create policy "read tokens open their project" on agensight.sessions
  for select to anon using (project_id = any (array(select agensight_private.token_project())));
create policy "members read their projects' traces" on agensight.traces
  for select to authenticated using (project_id = any (array(select agensight_private.my_projects())));
create policy "read tokens open their project" on agensight.traces
  for select to anon using (project_id = any (array(select agensight_private.token_project())));
create policy "members read their projects' spans" on agensight.spans
  for select to authenticated using (project_id = any (array(select agensight_private.my_projects())));
create policy "read tokens open their project" on agensight.spans
  for select to anon using (project_id = any (array(select agensight_private.token_project())));
create policy "members read their projects' completions" on agensight.completions
  for select to authenticated using (project_id = any (array(select agensight_private.my_projects())));
create policy "read tokens open their project" on agensight.completions
  for select to anon using (project_id = any (array(select agensight_private.token_project())));
create policy "members read their projects' tools" on agensight.tools
  for select to authenticated using (project_id = any (array(select agensight_private.my_projects())));
create policy "read tokens open their project" on agensight.tools
  for select to anon using (project_id = any (array(select agensight_private.token_project())));
create policy "members read their projects' receipts" on agensight.receipts
  for select to authenticated using (project_id = any (array(select agensight_private.my_projects())));
create policy "read tokens open their project" on agensight.receipts
  for select to anon using (project_id = any (array(select agensight_private.token_project())));
