import type { Database } from './database.ts';

interface Column extends Record<string, unknown> {
  name: string;
  type: string;
  is_key: boolean;
  can_be_null: boolean;
  comment: string;
}

interface Relation extends Record<string, unknown> {
  name: string;
  is_view: boolean;
  comment: string;
  readers: string[];
  columns: Column[];
  indexes: string[];
}

interface SqlFunction extends Record<string, unknown> {
  name: string;
  args: string;
  result: string;
  callers: string[];
  comment: string;
}

const ROLES = `unnest(array['anon', 'authenticated', 'service_role']) with ordinality r(role, n)`;

const RELATIONS = `
  select c.relname as name, c.relkind = 'v' as is_view, obj_description(c.oid, 'pg_class') as comment,
    array(select r.role from ${ROLES} where has_any_column_privilege(r.role, c.oid, 'select') order by n) as readers,
    (select jsonb_agg(jsonb_build_object(
       'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'can_be_null', not a.attnotnull,
       'is_key', exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)),
       'comment', col_description(c.oid, a.attnum)) order by a.attnum)
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    array(select regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX (\\S+) ON \\S+ USING ', '\\2: ')
          from pg_index i where i.indrelid = c.oid and not i.indisprimary order by 1) as indexes
  from pg_class c
  where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'v')
  order by c.relkind = 'v', c.relname`;

const FUNCTIONS = `
  select p.proname as name, pg_get_function_identity_arguments(p.oid) as args, pg_get_function_result(p.oid) as result,
    array(select r.role from ${ROLES} where has_function_privilege(r.role, p.oid, 'execute') order by n) as callers,
    obj_description(p.oid, 'pg_proc') as comment
  from pg_proc p where p.pronamespace = $1::regnamespace and p.prokind = 'f'
  order by 1, 2`;

/** What leads from a row to the one row that it belongs to: foreign keys, the project, and functions of the API. */
const RELATIONSHIPS = `
  select distinct parent, child, label from (
    select replace(k.confrelid::regclass::text, 'agensight.', '') as parent,
           replace(k.conrelid::regclass::text, 'agensight.', '') as child,
           (select string_agg(a.attname, ', ') from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)) as label
    from pg_constraint k where k.contype = 'f' and k.connamespace = 'agensight'::regnamespace
    union all
    select 'projects', c.relname, 'project_id' from pg_class c
    where c.relnamespace = 'agensight'::regnamespace and c.relkind = 'r' and exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped)
    union all
    select parent.relname, child.relname, p.proname
    from pg_proc p
    join pg_class child on child.reltype = p.proargtypes[0]
    join pg_class parent on parent.reltype = p.prorettype
    where p.pronamespace = 'agensight'::regnamespace and p.pronargs = 1 and p.proretset and p.prorows = 1
  ) r order by 1, 2, 3`;

/** `docs/schema.md`: the schema as the catalogue and its comments tell it. */
export async function schemaDocs(database: Database): Promise<string> {
  const lines = [
    '# The schema',
    '',
    'Generated from the comments in the database by `npm run types`; a test compares the two. Who may read a',
    'table or call a function stands beside it; which rows they then see, row-level security decides: members',
    'see their projects, `anon` sees the project of its read token and nothing without one ([access.md](access.md)).',
    '',
    '```mermaid',
    ...(await diagram(database)),
    '```',
  ];
  const relations = await database.query<Relation>(RELATIONS, ['agensight']);
  lines.push('', '## Tables');
  for (const table of relations.filter(({ is_view }) => !is_view)) lines.push(...describe(table));
  lines.push('', '## Views');
  for (const view of relations.filter(({ is_view }) => is_view)) lines.push(...describe(view));
  lines.push('', '## Functions of the API', '');
  for (const each of await database.query<SqlFunction>(FUNCTIONS, ['agensight'])) {
    lines.push(
      `- \`${each.name}(${each.args})\` → \`${each.result}\`, for ${list(each.callers)}. ${each.comment}`,
    );
  }
  lines.push('', '## Inside', '', 'The schema `agensight_private` is not exposed by the API.');
  for (const table of await database.query<Relation>(RELATIONS, ['agensight_private'])) {
    lines.push(...describe(table));
  }
  lines.push('', '### Inner functions', '');
  for (const { name, args, comment } of await database.query<SqlFunction>(FUNCTIONS, [
    'agensight_private',
  ])) {
    lines.push(`- \`${name}(${args})\`: ${comment}`);
  }
  return `${lines.join('\n')}\n`;
}

async function diagram(database: Database): Promise<string[]> {
  const relationships = await database.query<{ parent: string; child: string; label: string }>(
    RELATIONSHIPS,
  );
  const local = relationships.map(({ parent, child, label }) => ({
    parent: parent.replace('.', '_'),
    child: child.replace('.', '_'),
    label,
  }));
  return [
    'erDiagram',
    ...local.map(({ parent, child, label }) => `  ${parent} ||--o{ ${child} : "${label}"`),
  ];
}

function describe(relation: Relation): string[] {
  const lines = ['', `### ${relation.name}`, '', relation.comment, ''];
  lines.push(`Read by ${list(relation.readers)}.`, '');
  lines.push('| column | type | |', '| --- | --- | --- |');
  for (const { name, type, is_key, can_be_null, comment } of relation.columns) {
    const facts = [is_key ? 'key' : '', can_be_null || relation.is_view ? '' : 'never null'];
    const what = [type, ...facts.filter(Boolean)].join(', ');
    lines.push(`| \`${name}\` | ${what} | ${(comment ?? '').replaceAll('|', '\\|')} |`);
  }
  if (relation.indexes.length > 0) {
    lines.push('', 'Indexes:', '', ...relation.indexes.map((index) => `- \`${index}\``));
  }
  return lines;
}

function list(roles: string[]): string {
  return roles.length > 0 ? roles.map((role) => `\`${role}\``).join(', ') : 'nobody but the owner';
}
