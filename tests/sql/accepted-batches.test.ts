import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { onEachPostgres, type TestProject } from '../support/database.ts';

const ACCEPTED_AT = '2026-01-02T03:04:05.678Z';

onEachPostgres('ingest_accepted', (database) => {
  function accept(
    project: Pick<TestProject, 'id'>,
    batch: object,
    namesSpanOnly = false,
  ): Promise<{ repeated: boolean; stored: Record<string, number> }> {
    return database().value('select agensight.ingest_accepted($1, $2::jsonb, $3, $4)', [
      project.id,
      JSON.stringify(batch),
      ACCEPTED_AT,
      namesSpanOnly,
    ]);
  }

  it('stores what was acknowledged although the token was revoked since', async () => {
    const project = await database().project();
    await database().query(
      'select agensight.revoke_token(id) from agensight_private.tokens where project_id = $1',
      [project.id],
    );
    const spans = [{ trace_id: 't', id: 's', name: 'late' }];
    await expect(database().ingest(project, { spans })).rejects.toThrow('revoked');
    expect(await accept(project, { batch_id: randomUUID(), spans })).toMatchObject({
      repeated: false,
      stored: { spans: 1 },
    });
    expect(await database().rows('spans', project)).toMatchObject([{ name: 'late' }]);
  });

  it('stores a batch once, whether it is sent with the token or without', async () => {
    const project = await database().project();
    const batch_id = randomUUID();
    const spans = [{ trace_id: 't', id: 's' }];
    expect((await accept(project, { batch_id, spans })).repeated).toBe(false);
    expect((await accept(project, { batch_id, spans })).repeated).toBe(true);
    expect((await database().ingest(project, { spans }, batch_id)).repeated).toBe(true);
    expect(await database().rows('receipts', project)).toHaveLength(1);
  });

  it('records the request id and the time of acceptance in the receipt', async () => {
    const project = await database().project();
    await accept(project, { batch_id: randomUUID(), request_id: 'req-1' });
    expect(await database().rows('receipts', project)).toMatchObject([
      { request_id: 'req-1', accepted_at: expect.stringContaining('2026-01-02T03:04:05.678') },
    ]);
    const direct = await database().project();
    await database().ingest(direct, { request_id: 'req-2' } as object);
    expect(await database().rows('receipts', direct)).toMatchObject([
      { request_id: 'req-2', accepted_at: null },
    ]);
  });

  it('finds the trace of records that name only their span', async () => {
    const project = await database().project();
    const span = randomUUID();
    const prompts = [
      { trace_id: `span:${span}`, span_id: span, message_index: 0, role: 'user', content: 'hi' },
    ];
    await accept(project, { batch_id: randomUUID(), spans: [{ trace_id: 't', id: span }] }, true);
    await accept(project, { batch_id: randomUUID(), prompts }, true);
    expect(await database().rows('prompts', project)).toMatchObject([{ trace_id: 't' }]);
  });

  it.each(['never was', 'was deleted'])('writes nothing to a project that %s', async (how) => {
    const project = await database().project();
    if (how === 'never was') project.id = randomUUID();
    else {
      await database().query('update agensight.projects set deleted_at = now() where id = $1', [
        project.id,
      ]);
    }
    const stored = accept(project, { batch_id: randomUUID(), spans: [{ trace_id: 't', id: 's' }] });
    await expect(stored).rejects.toMatchObject({ code: 'PT410' });
    expect(await database().rows('spans', project)).toEqual([]);
  });

  it.each(['anon', 'authenticated'])('is not for %s', async (role) => {
    const project = await database().project();
    await database().query('begin');
    await database().query(`set local role ${role}`);
    await expect(accept(project, { batch_id: randomUUID() })).rejects.toMatchObject({
      code: '42501',
    });
    await database().query('rollback');
  });
});
