import { createHash } from 'node:crypto';
import type { Surface } from './surface.ts';

const NAME = 'demo';

/** The project of the local stack. */
export interface DemoProject {
  id: string;
  token: string;
}

/**
 * Finds or creates the project `demo` and a token for it. A token of an earlier run is reused while it
 * is valid.
 */
export async function openDemoProject(
  surface: Pick<Surface, 'query'>,
  earlierToken: string | undefined,
): Promise<DemoProject> {
  if (earlierToken) {
    const [known] = await surface.query<{ project_id: string }>(
      `select project_id from agensight_private.tokens where hash = decode($1, 'hex')
       and coalesce(revoked_at > now(), true) and coalesce(expires_at > now(), true)`,
      [createHash('sha256').update(earlierToken).digest('hex')],
    );
    if (known) return { id: known.project_id, token: earlierToken };
  }
  const [found] = await surface.query<{ id: string }>(
    'select id from agensight.projects where name = $1 order by created_at limit 1',
    [NAME],
  );
  const [project] = found
    ? [found]
    : await surface.query<{ id: string }>('select id from agensight.create_project($1)', [NAME]);
  if (!project) throw new Error('create_project() returned no row.');
  const [row] = await surface.query<{ token: string }>(
    "select token from agensight.create_token($1::uuid, 'local stack')",
    [project.id],
  );
  if (!row) throw new Error('create_token() returned no row.');
  return { id: project.id, token: row.token };
}
