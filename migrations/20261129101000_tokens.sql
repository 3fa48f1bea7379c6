-- Tokens: making, rotating and revoking them, and the check that every request passes.
--
-- A budget per project is delivered with each check. The ingest function counts requests and bytes in
-- its own memory, without asking here: a counter in a table would be one row that all requests of a
-- token must lock. What other instances received, it learns when it checks a token again, about once a
-- minute: the receipts of the last minute.

create function agensight_private.python_value(token text) returns text
  language sql immutable security invoker set search_path = ''
as $$ select 'agp_' || encode(sha256(convert_to('agensight-python-sdk:' || token, 'utf8')), 'hex') $$;
comment on function agensight_private.python_value(text) is
  'What the ingest function answers the original Python SDK in place of its token, since that SDK prints the answer: the token cannot be computed from it.';

create function agensight_private.create_token(project uuid, token_name text, token_scopes text[], expires timestamptz)
  returns table (id uuid, token text, prefix text, expires_at timestamptz)
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  secret text;
begin
  perform agensight_private.require_manager(project);
  -- Three random uuids carry 366 random bits; hashed to 256, since pgcrypto is not everywhere.
  secret := 'agn_' || encode(sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
  return query
    insert into agensight_private.tokens as t (project_id, hash, python_hash, prefix, name, scopes, created_by, expires_at)
    values (
      project,
      sha256(convert_to(secret, 'utf8')),
      sha256(convert_to(agensight_private.python_value(secret), 'utf8')),
      left(secret, 12), token_name, token_scopes, auth.uid(), expires)
    returning t.id, secret, t.prefix, t.expires_at;
end $$;
comment on function agensight_private.create_token(uuid, text, text[], timestamptz) is 'The inner step of agensight.create_token(), which checks that the caller may.';

create function agensight.create_token(
  project_id uuid, name text default 'token', scopes text[] default array['ingest'], valid_until timestamptz default null)
  returns table (id uuid, token text, prefix text, expires_at timestamptz)
  language sql volatile security invoker set search_path = ''
as $$ select * from agensight_private.create_token($1, $2, $3, $4) $$;
comment on function agensight.create_token(uuid, text, text[], timestamptz) is
  'Makes a token for a project and returns it, only once: its SHA-256 is stored. For owners, admins and the service role.';

create function agensight_private.revoke_token(token uuid, at timestamptz) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  project uuid;
begin
  select project_id into project from agensight_private.tokens where id = token;
  perform agensight_private.require_manager(project);
  update agensight_private.tokens set revoked_at = least(revoked_at, at) where id = token;
end $$;
comment on function agensight_private.revoke_token(uuid, timestamptz) is 'The inner step of agensight.revoke_token(), which checks that the caller may.';

create function agensight.revoke_token(token_id uuid) returns void
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.revoke_token(token_id, now()) $$;
comment on function agensight.revoke_token(uuid) is
  'Revokes a token at once in the database; a warm ingest function notices when it next writes. Repeating it changes nothing.';

create function agensight_private.rotate_token(old_id uuid, overlap interval)
  returns table (id uuid, token text, prefix text, expires_at timestamptz)
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  old agensight_private.tokens;
begin
  select * into old from agensight_private.tokens t where t.id = old_id;
  perform agensight_private.require_manager(old.project_id);
  if old.revoked_at is not null then
    raise exception 'This token is revoked.' using errcode = 'PT409', hint = 'Make a new one with create_token().';
  end if;
  perform agensight_private.revoke_token(old_id, now() + overlap);
  return query select * from agensight_private.create_token(old.project_id, old.name, old.scopes, old.expires_at);
end $$;
comment on function agensight_private.rotate_token(uuid, interval) is 'The inner step of agensight.rotate_token(), which checks that the caller may.';

create function agensight.rotate_token(token_id uuid, overlap interval default '1 day')
  returns table (id uuid, token text, prefix text, expires_at timestamptz)
  language sql volatile security invoker set search_path = ''
as $$ select * from agensight_private.rotate_token(token_id, overlap) $$;
comment on function agensight.rotate_token(uuid, interval) is
  'Makes a successor with the same name, scopes and expiry; the old token stays valid for the overlap.';

create function agensight_private.current_token() returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  sent constant text := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-agensight-token';
  t agensight_private.tokens := agensight_private.find_token(encode(sha256(convert_to(coalesce(sent, ''), 'utf8')), 'hex'), 'read');
begin
  update agensight_private.tokens set last_used_at = now()
  where id = (
    select k.id from agensight_private.tokens k
    where k.id = t.id and coalesce(k.last_used_at < now() - interval '1 minute', true)
    for update skip locked);
  return jsonb_build_object(
    'token_id', t.id, 'project_id', t.project_id, 'name', t.name, 'scopes', to_jsonb(t.scopes),
    'expires_at', least(t.expires_at, t.revoked_at));
end $$;
comment on function agensight_private.current_token() is 'The inner step of agensight.current_token(), which checks that the caller may.';

create function agensight.current_token() returns jsonb
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.current_token() $$;
comment on function agensight.current_token() is
  'The read token in the header x-agensight-token: token_id, project_id, name, scopes, expires_at. Sets its last use; plain reads cannot, since the API makes them in read-only transactions. Raises PT401 or PT403. For machines that only read.';

create function agensight.authenticate(token_hash text) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  t agensight_private.tokens := agensight_private.find_token(token_hash, 'ingest');
  p agensight.projects;
  recent integer;
begin
  -- To the minute only, so that a busy token does not rewrite its row with each request.
  update agensight_private.tokens set last_used_at = now()
  where id = t.id and coalesce(last_used_at < now() - interval '1 minute', true);
  select * into p from agensight.projects where id = t.project_id;
  -- The caller needs no more than "twice the budget", so the count ends there.
  select count(*) into recent from (
    select from agensight.receipts r
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
comment on function agensight.authenticate(text) is
  'The project of a token, given as lower-case hexadecimal SHA-256, and its budget with what was stored in the last minute (counted up to twice the budget). Raises PT401 or PT403. For the ingest function alone.';

create view agensight.tokens with (security_invoker = true) as
  select id, project_id, prefix, name, scopes, created_by, created_at, expires_at, revoked_at, last_used_at
  from agensight_private.tokens;
comment on view agensight.tokens is 'The tokens of the projects you manage, without their hashes.';
