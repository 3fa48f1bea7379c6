import { expect, it } from 'vitest';
import { onEachPostgres, type TestProject } from '../support/database.ts';

const CALL = { trace_id: 't', span_id: 'a' };
const SYSTEM = { role: 'system', content: 'Be brief.' };

onEachPostgres('prompts', (database) => {
  const prompts = async (project: TestProject) =>
    (await database().rows('prompts', project)).map(({ span_id, message_index, role, content }) => [
      span_id,
      message_index,
      role,
      content,
    ]);
  const stored = (project: TestProject) =>
    database().value<number>(
      'select sum(cardinality(hashes))::integer from agensight.message_lists where project_id = $1',
      [project.id],
    );

  it('store the messages of an agent that resends its history once, and are read as it sent them', async () => {
    const project = await database().project();
    const history: object[] = [SYSTEM];
    for (let step = 0; step < 20; step++) {
      history.push({ role: 'user', content: `question ${step}` });
      await database().ingest(project, {
        prompts: history.map((message, message_index) => ({
          trace_id: 't',
          span_id: `step ${step}`,
          message_index,
          ...message,
        })),
      });
    }
    expect(await stored(project)).toBe(21);
    const read = await prompts(project);
    expect(read).toHaveLength(230);
    for (let step = 0; step < 20; step++) {
      const sent = read
        .filter(([span]) => span === `step ${step}`)
        .sort(([, a], [, b]) => Number(a) - Number(b));
      expect(sent.map(([, , , content]) => content)).toEqual(
        history.slice(0, step + 2).map((message) => (message as typeof SYSTEM).content),
      );
    }
  });

  it('distinguish messages that only look alike', async () => {
    const project = await database().project();
    const messages = [
      { role: 'user', content: 'x' },
      { role: 'user', name: 'x' },
      { role: 'user', content: '' },
      { role: 'user' },
      { content: 'user' },
      { role: 'user', parts: ['x'] },
      { role: 'user', parts: '["x"]' },
      { role: 'user', content: '["x"]' },
      { role: 'user', tool_call_id: 'x' },
      // Two texts of one hash.
      { role: 'user', content: '8348' },
      { role: 'user', content: '260297' },
    ];
    await database().ingest(project, {
      prompts: messages.map((message, message_index) => ({ ...CALL, message_index, ...message })),
    });
    expect(await stored(project)).toBe(messages.length);
    const rows = await database().rows('prompts', project);
    expect(rows.sort((a, b) => Number(a.message_index) - Number(b.message_index))).toMatchObject(
      messages,
    );
  });

  it('are assembled from parts in any order, with any index missing', async () => {
    const project = await database().project();
    const pieces = [4, 0, 7, 1].map((message_index) => ({
      ...CALL,
      message_index,
      role: 'user',
      content: `message ${message_index}`,
    }));
    for (const piece of pieces) await database().ingest(project, { prompts: [piece] });
    for (const piece of pieces) await database().ingest(project, { prompts: [piece] });
    expect(await prompts(project)).toEqual(
      [0, 1, 4, 7].map((place) => ['a', place, 'user', `message ${place}`]),
    );
    expect(
      await database().query('select indexes from agensight.message_lists where project_id = $1', [
        project.id,
      ]),
    ).toEqual([{ indexes: [0, 1, 4, 7] }]);
  });

  it('merge two messages of one index field by field', async () => {
    const [one, other] = [await database().project(), await database().project()];
    const said = { ...CALL, message_index: 0, role: 'user', content: 'a' };
    const named = { ...CALL, message_index: 0, content: 'b', name: 'n', parts: [1] };
    await database().ingest(one, { prompts: [said] });
    await database().ingest(one, { prompts: [named] });
    await database().ingest(other, { prompts: [named, { ...said }] });
    const merged = [{ message_index: 0, role: 'user', content: 'b', name: 'n', parts: [1] }];
    expect(await database().rows('prompts', one)).toMatchObject(merged);
    expect(await database().rows('prompts', other)).toMatchObject(merged);
  });

  it('write no row when they are sent again', async () => {
    const project = await database().project();
    const batch = { prompts: [0, 1].map((i) => ({ ...CALL, message_index: i, ...SYSTEM })) };
    const versions = () =>
      database().query('select xmin from agensight.message_lists where project_id = $1', [
        project.id,
      ]);
    await database().ingest(project, batch);
    const before = await versions();
    await database().ingest(project, batch);
    await database().ingest(project, { prompts: batch.prompts.slice(1) });
    expect(await versions()).toEqual(before);
  });

  it.each([
    ['a negative place', { ...CALL, message_index: -1 }],
    ['no place', CALL],
    ['no span', { trace_id: 't', message_index: 0 }],
    ['no trace', { span_id: 'a', message_index: 0 }],
  ])('are refused with %s, and no record of their batch is stored', async (_, prompt) => {
    const project = await database().project();
    await expect(
      database().ingest(project, { spans: [{ trace_id: 't', id: 'a' }], prompts: [prompt] }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^23/) });
    expect(await database().rows('spans', project)).toEqual([]);
  });
});
