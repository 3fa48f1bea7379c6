/**
 * Checks objects of Supabase that migrations refer to and that `platform.ts` does not create. An
 * application can have objects of the same names.
 */
import * as z from 'zod/mini';
import { literal, type RunSql } from './database.ts';
import type { Migration } from './files.ts';

/** The policy of the migration `realtime`. */
const POLICY = "members hear of their projects' traces";

const Realtime = z.object({
  schema: z.boolean(),
  may_use: z.boolean(),
  messages: z.boolean(),
  messages_fits: z.boolean(),
  send: z.boolean(),
  topic_fits: z.boolean(),
  policy: z.boolean(),
});

/**
 * The problems of pending migrations with the schema `realtime`; one sentence each. They use it where it
 * has a table `messages` or a function `send(jsonb, text, text, boolean)`.
 */
export async function foreignProblems(
  run: RunSql,
  pending: readonly Migration[],
): Promise<string[]> {
  if (!pending.some(({ sql }) => sql.includes('realtime.'))) return [];
  const [row] = await run(INSPECTION);
  const found = z.parse(Realtime, row?.facts);
  if (!found.schema) return [];
  if (!found.may_use) return ['The user may not use the schema realtime: grant usage on it.'];
  const differences: string[] = [];
  if (found.messages || found.send) {
    if (!found.messages_fits) {
      differences.push('no table messages with the columns topic and extension (text)');
    }
    if (!found.topic_fits) differences.push('no function topic() that returns text');
  }
  if (differences.length > 0) {
    return [
      `The schema realtime exists, but is not Supabase's Realtime: it has ${differences.join(', and ')}. Rename it, or use another database.`,
    ];
  }
  return found.policy
    ? [
        `The table realtime.messages already has a policy "${POLICY}", and not from these migrations. Check it, and drop it: drop policy "${POLICY}" on realtime.messages.`,
      ]
    : [];
}

const hasColumn = (name: string): string => `exists (
  select from pg_catalog.pg_attribute a
  where a.attrelid = messages.oid and a.attname = '${name}' and not a.attisdropped
    and a.atttypid = 'pg_catalog.text'::pg_catalog.regtype)`;

const hasFunction = (name: string, args: string, result: string): string => `exists (
  select from pg_catalog.pg_proc p
  where p.pronamespace = realtime.oid and p.proname = '${name}' and p.prokind = 'f'
    and pg_catalog.oidvectortypes(p.proargtypes) = '${args}' ${result})`;

/** Reads the catalogue instead of calling `to_regclass()`, which fails without usage on the schema. */
const INSPECTION = `
  select pg_catalog.json_build_object(
    'schema', realtime.oid is not null,
    'may_use', coalesce(pg_catalog.has_schema_privilege(realtime.oid, 'usage'), false),
    'messages', messages.oid is not null,
    'messages_fits', coalesce(messages.relkind in ('r', 'p'), false)
      and ${hasColumn('topic')} and ${hasColumn('extension')},
    'send', ${hasFunction('send', 'jsonb, text, text, boolean', '')},
    'topic_fits', ${hasFunction(
      'topic',
      '',
      "and p.prorettype = 'pg_catalog.text'::pg_catalog.regtype and not p.proretset",
    )},
    'policy', exists (
      select from pg_catalog.pg_policy
      where polrelid = messages.oid and polname = ${literal(POLICY)})
  ) as facts
  from (values (1)) one
  left join pg_catalog.pg_namespace realtime on realtime.nspname = 'realtime'
  left join pg_catalog.pg_class messages
    on messages.relnamespace = realtime.oid and messages.relname = 'messages'`;
