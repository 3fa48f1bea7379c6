import { createHash, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { onEachStack } from '../support/stack.ts';

onEachStack('a budget', (stack) => {
  const query = <Row>(sql: string, values: unknown[]) =>
    stack().stack.surface.query<Row>(sql, values);

  /** A project of its own with these limits, and as many tokens as a test wants. */
  async function project(limits: { requests?: number; bytes?: number }) {
    const [made] = await query<{ id: string }>('select id from agensight.create_project($1)', [
      'x',
    ]);
    const id = made?.id ?? '';
    await query(
      `update agensight.projects set requests_per_minute = coalesce($2, requests_per_minute),
         bytes_per_minute = coalesce($3, bytes_per_minute) where id = $1::uuid`,
      [id, limits.requests ?? null, limits.bytes ?? null],
    );
    return {
      id,
      mint: async () => {
        const [row] = await query<{ token: string }>(
          'select token from agensight.create_token($1::uuid)',
          [id],
        );
        return row?.token ?? '';
      },
    };
  }

  function send(token: string, name = 'a') {
    const body = JSON.stringify({ batch_id: randomUUID(), traces: [{ id: randomUUID(), name }] });
    return stack().post('/v1/batch', body, { authorization: `Bearer ${token}` });
  }

  it('of requests is kept at the bound, and the answer says when to come back', async () => {
    const { id, mint } = await project({ requests: 5 });
    const token = await mint();
    for (let i = 0; i < 5; i++) expect((await send(token)).status).toBe(200);
    const refused = await send(token);
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'too_many_requests' } } });
    const retryAfterSeconds = Number(refused.headers.get('retry-after'));
    expect(retryAfterSeconds).toBeGreaterThan(0);
    expect(retryAfterSeconds).toBeLessThanOrEqual(12);
    const [stored] = await query<{ count: number }>(
      'select count(*)::integer as count from agensight.receipts where project_id = $1::uuid',
      [id],
    );
    expect(stored?.count).toBe(5);
  });

  it('of bytes is enforced on every route', async () => {
    const { mint } = await project({ bytes: 1_000 });
    const token = await mint();
    expect((await send(token, 'x'.repeat(500))).status).toBe(200);
    expect((await send(token, 'x'.repeat(500))).status).toBe(200);
    const headers = { authorization: `Bearer ${token}` };
    expect((await stack().post('/v1/traces', '{}', headers)).status).toBe(429);
    const session = JSON.stringify({ data: { id: 's' } });
    const path = '/prod/api/v1/logs/create/session';
    expect((await stack().post(path, session, headers)).status).toBe(429);
  });

  it('that is used up leaves other tokens alone', async () => {
    const { mint } = await project({ requests: 1 });
    const [busy, quiet] = [await mint(), await mint()];
    expect((await send(busy)).status).toBe(200);
    expect((await send(busy)).status).toBe(429);
    expect((await send(quiet)).status).toBe(200);
    expect((await send(stack().token)).status).toBe(200);
  });

  it('comes with the check of a token, and with what was stored of it lately', async () => {
    const { id, mint } = await project({ requests: 3, bytes: 7_000 });
    const token = await mint();
    const hash = createHash('sha256').update(token).digest('hex');
    const limits = async () => {
      const [row] = await query<{ answer: { limits: unknown } }>(
        'select agensight.authenticate($1) as answer',
        [hash],
      );
      return row?.answer.limits;
    };
    const budget = { requests_per_minute: 3, bytes_per_minute: 7_000 };
    expect(await limits()).toEqual({ ...budget, requests_last_minute: 0 });
    for (let i = 0; i < 2; i++) await send(token);
    expect(await limits()).toEqual({ ...budget, requests_last_minute: 2 });
    // Other instances may have taken more. Twice the budget is all that is counted.
    await query(
      `insert into agensight.receipts (project_id, batch_id, stored)
       select $1::uuid, gen_random_uuid(), '{}' from generate_series(1, 10)`,
      [id],
    );
    expect(await limits()).toEqual({ ...budget, requests_last_minute: 6 });
    await query(
      `update agensight.receipts set received_at = now() - interval '61 seconds'
       where project_id = $1::uuid`,
      [id],
    );
    expect(await limits()).toEqual({ ...budget, requests_last_minute: 0 });
  });

  it.each([{ requests: 0 }, { requests: -1 }, { bytes: 0 }])(
    'cannot be nothing: %o',
    async (limits) => {
      await expect(project(limits)).rejects.toThrow('check constraint');
    },
  );
});
