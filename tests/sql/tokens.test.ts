import { expect, it } from 'vitest';
import { pythonValueOf } from '../../lambda/python/validate-token.ts';
import { onEachPostgres, sha256, type TestProject } from '../support/database.ts';

onEachPostgres('tokens', (database) => {
  const authenticate = (token: string) =>
    database().value<Record<string, unknown>>('select agensight.authenticate($1)', [sha256(token)]);
  const idOf = ({ id }: TestProject) =>
    database().value<string>('select id from agensight_private.tokens where project_id = $1', [id]);

  it('identify their project and record when they were used', async () => {
    const project = await database().project();
    expect(await authenticate(project.token)).toMatchObject({
      project_id: project.id,
      token_id: await idOf(project),
      scopes: ['ingest'],
      expires_at: null,
    });
    expect(
      await database().value(
        'select last_used_at is not null from agensight_private.tokens where project_id = $1',
        [project.id],
      ),
    ).toBe(true);
  });

  it('are stored only as hashes', async () => {
    const project = await database().project();
    const row = await database().value<string>(
      'select t::text from agensight_private.tokens t where project_id = $1',
      [project.id],
    );
    expect(row).not.toContain(project.token);
    expect(row).toContain(sha256(project.token));
  });

  it('are not shown by what the original Python SDK prints, which only writes', async () => {
    const project = await database().project();
    const both = await database().value<string>(
      "select token from agensight.create_token($1, 'both', array['ingest', 'read'])",
      [project.id],
    );
    const printed = pythonValueOf(both);
    expect(printed).not.toContain(both.slice(4));
    expect(await authenticate(printed)).toMatchObject(await authenticate(both));
    const tokenHash = sha256(printed);
    await database().ingest(
      { ...project, tokenHash },
      { traces: [{ id: 'by the printed value' }] },
    );
    expect(await database().rows('traces', project)).toMatchObject([
      { id: 'by the printed value' },
    ]);
    const find = (scope: string) =>
      database().query('select agensight_private.find_token($1, $2)', [tokenHash, scope]);
    expect(await find('ingest')).toHaveLength(1);
    await expect(find('read')).rejects.toMatchObject({ code: 'PT401' });
  });

  it('are revoked and rotated with what the original Python SDK prints', async () => {
    const project = await database().project();
    const next = await database().value<string>(
      "select token from agensight.rotate_token($1, '0 seconds')",
      [await idOf(project)],
    );
    expect(await authenticate(pythonValueOf(next))).toMatchObject({ project_id: project.id });
    await expect(authenticate(pythonValueOf(project.token))).rejects.toMatchObject({
      code: 'PT401',
    });
  });

  it('stop working once revoked, and revoking again changes nothing', async () => {
    const project = await database().project();
    const id = await idOf(project);
    await database().query('select agensight.revoke_token($1)', [id]);
    const at = await database().value(
      'select revoked_at::text from agensight_private.tokens where id = $1',
      [id],
    );
    await database().query('select agensight.revoke_token($1)', [id]);
    expect(
      await database().value(
        'select revoked_at::text from agensight_private.tokens where id = $1',
        [id],
      ),
    ).toBe(at);
    await expect(authenticate(project.token)).rejects.toMatchObject({ code: 'PT401' });
    await expect(database().ingest(project, {})).rejects.toMatchObject({ code: 'PT401' });
  });

  it('stop working once expired', async () => {
    const project = await database().project();
    const token = await database().value<string>(
      "select token from agensight.create_token($1, 'brief', valid_until => now() - interval '1 second')",
      [project.id],
    );
    await expect(authenticate(token)).rejects.toMatchObject({ code: 'PT401' });
  });

  it('rotate with an overlap in which both work', async () => {
    const project = await database().project();
    const next = await database().value<string>(
      "select token from agensight.rotate_token($1, '1 hour')",
      [await idOf(project)],
    );
    expect((await authenticate(next)).project_id).toBe(project.id);
    const old = await authenticate(project.token);
    expect(old.project_id).toBe(project.id);
    expect(Date.parse(old.expires_at as string)).toBeGreaterThan(Date.now());
    await database().query(
      'update agensight_private.tokens set revoked_at = now() where hash = sha256($1)',
      [Buffer.from(project.token)],
    );
    await expect(authenticate(project.token)).rejects.toMatchObject({ code: 'PT401' });
  });

  it('need the scope ingest to write', async () => {
    const project = await database().project();
    const reader = await database().value<string>(
      "select token from agensight.create_token($1, 'reader', array['read'])",
      [project.id],
    );
    await expect(authenticate(reader)).rejects.toMatchObject({ code: 'PT403' });
    await expect(
      database().ingest({ ...project, tokenHash: sha256(reader) }, {}),
    ).rejects.toMatchObject({ code: 'PT403' });
  });

  it.each([
    ['an unknown scope', "select agensight.create_token($1, 'x', array['root'])"],
    ['no scope', "select agensight.create_token($1, 'x', '{}')"],
    ['no name', "select agensight.create_token($1, '')"],
  ])('cannot be made with %s', async (_, sql) => {
    const project = await database().project();
    await expect(database().query(sql, [project.id])).rejects.toMatchObject({ code: '23514' });
  });
});
