-- Totals of traces and sessions, and what each call of a model costs: the columns alone. What keeps
-- them right is in the migrations after this one.
--
-- The totals of a session are columns of its row, not a view over its traces: a page of sessions,
-- sorted by cost, would otherwise have to add up every trace of the project. The writer of a batch
-- holds the session's row anyway, because the batch's last activity is written there.

alter table public.completions
  add column cost numeric check (cost >= 0),
  add column price_id bigint,
  add column repeat_of text collate "C";
comment on column public.completions.cost      is 'What the call cost, in USD, by the price row in price_id; on choice 0 only, as the usage is. Null when usage or price are unknown, and when repeat_of is set. Kept by the database.';
comment on column public.completions.price_id  is 'The row of prices that cost was computed with. Kept by the database.';
comment on column public.completions.repeat_of is 'Another span that reports the same call, and stands for it in all totals; null for a call of its own. Sums of tokens and counts of calls leave out the rows that have it. Kept by the database.';

alter table public.traces
  add column llm_call_count     integer not null default 0,
  add column cached_tokens      bigint  not null default 0,
  add column cache_write_tokens bigint  not null default 0,
  add column reasoning_tokens   bigint  not null default 0,
  add column total_cost         numeric not null default 0;
comment on column public.traces.llm_call_count     is 'Calls of a model, each once: its completions with index 0 that repeat no other span''s call. Kept by triggers.';
comment on column public.traces.cached_tokens      is 'The part of prompt_tokens that was read from a cache. Kept by triggers.';
comment on column public.traces.cache_write_tokens is 'The part of prompt_tokens that was written to a cache. Kept by triggers.';
comment on column public.traces.reasoning_tokens   is 'The part of completion_tokens that was spent on reasoning. Kept by triggers.';
comment on column public.traces.total_cost         is 'Sum of the costs of its calls in USD; calls without a known price add nothing (see unpriced_models). Kept by triggers.';
comment on column public.traces.prompt_tokens      is 'Sum over its calls, each once; kept by triggers. 0 also when nothing was reported.';
comment on column public.traces.completion_tokens  is 'Sum over its calls, each once; kept by triggers. 0 also when nothing was reported.';
comment on column public.traces.total_tokens       is 'Sum over its calls, each once; kept by triggers. 0 also when nothing was reported.';

alter table public.sessions
  add column trace_count        integer not null default 0,
  add column span_count         integer not null default 0,
  add column error_count        integer not null default 0,
  add column llm_call_count     integer not null default 0,
  add column prompt_tokens      bigint  not null default 0,
  add column completion_tokens  bigint  not null default 0,
  add column total_tokens       bigint  not null default 0,
  add column cached_tokens      bigint  not null default 0,
  add column cache_write_tokens bigint  not null default 0,
  add column reasoning_tokens   bigint  not null default 0,
  add column total_cost         numeric not null default 0;
comment on column public.sessions.trace_count        is 'Traces that name it; kept by triggers, as all its totals are.';
comment on column public.sessions.span_count         is 'Spans of its traces.';
comment on column public.sessions.error_count        is 'Spans of its traces with status error.';
comment on column public.sessions.llm_call_count     is 'Calls of a model in its traces, each once.';
comment on column public.sessions.prompt_tokens      is 'Sum over its traces. 0 also when nothing was reported.';
comment on column public.sessions.completion_tokens  is 'Sum over its traces. 0 also when nothing was reported.';
comment on column public.sessions.total_tokens       is 'Sum over its traces. 0 also when nothing was reported.';
comment on column public.sessions.cached_tokens      is 'The part of prompt_tokens that was read from a cache.';
comment on column public.sessions.cache_write_tokens is 'The part of prompt_tokens that was written to a cache.';
comment on column public.sessions.reasoning_tokens   is 'The part of completion_tokens that was spent on reasoning.';
comment on column public.sessions.total_cost         is 'Sum over its traces in USD; calls without a known price add nothing (see unpriced_models).';
