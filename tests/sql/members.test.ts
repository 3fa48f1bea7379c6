import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { asCaller } from '../support/as-caller.ts';
import { connect, onEachPostgres } from '../support/database.ts';

onEachPostgres('members', (database) => {
  let project: string;
  let owner: string;

  const newUser = (email = `${randomUUID()}@example.test`) =>
    database().value<string>('insert into auth.users (email) values ($1) returning id', [email]);
  /** One call by a signed-in user that is kept. */
  const by = <Row extends Record<string, unknown>>(
    user: string,
    sql: string,
    values: unknown[] = [],
  ) =>
    asCaller(
      database(),
      { role: 'authenticated', user },
      () => database().query<Row>(sql, values),
      'commit',
    );
  const invite = async (role = 'viewer', email: string | null = null, validFor = '1 day') =>
    (
      await by<{ id: string; code: string }>(
        owner,
        'select * from agensight.create_invitation($1, $2, $3, $4)',
        [project, role, email, validFor],
      )
    )[0] as { id: string; code: string };
  const accept = (user: string, code: string) =>
    by(user, 'select * from agensight.accept_invitation($1)', [code]);
  const join = async (role: string) => {
    const user = await newUser();
    await accept(user, (await invite(role)).code);
    return user;
  };
  const rolesOf = async () =>
    Object.fromEntries(
      (
        await database().query<{ user_id: string; role: string }>(
          'select user_id, role from agensight.project_members where project_id = $1',
          [project],
        )
      ).map(({ user_id, role }) => [user_id, role]),
    );

  beforeEach(async () => {
    owner = await newUser();
    const [made] = await by<{ id: string }>(
      owner,
      "select id from agensight.create_project('mine')",
    );
    project = made?.id ?? '';
  });

  it('begin with the user who makes a project', async () => {
    expect(await rolesOf()).toEqual({ [owner]: 'owner' });
  });

  it('own a hundred projects at most', async () => {
    await database().query(
      `with p as (insert into agensight.projects (name) select 'p' from generate_series(1, 99) returning id)
       insert into agensight.project_members (project_id, user_id, role) select id, $1, 'owner' from p`,
      [owner],
    );
    await expect(by(owner, "select agensight.create_project('more')")).rejects.toMatchObject({
      code: 'PT409',
    });
  });

  it.each(['viewer', 'admin', 'owner'])('become %s by an invitation, once', async (role) => {
    const { code } = await invite(role);
    const [first, second] = [await newUser(), await newUser()];
    expect(await accept(first, code)).toEqual([{ project_id: project, role }]);
    await expect(accept(second, code)).rejects.toMatchObject({ code: 'PT404' });
    expect(await rolesOf()).toEqual({ [owner]: 'owner', [first]: role });
  });

  it('lose no rights by accepting a lesser invitation', async () => {
    expect(await accept(owner, (await invite('viewer')).code)).toEqual([
      { project_id: project, role: 'owner' },
    ]);
  });

  it('take an invitation for an address only with that address', async () => {
    const { code } = await invite('viewer', 'Ada@Example.test');
    await expect(accept(await newUser(), code)).rejects.toMatchObject({ code: 'PT404' });
    const ada = await newUser('ada@example.TEST');
    expect(await accept(ada, code)).toHaveLength(1);
  });

  it('get one answer for codes that are unknown, taken, expired, revoked or for others', async () => {
    const taken = await invite();
    await accept(await newUser(), taken.code);
    const revoked = await invite();
    await by(owner, 'select agensight.revoke_invitation($1)', [revoked.id]);
    const expired = await invite();
    await database().query(
      "update agensight_private.invitations set expires_at = now() - interval '1 s' where id = $1",
      [expired.id],
    );
    const others = await invite('viewer', 'else@example.test');
    const user = await newUser();
    const answers = new Set();
    for (const code of ['agi_x', taken.code, revoked.code, expired.code, others.code]) {
      const error = await accept(user, code).catch((reason) => reason);
      answers.add(`${error.code} ${error.message} ${error.hint}`);
    }
    expect([...answers]).toEqual([expect.stringMatching(/^PT404 This invitation is not valid/)]);
  });

  it('are invited by owners alone, who alone see the invitations, without codes', async () => {
    const { code } = await invite();
    for (const role of ['admin', 'viewer']) {
      const user = await join(role);
      await expect(
        by(user, 'select agensight.create_invitation($1)', [project]),
      ).rejects.toMatchObject({ code: 'PT403' });
      expect(await by(user, 'select * from agensight.invitations')).toEqual([]);
    }
    const seen = await by(owner, 'select * from agensight.invitations');
    expect(seen).toHaveLength(3);
    expect(JSON.stringify(seen)).not.toContain(code);
    const kept = await database().value<string>(
      'select string_agg(i::text, chr(10)) from agensight_private.invitations i',
    );
    expect(kept).not.toContain(code);
  });

  it.each(['0 seconds', '31 days', null])('cannot be invited for %s', async (validFor) => {
    await expect(
      by(owner, 'select agensight.create_invitation($1, valid_for => $2)', [project, validFor]),
    ).rejects.toMatchObject({ code: 'PT400' });
  });

  it('change roles by an owner', async () => {
    const user = await join('viewer');
    await by(owner, "select agensight.set_member_role($1, $2, 'admin')", [project, user]);
    expect(await rolesOf()).toEqual({ [owner]: 'owner', [user]: 'admin' });
    await expect(
      by(user, "select agensight.set_member_role($1, $2, 'owner')", [project, user]),
    ).rejects.toMatchObject({ code: 'PT403' });
    await expect(
      by(owner, "select agensight.set_member_role($1, $2, 'root')", [project, user]),
    ).rejects.toMatchObject({ code: '23514' });
  });

  it.each([
    ['demoted', "select agensight.set_member_role($1, $2, 'viewer')"],
    ['removed', 'select agensight.remove_member($1, $2)'],
  ])('keep a last owner, who cannot be %s', async (_, sql) => {
    await expect(by(owner, sql, [project, owner])).rejects.toMatchObject({ code: 'PT409' });
    await join('owner');
    await by(owner, sql, [project, owner]);
    expect((await rolesOf())[owner]).not.toBe('owner');
  });

  it('keep a last owner although two owners leave at the same moment', async () => {
    const other = await join('owner');
    const second = await connect(database().url);
    try {
      const leave = async (client: typeof second, user: string) => {
        await client.query('begin');
        await client.query("select set_config('request.jwt.claims', $1, true)", [
          JSON.stringify({ sub: user, role: 'authenticated' }),
        ]);
        await client.query('set local role authenticated');
        await client.query('select agensight.remove_member($1, $2)', [project, user]);
      };
      await leave(database().client, owner);
      const late = leave(second, other).then(
        () => 'left',
        (error) => error.code,
      );
      await database().query('commit');
      expect(await late).toBe('PT409');
      await second.query('rollback');
    } finally {
      await second.end();
    }
    expect(await rolesOf()).toEqual({ [other]: 'owner' });
  });

  it('leave by themselves, and are removed by owners alone', async () => {
    const [admin, viewer] = [await join('admin'), await join('viewer')];
    await expect(
      by(admin, 'select agensight.remove_member($1, $2)', [project, viewer]),
    ).rejects.toMatchObject({ code: 'PT403' });
    await by(viewer, 'select agensight.remove_member($1, $2)', [project, viewer]);
    await by(owner, 'select agensight.remove_member($1, $2)', [project, admin]);
    expect(await rolesOf()).toEqual({ [owner]: 'owner' });
  });

  it('see each other with their addresses; other users see no member', async () => {
    const viewer = await join('viewer');
    const seen = await by(viewer, 'select user_id, role, email from agensight.members($1)', [
      project,
    ]);
    expect(seen).toMatchObject([
      { user_id: owner, role: 'owner' },
      { user_id: viewer, role: 'viewer' },
    ]);
    expect(seen[0]?.email).toMatch(/@example\.test$/);
    expect(await by(await newUser(), 'select * from agensight.members($1)', [project])).toEqual([]);
  });

  it.each([
    ['rename_project($1, $$x$$)', ['owner', 'admin']],
    ['set_retention($1, 30)', ['owner', 'admin']],
    ['set_masking($1, false)', ['owner', 'admin']],
    ['create_token($1)', ['owner', 'admin']],
    ['create_invitation($1)', ['owner']],
    ['delete_project($1)', ['owner']],
  ])('%s is for %j', async (call, allowed) => {
    for (const role of ['owner', 'admin', 'viewer']) {
      const user = await join(role);
      const answer = asCaller(database(), { role: 'authenticated', user }, () =>
        database().query(`select agensight.${call}`, [project]),
      );
      if (allowed.includes(role)) expect(await answer).toHaveLength(1);
      else await expect(answer).rejects.toMatchObject({ code: 'PT403' });
    }
  });

  it.each([
    'rename_project($1, $$x$$)',
    'set_retention($1, 30)',
    'set_masking($1, false)',
    'create_token($1)',
    'create_invitation($1)',
    'delete_project($1)',
    'set_member_role($1, $2, $$viewer$$)',
    'remove_member($1, $2)',
    'revoke_token($3)',
    'rotate_token($3)',
    'revoke_invitation($4)',
  ])('%s answers the same for a foreign project and for none', async (call) => {
    const stranger = await newUser();
    const token = (
      await by<{ id: string }>(owner, 'select id from agensight.create_token($1)', [project])
    )[0]?.id;
    const invitation = (await invite()).id;
    const used = Math.max(...[...call.matchAll(/\$(\d)/g)].map(([, n]) => Number(n)));
    const errorOf = async (ids: (string | undefined)[]) => {
      // An unused parameter has no type.
      const unused = Array.from({ length: used }, (_, i) => `$${i + 1}::uuid`).join(', ');
      const error = await by(
        stranger,
        `select agensight.${call}, ${unused}`,
        ids.slice(0, used),
      ).catch((reason) => reason);
      return [error.code, error.message, error.hint];
    };
    const nothing = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    expect(await errorOf([project, owner, token, invitation])).toEqual(await errorOf(nothing));
    expect((await errorOf(nothing))[0]).toBe('PT403');
  });

  it('lose all access with their project, whose rows the next maintain() deletes', async () => {
    const [{ token } = { token: '' }] = await by<{ token: string }>(
      owner,
      'select token from agensight.create_token($1)',
      [project],
    );
    const hash = await database().value<string>("select encode(sha256($1), 'hex')", [
      Buffer.from(token),
    ]);
    const batch = JSON.stringify({ batch_id: randomUUID(), spans: [{ trace_id: 't', id: 'p' }] });
    await database().query('select agensight.ingest($1, $2)', [hash, batch]);
    await by(owner, 'select agensight.delete_project($1)', [project]);

    await expect(
      database().query('select agensight.ingest($1, $2)', [hash, batch]),
    ).rejects.toMatchObject({ code: 'PT401' });
    expect(await by(owner, 'select * from agensight.traces')).toEqual([]);
    expect(await rolesOf()).toEqual({});
    await database().query('select agensight.maintain()');
    const left = () =>
      database().value(
        `select (select count(*)::integer from agensight.spans where project_id = $1)
              + (select count(*)::integer from agensight.receipts where project_id = $1)`,
        [project],
      );
    expect(await left()).toBe(0);
    // The project's row is kept for longer than any queue keeps a batch of it.
    await database().query(
      "update agensight.projects set deleted_at = now() - interval '36 days' where id = $1",
      [project],
    );
    await database().query('select agensight.maintain()');
    expect(
      await database().query('select from agensight.projects where id = $1', [project]),
    ).toEqual([]);
  });
});
