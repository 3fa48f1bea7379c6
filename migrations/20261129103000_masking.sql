-- What a project masks in the records that it receives.
--
-- The ingest function masks, before a batch is stored or kept in the overflow. It learns the setting with
-- the check of the token, so a change takes effect within a minute. Read by all who see the project; set
-- by those who manage it.

alter table agensight.projects
  add column mask_secrets  boolean not null default true,
  add column mask_personal text[]  not null default array['card', 'iban']
    check (mask_personal <@ array['card', 'iban', 'email', 'phone', 'ssn'] and array_position(mask_personal, null) is null);
comment on column agensight.projects.mask_secrets  is 'Whether the ingest function replaces secrets in records by marks, from whatever client. Set by set_masking(); takes effect within a minute.';
comment on column agensight.projects.mask_personal is 'The personal data that it replaces too: card, iban, email, phone, ssn. Set by set_masking().';

create function agensight_private.set_masking(project uuid, secrets boolean, personal text[]) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform agensight_private.require_manager(project);
  update agensight.projects
  set mask_secrets = coalesce(secrets, mask_secrets), mask_personal = coalesce(personal, mask_personal)
  where id = project;
end $$;
comment on function agensight_private.set_masking(uuid, boolean, text[]) is 'The inner step of agensight.set_masking().';

create function agensight.set_masking(project_id uuid, secrets boolean default null, personal text[] default null) returns void
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.set_masking(project_id, secrets, personal) $$;
comment on function agensight.set_masking(uuid, boolean, text[]) is
  'Sets whether a project masks secrets in what it receives, and which personal data (card, iban, email, phone, ssn); null leaves a setting as it is. For owners, admins and the service role.';

create or replace function agensight.authenticate(token_hash text) returns jsonb
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
      'requests_last_minute', recent),
    'masking', jsonb_build_object('secrets', p.mask_secrets, 'personal', to_jsonb(p.mask_personal)));
end $$;
comment on function agensight.authenticate(text) is
  'The project of a token, given as lower-case hexadecimal SHA-256, its budget with what was stored in the last minute (counted up to twice the budget), and what it masks. Raises PT401 or PT403. For the ingest function alone.';

revoke all on function agensight.set_masking(uuid, boolean, text[]), agensight_private.set_masking(uuid, boolean, text[])
  from public, anon, authenticated, service_role;
grant execute on function agensight.set_masking(uuid, boolean, text[]), agensight_private.set_masking(uuid, boolean, text[])
  to authenticated, service_role;
