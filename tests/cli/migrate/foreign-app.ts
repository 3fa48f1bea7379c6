/** A database that belongs to another application, and a dump of everything in it. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

/** Two migrations of the other application, as `supabase db push` applies them. */
export const FOREIGN_MIGRATIONS: Readonly<Record<string, string>> = {
  '20250101000000_app.sql': `
    create schema private;
    create table public.projects (id bigint primary key, title text not null);
    create table public.sessions (id uuid primary key default gen_random_uuid(), project bigint references public.projects);
    create table public.prices (sku text primary key, cents integer not null check (cents > 0));
    create function private.total() returns bigint language sql as 'select sum(cents) from public.prices';
    create view public.expensive as select * from public.prices where cents > 100;
    create function public.ingest(a text) returns text language sql as 'select a';`,
  '20250101000001_rows.sql': `
    insert into public.projects values (1, 'theirs'), (2, 'also theirs');
    insert into public.sessions (project) values (1);
    insert into public.prices values ('a', 5), ('b', 500);
    create policy "read" on public.projects for select using (true);
    alter table public.projects enable row level security;`,
};

/** A later migration of the other application. */
export const NEXT_FOREIGN_MIGRATION: Readonly<Record<string, string>> = {
  '20300101000000_later.sql': `alter table public.prices add column currency text default 'EUR';`,
};

/** Writes a Supabase project with these migrations into a folder. */
export function writeProject(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, 'supabase/migrations'), { recursive: true });
  writeFileSync(join(folder, 'supabase/config.toml'), 'project_id = "theirs"\n');
  for (const [name, sql] of Object.entries(files)) {
    writeFileSync(join(folder, 'supabase/migrations', name), sql);
  }
}

/** Catalogue rows of everything outside our own schemas, by identity, with what defines it. */
const CATALOGUE = `
  with ours as (
    select oid from pg_namespace
    where nspname = any ($1) or nspname in ('pg_toast', 'pg_catalog', 'information_schema')
  )
  select 'schema' as kind, nspname::text as name,
         concat_ws('|', nspowner::regrole, nspacl::text, obj_description(oid, 'pg_namespace')) as body
    from pg_namespace where oid not in (select oid from ours) and nspname not like 'pg_%'
  union all
  select 'relation', c.oid::regclass::text,
         concat_ws('|', c.relkind, c.relowner::regrole, c.relacl::text, c.relrowsecurity, c.reloptions::text,
           obj_description(c.oid, 'pg_class'),
           (select string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
              a.attacl::text, col_description(c.oid, a.attnum)), ',' order by a.attnum)
            from pg_attribute a where a.attrelid = c.oid and a.attnum > 0))
    from pg_class c where c.relnamespace not in (select oid from ours) and c.relkind <> 't'
  union all
  select 'constraint', conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
    from pg_constraint where connamespace not in (select oid from ours) and conrelid <> 0
  union all
  select 'function', oid::regprocedure::text,
         concat_ws('|', proowner::regrole, proacl::text, pg_get_functiondef(oid))
    from pg_proc where pronamespace not in (select oid from ours) and prokind in ('f', 'p')
  union all
  select 'trigger', tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(t.oid)
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace not in (select oid from ours)
      and not (tgisinternal and tgconstrrelid in (select oid from pg_class where relnamespace in (select oid from ours)))
  union all
  select 'policy', polrelid::regclass || ' ' || polname, pg_get_expr(polqual, polrelid)
    from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace not in (select oid from ours)
  union all
  select 'view', c.oid::regclass::text, pg_get_viewdef(c.oid)
    from pg_class c where c.relkind = 'v' and c.relnamespace not in (select oid from ours)
  union all
  select 'default privileges', d.oid::text, concat_ws('|', defaclrole::regrole, defaclnamespace::text, defaclobjtype, defaclacl::text)
    from pg_default_acl d where defaclnamespace not in (select oid from ours)
  union all
  select 'role', rolname, concat_ws('|', rolsuper, rolcreaterole, rolbypassrls, rolcanlogin, rolconfig::text)
    from pg_roles
    where rolname in (current_user, 'anon', 'authenticated', 'service_role') or rolname like 'agensight%'
  union all
  select 'extension', extname, extversion from pg_extension
  union all
  select 'publication', pubname, puballtables::text from pg_publication
  union all
  select 'event trigger', evtname, evtenabled::text from pg_event_trigger
  union all
  select 'database settings', datname, datacl::text from pg_database where datname = current_database()
  order by 1, 2, 3`;

/**
 * The catalogue and the rows of everything in the database outside these schemas, one line each.
 */
export async function dump(client: pg.Client, schemas: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ kind: string; name: string; body: string }>(CATALOGUE, [
    schemas,
  ]);
  const lines = rows.map(({ kind, name, body }) => `${kind} ${name}: ${body}`);
  const tables = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname <> all ($1)
       and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1`,
    [schemas],
  );
  for (const { name } of tables.rows) {
    const content = await client.query<{ row: string }>(
      `select to_jsonb(t)::text as row from ${name} t order by 1`,
    );
    const text = content.rows.map(({ row }) => row).join('\n');
    const digest = createHash('sha256').update(text).digest('hex');
    lines.push(`rows of ${name}: ${content.rows.length} ${digest}`);
  }
  return lines;
}
