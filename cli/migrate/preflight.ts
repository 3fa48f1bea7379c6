/** Checks, before the first migration, that the database is suitable and that nothing collides. */
import * as z from 'zod/mini';
import { literal, type RunSql } from './database.ts';
import type { Migration } from './files.ts';
import { PLATFORM, type PlatformPart } from './platform.ts';

const MINIMUM_VERSION = 15;

export interface Preflight {
  /** One sentence per problem; empty when the migrations can be applied. */
  readonly problems: readonly string[];
  /** The parts of the platform that the first run creates. */
  readonly missing: readonly PlatformPart[];
}

const Facts = z.object({
  version: z.number(),
  version_text: z.string(),
  encoding: z.string(),
  is_read_only: z.boolean(),
  user: z.string(),
  database: z.string(),
  may_create: z.boolean(),
  may_create_roles: z.boolean(),
  may_bypass: z.boolean(),
  service_role_bypasses: z.nullable(z.boolean()),
  has_users: z.boolean(),
  may_reference_users: z.nullable(z.boolean()),
  has_uid: z.boolean(),
  platform: z.array(z.boolean()),
  collisions: z.array(z.string()),
});

type Facts = z.infer<typeof Facts>;

/** Inspects a database that has no migration of ours yet. Changes nothing. */
export async function preflight(run: RunSql, migrations: readonly Migration[]): Promise<Preflight> {
  const [row] = await run(inspection(migrations));
  const facts = z.parse(Facts, row?.facts);
  const missing = PLATFORM.filter((_, i) => facts.platform[i] === false);
  return { problems: problemsOf(facts, missing), missing };
}

function problemsOf(facts: Facts, missing: readonly PlatformPart[]): string[] {
  const problems: string[] = [];
  const isRoleMissing = missing.some(({ name }) => name.startsWith('role '));
  const isBypassMissing = missing.some(({ name }) => name === 'role service_role');
  const isAuthMissing = missing.some(({ name }) => name.startsWith('schema auth'));
  if (facts.version < MINIMUM_VERSION) {
    problems.push(
      `Postgres ${facts.version_text} is too old: version ${MINIMUM_VERSION} is required.`,
    );
  }
  if (facts.encoding !== 'UTF8') {
    problems.push(`The encoding of the database is ${facts.encoding}: UTF8 is required.`);
  }
  if (facts.is_read_only) {
    problems.push('The connection is read-only, as on a replica: use the primary server.');
  }
  if (!facts.may_create) {
    problems.push(
      `The user ${facts.user} may not create schemas in the database ${facts.database}.`,
    );
  }
  if (isRoleMissing && !facts.may_create_roles) {
    problems.push(
      `The roles anon, authenticated and service_role do not all exist, and the user ${facts.user} may not create roles.`,
    );
  } else if (isBypassMissing && !facts.may_bypass) {
    problems.push(
      `The role service_role does not exist, and the user ${facts.user} may not create it with BYPASSRLS.`,
    );
  }
  if (facts.service_role_bypasses === false) {
    problems.push(
      'The role service_role exists without BYPASSRLS, so it belongs to something else.',
    );
  }
  if (!isAuthMissing) {
    if (!facts.has_users) {
      problems.push(
        'The schema auth exists, but its table users does not exist or lacks the columns id (uuid, unique) and email.',
      );
    } else if (facts.may_reference_users === false) {
      problems.push(`The user ${facts.user} may not reference the table auth.users.`);
    }
    if (!facts.has_uid) {
      problems.push('The schema auth exists, but has no function auth.uid() that returns uuid.');
    }
  }
  for (const name of facts.collisions) {
    problems.push(`The ${name} already exists, and not from these migrations.`);
  }
  return problems;
}

/** What the migrations create outside their own schemas, or as their schemas. */
const GLOBAL_OBJECT =
  /^\s*create (schema|role|publication|event trigger)(?: if not exists)? "?(\w+)"?/gim;

const CATALOGUES: Readonly<Record<string, readonly [table: string, column: string]>> = {
  schema: ['pg_namespace', 'nspname'],
  role: ['pg_roles', 'rolname'],
  publication: ['pg_publication', 'pubname'],
  'event trigger': ['pg_event_trigger', 'evtname'],
};

/** One query that returns the column `facts` with JSON. */
function inspection(migrations: readonly Migration[]): string {
  const objects = migrations.flatMap(({ sql }) => [...sql.matchAll(GLOBAL_OBJECT)]);
  const collisions = objects.map(([, kind = '', name = '']) => {
    const [table, column] = CATALOGUES[kind.toLowerCase()] ?? [];
    return `select ${literal(`${kind.toLowerCase()} ${name}`)} as name
      where exists (select from pg_catalog.${table} where ${column} = ${literal(name)})`;
  });
  const hasColumn = (name: string, types: string) => `exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid = pg_catalog.to_regclass('auth.users') and a.attname = '${name}'
      and a.atttypid in (${types}) and not a.attisdropped)`;
  return `
    select pg_catalog.json_build_object(
      'version', pg_catalog.current_setting('server_version_num')::int / 10000,
      'version_text', pg_catalog.current_setting('server_version'),
      'encoding', pg_catalog.current_setting('server_encoding'),
      'is_read_only', pg_catalog.current_setting('transaction_read_only')::boolean,
      'user', current_user,
      'database', pg_catalog.current_database(),
      'may_create', pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create'),
      'may_create_roles', me.rolsuper or me.rolcreaterole,
      -- Since version 16 a role can grant an attribute that it has itself.
      'may_bypass', me.rolsuper
        or me.rolbypassrls and pg_catalog.current_setting('server_version_num')::int >= 160000,
      'service_role_bypasses', (
        select rolbypassrls or rolsuper from pg_catalog.pg_roles where rolname = 'service_role'),
      'has_users', ${hasColumn('id', "'pg_catalog.uuid'::regtype")}
        and ${hasColumn('email', "'pg_catalog.text'::regtype, 'pg_catalog.varchar'::regtype")}
        and exists (
          select from pg_catalog.pg_index i
          join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attname = 'id'
          where i.indrelid = pg_catalog.to_regclass('auth.users') and i.indisunique
            and i.indnkeyatts = 1 and i.indkey[0] = a.attnum and i.indpred is null),
      'may_reference_users', pg_catalog.has_table_privilege(
        pg_catalog.to_regclass('auth.users')::oid, 'references'),
      'has_uid', exists (
        select from pg_catalog.pg_proc p
        where p.oid = pg_catalog.to_regprocedure('auth.uid()')::oid
          and p.prorettype = 'pg_catalog.uuid'::regtype),
      'platform', pg_catalog.json_build_array(${PLATFORM.map(({ exists }) => exists).join(', ')}),
      'collisions', (
        select coalesce(pg_catalog.json_agg(name), '[]'::json)
        from (${collisions.join(' union all ') || 'select null as name where false'}) found)
    ) as facts
    from pg_catalog.pg_roles me where me.rolname = current_user`;
}
