-- A budget per project, delivered with each check of a token.
--
-- The ingest function counts in its own memory, without asking here: a counter in a table would be
-- one row that all requests of a token must lock. What one instance cannot see, the others, it
-- learns when it checks a token again, about once a minute: the receipts of the last minute.

alter table public.projects
  add column requests_per_minute integer not null default 12000
    check (requests_per_minute between 1 and 1000000),
  add column bytes_per_minute bigint not null default 600000000
    check (bytes_per_minute between 1 and 1000000000000);
comment on column public.projects.requests_per_minute is
  'Requests that one token, and all tokens of the project together, may send in a minute; more are answered 429. Set by the service role; takes effect within a minute.';
comment on column public.projects.bytes_per_minute is
  'The same in bytes of request bodies as they arrive.';

create or replace function public.authenticate(token_hash text) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  t private.tokens := private.find_token(token_hash, 'ingest');
  p public.projects;
  recent integer;
begin
  -- To the minute only, so that a busy token does not rewrite its row at each request.
  update private.tokens set last_used_at = now()
  where id = t.id and coalesce(last_used_at < now() - interval '1 minute', true);
  select * into p from public.projects where id = t.project_id;
  -- "Twice too many" is all that the caller needs to know, so the count ends there.
  select count(*) into recent from (
    select from public.receipts r
    where r.project_id = t.project_id and r.received_at > now() - interval '1 minute'
    limit p.requests_per_minute * 2
  ) r;
  return jsonb_build_object(
    'project_id', t.project_id, 'token_id', t.id, 'scopes', to_jsonb(t.scopes),
    'expires_at', least(t.expires_at, t.revoked_at),
    'limits', jsonb_build_object(
      'requests_per_minute', p.requests_per_minute, 'bytes_per_minute', p.bytes_per_minute,
      'requests_last_minute', recent));
end $$;
comment on function public.authenticate(text) is
  'The project behind a token, given as lower-case hexadecimal SHA-256, and its budget with what was stored in the last minute (counted up to twice the budget). Raises PT401 or PT403. For the ingest function alone.';
