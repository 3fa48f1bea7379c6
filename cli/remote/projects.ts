/** Projects and their tokens, as the tables have them. */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { UUID_PATTERN } from '../../wire/protocol.ts';
import { CliError } from '../shell/errors.ts';
import { PREFIX_LENGTH, type Settings } from '../shell/settings.ts';
import type { Query, Rest } from './rest.ts';

const ProjectRow = z.object({ id: z.string(), name: z.string() });

export type Project = z.infer<typeof ProjectRow>;

/** Projects that an error message lists. */
const MAX_LISTED = 10;

/**
 * The project to read: the one given by name or id, else that of the token, else the only one.
 *
 * @throws CliError when there is none, or more than one to choose from
 */
export async function findProject(rest: Rest, { project, token }: Settings): Promise<Project> {
  const filter: Query = project
    ? { [UUID_PATTERN.test(project.value) ? 'id' : 'name']: `eq.${project.value}` }
    : await filterByToken(rest, token?.value);
  const query = { ...filter, select: 'id,name', order: 'created_at', limit: MAX_LISTED + 1 };
  const found = await rest.rows('projects', query, ProjectRow);
  const [only, second] = found;
  if (only && !second) return only;
  if (!only) {
    throw project
      ? new CliError(`project ${project.value} (${project.from}) does not exist`, {
          code: 'AGENSIGHT_CLI_NOT_FOUND',
          hint: 'Check the table projects.',
        })
      : new CliError('this key can read no project', {
          code: 'AGENSIGHT_CLI_NOT_FOUND',
          hint: "Create one: select * from agensight.create_project('my app');",
        });
  }
  const names = found.slice(0, MAX_LISTED).map(({ id, name }) => `${name} (${id})`);
  throw new CliError(`there are several projects: ${names.join(', ')}`, {
    code: 'AGENSIGHT_CLI_NOT_FOUND',
    hint: 'Choose one with --project.',
  });
}

async function filterByToken(rest: Rest, token: string | undefined): Promise<Query> {
  const id = token && (await projectOfToken(rest, token));
  return id ? { id: `eq.${id}` } : {};
}

/** The project of a token; undefined for an invalid token or a key that may not authenticate it. */
async function projectOfToken(rest: Rest, token: string): Promise<string | undefined> {
  const hash = createHash('sha256').update(token).digest('hex');
  const result = z.nullable(z.looseObject({ project_id: z.optional(z.nullable(z.string())) }));
  try {
    const found = await rest.rpc('authenticate', { token_hash: hash }, result);
    return found?.project_id ?? undefined;
  } catch (error) {
    if (error instanceof CliError && error.code !== 'AGENSIGHT_CLI_UNREACHABLE') return undefined;
    throw error;
  }
}

const TokenRow = z.object({
  name: z.string(),
  expires_at: z.nullable(z.string()),
  revoked_at: z.nullable(z.string()),
  scopes: z.array(z.string()),
});

/** Why a token is refused, from its row in `tokens`; null when the row gives no reason. */
export async function explainToken(rest: Rest, token: string): Promise<string | null> {
  const query = {
    select: 'name,expires_at,revoked_at,scopes',
    prefix: `eq.${token.slice(0, PREFIX_LENGTH)}`,
  };
  const [row] = await rest.rows('tokens', query, TokenRow);
  if (!row) return `it is not in the table tokens of ${rest.url.origin}`;
  const isPast = (at: string | null): at is string => at !== null && Date.parse(at) <= Date.now();
  if (isPast(row.revoked_at)) return `'${row.name}' was revoked at ${row.revoked_at}`;
  if (isPast(row.expires_at)) return `'${row.name}' expired at ${row.expires_at}`;
  if (row.scopes.includes('ingest')) return null;
  return `'${row.name}' has only the scope ${row.scopes.join(', ')}`;
}

/** The schema version of the database. */
export const schemaVersion = (rest: Rest): Promise<number> =>
  rest.rpc('schema_version', {}, z.number());

/** The id of the project with this name, which is created when it does not exist. */
export async function findOrCreateProject(rest: Rest, name: string): Promise<string> {
  const query = { select: 'id,name', name: `eq.${name}`, limit: 1 };
  const [found] = await rest.rows('projects', query, ProjectRow);
  if (found) return found.id;
  const created = await rest.rpc('create_project', { project_name: name }, ProjectRow);
  return created.id;
}

/** Whether the project has a token that is not revoked. */
export async function hasToken(rest: Rest, projectId: string): Promise<boolean> {
  const query = {
    select: 'id',
    project_id: `eq.${projectId}`,
    revoked_at: 'is.null',
    limit: 1,
  };
  return (await rest.rows('tokens', query, z.object({ id: z.string() }))).length > 0;
}

/** Creates an ingest token. It cannot be read again. */
export async function createToken(rest: Rest, projectId: string, name: string): Promise<string> {
  const rows = z.tuple([z.object({ token: z.string() })]);
  const [{ token }] = await rest.rpc('create_token', { project_id: projectId, name }, rows);
  return token;
}
