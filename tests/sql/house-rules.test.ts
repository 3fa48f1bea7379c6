import { expect, it } from 'vitest';
import { onEachPostgres } from '../support/database.ts';

/** Each query lists violations of its rule, also in future tables; the expected result is empty. */
const RULES: Record<string, string> = {
  'every table has row-level security': `
    select c.oid::regclass::text from pg_class c
    where c.relnamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace) and c.relkind in ('r', 'p')
      and not c.relrowsecurity`,
  'every table, view and column has a comment': `
    select c.oid::regclass || coalesce('.' || a.attname, '') from pg_class c
    left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace) and c.relkind in ('r', 'p', 'v')
      and (obj_description(c.oid, 'pg_class') is null
        or (a.attnum is not null and col_description(c.oid, a.attnum) is null))`,
  'every function has a comment': `
    select p.oid::regprocedure::text from pg_proc p
    where p.pronamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace) and obj_description(p.oid, 'pg_proc') is null`,
  'every function pins an empty search_path': `
    select p.oid::regprocedure::text from pg_proc p
    where p.pronamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace)
      and not exists (select from unnest(p.proconfig) s where s = 'search_path=""')`,
  'no client role runs a security definer function of the API': `
    select p.oid::regprocedure || ' by ' || r from pg_proc p cross join unnest(array['anon', 'authenticated']) r
    where p.pronamespace = 'agensight'::regnamespace and p.prosecdef and has_function_privilege(r, p.oid, 'execute')`,
  // A token in the request identifies anon; without a token its policies match no row.
  'anon does nothing with a table but read what a viewer reads, members and what they manage left out': `
    select c.oid::regclass || ' ' || w from pg_class c
    cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) w
    where c.relnamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
      and (has_table_privilege('anon', c.oid, w)
        or (w in ('select', 'insert', 'update', 'references') and has_any_column_privilege('anon', c.oid, w)))
      and (w <> 'select' or not has_table_privilege('authenticated', c.oid, w)
        or c.relname in ('project_members', 'tokens', 'invitations', 'erasures'))`,
  'anon calls no function that a viewer may not call, or that writes, but current_token()': `
    select p.oid::regprocedure::text from pg_proc p
    where p.pronamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace)
      and has_function_privilege('anon', p.oid, 'execute')
      and p.oid not in ('agensight_private.token_project()'::regprocedure, 'agensight_private.current_token()'::regprocedure,
        'agensight.current_token()'::regprocedure)
      and (not has_function_privilege('authenticated', p.oid, 'execute') or p.provolatile = 'v' or p.prosecdef)`,
  'a read token opens all records, views and functions that a viewer reads with': `
    select c.oid::regclass::text from pg_class c
    where c.relnamespace = 'agensight'::regnamespace and c.relkind in ('r', 'p', 'v')
      and has_table_privilege('authenticated', c.oid, 'select') and not has_table_privilege('anon', c.oid, 'select')
      and c.relname not in ('project_members', 'tokens', 'invitations', 'erasures')
    union all
    select p.oid::regprocedure::text from pg_proc p
    where p.pronamespace = 'agensight'::regnamespace and p.provolatile <> 'v' and not p.prosecdef
      and has_function_privilege('authenticated', p.oid, 'execute')
      and not has_function_privilege('anon', p.oid, 'execute') and p.proname <> 'members'`,
  'policies ask once per statement, in the form that becomes a condition of an index': `
    select polrelid::regclass || ' ' || polname from pg_policy
    where polrelid::regclass::text not like 'realtime.%' and pg_get_expr(polqual, polrelid) <> 'true'
      and pg_get_expr(polqual, polrelid) not like '%id = ANY (ARRAY( SELECT agensight_private.%'`,
  'signed-in users never write a table': `
    select c.oid::regclass || ' ' || w from pg_class c
    cross join unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) w
    where c.relnamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
      and has_table_privilege('authenticated', c.oid, w)`,
  'no API role reads the hash of a token': `
    select r from unnest(array['anon', 'authenticated', 'service_role']) r
    where has_column_privilege(r, 'agensight_private.tokens', 'hash', 'select')`,
  'every view runs with the rights of its reader': `
    select c.oid::regclass::text from pg_class c
    where c.relnamespace = 'agensight'::regnamespace and c.relkind = 'v'
      and not coalesce(c.reloptions::text[] @> array['security_invoker=true'], false)`,
  'no API role uses a sequence': `
    select c.oid::regclass || ' ' || r from pg_class c
    cross join unnest(array['anon', 'authenticated', 'service_role']) r
    where c.relnamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace) and c.relkind = 'S'
      and has_sequence_privilege(r, c.oid, 'usage, select, update')`,
  'every foreign key has an index': `
    select conname from pg_constraint k
    where contype = 'f' and connamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace)
      and not exists (select from pg_index i where i.indrelid = k.conrelid
        and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`,
};

onEachPostgres('house rules', (database) => {
  it.each(Object.entries(RULES))('%s', async (_, sql) => {
    expect(await database().query(sql)).toEqual([]);
  });
});
