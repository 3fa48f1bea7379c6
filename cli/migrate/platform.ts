/**
 * The parts of the Supabase platform that the migrations refer to. On a Postgres without Supabase
 * they are created; what exists is never changed.
 */

export interface PlatformPart {
  /** As `--dry-run` lists it. */
  readonly name: string;
  /** A boolean SQL expression. */
  readonly exists: string;
  readonly create: string;
}

const role = (name: string, attributes: string): PlatformPart => ({
  name: `role ${name}`,
  exists: `exists (select from pg_catalog.pg_roles where rolname = '${name}')`,
  // Roles belong to the cluster: a run on another database may create one at the same time.
  create: `
    do $do$ begin
      create role ${name} ${attributes};
    exception when duplicate_object or unique_violation then null;
    end $do$`,
});

/** In the order of their creation. */
export const PLATFORM: readonly PlatformPart[] = [
  role('anon', 'nologin'),
  role('authenticated', 'nologin'),
  role('service_role', 'nologin bypassrls'),
  {
    name: 'schema auth with the table users and the function uid()',
    exists: `exists (select from pg_catalog.pg_namespace where nspname = 'auth')`,
    create: `
      create schema auth;
      comment on schema auth is 'Users of the application, as the schema auth of Supabase has them.';
      grant usage on schema auth to anon, authenticated, service_role;
      create table auth.users (id uuid primary key default gen_random_uuid(), email text);
      comment on table auth.users is 'Users who can be members of a project.';
      alter table auth.users enable row level security;
      create function auth.uid() returns uuid language sql stable set search_path = '' as $f$
        select nullif(coalesce(
          current_setting('request.jwt.claim.sub', true),
          nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'), '')::uuid
      $f$;
      comment on function auth.uid() is 'The signed-in user: the claim sub of the JWT that PostgREST verified.';
      grant execute on function auth.uid() to anon, authenticated, service_role`,
  },
];
